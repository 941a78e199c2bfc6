//! Tests of one sample, of two columns of the same rows, and of a series.

use tiltmeter_stats::{
    ChiSquareFit, Pairs, QuantileBins, chi_square_goodness_of_fit, cohen_kappa_weighted,
    confidence_uniformity, kendall_tau, ks_one_sample, mann_kendall, mann_kendall_yue_wang, normal_sf,
    pearson, spearman,
};

use crate::design::{BY_VALUE, INDEPENDENT, Random, Shape, UNWEIGHTED, Weighting};
use crate::sizes::{Case, Effect, USUAL, check};

/// Two columns that are independent, or have a correlation of about 0.4; weights by value are by the first.
fn correlated(
    random: &mut Random,
    rows: usize,
    weighting: Weighting,
    effect: Effect,
    of: fn(Pairs<'_>) -> Option<f64>,
) -> Option<f64> {
    let slope = effect.choose(0.0, 0.45);
    let draw = |random: &mut Random| {
        let x = random.normal();
        (x, slope * x + random.normal())
    };
    random.kept(weighting, rows, draw, |&(x, _)| x > 0.0).with_pairs(of)
}

/// Two columns of labels, independent or not; weights by value are by the first.
fn agreement(random: &mut Random, rows: usize, weighting: Weighting, effect: Effect) -> Option<f64> {
    let copied = effect.choose(0.0, 0.25);
    let label = |random: &mut Random| u8::from(random.is(0.5)) + u8::from(random.is(0.5));
    let draw = |random: &mut Random| {
        let first = label(random);
        (first, if random.is(copied) { first } else { label(random) })
    };
    let kept = random.kept(weighting, rows, draw, |&(first, _)| first != 1);
    let (first, second) = (kept.column(|(first, _)| first), kept.column(|(_, second)| second));
    cohen_kappa_weighted(&first, &second, &kept.all_weights()).ok()?.p_value()
}

/// Uniform values against known shares, or squeezed ones.
fn goodness_of_fit(random: &mut Random, rows: usize, weighting: Weighting, effect: Effect) -> Option<f64> {
    let grid: Vec<f64> = (0..100).map(|place| (f64::from(place) + 0.5) / 100.0).collect();
    let bins = QuantileBins::of(&grid, 6).ok()?;
    let ends: Vec<f64> = [0.0].iter().chain(bins.cuts()).chain(&[1.0]).copied().collect();
    let shares: Vec<f64> = ends.windows(2).map(|ends| ends[1] - ends[0]).collect();
    let power = effect.choose(1.0, 1.4);
    let values = random.kept(weighting, rows, |random| random.uniform().powf(power), |&value| value > 0.5);
    if weighting != Weighting::None {
        return Some(ChiSquareFit::of(&bins.count(values.sample()), &shares).ok()?.p_value);
    }
    let mut counts = vec![0.0; shares.len()];
    for value in values.rows {
        counts[bins.bin_of(value)?] += 1.0;
    }
    Some(chi_square_goodness_of_fit(&counts, &shares).ok()?.p_value)
}

/// Days that resemble the day before by ρ, with a standard deviation of 1, and perhaps a trend.
fn series(random: &mut Random, days: usize, rho: f64, effect: Effect, rise: f64) -> Vec<f64> {
    let slope = effect.choose(0.0, rise / days as f64);
    let mut noise = random.normal();
    let mut days_of_noise = || {
        let today = noise;
        noise = rho * noise + (1.0 - rho * rho).sqrt() * random.normal();
        today
    };
    (0..days).map(|day| slope * day as f64 + days_of_noise()).collect()
}

fn yue_wang(random: &mut Random, days: usize, rho: f64, effect: Effect) -> Option<f64> {
    Some(mann_kendall_yue_wang(&series(random, days, rho, effect, 3.0)).ok()?.p_value)
}

// goodness of fit, the one-sample KS and the uniformity of confidences take Kish's effective size, which holds when
// the weights are independent of the values; by value they are left out
const CASES: &[Case] = &[
    Case {
        name: "Pearson",
        rows: &[10, 50, 250],
        weightings: BY_VALUE,
        size: USUAL,
        least_power: 0.98,
        p_value: |random, rows, weighting, effect| {
            correlated(random, rows, weighting, effect, |pairs| pearson(pairs).ok()?.p_value)
        },
    },
    Case {
        name: "Spearman",
        rows: &[10, 50, 250],
        weightings: BY_VALUE,
        // documented: 5.5 % for 10 rows
        size: [0.03, 0.055],
        least_power: 0.98,
        p_value: |random, rows, weighting, effect| {
            correlated(random, rows, weighting, effect, |pairs| spearman(pairs).ok()?.p_value)
        },
    },
    Case {
        name: "Kendall",
        rows: &[10, 50, 250],
        weightings: BY_VALUE,
        size: USUAL,
        least_power: 0.98,
        p_value: |random, rows, weighting, effect| {
            correlated(random, rows, weighting, effect, |pairs| kendall_tau(pairs).ok()?.p_value)
        },
    },
    Case {
        name: "Cohen's kappa",
        rows: &[50, 400],
        weightings: BY_VALUE,
        // documented: 3 % of 400 rows whose weights depend on a label
        size: [0.02, 0.05],
        least_power: 0.98,
        p_value: agreement,
    },
    Case {
        name: "goodness of fit, six bins",
        rows: &[50, 250],
        weightings: INDEPENDENT,
        size: USUAL,
        least_power: 0.9,
        p_value: goodness_of_fit,
    },
    Case {
        name: "KS of one sample, normal",
        rows: &[10, 50, 250],
        weightings: INDEPENDENT,
        size: USUAL,
        least_power: 0.9,
        p_value: |random, rows, weighting, effect| {
            let values = random.values(Shape::Normal, weighting, rows, effect.choose(0.0, 0.3));
            Some(ks_one_sample(values.sample(), |value| normal_sf(-value)).ok()?.p_value)
        },
    },
    Case {
        name: "confidences are uniform",
        rows: &[10, 100],
        weightings: INDEPENDENT,
        size: USUAL,
        least_power: 0.8,
        p_value: |random, rows, weighting, effect| {
            let power = effect.choose(1.0, 1.5);
            let draw = |random: &mut Random| 0.5 + 0.5 * random.uniform().powf(power);
            let confidences = random.kept(weighting, rows, draw, |&confidence| confidence > 0.75);
            Some(confidence_uniformity(confidences.sample(), 2).ok()?.p_value)
        },
    },
    Case {
        name: "Mann-Kendall",
        rows: &[10, 30, 90],
        weightings: UNWEIGHTED,
        size: USUAL,
        least_power: 0.93,
        p_value: |random, days, _, effect| {
            Some(mann_kendall(&series(random, days, 0.0, effect, 1.5)).ok()?.p_value)
        },
    },
    Case {
        name: "Yue-Wang, ρ = 0",
        rows: &[60],
        weightings: UNWEIGHTED,
        // documented: 6 %
        size: [0.03, 0.06],
        least_power: 0.95,
        p_value: |random, days, _, effect| yue_wang(random, days, 0.0, effect),
    },
    Case {
        name: "Yue-Wang, ρ = 0.2",
        rows: &[60],
        weightings: UNWEIGHTED,
        // documented: 6 %
        size: [0.03, 0.06],
        least_power: 0.95,
        p_value: |random, days, _, effect| yue_wang(random, days, 0.2, effect),
    },
    Case {
        name: "Yue-Wang, ρ = 0.4",
        rows: &[60],
        weightings: UNWEIGHTED,
        // documented: 7 %
        size: [0.03, 0.07],
        least_power: 0.9,
        p_value: |random, days, _, effect| yue_wang(random, days, 0.4, effect),
    },
    Case {
        name: "Yue-Wang, ρ = 0.6",
        rows: &[60],
        weightings: UNWEIGHTED,
        // documented: 9 %
        size: [0.03, 0.09],
        least_power: 0.7,
        p_value: |random, days, _, effect| yue_wang(random, days, 0.6, effect),
    },
];

#[test]
fn reject_as_often_as_they_say() {
    check(CASES);
}
