use proptest::prelude::*;

use super::super::{CategoricalSpec, KsBounds, NumericSpec, SuperiorityBounds, WassersteinBounds};
use super::*;
use crate::random::Random;
use crate::{Ecdf, KsTest, Psi, Sample, Undefined};

fn profile(spec: &NumericSpec, values: &[f64], weights: Option<&[f64]>) -> NumericProfile {
    let mut profile = spec.profile();
    match weights {
        Some(weights) => profile.update(Sample::weighted(values, weights).unwrap()).unwrap(),
        None => profile.update(values).unwrap(),
    }
    profile
}

/// P(Y > X) + ½ P(Y = X), pair by pair.
fn superiority(x: &[(f64, f64)], y: &[(f64, f64)]) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for (x, v) in x {
        for (y, w) in y {
            sum += v
                * w
                * if y > x {
                    1.0
                } else if y < x {
                    0.0
                } else {
                    0.5
                };
            total += v * w;
        }
    }
    sum / total
}

/// The area between two distribution functions, step by step.
fn wasserstein(f: &Ecdf, g: &Ecdf) -> f64 {
    let mut x: Vec<f64> = f.points().chain(g.points()).map(|point| point.0).collect();
    x.sort_unstable_by(f64::total_cmp);
    x.windows(2).map(|x| (f.at(x[0]) - g.at(x[0])).abs() * (x[1] - x[0])).sum()
}

fn rows(most: usize) -> impl Strategy<Value = Vec<(f64, f64)>> {
    let value = prop_oneof![4 => (-12..12).prop_map(f64::from), 2 => -9.0..9.0];
    proptest::collection::vec((value, prop_oneof![Just(1.0), 0.1..9.0]), 1..most)
}

#[test]
fn there_is_nothing_between_nothing() {
    let spec = NumericSpec::new().with_sketch(8).unwrap();
    let (some, none) = (profile(&spec, &[1.0], None), spec.profile());
    for (reference, current, reason) in [
        (&none, &none, Undefined::Empty),
        (&none, &some, Undefined::EmptyReference),
        (&some, &none, Undefined::EmptyCurrent),
    ] {
        assert_eq!(KsBounds::between(reference, current).unwrap_err().undefined(), Some(reason));
        assert_eq!(SuperiorityBounds::between(reference, current).unwrap_err().undefined(), Some(reason));
        assert_eq!(WassersteinBounds::between(reference, current).unwrap_err().undefined(), Some(reason));
    }
    let infinite = profile(&spec, &[1.0, f64::INFINITY], None);
    let error = WassersteinBounds::between(&some, &infinite).unwrap_err();
    assert_eq!(error.undefined(), Some(Undefined::Infinite));
    let far = profile(&spec, &[f64::MAX, f64::MIN], None);
    assert!(WassersteinBounds::between(&some, &far).unwrap_err().is_invalid());
}

#[test]
fn counts_and_moments_tell_what_the_rows_do() {
    let mut random = Random(77);
    let mut draw = |count: usize, shift: f64| -> Vec<f64> {
        (0..count).map(|_| random.normal() + shift).chain([f64::NAN]).collect()
    };
    let (january, june) = (draw(400, 0.0), draw(300, 0.2));
    let spec = NumericSpec::new().with_bins(QuantileBins::of(&january, 10).unwrap());
    let (then, now) = (profile(&spec, &january, None), profile(&spec, &june, None));
    assert_eq!(then.psi(&now), crate::psi_numeric(&january, &june));
    assert_eq!(then.jensen_shannon(&now), crate::js_numeric(&january, &june));
    assert_eq!(then.kullback_leibler(&now), crate::kl_numeric(&january, &june));
    assert_eq!(then.hellinger(&now), crate::hellinger_numeric(&january, &june));
    assert_eq!(then.l_infinity(&now), crate::l_infinity_numeric(&january, &june));
    assert_eq!(then.chi_square(&now), crate::chi_square_numeric(&january, &june));
    // moments are summed in another order
    let (merged, rows) = (then.welch_t(&now).unwrap(), crate::welch_t(&january, &june).unwrap());
    assert!((merged.statistic - rows.statistic).abs() < 1e-9, "{merged:?} {rows:?}");
    assert!((merged.p_value - rows.p_value).abs() < 1e-9, "{merged:?} {rows:?}");

    let colours = |counts: [usize; 3]| -> Vec<&str> {
        let colours = ["blue", "green", "red"].into_iter().zip(counts);
        colours.flat_map(|(colour, count)| vec![colour; count]).collect()
    };
    let (january, june) = (colours([30, 20, 10]), colours([10, 25, 15]));
    let spec = CategoricalSpec::new().with_categories(["blue", "green"]).unwrap();
    let [then, now] = [&january, &june].map(|colours| {
        let mut profile = spec.profile();
        profile.update(&colours.iter().map(|&colour| Some(colour)).collect::<Vec<_>>());
        profile
    });
    assert_eq!(then.psi(&now), crate::psi_categorical(&january, &june));
    assert_eq!(then.jensen_shannon(&now), crate::js_categorical(&january, &june));
    assert_eq!(then.kullback_leibler(&now), crate::kl_categorical(&january, &june));
    assert_eq!(then.hellinger(&now), crate::hellinger_categorical(&january, &june));
    assert_eq!(then.l_infinity(&now), crate::l_infinity_categorical(&january, &june));
    assert_eq!(then.chi_square(&now), Ok(crate::chi_square_categorical(&january, &june).unwrap().test));
}

