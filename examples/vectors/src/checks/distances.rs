//! Two samples: distances between distributions, and tests of counts.

use tiltmeter_stats::{
    ChiSquareFit, ChiSquareTest, Ecdf, Hellinger, JensenShannon, KullbackLeibler, LInfinity, QuantileBins,
    Result as StatsResult, Sorted, Wasserstein, chi_square_categorical, chi_square_categorical_weighted,
    chi_square_evidently, chi_square_from_counts, chi_square_goodness_of_fit, chi_square_nannyml,
    chi_square_yates_from_counts, hellinger_categorical_weighted, hellinger_from_counts, hellinger_nannyml,
    hellinger_numeric, js_categorical_weighted, js_evidently, js_from_counts, js_nannyml, js_numeric,
    kl_categorical_weighted, kl_evidently, kl_from_counts, kl_numeric, l_infinity_categorical_weighted,
    l_infinity_from_counts, sort_values, wasserstein, wasserstein_evidently, wasserstein_sorted,
};

use super::Checks;
use crate::entry::{Entry, sample};

pub(crate) const CHECKS: Checks = &[
    ("js_divergence", js_of_counts),
    ("js_categorical", js_of_categories),
    ("js_numeric", js_of_numbers),
    ("kl_divergence", kl_of_counts),
    ("kl_categorical", kl_of_categories),
    ("kl_numeric", kl_of_numbers),
    ("hellinger", hellinger_of_counts),
    ("hellinger_categorical", hellinger_of_categories),
    ("hellinger_numeric", hellinger_of_numbers),
    ("l_infinity", l_infinity),
    ("wasserstein", wasserstein_of_samples),
    ("wasserstein_weighted", wasserstein_of_samples),
    ("wasserstein_normalised", wasserstein_normalised),
    ("chi_square_homogeneity", homogeneity),
    ("chi_square_homogeneity_weighted", homogeneity_weighted),
    ("chi_square_goodness_of_fit", goodness_of_fit),
    ("chi_square_evidently", evidently),
    ("chi_square_tool", tool),
];

/// Whose bins a numeric distance is in.
enum Binning {
    QuantileAtoms(usize),
    NannyMl,
    Evidently,
}

/// `None` when the bins are not offered, which the entry is told.
fn binning(entry: &mut Entry) -> anyhow::Result<Option<Binning>> {
    let binning = match entry.word_param("binning", "psi_quantile_atoms") {
        "psi_quantile_atoms" => Some(Binning::QuantileAtoms(entry.count_param("bins", 10)?)),
        "numpy 'doane' edges on the reference + one leftover bin for values outside" => {
            Some(Binning::NannyMl)
        }
        "numpy 'sturges' edges on both samples together"
        | "numpy 'sturges' edges on both samples together; zero shares replaced, then renormalised" => {
            Some(Binning::Evidently)
        }
        _ => None,
    };
    if binning.is_none() {
        let what = format!("{}: bins by {}", entry.id(), entry.param("binning"));
        entry.not_offered(what);
    }
    Ok(binning)
}

/// A statistic of frozen bins of a chosen number.
fn in_bins<T>(
    (reference, current): (&[f64], &[f64]),
    bins: usize,
    between: impl Fn(&tiltmeter_stats::BinCounts, &tiltmeter_stats::BinCounts) -> StatsResult<T>,
    numeric: impl Fn(&[f64], &[f64]) -> StatsResult<T>,
) -> StatsResult<T> {
    if bins == 10 {
        return numeric(reference, current);
    }
    let bins = QuantileBins::of(reference, bins)?;
    between(&bins.count(reference), &bins.count(current))
}

/// The weights of both samples.
type BothWeights = [Option<Vec<f64>>; 2];

fn both_weights(entry: &Entry) -> anyhow::Result<BothWeights> {
    Ok([entry.weights("reference_weights")?, entry.weights("current_weights")?])
}

fn both_numbers(entry: &Entry, ending: &str) -> anyhow::Result<[Vec<f64>; 2]> {
    Ok([entry.numbers(&format!("reference{ending}"))?, entry.numbers(&format!("current{ending}"))?])
}

fn both_categories(entry: &Entry) -> anyhow::Result<[Vec<String>; 2]> {
    Ok([entry.categories("reference")?, entry.categories("current")?])
}

fn expect_js(entry: &mut Entry, js: &StatsResult<JensenShannon>) {
    let of = |field: fn(&JensenShannon) -> f64| js.as_ref().map(field).map_err(Clone::clone);
    entry.expect("distance_bits", of(|js| js.distance_bits));
    entry.expect("distance_nats", of(JensenShannon::distance_nats));
    entry.expect("divergence_bits", of(|js| js.divergence_bits));
    entry.expect("divergence_nats", of(JensenShannon::divergence_nats));
}

