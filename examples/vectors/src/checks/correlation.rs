//! Two columns, and many tests.

use tiltmeter_stats::{
    KendallTau, Pearson, Spearman, benjamini_hochberg, benjamini_yekutieli, bonferroni, holm, kendall_tau,
    pearson, spearman,
};

use super::Checks;
use crate::entry::{Entry, pairs};

pub(crate) const CHECKS: Checks = &[
    ("correlation", of_correlation),
    ("correlation_weighted", of_correlation),
    ("multiple_testing", of_many_tests),
];

fn of_correlation(entry: &mut Entry) -> anyhow::Result<()> {
    let (x, y, weights) = (entry.numbers("x")?, entry.numbers("y")?, entry.weights("weights")?);
    let pairs = pairs(&x, &y, weights.as_deref());
    let line = pairs.clone().and_then(pearson);
    entry.expect("pearson", line.clone().map(|pearson: Pearson| pearson.coefficient));
    entry.expect("n", line.clone().map(|pearson| pearson.count as f64));
    entry.expect("p_pearson", line.map(|pearson| pearson.p_value));
    let ranks = pairs.clone().and_then(spearman);
    entry.expect("spearman", ranks.clone().map(|spearman: Spearman| spearman.coefficient));
    entry.expect("p_spearman", ranks.map(|spearman| spearman.p_value));
    let tau = pairs.and_then(kendall_tau);
    entry.expect("kendall_tau_b", tau.clone().map(|tau: KendallTau| tau.coefficient));
    entry.expect("p_kendall", tau.map(|tau| tau.p_value));
    Ok(())
}

fn of_many_tests(entry: &mut Entry) -> anyhow::Result<()> {
    let p_values = entry.numbers("p_values")?;
    entry.expect("benjamini_hochberg", benjamini_hochberg(&p_values));
    entry.expect("benjamini_yekutieli", benjamini_yekutieli(&p_values));
    entry.expect("bonferroni", bonferroni(&p_values));
    entry.expect("holm", holm(&p_values));
    Ok(())
}
