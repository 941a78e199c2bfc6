//! What travels over the wire: the flight that a client asks about, and the service's answer.
//!
//! A request is one flat JSON object, the features beside the event's time and key:
//!
//! ```json
//! {"event_time": "2013-03-01T09:54:43.788Z", "entity_id": "20130301-US1117-EWR", "carrier": "US", ...}
//! ```

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The probability from which on a flight is predicted to arrive late.
pub const LATE_FROM: f64 = 0.5;

/// A flight leaving its gate: the thirteen features of the model, and what identifies the event.
///
/// Only the weather may be missing (`null` or absent): a station was silent for that hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flight {
    /// When the flight left the gate, which is when it is asked about.
    pub event_time: Timestamp,
    /// Local date, carrier, flight number and origin: the key that labels are joined on.
    pub entity_id: String,
    /// Two-character airline code.
    pub carrier: String,
    /// Airport of departure: EWR, JFK or LGA.
    pub origin: String,
    /// Airport of arrival.
    pub dest: String,
    /// Length of the route, in miles.
    pub distance: u32,
    /// Local hour of the scheduled departure, 0 to 23.
    pub sched_hour: u8,
    /// 1 is Monday, 7 is Sunday.
    pub day_of_week: u8,
    /// How late the flight left the gate, in minutes; negative when early.
    pub dep_delay: f64,
    /// Air temperature at the origin, in degrees Fahrenheit.
    pub temp: Option<f64>,
    /// Relative humidity, in percent.
    pub humid: Option<f64>,
    /// Wind speed, in miles per hour.
    pub wind_speed: Option<f64>,
    /// Precipitation of the hour, in inches.
    pub precip: Option<f64>,
    /// Air pressure at sea level, in millibars.
    pub pressure: Option<f64>,
    /// Visibility, in miles.
    pub visib: Option<f64>,
}

/// What the service answers: will this flight arrive more than fifteen minutes late?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The version of the model that scored the flight.
    pub model_version: String,
    /// The probability of a late arrival, to six decimals.
    pub score: f64,
    /// Whether the score reaches [`LATE_FROM`].
    pub prediction: bool,
}

impl Answer {
    /// The answer of a model's `score`, which is rounded here, once.
    ///
    /// Half-way cases go to the even digit: that is how the recorded scores were rounded, and a replay must
    /// equal them bit for bit.
    #[must_use]
    pub fn new(model_version: &str, score: f64) -> Self {
        let score = (score * 1e6).round_ties_even() / 1e6;
        Self { model_version: model_version.to_owned(), score, prediction: score >= LATE_FROM }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_six_decimals_and_says_late_from_one_half() {
        assert_eq!(
            Answer::new("gbm-1", 0.059_983_4),
            Answer { model_version: "gbm-1".into(), score: 0.059_983, prediction: false }
        );
        assert!(Answer::new("gbm-1", 0.5).prediction);
        assert!(!Answer::new("gbm-1", 0.499_999).prediction);
    }

    #[test]
    fn the_answer_and_the_flag_agree_when_rounding_crosses_the_threshold() {
        let answer = Answer::new("gbm-1", 0.499_999_9);
        assert_eq!(
            serde_json::to_string(&answer).unwrap(),
            r#"{"model_version":"gbm-1","score":0.5,"prediction":true}"#
        );
    }
}
