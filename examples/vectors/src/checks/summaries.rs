//! One sample: moments, quantiles, histograms; and the special functions.

use anyhow::Context as _;
use tiltmeter_stats::{
    BinRule, Histogram, Moments, Result, chi_square_sf, histogram_edges, kolmogorov_exact_sf, kolmogorov_sf,
    normal_sf, quantile_inverted_cdf, quantile_linear, student_t_sf,
};

use super::Checks;
use crate::entry::{Entry, sample};

pub(crate) const CHECKS: Checks = &[
    ("moments", of_moments),
    ("moments_weighted", of_moments),
    ("quantiles", of_quantiles),
    ("quantiles_weighted", of_quantiles),
    ("histogram", of_histogram),
    ("histogram_edges", of_edges),
    ("sf_normal", of_normal),
    ("sf_chi2", of_chi_square),
    ("sf_student_t", of_student_t),
    ("sf_kolmogorov", of_kolmogorov),
    ("sf_kstwo", of_kolmogorov_exact),
];

fn of_moments(entry: &mut Entry) -> anyhow::Result<()> {
    let (values, weights) = (entry.numbers("values")?, entry.weights("weights")?);
    let moments = sample(&values, weights.as_deref()).map(Moments::of);
    let mut expect = |field: &str, of: fn(&Moments) -> Result<f64>| {
        entry.expect(field, moments.as_ref().map_err(Clone::clone).and_then(of));
    };
    expect("mean", Moments::mean);
    expect("variance_ddof0", Moments::population_variance);
    expect("variance_ddof1", Moments::sample_variance);
    expect("std_ddof0", |moments| moments.population_variance().map(f64::sqrt));
    expect("skew_biased", Moments::skewness);
    expect("excess_kurtosis_biased", Moments::excess_kurtosis);
    expect("min", Moments::min);
    expect("max", Moments::max);
    expect("n_eff", |moments| Ok(moments.effective_size()));
    expect("sum_weights", |moments| Ok(moments.weight()));
    Ok(())
}

fn of_quantiles(entry: &mut Entry) -> anyhow::Result<()> {
    let (values, weights) = (entry.numbers("values")?, entry.weights("weights")?);
    let q: Vec<f64> = serde_json::from_value(entry.param("q").clone()).context("parameter q")?;
    entry.expect("linear", quantile_linear(&values, &q));
    let sample = sample(&values, weights.as_deref());
    entry.expect("inverted_cdf", sample.and_then(|sample| quantile_inverted_cdf(sample, &q)));
    Ok(())
}

fn of_histogram(entry: &mut Entry) -> anyhow::Result<()> {
    let (values, weights) = (entry.numbers("values")?, entry.weights("weights")?);
    let edges = if entry.has_input("edges") { Some(entry.numbers("edges")?) } else { None };
    let bins = entry.count_param("bins", 10)?;
    let histogram = sample(&values, weights.as_deref()).and_then(|sample| match &edges {
        Some(edges) => Histogram::with_edges(sample, edges),
        None => Histogram::equal_width(sample, bins),
    });
    let histogram = || histogram.clone();
    entry.expect("counts", histogram().map(|histogram| histogram.counts));
    entry.expect("edges", histogram().map(|histogram| histogram.edges));
    entry.expect("below", histogram().map(|histogram| histogram.below));
    entry.expect("above", histogram().map(|histogram| histogram.above));
    Ok(())
}

fn of_edges(entry: &mut Entry) -> anyhow::Result<()> {
    let rule = match entry.word_param("rule", "") {
        "sturges" => BinRule::Sturges,
        "doane" => BinRule::Doane,
        "fd" => BinRule::FreedmanDiaconis,
        other => {
            let what = format!("{}: edges by the rule {other:?}", entry.id());
            entry.not_offered(what);
            return Ok(());
        }
    };
    entry.expect("edges", histogram_edges(&entry.numbers("values")?, rule));
    Ok(())
}

fn of_normal(entry: &mut Entry) -> anyhow::Result<()> {
    let sf: Vec<f64> = entry.numbers("x")?.into_iter().map(normal_sf).collect();
    entry.expect("sf", sf);
    Ok(())
}

fn of_chi_square(entry: &mut Entry) -> anyhow::Result<()> {
    let sf: Vec<f64> = entry
        .numbers("x")?
        .into_iter()
        .zip(entry.numbers("dof")?)
        .map(|(x, dof)| chi_square_sf(x, dof))
        .collect();
    entry.expect("sf", sf);
    Ok(())
}

fn of_student_t(entry: &mut Entry) -> anyhow::Result<()> {
    let sf: Vec<f64> = entry
        .numbers("x")?
        .into_iter()
        .zip(entry.numbers("df")?)
        .map(|(x, dof)| student_t_sf(x, dof))
        .collect();
    entry.expect("sf", sf);
    Ok(())
}

fn of_kolmogorov(entry: &mut Entry) -> anyhow::Result<()> {
    let sf: Vec<f64> = entry.numbers("x")?.into_iter().map(kolmogorov_sf).collect();
    entry.expect("sf", sf);
    Ok(())
}

fn of_kolmogorov_exact(entry: &mut Entry) -> anyhow::Result<()> {
    let n = entry.numbers("n")?.into_iter().map(whole).collect::<anyhow::Result<Vec<u64>>>()?;
    let sf: Vec<f64> =
        entry.numbers("d")?.into_iter().zip(n).map(|(d, n)| kolmogorov_exact_sf(d, n)).collect();
    entry.expect("sf", sf);
    Ok(())
}

/// A number of values.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be one, and 2⁶⁴ saturates"
)]
fn whole(number: f64) -> anyhow::Result<u64> {
    anyhow::ensure!(number >= 0.0 && number.fract() == 0.0, "{number} is no number of values");
    Ok(number as u64)
}
