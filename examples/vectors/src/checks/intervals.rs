//! Intervals, and proportions.

use tiltmeter_stats::{proportion_clopper_pearson, proportion_wilson};

use super::Checks;
use crate::entry::Entry;

pub(crate) const CHECKS: Checks = &[("proportion_interval", proportion)];

fn proportion(entry: &mut Entry) -> anyhow::Result<()> {
    let level = entry.number_param("level", 0.95)?;
    let (successes, total) = (count(entry, "successes")?, count(entry, "totals")?);
    let wilson = proportion_wilson(successes, total, level);
    let exact = proportion_clopper_pearson(successes, total, level);
    entry.expect("wilson_low", wilson.clone().map(|interval| interval.lower));
    entry.expect("wilson_high", wilson.map(|interval| interval.upper));
    entry.expect("clopper_pearson_low", exact.clone().map(|interval| interval.lower));
    entry.expect("clopper_pearson_high", exact.map(|interval| interval.upper));
    Ok(())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of a test vector")]
fn count(entry: &Entry, input: &str) -> anyhow::Result<u64> {
    let numbers = entry.numbers(input)?;
    anyhow::ensure!(numbers.len() == 1, "input {input} is not one count");
    Ok(numbers[0] as u64)
}