#[test]
fn profiles_without_a_part_in_common_cannot_be_compared() {
    let bins = |values: &[f64]| NumericSpec::new().with_bins(QuantileBins::of(values, 2).unwrap());
    let [a, b] = [bins(&[1.0, 2.0]), bins(&[1.0, 3.0, 4.0])].map(|spec| profile(&spec, &[1.0], None));
    for error in [
        KsBounds::between(&a, &b).unwrap_err(),
        SuperiorityBounds::between(&a, &b).unwrap_err(),
        a.psi(&b).unwrap_err(),
    ] {
        assert_eq!(error.to_string(), "the profiles have different bins");
    }
    let plain = profile(&NumericSpec::new(), &[1.0], None);
    assert!(KsBounds::between(&a, &plain).unwrap_err().is_invalid());
    assert!(WassersteinBounds::between(&a, &a).unwrap_err().is_invalid());
    assert!(plain.psi(&plain).unwrap_err().is_invalid());
}

#[test]
fn both_bounds_of_bins_are_reached() {
    let spec = NumericSpec::new().with_bins(QuantileBins::of(&[1.0, 2.0, 3.0, 4.0], 2).unwrap());
    let between = |a: &[f64], b: &[f64]| {
        let (a, b) = (profile(&spec, a, None), profile(&spec, b, None));
        (KsBounds::between(&a, &b).unwrap(), SuperiorityBounds::between(&a, &b).unwrap())
    };
    // the same counts; D is 0 and 1, A is ½ and 1
    let (apart, above) = between(&[0.1, 0.2], &[0.8, 0.9]);
    let (equal, even) = between(&[0.5, 0.5], &[0.5, 0.5]);
    assert_eq!((apart.lower, apart.upper, above.lower, above.upper), (0.0, 1.0, 0.0, 1.0));
    assert_eq!((equal, even), (apart, above));
    assert_eq!((apart.p_value_upper, apart.p_value_lower < 0.5), (1.0, true));
}

#[test]
fn an_atom_hides_nothing() {
    let spec = NumericSpec::new().with_bins(QuantileBins::of(&[0.0; 9], 10).unwrap());
    let (then, now) = (profile(&spec, &[0.0; 90], None), profile(&spec, &[0.0, 0.0, 0.0, 5.0], None));
    let ks = KsBounds::between(&then, &now).unwrap();
    assert_eq!((ks.lower, ks.upper), (0.25, 0.25));
    let superiority = SuperiorityBounds::between(&then, &now).unwrap();
    assert_eq!((superiority.lower, superiority.upper), (0.625, 0.625));
}

#[test]
fn sketches_narrow_the_bounds_and_keep_the_truth() {
    let mut random = Random(5);
    let reference: Vec<f64> = (0..30_000).map(|_| random.normal()).collect();
    let bins = QuantileBins::of(&reference, 10).unwrap();
    let coarse = NumericSpec::new().with_bins(bins);
    let fine = coarse.clone().with_sketch(128).unwrap();
    let truth = Ecdf::of(&reference).unwrap();
    for run in 0..40 {
        let shift = f64::from(run) / 100.0;
        let current: Vec<f64> = (0..8_000).map(|_| random.normal() + shift).collect();
        let of = |spec: &NumericSpec| (profile(spec, &reference, None), profile(spec, &current, None));
        let ((then, now), other) = (of(&fine), Ecdf::of(&current).unwrap());
        let (coarse_then, coarse_now) = of(&coarse);
        let test = KsTest::between(&truth, &other);
        let ks = KsBounds::between(&then, &now).unwrap();
        assert!(ks.lower <= test.statistic && test.statistic <= ks.upper, "{ks:?} {test:?}");
        assert!(ks.p_value_lower <= test.p_value && test.p_value <= ks.p_value_upper, "{ks:?} {test:?}");
        assert!((ks.expected - test.expected).abs() < 1e-12);
        let width = |ks: KsBounds| ks.upper - ks.lower;
        assert!(width(ks) < 0.07 && width(KsBounds::between(&coarse_then, &coarse_now).unwrap()) > 0.09);
        let superiority = SuperiorityBounds::between(&then, &now).unwrap();
        // that of two normal distributions, up to sampling
        let expected = 1.0 - crate::normal_sf(shift / 2.0_f64.sqrt());
        assert!(
            superiority.lower - 0.012 < expected && expected < superiority.upper + 0.012,
            "{superiority:?}"
        );
        let distance = WassersteinBounds::between(&then, &now).unwrap();
        let exact = wasserstein(&truth, &other);
        assert!(distance.lower <= exact + 1e-12 && exact <= distance.upper + 1e-12, "{distance:?} {exact}");
        assert!((distance.estimate - exact).abs() < 0.03, "{distance:?} {exact}");
    }
}

