//! Two samples: the distance of Kolmogorov and Smirnov, the population stability index.

use tiltmeter_stats::{
    BinCounts, Ecdf, KsMethod, KsTest, Psi, QuantileBins, Result, Sample, ks_two_sample, ks_two_sample_limit,
    psi_categorical, psi_feature_engine, psi_from_counts, psi_numeric,
};

use crate::entry::Entry;
use crate::harness::Checks;

pub(crate) const CHECKS: Checks = &[
    ("ks_two_sample", check_ks),
    ("ks_two_sample_weighted", check_ks_weighted),
    ("psi_from_counts", check_psi_from_counts),
    ("psi_numeric", check_psi_numeric),
    ("psi_numeric_weighted", check_psi_numeric),
    ("psi_categorical", check_psi_categorical),
];

fn sample<'a>(values: &'a [f64], weights: Option<&'a [f64]>) -> Result<Sample<'a>> {
    weights.map_or_else(|| Ok(Sample::new(values)), |weights| Sample::weighted(values, weights))
}

fn check_ks(entry: &mut Entry) {
    let (reference, current) = (entry.numbers("reference"), entry.numbers("current"));
    let test = ks_two_sample(&reference, &current);
    entry.expect("statistic", test.clone().map(|test| test.statistic));
    // what scipy's `auto` gives, where an entry has it
    entry.expect("p_value", test.map(|test| test.p_value));
    entry.expect("p_limit", ks_two_sample_limit(&reference, &current).map(|test| test.p_value));
    let exact = Ecdf::of(&reference)
        .and_then(|reference| KsTest::by(KsMethod::Exact, &reference, &Ecdf::of(&current)?));
    entry.expect("p_exact", exact.map(|test| test.p_value));
}

fn check_ks_weighted(entry: &mut Entry) {
    let [reference, current] = ["reference", "current"].map(|name| entry.numbers(name));
    let [reference_weights, current_weights] =
        ["reference_weights", "current_weights"].map(|name| entry.weights(name));
    let test = sample(&reference, reference_weights.as_deref()).and_then(|reference| {
        let current = sample(&current, current_weights.as_deref())?;
        ks_two_sample(reference, current)
    });
    entry.expect("statistic", test.clone().map(|test| test.statistic));
    entry.expect("n_eff_reference", test.clone().map(|test| test.reference_effective_size));
    entry.expect("n_eff_current", test.clone().map(|test| test.current_effective_size));
    entry.expect("p_kish", test.map(|test| test.p_value));
}

fn check_psi_from_counts(entry: &mut Entry) {
    let (reference, current) = (entry.numbers("reference_counts"), entry.numbers("current_counts"));
    entry.expect("psi", psi_from_counts(&reference, &current).map(|psi| psi.value));
}

fn check_psi_numeric(entry: &mut Entry) {
    let [reference, current] = ["reference", "current"].map(|name| entry.numbers(name));
    let [reference_weights, current_weights] =
        ["reference_weights", "current_weights"].map(|name| entry.weights(name));
    if entry.text("level") == "definition" {
        assert_eq!(entry.param("binning"), "reference_quantiles_linear");
        entry.expect("psi", psi_feature_engine(&reference, &current).map(|psi| psi.value));
        return;
    }
    assert_eq!((entry.param("binning"), entry.param("bins")), (&"psi_quantile_atoms".into(), &10.into()));
    let reference = sample(&reference, reference_weights.as_deref()).unwrap();
    let current = sample(&current, current_weights.as_deref()).unwrap();
    entry.expect("psi", psi_numeric(reference, current).map(|psi| psi.value));

    let bins = QuantileBins::of(reference, 10).unwrap();
    let [reference, current] = [reference, current].map(|sample| bins.count(sample));
    entry.expect("psi", Psi::between(&reference, &current).map(|psi| psi.value));
    entry.expect("cuts", bins.cuts().to_vec());
    entry.expect("reference_mass", BinCounts::shares(&reference));
    entry.expect("current_mass", BinCounts::shares(&current));
}

fn check_psi_categorical(entry: &mut Entry) {
    let (reference, current) = (entry.categories("reference"), entry.categories("current"));
    entry.expect("psi", psi_categorical(&reference, &current).map(|psi| psi.value));
}
