//! The challenger's model: a logistic regression, read from JSON.

use std::{collections::BTreeMap, fs::File, io::BufReader, path::Path};

use anyhow::{Context, Result, ensure};
use example_flights::flight::Flight;
use serde::Deserialize;

/// The score is `1 / (1 + exp(-(intercept + Σ coefficient · (x - mean) / scale + Σ category)))`. The median fills a number
/// that is missing; a category that is not listed adds nothing.
#[derive(Debug, Deserialize)]
pub(super) struct LinearModel {
    name: String,
    intercept: f64,
    categorical: BTreeMap<String, BTreeMap<String, f64>>,
    numeric: BTreeMap<String, Term>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Term {
    coefficient: f64,
    mean: f64,
    scale: f64,
    median_if_missing: f64,
}

impl LinearModel {
    pub(super) fn read_file(path: &Path) -> Result<Self> {
        Self::open(path).with_context(|| format!("cannot load the model {}", path.display()))
    }

    fn open(path: &Path) -> Result<Self> {
        let model: Self = serde_json::from_reader(BufReader::new(File::open(path)?))?;
        for (name, term) in &model.numeric {
            ensure!(number(name, &BLANK).is_some(), "a flight has no number {name}");
            ensure!(term.scale > 0.0, "the scale of {name} is not above 0");
        }
        for name in model.categorical.keys() {
            ensure!(category(name, &BLANK).is_some(), "a flight has no category {name}");
        }
        Ok(model)
    }

    pub(super) fn version(&self) -> &str {
        &self.name
    }

    /// The probability that `flight` arrives late. Not rounded.
    pub(super) fn score(&self, flight: &Flight) -> f64 {
        let numbers = self.numeric.iter().map(|(name, term)| {
            let value = number(name, flight).flatten().filter(|value| !value.is_nan());
            term.coefficient * (value.unwrap_or(term.median_if_missing) - term.mean) / term.scale
        });
        let categories = self.categorical.iter().map(|(name, weights)| {
            category(name, flight).and_then(|value| weights.get(value)).copied().unwrap_or(0.0)
        });
        let sum = self.intercept + numbers.sum::<f64>() + categories.sum::<f64>();
        1.0 / (1.0 + (-sum).exp())
    }
}

/// A flight of which nothing is known but its shape.
const BLANK: Flight = Flight {
    event_time: jiff::Timestamp::UNIX_EPOCH,
    entity_id: String::new(),
    carrier: String::new(),
    origin: String::new(),
    dest: String::new(),
    distance: 0,
    sched_hour: 0,
    day_of_week: 1,
    dep_delay: 0.0,
    temp: None,
    humid: None,
    wind_speed: None,
    precip: None,
    pressure: None,
    visib: None,
};

/// The number `name`; `None` if a flight has none of that name.
fn number(name: &str, flight: &Flight) -> Option<Option<f64>> {
    Some(match name {
        "distance" => Some(flight.distance.into()),
        "sched_hour" => Some(flight.sched_hour.into()),
        "day_of_week" => Some(flight.day_of_week.into()),
        "dep_delay" => Some(flight.dep_delay),
        "temp" => flight.temp,
        "humid" => flight.humid,
        "wind_speed" => flight.wind_speed,
        "precip" => flight.precip,
        "pressure" => flight.pressure,
        "visib" => flight.visib,
        _ => return None,
    })
}

/// The category `name`; `None` if a flight has none of that name.
fn category<'f>(name: &str, flight: &'f Flight) -> Option<&'f str> {
    match name {
        "carrier" => Some(&flight.carrier),
        "origin" => Some(&flight.origin),
        "dest" => Some(&flight.dest),
        _ => None,
    }
}
