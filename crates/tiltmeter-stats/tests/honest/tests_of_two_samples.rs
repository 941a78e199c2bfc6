//! Tests of a reference against a current sample.

use tiltmeter_stats::{
    KsAlternative, Proportion, Sample, WelchMethod, WelchT, chi_square_categorical_weighted,
    cramer_von_mises, ks_one_sided, ks_two_sample, l_infinity_categorical_weighted, l_infinity_numeric,
    mann_whitney, psi_numeric, two_proportion_z, welch_t,
};

use crate::design::{BY_VALUE, IN_STRATA, INDEPENDENT, Kept, Random, Shape, UNWEIGHTED, Weighting};
use crate::sizes::{Case, Effect, USUAL, check};

/// Half a standard deviation.
const SHIFT: f64 = 0.5;

/// The p-value of two new samples.
fn p_value(
    random: &mut Random,
    rows: usize,
    weighting: Weighting,
    effect: Effect,
    shape: Shape,
    of: fn(Sample<'_>, Sample<'_>) -> Option<f64>,
) -> Option<f64> {
    let reference = random.values(shape, weighting, rows, 0.0);
    let current = random.values(shape, weighting, rows, effect.choose(0.0, SHIFT));
    of(reference.sample(), current.sample())
}

/// The same of normal values, of which those near 0 are sought, or those far from it.
fn near_or_far(
    random: &mut Random,
    rows: usize,
    weighting: Weighting,
    effect: Effect,
    is_sought: fn(f64) -> bool,
    of: fn(Sample<'_>, Sample<'_>) -> Option<f64>,
) -> Option<f64> {
    let mut sample = |shift: f64| {
        random.kept(weighting, rows, |random| random.normal() + shift, |&value| is_sought(value))
    };
    let (reference, current) = (sample(0.0), sample(effect.choose(0.0, SHIFT)));
    of(reference.sample(), current.sample())
}

fn is_near(value: f64) -> bool {
    value.abs() < 1.0
}

fn is_far(value: f64) -> bool {
    !is_near(value)
}

/// Labels, one in three of them positive, or half of them.
fn labels(random: &mut Random, rows: usize, weighting: Weighting, effect: Effect) -> [Kept<bool>; 2] {
    [1.0 / 3.0, effect.choose(1.0 / 3.0, 0.5)]
        .map(|rate| random.kept(weighting, rows, |random| random.is(rate), |&label| label))
}

/// Four categories, two of which trade a fifth of their share.
fn categories(
    random: &mut Random,
    rows: usize,
    weighting: Weighting,
    effect: Effect,
    of: fn(&Kept<usize>, &Kept<usize>) -> Option<f64>,
) -> Option<f64> {
    let mut draw = |edge: f64| {
        let category = |random: &mut Random| {
            let u = random.uniform();
            [edge, 0.6, 0.85].iter().filter(|&&end| u >= end).count()
        };
        random.kept(weighting, rows, category, |&category| category == 0)
    };
    let (reference, current) = (draw(0.3), draw(effect.choose(0.3, 0.5)));
    of(&reference, &current)
}

const ONLY_BY_VALUE: &[Weighting] = &[Weighting::ByValue];