proptest! {
    #[test]
    fn the_truth_is_between_the_bounds(a in rows(40), b in rows(40), frozen in rows(30), count in 1..8_usize, by_sketch: bool) {
        let frozen: Vec<f64> = frozen.iter().map(|row| row.0).collect();
        let spec = NumericSpec::new().with_bins(QuantileBins::of(&frozen, count).unwrap());
        let spec = if by_sketch { spec.with_sketch(16).unwrap() } else { spec };
        let [then, now] = [&a, &b].map(|rows| {
            let (values, weights): (Vec<f64>, Vec<f64>) = rows.iter().copied().unzip();
            (profile(&spec, &values, Some(&weights)), Ecdf::of(Sample::weighted(&values, &weights).unwrap()).unwrap())
        });
        let test = KsTest::between(&then.1, &now.1);
        let ks = KsBounds::between(&then.0, &now.0).unwrap();
        prop_assert!(ks.lower <= test.statistic + 1e-12 && test.statistic <= ks.upper + 1e-12, "{ks:?} {test:?}");
        prop_assert!(0.0 <= ks.lower && ks.lower <= ks.upper && ks.upper <= 1.0);
        prop_assert!(0.0 <= ks.p_value_lower && ks.p_value_lower <= ks.p_value_upper && ks.p_value_upper <= 1.0);
        let back = KsBounds::between(&now.0, &then.0).unwrap();
        prop_assert!((back.lower - ks.lower).abs() < 1e-12 && (back.upper - ks.upper).abs() < 1e-12);

        let truth = superiority(&a, &b);
        let bounds = SuperiorityBounds::between(&then.0, &now.0).unwrap();
        prop_assert!(bounds.lower <= truth + 1e-12 && truth <= bounds.upper + 1e-12, "{bounds:?} {truth}");
        let back = SuperiorityBounds::between(&now.0, &then.0).unwrap();
        prop_assert!((back.lower + bounds.upper - 1.0).abs() < 1e-12 && (back.upper + bounds.lower - 1.0).abs() < 1e-12);

        let psi = Psi::between(then.0.bin_counts().unwrap(), now.0.bin_counts().unwrap()).unwrap();
        prop_assert_eq!(then.0.psi(&now.0).unwrap(), psi);
        if by_sketch {
            // all values fit
            prop_assert!(ks.upper - ks.lower < 1e-12 && bounds.upper - bounds.lower < 1e-12);
            let (distance, exact) = (WassersteinBounds::between(&then.0, &now.0).unwrap(), wasserstein(&then.1, &now.1));
            prop_assert!((distance.lower - exact).abs() < 1e-9 && (distance.upper - exact).abs() < 1e-9);
        }
    }

    #[test]
    fn a_profile_does_not_differ_from_itself(rows in rows(200)) {
        let (values, weights): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
        let spec = NumericSpec::new().with_bins(QuantileBins::of(&values, 5).unwrap()).with_sketch(8).unwrap();
        let profile = profile(&spec, &values, Some(&weights));
        let ks = KsBounds::between(&profile, &profile).unwrap();
        prop_assert!(ks.lower <= 0.0 && ks.p_value_upper >= 1.0);
        prop_assert!(profile.psi(&profile).unwrap().value <= 0.0);
        let distance = WassersteinBounds::between(&profile, &profile).unwrap();
        prop_assert!(distance.estimate <= 0.0 && distance.lower <= 0.0);
        let superiority = SuperiorityBounds::between(&profile, &profile).unwrap();
        prop_assert!(superiority.lower <= 0.5 + 1e-12 && superiority.upper >= 0.5 - 1e-12);
    }
}
