//! What an interval's end tells.

use std::fmt;

use crate::{RateTable, Rule, Totals};

/// What follows from an interval.
#[derive(Clone, Debug)]
#[must_use]
#[non_exhaustive]
pub struct IntervalEnd {
    /// The rates of the next interval.
    pub table: RateTable,
    /// How the rates that all rows have in common have changed: to be recorded in the data.
    pub changes: Vec<RateChange>,
    /// What the interval came to.
    pub totals: Totals,
    /// The trailing 24 hours of the fleet, as far as they are known.
    pub fleet_predictions_per_day: Option<f64>,
    /// Told as long as it is so.
    pub warning: Option<RulesEatSaving>,
}

/// A change of a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RateChange {
    /// Of which rate.
    pub of: CommonRate,
    /// What it was.
    pub from: f64,
    /// What it is.
    pub to: f64,
    /// Why.
    pub because: Because,
    /// The number of the first interval with the new rate.
    pub at_interval: u64,
}

/// A rate that all rows have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommonRate {
    /// The rate of rows that neither a rule nor a floor keeps more of.
    Base,
    /// The factor on all rates, those of rules and floors too: below 1 where lowering the base alone does not keep the
    /// budget.
    Thinning,
}

/// Why a rate has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Because {
    /// The fleet's volume is in another tier.
    Volume,
    /// The budget would not be kept, or has room again.
    Budget,
}

/// Rules alone keep more than the policy's bound: what sampling was to save is gone.
///
/// It is about the remembered past, not about the last interval alone; it begins above the bound and ends below 0.8 of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RulesEatSaving {
    /// The share of all predictions that are kept by rules only.
    pub share: f64,
    /// The bound.
    pub bound: f64,
    /// What each rule comes to, as shares of all predictions. One row may be in several.
    pub rules: Vec<RuleShare>,
}

/// What a rule comes to, as shares of all predictions.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RuleShare {
    /// The rule.
    pub rule: Rule,
    /// The share that it matches.
    pub matched: f64,
    /// The share that it matches and that is kept.
    pub kept: f64,
}

impl fmt::Display for RateChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = match self.of {
            CommonRate::Base => "the base rate",
            CommonRate::Thinning => "the factor on all rates",
        };
        let because = match self.because {
            Because::Volume => "the fleet's volume",
            Because::Budget => "the budget",
        };
        write!(f, "{of} went from {} to {} because of {because}", self.from, self.to)
    }
}

impl fmt::Display for RulesEatSaving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| 100.0 * share;
        write!(
            f,
            "rules alone keep {:.1} % of all predictions, more than {:.1} %: cap them, or drop those that keep most:",
            percent(self.share),
            percent(self.bound)
        )?;
        for (place, rule) in self.rules.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma} {} {:.1} %", rule.rule, percent(rule.kept))?;
        }
        Ok(())
    }
}
