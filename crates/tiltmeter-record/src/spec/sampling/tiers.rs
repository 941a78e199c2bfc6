//! The rate by volume.

use super::super::field::Field;
use super::super::fields::Fields;
use super::super::problem::Problem;
use super::{RATE, SamplingPolicy, is_rate};

const TIERS: &str = "a list of {up_to: …, rate: …} that ends with {rate: …}";
const UP_TO: &str = "a number of predictions a day above 0 and up to 1e15; only the last tier is without";
const HYSTERESIS: &str = "a share from 0.01 to 0.5";

/// The share of the rows that is kept, by what the fleet predicts in 24 hours: `tiers`, or `rate` for one rate.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SamplingTiers {
    /// The volumes up to which rates hold, ascending; the rates do not rise. Empty with one rate. 1 up to 100,000
    /// predictions a day, 0.5 up to 1,000,000.
    pub tiers: Vec<SamplingTier>,
    /// The rate of what is above all tiers, 10^-6 to 1. 0.1.
    pub rate_above: f64,
    /// How far beyond a border the volume has to be for it to count, as a share of it: 0.01 to 0.5. 0.1.
    pub hysteresis: f64,
}

/// A rate, and up to which volume it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SamplingTier {
    /// Predictions of the fleet in 24 hours; above 0, up to 10^15.
    pub up_to: f64,
    /// The share of the rows that is kept, 10^-6 to 1.
    pub rate: f64,
}

impl SamplingTiers {
    pub(super) fn defaults(policy: SamplingPolicy) -> Self {
        let (tiers, rate_above) = match policy {
            SamplingPolicy::All => (Vec::new(), 1.0),
            SamplingPolicy::Tails | SamplingPolicy::Capped => {
                (vec![SamplingTier { up_to: 1e5, rate: 1.0 }, SamplingTier { up_to: 1e6, rate: 0.5 }], 0.1)
            }
        };
        Self { tiers, rate_above, hysteresis: 0.1 }
    }

    pub(super) fn read(&mut self, fields: &Fields<'_>, problems: &mut Vec<Problem>) {
        fields.one_of(["rate", "tiers"], problems);
        if let Some(field) = fields.optional("tiers")
            && let Some((tiers, rate_above)) = tiers(field, problems)
        {
            (self.tiers, self.rate_above) = (tiers, rate_above);
        }
        if let Some(rate) = fields.optional("rate").and_then(|field| field.number(RATE, is_rate, problems)) {
            (self.tiers, self.rate_above) = (Vec::new(), rate);
        }
        if let Some(field) = fields.optional("hysteresis") {
            let share = field.number(HYSTERESIS, |share| (0.01..=0.5).contains(&share), problems);
            self.hysteresis = share.unwrap_or(self.hysteresis);
        }
    }
}

/// The tiers, and the rate above all of them.
fn tiers(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<(Vec<SamplingTier>, f64)> {
    let elements = field.list(TIERS, problems)?;
    let Some(above) = elements.len().checked_sub(1) else {
        problems.push(field.problem("an empty list").allow(TIERS));
        return None;
    };
    let (mut tiers, mut rate_above) = (Vec::new(), None);
    let (mut last_up_to, mut last_rate): (Option<f64>, Option<f64>) = (None, None);
    for (place, element) in elements.iter().enumerate() {
        let Some(fields) = Fields::known(element, &["up_to", "rate"], problems) else { continue };
        let rate = fields.required("rate", RATE, problems).and_then(|field| {
            let rate = field.number(RATE, is_rate, problems)?;
            if let Some(last) = last_rate.filter(|last| *last < rate) {
                let found = format!("the rate {rate} after {last}");
                problems.push(field.problem(found).allow("rates that do not rise with the volume"));
            }
            Some(rate)
        });
        last_rate = rate.or(last_rate);
        if place == above {
            if let Some(field) = fields.optional("up_to") {
                let found = "an end of the last tier";
                problems.push(
                    field.problem(found).allow("none: its rate is that of all volumes above the others"),
                );
            }
            rate_above = rate;
            continue;
        }
        let up_to = fields.required("up_to", UP_TO, problems).and_then(|field| {
            let up_to = field.number(UP_TO, |up_to| up_to > 0.0 && up_to <= 1e15, problems)?;
            if let Some(last) = last_up_to.filter(|last| *last >= up_to) {
                let found = format!("{up_to} after {last}");
                problems.push(field.problem(found).allow("tiers in ascending order"));
            }
            Some(up_to)
        });
        last_up_to = up_to.or(last_up_to);
        tiers.extend(up_to.zip(rate).map(|(up_to, rate)| SamplingTier { up_to, rate }));
    }
    rate_above.map(|rate| (tiers, rate))
}
