//! The test of Kolmogorov and Smirnov.

use tiltmeter_stats::{Ecdf, KsMethod, KsTest, ks_two_sample, ks_two_sample_limit};

use super::Checks;
use crate::entry::{Entry, sample};

pub(crate) const CHECKS: Checks = &[("ks_two_sample", two_sample), ("ks_two_sample_weighted", weighted)];

fn two_sample(entry: &mut Entry) -> anyhow::Result<()> {
    let (reference, current) = (entry.numbers("reference")?, entry.numbers("current")?);
    let test = ks_two_sample(&reference, &current);
    entry.expect("statistic", test.clone().map(|test| test.statistic));
    // what scipy's `auto` gives, where an entry has it
    entry.expect("p_value", test.map(|test| test.p_value));
    entry.expect("p_limit", ks_two_sample_limit(&reference, &current).map(|test| test.p_value));
    let exact = Ecdf::of(&reference)
        .and_then(|reference| KsTest::by(KsMethod::Exact, &reference, &Ecdf::of(&current)?));
    entry.expect("p_exact", exact.map(|test| test.p_value));
    Ok(())
}

fn weighted(entry: &mut Entry) -> anyhow::Result<()> {
    let (reference, current) = (entry.numbers("reference")?, entry.numbers("current")?);
    let (reference_weights, current_weights) =
        (entry.weights("reference_weights")?, entry.weights("current_weights")?);
    let test = sample(&reference, reference_weights.as_deref()).and_then(|reference| {
        let current = sample(&current, current_weights.as_deref())?;
        ks_two_sample(reference, current)
    });
    entry.expect("statistic", test.clone().map(|test| test.statistic));
    entry.expect("n_eff_reference", test.clone().map(|test| test.reference_effective_size));
    entry.expect("n_eff_current", test.clone().map(|test| test.current_effective_size));
    // the limit also where all weights are 1, and the default would be exact
    let limit = sample(&reference, reference_weights.as_deref()).and_then(|reference| {
        let current = sample(&current, current_weights.as_deref())?;
        ks_two_sample_limit(reference, current)
    });
    entry.expect("p_kish", limit.map(|test| test.p_value));
    Ok(())
}
