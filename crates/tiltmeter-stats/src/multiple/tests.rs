use proptest::prelude::*;

use super::*;
use crate::error::Result;
use crate::random::Random;
use crate::special::normal_sf;

type Adjustment = fn(&[f64]) -> Result<Vec<f64>>;

const ALL: [Adjustment; 4] = [benjamini_hochberg, benjamini_yekutieli, holm, bonferroni];

fn near(got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len());
    assert!(got.iter().zip(expected).all(|(got, expected)| (got - expected).abs() < 1e-12), "{got:?}");
}

/// `statsmodels.stats.multitest.multipletests(p, method=…)[1]`, methods `fdr_bh`, `fdr_by`, `holm` and `bonferroni`,
/// statsmodels 0.15
#[test]
fn golden_values() {
    let p = [0.01, 0.02, 0.03, 0.04, 0.5];
    near(&benjamini_hochberg(&p).unwrap(), &[0.05, 0.05, 0.05, 0.05, 0.5]);
    let expected = [0.114_166_666_666_666_67; 4];
    near(&benjamini_yekutieli(&p).unwrap()[..4], &expected);
    near(&benjamini_yekutieli(&p).unwrap()[4..], &[1.0]);
    near(&holm(&p).unwrap(), &[0.05, 0.08, 0.09, 0.09, 0.5]);
    near(&bonferroni(&p).unwrap(), &[0.05, 0.1, 0.15, 0.2, 1.0]);
}

/// `scipy.stats.false_discovery_control(p)`, scipy 1.17.1
#[test]
fn a_later_one_that_is_smaller_lowers_those_before_it() {
    for (p, adjusted) in [
        ([0.01, 0.04, 0.03].as_slice(), [0.03, 0.04, 0.04].as_slice()),
        (&[0.005, 0.04, 0.03, 0.7], &[0.02, 0.053_333_333_333_333_33, 0.053_333_333_333_333_33, 0.7]),
        (&[0.03, 0.031, 0.9, 0.6], &[0.062, 0.062, 0.9, 0.8]),
        (&[0.6, 0.2, 0.7], &[0.7, 0.6, 0.7]),
        (&[1.0, 0.9], &[1.0, 1.0]),
    ] {
        near(&benjamini_hochberg(p).unwrap(), adjusted);
    }
}

/// By hand: m times the smallest, m − 1 times the next, …, never less than the one before and never more than 1.
#[test]
fn an_earlier_one_that_is_larger_raises_those_after_it() {
    for (p, adjusted) in [
        // 3 · 0.01; 2 · 0.03; 1 · 0.04 < 0.06
        ([0.01, 0.04, 0.03].as_slice(), [0.03, 0.06, 0.06].as_slice()),
        // 4 · 0.005; 3 · 0.03; 2 · 0.04 < 0.09; 1 · 0.7
        (&[0.005, 0.04, 0.03, 0.7], &[0.02, 0.09, 0.09, 0.7]),
        // 3 · 0.2; 2 · 0.6 > 1; 1 · 0.7 < 1
        (&[0.6, 0.2, 0.7], &[1.0, 0.6, 1.0]),
        // 2 · 0.9 > 1; 1
        (&[1.0, 0.9], &[1.0, 1.0]),
    ] {
        near(&holm(p).unwrap(), adjusted);
    }
}

#[test]
fn the_order_is_that_of_the_input_and_nothing_stays_nothing() {
    near(&benjamini_hochberg(&[0.5, 0.01, 0.9]).unwrap(), &[0.75, 0.03, 0.9]);
    near(&holm(&[0.5, 0.01]).unwrap(), &[0.5, 0.02]);
    for adjust in ALL {
        assert_eq!(adjust(&[]).unwrap(), Vec::<f64>::new());
        near(&adjust(&[0.3]).unwrap(), &[0.3]);
    }
}

#[test]
fn what_is_no_probability_is_refused() {
    for wrong in [f64::NAN, -0.1, 1.1, f64::INFINITY] {
        for adjust in ALL {
            assert!(adjust(&[0.5, wrong]).unwrap_err().is_invalid());
        }
    }
}

