//! Tests of a reference against a current sample.

use tiltmeter_stats::{
    KsAlternative, Proportion, Sample, WelchMethod, WelchT, chi_square_categorical_weighted,
    cramer_von_mises, ks_one_sided, ks_two_sample, mann_whitney, psi_numeric, two_proportion_z, welch_t,
};

use crate::design::{Random, Shape, Weighting};
use crate::sizes::{Case, Effect, check};

/// The p-value of two new samples; the effect is half a standard deviation.
fn p_value(
    random: &mut Random,
    rows: usize,
    weighting: Weighting,
    effect: Effect,
    shape: Shape,
    of: fn(Sample<'_>, Sample<'_>) -> Option<f64>,
) -> Option<f64> {
    let shift = if effect == Effect::Present { 0.5 } else { 0.0 };
    let reference = random.rows(shape, weighting, rows, 0.0);
    let current = random.rows(shape, weighting, rows, shift);
    of(reference.sample(), current.sample())
}

/// Positives among labels, one in three, or half of them.
fn proportions(random: &mut Random, rows: usize, weighting: Weighting, effect: Effect) -> Option<f64> {
    let mut proportion = |rate: f64| {
        let labels: Vec<bool> = (0..rows).map(|_| random.is(rate)).collect();
        Proportion::of_labels(&labels, random.weights(weighting, rows).as_deref())
    };
    let reference = proportion(1.0 / 3.0).ok()?;
    let current = proportion(if effect == Effect::Present { 0.5 } else { 1.0 / 3.0 }).ok()?;
    Some(two_proportion_z(&reference, &current).ok()?.p_value)
}

/// Four categories, two of which trade a fifth of their share.
fn categories(random: &mut Random, rows: usize, weighting: Weighting, effect: Effect) -> Option<f64> {
    let mut draw = |edge: f64| -> (Vec<usize>, Option<Vec<f64>>) {
        let category = |u: f64| [edge, 0.6, 0.85].iter().filter(|&&end| u >= end).count();
        let values = (0..rows).map(|_| category(random.uniform())).collect();
        (values, random.weights(weighting, rows))
    };
    let (reference, reference_weights) = draw(0.3);
    let (current, current_weights) = draw(if effect == Effect::Present { 0.5 } else { 0.3 });
    let test = chi_square_categorical_weighted(
        &reference,
        reference_weights.as_deref(),
        &current,
        current_weights.as_deref(),
    );
    Some(test.ok()?.test.p_value)
}

const CASES: &[Case] = &[
    Case {
        name: "KS, normal",
        rows: &[10, 50, 250],
        is_weighted: true,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(ks_two_sample(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "KS, nine levels",
        rows: &[50, 250],
        is_weighted: true,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Rounded, |one, other| {
                Some(ks_two_sample(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "KS, current greater",
        rows: &[10, 50, 250],
        is_weighted: true,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(ks_one_sided(one, other, KsAlternative::Greater).ok()?.p_value)
            })
        },
    },
    Case {
        name: "PSI, ten bins",
        rows: &[300, 1_000],
        is_weighted: true,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(psi_numeric(one, other).ok()?.p_value)
            })
        },
    },
    Case { name: "chi-square, four categories", rows: &[50, 250], is_weighted: true, p_value: categories },
    Case { name: "two proportions", rows: &[30, 250], is_weighted: true, p_value: proportions },
    Case {
        name: "Welch's t, normal",
        rows: &[10, 50, 250],
        is_weighted: false,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(welch_t(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Hájek's z, normal",
        rows: &[30, 250],
        is_weighted: true,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(WelchT::by(WelchMethod::Hajek, one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Welch's t, lognormal",
        rows: &[50, 250],
        is_weighted: true,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Lognormal, |one, other| {
                Some(welch_t(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Mann-Whitney, lognormal",
        rows: &[10, 50, 250],
        is_weighted: true,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Lognormal, |one, other| {
                Some(mann_whitney(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Cramér-von Mises, lognormal",
        rows: &[10, 50, 250],
        is_weighted: true,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Lognormal, |one, other| {
                Some(cramer_von_mises(one, other).ok()?.p_value)
            })
        },
    },
];

#[test]
fn reject_no_more_than_they_say() {
    check(CASES);
}
