//! One sample: moments, quantiles, histograms; and the special functions.

use tiltmeter_stats::{
    BinRule, Histogram, Moments, Sample, chi_square_sf, histogram_edges, kolmogorov_sf, normal_sf,
    quantile_inverted_cdf, quantile_linear, student_t_sf,
};

use crate::entry::Entry;
use crate::harness::Checks;

pub(crate) const CHECKS: Checks = &[
    ("moments", check_moments),
    ("moments_weighted", check_moments),
    ("quantiles", check_quantiles),
    ("quantiles_weighted", check_quantiles),
    ("histogram", check_histogram),
    ("histogram_edges", check_edges),
    ("sf_normal", check_normal),
    ("sf_chi2", check_chi_square),
    ("sf_student_t", check_student_t),
    ("sf_kolmogorov", check_kolmogorov),
];

fn check_moments(entry: &mut Entry) {
    let (values, weights) = (entry.numbers("values"), entry.weights("weights"));
    let moments = match &weights {
        Some(weights) => Moments::of(Sample::weighted(&values, weights).unwrap()),
        None => Moments::of(&values),
    };
    entry.expect("mean", moments.mean());
    entry.expect("variance_ddof0", moments.population_variance());
    entry.expect("variance_ddof1", moments.sample_variance());
    entry.expect("std_ddof0", moments.population_variance().map(f64::sqrt));
    entry.expect("skew_biased", moments.skewness());
    entry.expect("excess_kurtosis_biased", moments.excess_kurtosis());
    entry.expect("min", moments.min());
    entry.expect("max", moments.max());
    entry.expect("n_eff", moments.effective_size());
    entry.expect("sum_weights", moments.weight());
}

fn check_quantiles(entry: &mut Entry) {
    let (values, weights) = (entry.numbers("values"), entry.weights("weights"));
    let q: Vec<f64> = entry.param("q").as_array().unwrap().iter().map(|q| q.as_f64().unwrap()).collect();
    entry.expect("linear", quantile_linear(&values, &q));
    let sample = match &weights {
        Some(weights) => Sample::weighted(&values, weights).unwrap(),
        None => Sample::new(&values),
    };
    entry.expect("inverted_cdf", quantile_inverted_cdf(sample, &q));
}

fn check_histogram(entry: &mut Entry) {
    let (values, weights) = (entry.numbers("values"), entry.weights("weights"));
    let sample = match &weights {
        Some(weights) => Sample::weighted(&values, weights).unwrap(),
        None => Sample::new(&values),
    };
    let histogram = match entry.param("bins").as_u64() {
        Some(bins) => Histogram::equal_width(sample, usize::try_from(bins).unwrap()),
        None => Histogram::with_edges(sample, &entry.numbers("edges")),
    }
    .unwrap();
    entry.expect("counts", histogram.counts);
    entry.expect("edges", histogram.edges);
    entry.expect("below", histogram.below);
    entry.expect("above", histogram.above);
}

fn check_edges(entry: &mut Entry) {
    let rule = match entry.param("rule").as_str() {
        Some("sturges") => BinRule::Sturges,
        Some("doane") => BinRule::Doane,
        Some("fd") => BinRule::FreedmanDiaconis,
        other => panic!("{}: rule {other:?}", entry.id()),
    };
    entry.expect("edges", histogram_edges(&entry.numbers("values"), rule));
}

fn check_normal(entry: &mut Entry) {
    let sf: Vec<f64> = entry.numbers("x").into_iter().map(normal_sf).collect();
    entry.expect("sf", sf);
}

fn check_chi_square(entry: &mut Entry) {
    let sf: Vec<f64> = entry
        .numbers("x")
        .into_iter()
        .zip(entry.numbers("dof"))
        .map(|(x, dof)| chi_square_sf(x, dof))
        .collect();
    entry.expect("sf", sf);
}

fn check_student_t(entry: &mut Entry) {
    let sf: Vec<f64> = entry
        .numbers("x")
        .into_iter()
        .zip(entry.numbers("df"))
        .map(|(x, dof)| student_t_sf(x, dof))
        .collect();
    entry.expect("sf", sf);
}

fn check_kolmogorov(entry: &mut Entry) {
    let sf: Vec<f64> = entry.numbers("x").into_iter().map(kolmogorov_sf).collect();
    entry.expect("sf", sf);
}