fn js_of_counts(entry: &mut Entry) -> anyhow::Result<()> {
    let [reference, current] = both_numbers(entry, "_counts")?;
    expect_js(entry, &js_from_counts(&reference, &current));
    Ok(())
}

fn js_of_categories(entry: &mut Entry) -> anyhow::Result<()> {
    let ([reference, current], [p, q]) = (both_categories(entry)?, both_weights(entry)?);
    expect_js(entry, &js_categorical_weighted(&reference, p.as_deref(), &current, q.as_deref()));
    Ok(())
}

fn js_of_numbers(entry: &mut Entry) -> anyhow::Result<()> {
    let [reference, current] = both_numbers(entry, "")?;
    let Some(binning) = binning(entry)? else { return Ok(()) };
    let js = match binning {
        Binning::QuantileAtoms(bins) => {
            in_bins((&reference, &current), bins, JensenShannon::between, |p, q| js_numeric(p, q))
        }
        Binning::NannyMl => js_nannyml(&reference, &current),
        Binning::Evidently => js_evidently(&reference, &current),
    };
    expect_js(entry, &js);
    Ok(())
}

fn expect_kl(entry: &mut Entry, kl: &StatsResult<KullbackLeibler>) {
    entry.expect("nats", kl.clone().map(|kl| kl.nats));
    entry.expect("bits", kl.clone().map(|kl| kl.bits));
}

fn kl_of_counts(entry: &mut Entry) -> anyhow::Result<()> {
    let [reference, current] = both_numbers(entry, "_counts")?;
    expect_kl(entry, &kl_from_counts(&reference, &current));
    Ok(())
}

fn kl_of_categories(entry: &mut Entry) -> anyhow::Result<()> {
    let ([reference, current], [p, q]) = (both_categories(entry)?, both_weights(entry)?);
    expect_kl(entry, &kl_categorical_weighted(&reference, p.as_deref(), &current, q.as_deref()));
    Ok(())
}

fn kl_of_numbers(entry: &mut Entry) -> anyhow::Result<()> {
    let [reference, current] = both_numbers(entry, "")?;
    let Some(binning) = binning(entry)? else { return Ok(()) };
    match binning {
        Binning::QuantileAtoms(bins) => {
            let numeric = |p: &[f64], q: &[f64]| kl_numeric(p, q);
            expect_kl(entry, &in_bins((&reference, &current), bins, KullbackLeibler::between, numeric));
        }
        Binning::NannyMl => {
            let what = format!("{}: NannyML has no such divergence", entry.id());
            entry.not_offered(what);
        }
        Binning::Evidently => expect_kl(entry, &kl_evidently(&reference, &current)),
    }
    Ok(())
}

fn expect_hellinger(entry: &mut Entry, hellinger: StatsResult<Hellinger>) {
    entry.expect("distance", hellinger.map(|hellinger| hellinger.distance));
}

fn hellinger_of_counts(entry: &mut Entry) -> anyhow::Result<()> {
    let [reference, current] = both_numbers(entry, "_counts")?;
    expect_hellinger(entry, hellinger_from_counts(&reference, &current));
    Ok(())
}

fn hellinger_of_categories(entry: &mut Entry) -> anyhow::Result<()> {
    let ([reference, current], [p, q]) = (both_categories(entry)?, both_weights(entry)?);
    expect_hellinger(entry, hellinger_categorical_weighted(&reference, p.as_deref(), &current, q.as_deref()));
    Ok(())
}

fn hellinger_of_numbers(entry: &mut Entry) -> anyhow::Result<()> {
    let [reference, current] = both_numbers(entry, "")?;
    let Some(binning) = binning(entry)? else { return Ok(()) };
    match binning {
        Binning::QuantileAtoms(bins) => {
            let numeric = |p: &[f64], q: &[f64]| hellinger_numeric(p, q);
            expect_hellinger(entry, in_bins((&reference, &current), bins, Hellinger::between, numeric));
        }
        Binning::NannyMl => expect_hellinger(entry, hellinger_nannyml(&reference, &current)),
        Binning::Evidently => {
            let what = format!("{}: Hellinger's distance in evidently's bins", entry.id());
            entry.not_offered(what);
        }
    }
    Ok(())
}

fn l_infinity(entry: &mut Entry) -> anyhow::Result<()> {
    let largest: StatsResult<LInfinity> = if entry.has_input("reference_counts") {
        let [reference, current] = both_numbers(entry, "_counts")?;
        l_infinity_from_counts(&reference, &current)
    } else {
        let ([reference, current], [p, q]) = (both_categories(entry)?, both_weights(entry)?);
        l_infinity_categorical_weighted(&reference, p.as_deref(), &current, q.as_deref())
    };
    entry.expect("distance", largest.map(|largest| largest.distance));
    Ok(())
}