// tests with Kish's effective size take the weights for independent of the values; of them only the two-sample KS says
// what it does otherwise, and is tested. PSI, L∞, chi-square, Cramér and von Mises and the z of two proportions are not
const CASES: &[Case] = &[
    Case {
        name: "KS, normal",
        rows: &[10, 50, 250],
        weightings: INDEPENDENT,
        size: USUAL,
        least_power: 0.98,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(ks_two_sample(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "KS, nine levels",
        rows: &[50, 250],
        weightings: INDEPENDENT,
        // the p-value is that of continuous values, too large where there are ties
        size: [0.01, 0.05],
        least_power: 0.95,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Rounded, |one, other| {
                Some(ks_two_sample(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "KS, high values kept",
        rows: &[50, 250],
        weightings: ONLY_BY_VALUE,
        // documented as too cautious, which holds for strata alone. Below the median, where rows weigh more, F varies
        // more than Kish's size says: 7.4 %
        size: [0.03, 0.08],
        least_power: 0.95,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(ks_two_sample(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "KS, far values kept",
        rows: &[50, 250],
        weightings: ONLY_BY_VALUE,
        size: USUAL,
        least_power: 0.95,
        p_value: |random, rows, weighting, effect| {
            near_or_far(random, rows, weighting, effect, is_far, |one, other| {
                Some(ks_two_sample(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "KS, near values kept",
        rows: &[50, 250],
        weightings: ONLY_BY_VALUE,
        // as above, in the tails: 5.9 %
        size: [0.03, 0.065],
        least_power: 0.95,
        p_value: |random, rows, weighting, effect| {
            near_or_far(random, rows, weighting, effect, is_near, |one, other| {
                Some(ks_two_sample(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "KS, strata by value",
        rows: &[50, 250],
        weightings: IN_STRATA,
        // how many there are of either stratum is known for sure, which the test does not know
        size: [0.015, 0.05],
        least_power: 0.95,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(ks_two_sample(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "KS, current greater",
        rows: &[10, 50, 250],
        weightings: INDEPENDENT,
        size: USUAL,
        least_power: 0.98,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(ks_one_sided(one, other, KsAlternative::Greater).ok()?.p_value)
            })
        },
    },
    Case {
        name: "PSI, ten bins",
        rows: &[300, 1_000],
        weightings: INDEPENDENT,
        // documented as about right, within 10 % of PSI: 5.8 % of 300 rows
        size: [0.03, 0.06],
        least_power: 0.98,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(psi_numeric(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "L∞, ten bins",
        rows: &[100, 500],
        weightings: INDEPENDENT,
        // documented: 4 to 5 %. Not kept in bins that the reference itself has cut: 6 to 6.5 % of 100 rows, 5.5 % of 500
        size: [0.03, 0.065],
        least_power: 0.9,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(l_infinity_numeric(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "L∞, four categories",
        rows: &[50, 250],
        weightings: INDEPENDENT,
        // documented: 4 to 5 %. Not quite kept by 50 rows without weights: 5.6 %
        size: [0.03, 0.056],
        least_power: 0.95,
        p_value: |random, rows, weighting, effect| {
            categories(random, rows, weighting, effect, |reference, current| {
                let largest = l_infinity_categorical_weighted(
                    &reference.rows,
                    reference.weights.as_deref(),
                    &current.rows,
                    current.weights.as_deref(),
                );
                Some(largest.ok()?.p_value)
            })
        },
    },
    Case {
        name: "chi-square, four categories",
        rows: &[50, 250],
        weightings: INDEPENDENT,
        size: USUAL,
        least_power: 0.98,
        p_value: |random, rows, weighting, effect| {
            categories(random, rows, weighting, effect, |reference, current| {
                let test = chi_square_categorical_weighted(
                    &reference.rows,
                    reference.weights.as_deref(),
                    &current.rows,
                    current.weights.as_deref(),
                );
                Some(test.ok()?.test.p_value)
            })
        },
    },
    Case {
        name: "two proportions",
        rows: &[20, 250],
        weightings: INDEPENDENT,
        size: USUAL,
        least_power: 0.93,
        p_value: |random, rows, weighting, effect| {
            let [reference, current] = labels(random, rows, weighting, effect)
                .map(|labels| Proportion::of_labels(&labels.rows, labels.weights.as_deref()).unwrap());
            Some(two_proportion_z(&reference, &current).ok()?.p_value)
        },
    },
    Case {
        name: "Welch's t of zeroes and ones",
        rows: &[50, 250],
        weightings: BY_VALUE,
        // documented of Hájek's z: 6 % at an effective size of 50
        size: [0.03, 0.06],
        least_power: 0.9,
        p_value: |random, rows, weighting, effect| {
            let [reference, current] = labels(random, rows, weighting, effect).map(|labels| Kept {
                rows: labels.column(|label| f64::from(u8::from(label))),
                weights: labels.weights,
            });
            Some(welch_t(reference.sample(), current.sample()).ok()?.p_value)
        },
    },
    Case {
        name: "Welch's t, normal",
        rows: &[10, 50, 250],
        weightings: UNWEIGHTED,
        size: USUAL,
        least_power: 0.98,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(welch_t(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Welch's t by Kish, normal",
        rows: &[10, 50, 250],
        weightings: INDEPENDENT,
        size: USUAL,
        least_power: 0.98,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(WelchT::by(WelchMethod::Kish, one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Hájek's z, normal",
        rows: &[50, 250],
        weightings: BY_VALUE,
        // documented: 6 % at an effective size of 50
        size: [0.03, 0.06],
        least_power: 0.98,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(WelchT::by(WelchMethod::Hajek, one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Hájek's z, far values kept",
        rows: &[50, 250],
        weightings: ONLY_BY_VALUE,
        // documented: 6 %, of values kept in one of ten
        size: [0.03, 0.06],
        least_power: 0.95,
        p_value: |random, rows, weighting, effect| {
            near_or_far(random, rows, weighting, effect, is_far, |one, other| {
                Some(WelchT::by(WelchMethod::Hajek, one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Hájek's z, near values kept",
        rows: &[50, 250],
        weightings: ONLY_BY_VALUE,
        // documented: 7 % of an effective size of 100, where far values are kept in one of ten
        size: [0.03, 0.07],
        least_power: 0.95,
        p_value: |random, rows, weighting, effect| {
            near_or_far(random, rows, weighting, effect, is_near, |one, other| {
                Some(WelchT::by(WelchMethod::Hajek, one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Hájek's z, strata by value",
        rows: &[50, 250],
        weightings: IN_STRATA,
        // documented: too cautious
        size: [0.005, 0.03],
        least_power: 0.95,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(welch_t(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Welch's t, lognormal",
        rows: &[50, 250],
        weightings: BY_VALUE,
        size: USUAL,
        least_power: 0.9,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Lognormal, |one, other| {
                Some(welch_t(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Mann-Whitney, lognormal",
        rows: &[10, 50, 250],
        weightings: INDEPENDENT,
        size: USUAL,
        least_power: 0.98,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Lognormal, |one, other| {
                Some(mann_whitney(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Mann-Whitney, high values kept",
        rows: &[10, 50, 250],
        weightings: ONLY_BY_VALUE,
        // documented to hold; not at an effective size of 10, of which two or three rows are low: 6.8 %
        size: [0.03, 0.068],
        least_power: 0.98,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Lognormal, |one, other| {
                Some(mann_whitney(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Mann-Whitney, far values kept",
        rows: &[50, 250],
        weightings: ONLY_BY_VALUE,
        size: USUAL,
        least_power: 0.95,
        p_value: |random, rows, weighting, effect| {
            near_or_far(random, rows, weighting, effect, is_far, |one, other| {
                Some(mann_whitney(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Mann-Whitney, near values kept",
        rows: &[50, 250],
        weightings: ONLY_BY_VALUE,
        size: USUAL,
        least_power: 0.95,
        p_value: |random, rows, weighting, effect| {
            near_or_far(random, rows, weighting, effect, is_near, |one, other| {
                Some(mann_whitney(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Mann-Whitney, strata by value",
        rows: &[50, 250],
        weightings: IN_STRATA,
        // documented: too cautious
        size: [0.0, 0.03],
        least_power: 0.95,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Normal, |one, other| {
                Some(mann_whitney(one, other).ok()?.p_value)
            })
        },
    },
    Case {
        name: "Cramér-von Mises, lognormal",
        rows: &[10, 50, 250],
        weightings: INDEPENDENT,
        size: USUAL,
        least_power: 0.98,
        p_value: |random, rows, weighting, effect| {
            p_value(random, rows, weighting, effect, Shape::Lognormal, |one, other| {
                Some(cramer_von_mises(one, other).ok()?.p_value)
            })
        },
    },
];

#[test]
fn reject_as_often_as_they_say() {
    check(CASES);
}
