#![expect(clippy::float_cmp, reason = "exact is what is claimed")]

mod budget;
mod floors;
mod hostile;
mod rules;
mod volume;

use std::time::Duration;

use super::*;
use crate::policy::PolicyBuilder;
use crate::{Draw, Facts};

const MINUTE: Duration = Duration::from_secs(60);

fn adaptive(policy: PolicyBuilder) -> Adaptive {
    Adaptive::new(policy.build(&["carrier"]).unwrap())
}

fn scored(score: f64) -> Facts<'static> {
    Facts { score: Some(score), version: "v3", ..Facts::default() }
}

/// An interval with these rows. Draws are of no matter to rates: the first of all.
fn interval<'a>(adaptive: &mut Adaptive, rows: impl IntoIterator<Item = Facts<'a>>) -> IntervalEnd {
    let table = adaptive.table();
    let mut counts = table.counts();
    for facts in rows {
        counts.add(&facts, &table.decide(Draw::from_bits(0), &facts));
    }
    adaptive.end_interval(&counts)
}

/// Scores that are spread evenly over [0.1, 0.9]: no rule of the score matches.
fn plain(rows: u32) -> impl Iterator<Item = Facts<'static>> {
    (0..rows).map(move |row| scored(0.1 + 0.8 * f64::from(row) / f64::from(rows)))
}

/// The rate of the stratum that begins so.
fn rate_of(table: &RateTable, text: &str) -> f64 {
    table.strata().find(|stratum| stratum.text.starts_with(text)).unwrap().rate.as_f64()
}

/// The rows that a table keeps of `rows` in expectation.
fn expected<'a>(table: &RateTable, rows: impl IntoIterator<Item = Facts<'a>>) -> f64 {
    rows.into_iter().map(|facts| table.decide(Draw::from_bits(0), &facts).inclusion_probability).sum()
}