fn wasserstein_of_samples(entry: &mut Entry) -> anyhow::Result<()> {
    let ([mut reference, mut current], [p, q]) = (both_numbers(entry, "")?, both_weights(entry)?);
    let distance = |moved: StatsResult<Wasserstein>| moved.map(|moved| moved.distance);
    let samples = sample(&reference, p.as_deref())
        .and_then(|reference| Ok((reference, sample(&current, q.as_deref())?)));
    entry.expect("distance", distance(samples.clone().and_then(|(p, q)| wasserstein(p, q))));
    let both = samples.and_then(|(p, q)| Ok((Ecdf::of(p)?, Ecdf::of(q)?)));
    entry.expect("distance", distance(both.and_then(|(p, q)| Wasserstein::between(&p, &q))));
    if p.is_none() && q.is_none() {
        sort_values(&mut reference);
        sort_values(&mut current);
        let sorted = wasserstein_sorted(Sorted::new(&reference)?, Sorted::new(&current)?);
        entry.expect("distance", distance(sorted));
    }
    Ok(())
}

fn wasserstein_normalised(entry: &mut Entry) -> anyhow::Result<()> {
    let [reference, current] = both_numbers(entry, "")?;
    let moved = match entry.word_param("divide_by", "") {
        "max(population standard deviation (ddof 0) of the reference, 0.001)" => {
            wasserstein_evidently(&reference, &current)
        }
        "" | "population standard deviation (ddof 0) of the reference" => {
            wasserstein(&reference, &current).and_then(|moved| moved.normalised())
        }
        other => {
            let what = format!("{}: divided by {other}", entry.id());
            entry.not_offered(what);
            return Ok(());
        }
    };
    entry.expect("distance", moved);
    Ok(())
}

fn expect_test(entry: &mut Entry, test: &StatsResult<ChiSquareTest>, p_value: &str) {
    let of = |field: fn(&ChiSquareTest) -> f64| test.as_ref().map(field).map_err(Clone::clone);
    entry.expect("statistic", of(|test| test.statistic));
    entry.expect("dof", of(|test| test.degrees_of_freedom as f64));
    entry.expect(p_value, of(|test| test.p_value));
    entry.expect("cramers_v", test.clone().map_or(None, |test| test.cramers_v));
    entry.expect("min_expected", of(|test| test.min_expected));
    entry.expect("n_eff_reference", of(|test| test.reference_effective_size));
    entry.expect("n_eff_current", of(|test| test.current_effective_size));
}

fn homogeneity(entry: &mut Entry) -> anyhow::Result<()> {
    let (test, yates) = if entry.has_input("reference_counts") {
        let [reference, current] = both_numbers(entry, "_counts")?;
        let yates = chi_square_yates_from_counts(&reference, &current);
        (chi_square_from_counts(&reference, &current), yates)
    } else {
        let [reference, current] = both_categories(entry)?;
        let yates = chi_square_nannyml(&reference, &current);
        (chi_square_categorical(&reference, &current).map(|result| result.test), yates)
    };
    expect_test(entry, &test, "p_value");
    entry.expect("statistic_yates", yates.clone().map(|test| test.statistic));
    entry.expect("p_yates", yates.map(|test| test.p_value));
    Ok(())
}

fn homogeneity_weighted(entry: &mut Entry) -> anyhow::Result<()> {
    let ([reference, current], [p, q]) = (both_categories(entry)?, both_weights(entry)?);
    let test = chi_square_categorical_weighted(&reference, p.as_deref(), &current, q.as_deref());
    expect_test(entry, &test.map(|result| result.test), "p_kish");
    Ok(())
}

fn expect_fit(entry: &mut Entry, fit: &StatsResult<ChiSquareFit>) {
    entry.expect("statistic", fit.clone().map(|fit| fit.statistic));
    entry.expect("dof", fit.clone().map(|fit| fit.degrees_of_freedom as f64));
    entry.expect("p_value", fit.clone().map(|fit| fit.p_value));
}

fn goodness_of_fit(entry: &mut Entry) -> anyhow::Result<()> {
    let (observed, shares) = (entry.numbers("observed_counts")?, entry.numbers("expected_shares")?);
    expect_fit(entry, &chi_square_goodness_of_fit(&observed, &shares));
    Ok(())
}

fn evidently(entry: &mut Entry) -> anyhow::Result<()> {
    let [reference, current] = both_categories(entry)?;
    expect_fit(entry, &chi_square_evidently(&reference, &current));
    Ok(())
}

fn tool(entry: &mut Entry) -> anyhow::Result<()> {
    if !entry.tool().starts_with("nannyml") {
        let what = format!("{}: the test of {}", entry.id(), entry.tool());
        entry.not_offered(what);
        return Ok(());
    }
    let [reference, current] = both_categories(entry)?;
    expect_test(entry, &chi_square_nannyml(&reference, &current), "p_value");
    Ok(())
}