proptest! {
    #[test]
    fn adjusting_keeps_the_order_and_lowers_nothing(p in proptest::collection::vec(0.0..=1.0, 1..20)) {
        let [rate, any_rate, any, plain] = ALL.map(|adjust| adjust(&p).unwrap());
        for one in 0..p.len() {
            // 1e-15: m · p / m is rounded twice
            let rising = [p[one], rate[one], any[one], plain[one], 1.0];
            prop_assert!(rising.windows(2).all(|pair| pair[0] <= pair[1] + 1e-15), "{rising:?}");
            prop_assert!(rate[one] <= any_rate[one] + 1e-15 && any_rate[one] <= 1.0);
            for other in (0..p.len()).filter(|&other| p[one] <= p[other]) {
                for adjusted in [&rate, &any_rate, &any, &plain] {
                    prop_assert!(adjusted[one] <= adjusted[other]);
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_input_does_not_count(p in proptest::collection::vec(0.0..=1.0, 1..20)) {
        let reversed: Vec<f64> = p.iter().rev().copied().collect();
        for adjust in ALL {
            let mut back = adjust(&reversed).unwrap();
            back.reverse();
            prop_assert_eq!(back, adjust(&p).unwrap());
        }
    }

    #[test]
    fn any_floats_give_probabilities_or_an_error(p in proptest::collection::vec(any::<f64>(), 0..20)) {
        for adjust in ALL {
            if let Ok(adjusted) = adjust(&p) {
                prop_assert!(adjusted.iter().all(|p| (0.0..=1.0).contains(p)));
            }
        }
    }
}

/// What rejecting adjusted p-values up to 5 % does to 20 two-sided tests of normal z, of which the first 5 have a mean
/// of 3 and the others 0.
#[derive(Clone, Copy, Debug, Default)]
struct Rates {
    /// The mean share of false ones among the rejected.
    false_share: f64,
    /// How often there is a false one.
    any_false: f64,
    /// How many of the 5 are found on average.
    found: f64,
}

/// The tests have the correlation `correlation` with each other, all of the same sign or of both.
fn simulate(correlation: f64, both_signs: bool, effect: f64, repetitions: usize) -> [Rates; 4] {
    let mut random = Random(1);
    let mut rates = [Rates::default(); 4];
    for _ in 0..repetitions {
        let shared = random.normal();
        let p: Vec<f64> = (0..20)
            .map(|test| {
                let sign = if both_signs && test % 2 == 0 { -1.0 } else { 1.0 };
                let noise = correlation.sqrt() * shared * sign + (1.0 - correlation).sqrt() * random.normal();
                let z = noise + if test < 5 { effect } else { 0.0 };
                (2.0 * normal_sf(z.abs())).min(1.0)
            })
            .collect();
        for (rates, adjust) in rates.iter_mut().zip(ALL) {
            let adjusted = adjust(&p).unwrap();
            let rejected = |tests: &[f64]| tests.iter().filter(|&&p| p <= 0.05).count() as f64;
            let nulls = if effect > 0.0 { 5 } else { 0 };
            let (found, wrong) = (rejected(&adjusted[..nulls]), rejected(&adjusted[nulls..]));
            rates.found += found / repetitions as f64;
            rates.any_false += f64::from(u8::from(wrong > 0.0)) / repetitions as f64;
            rates.false_share += wrong / (wrong + found).max(1.0) / repetitions as f64;
        }
    }
    rates
}

/// Standard deviations of the rates: below 0.5 % for 2 000 repetitions.
#[test]
fn false_rejections_stay_at_the_level_under_independence_and_dependence() {
    for (correlation, both_signs) in [(0.0, false), (0.5, false), (0.5, true)] {
        for effect in [0.0, 3.0] {
            let rates = simulate(correlation, both_signs, effect, 2_000);
            for rates in rates {
                assert!(rates.false_share < 0.06, "{correlation} {both_signs} {effect}: {rates:?}");
            }
            let [rate, any_rate, any, plain] = rates;
            assert!(any.any_false < 0.06 && plain.any_false < 0.06, "{any:?} {plain:?}");
            assert!(any_rate.found <= rate.found && plain.found <= any.found && any.found <= rate.found);
        }
    }
    // not needlessly strict: independent and all null, both procedures come near 5 %
    let [rate, _, any, _] = simulate(0.0, false, 0.0, 2_000);
    assert!(rate.any_false > 0.035 && any.any_false > 0.035, "{rate:?} {any:?}");
}
