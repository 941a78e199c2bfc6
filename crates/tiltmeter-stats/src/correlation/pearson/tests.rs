use proptest::prelude::*;

use super::*;
use crate::random::Random;

fn plain(x: &[f64], y: &[f64]) -> Result<Pearson> {
    pearson(Pairs::new(x, y)?)
}

/// `r = scipy.stats.pearsonr(x, y)`, `r.confidence_interval(level)`, scipy 1.17.1
#[test]
fn golden_values() {
    let x = [0.59, 0.35, -0.82, 0.72, 0.4, -0.4, -0.92, -1.45, 0.18, 0.36];
    let y = [0.15, -0.38, -0.21, 0.51, -0.22, -0.47, 1.05, -1.49, 0.0, -0.37];
    check(&x, &y, 0.3390697141325874, 0.3378374476313801, (0.95, -0.36942385404647454, 0.7982745980272394));
    let x = [1.0, 0.0, -1.0, 1.0, 0.0, -0.0, -1.0, -1.0, 0.0, 0.0];
    let y = [0.0, -0.0, -0.0, 1.0, -0.0, -0.0, 1.0, -1.0, 0.0, -0.0];
    check(&x, &y, 0.29180695999251005, 0.413306002647503, (0.95, -0.4138570152802325, 0.7784154974061562));
    // x = numpy.arange(2000.0); y = x * 37 % 1999 + x / 4
    let x: Vec<f64> = (0..2000).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|x| x * 37.0 % 1999.0 + x / 4.0).collect();
    check(&x, &y, 0.2502705328376057, 6.118637484399703e-30, (0.99, 0.1955110123502737, 0.3034743263797184));
}

fn check(x: &[f64], y: &[f64], coefficient: f64, p_value: f64, (level, lower, upper): (f64, f64, f64)) {
    let got = plain(x, y).unwrap();
    assert!((got.coefficient - coefficient).abs() < 1e-12, "{got:?}");
    assert!((got.p_value.unwrap() - p_value).abs() < 1e-9 * p_value, "{got:?}");
    let interval = got.interval(level).unwrap();
    assert!((interval.lower - lower).abs() < 1e-12 && (interval.upper - upper).abs() < 1e-12, "{interval:?}");
}

#[test]
fn what_has_no_correlation_is_undefined() {
    let reason = |x: &[f64], y: &[f64]| plain(x, y).unwrap_err().undefined();
    assert_eq!(reason(&[], &[]), Some(Undefined::Empty));
    assert_eq!(reason(&[1.0], &[2.0]), Some(Undefined::TooFew { found: 1, needed: 2 }));
    assert_eq!(reason(&[0.1, 0.1, 0.1], &[1.0, 2.0, 3.0]), Some(Undefined::Constant));
    assert_eq!(reason(&[1.0, f64::INFINITY], &[1.0, 2.0]), Some(Undefined::Infinite));
    let two = plain(&[1.0, 2.0, f64::NAN], &[5.0, 1.0, f64::INFINITY]).unwrap();
    assert_eq!((two.coefficient, two.p_value, two.count, two.missing), (-1.0, None, 2, 1));
    assert_eq!(two.interval(0.95), None);
    let line = plain(&[1.0, 2.0, 3.0, 4.0], &[2.0, 4.0, 6.0, 8.0]).unwrap();
    assert_eq!((line.coefficient, line.p_value, line.interval(0.95)), (1.0, Some(0.0), None));
}

#[test]
fn units_and_offsets_do_not_count() {
    let x = [3.1, 4.7, 2.2, 5.9, 4.4, 3.8, 6.1];
    let y = [1.0, 0.0, 2.0, -3.0, 1.0, 4.0, -2.0];
    let expected = plain(&x, &y).unwrap();
    for unit in [1e300, -1e-300, 2e-308] {
        let scaled: Vec<f64> = x.iter().map(|x| x * unit).collect();
        let got = plain(&scaled, &y).unwrap();
        assert!((got.coefficient * unit.signum() - expected.coefficient).abs() < 1e-12, "{unit}: {got:?}");
    }
    let far: Vec<f64> = x.iter().map(|x| x + 1e9).collect();
    assert!((plain(&far, &y).unwrap().coefficient - expected.coefficient).abs() < 1e-7);
}

type Rows = Vec<(f64, f64, f64)>;

fn rows() -> impl Strategy<Value = Rows> {
    let value = || (-8_i32..8).prop_map(|value| f64::from(value) / 4.0);
    let rows = prop::collection::vec((value(), value(), (0_u32..4).prop_map(f64::from)), 2..40);
    rows.prop_filter("a row must count", |rows| rows.iter().any(|row| row.2 > 0.0))
}

fn weighted(rows: &Rows) -> Result<Pearson> {
    let (x, y, weights): (Vec<f64>, Vec<f64>, Vec<f64>) = rows.iter().copied().collect();
    pearson(Pairs::weighted(&x, &y, &weights)?)
}

fn mapped(rows: &Rows, of: impl Fn((f64, f64, f64)) -> (f64, f64, f64)) -> Rows {
    rows.iter().copied().map(of).collect()
}

fn same(one: &Pearson, other: &Pearson) -> bool {
    (one.coefficient - other.coefficient).abs() < 1e-12
        // for three pairs on a line p is about the root of what rounding has left of 1 − r²
        && (one.p_value.unwrap_or(2.0) - other.p_value.unwrap_or(2.0)).abs() < 1e-6
        && (one.effective_size - other.effective_size).abs() < 1e-9 * one.effective_size.max(1.0)
}

proptest! {
    #[test]
    fn stays_in_range_is_symmetric_and_knows_only_lines(rows in rows()) {
        let Ok(got) = weighted(&rows) else { return Ok(()) };
        prop_assert!((-1.0..=1.0).contains(&got.coefficient) && got.effective_size <= got.count as f64);
        prop_assert!(got.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)));
        prop_assert!((0.0..=1.0).contains(&got.standard_deviation_if_independent));
        if let Some(interval) = got.interval(0.9) {
            prop_assert!(-1.0 <= interval.lower && interval.contains(got.coefficient) && interval.upper <= 1.0);
        }
        let other = weighted(&mapped(&rows, |(x, y, weight)| (y, x, weight)))?;
        prop_assert!((other.coefficient - got.coefficient).abs() < 1e-12);
        for slope in [2.5, -0.3] {
            let other = weighted(&mapped(&rows, |(x, y, weight)| (slope * x + 7.0, y, weight)))?;
            prop_assert!((other.coefficient - slope.signum() * got.coefficient).abs() < 1e-12);
        }
        prop_assert_eq!(weighted(&mapped(&rows, |(x, _, weight)| (x, x, weight)))?.coefficient, 1.0);
    }

    #[test]
    fn whole_weights_are_repeated_pairs_and_their_scale_does_not_count(
        rows in rows(), scale in prop_oneof![Just(3.0), Just(1e300), Just(1e-300)],
    ) {
        let Ok(got) = weighted(&rows) else { return Ok(()) };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let repeated: Rows = rows.iter().flat_map(|&(x, y, weight)| std::iter::repeat_n((x, y, 1.0), weight as usize)).collect();
        prop_assert!((got.coefficient - weighted(&repeated)?.coefficient).abs() < 1e-12);
        prop_assert!(same(&got, &weighted(&mapped(&rows, |(x, y, weight)| (x, y, weight * scale)))?));
        prop_assert!(same(&got, &weighted(&rows.iter().rev().copied().collect())?));
        let equal = mapped(&rows, |(x, y, _)| (x, y, 0.3));
        let (x, y, _): (Vec<f64>, Vec<f64>, Vec<f64>) = equal.iter().copied().collect();
        prop_assert_eq!(weighted(&equal).ok(), plain(&x, &y).ok());
    }

    #[test]
    fn any_floats_give_numbers_in_range_or_an_error(
        rows in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>()), 0..12),
    ) {
        let rows = mapped(&rows, |(x, y, weight)| (x, y, if weight.is_finite() { weight.abs() } else { 1.0 }));
        let (x, y, _): (Vec<f64>, Vec<f64>, Vec<f64>) = rows.iter().copied().collect();
        for got in [plain(&x, &y), weighted(&rows)].into_iter().flatten() {
            prop_assert!((-1.0..=1.0).contains(&got.coefficient), "{:?}", got);
            prop_assert!(got.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)), "{:?}", got);
            prop_assert!((0.0..=1.0).contains(&got.standard_deviation_if_independent), "{:?}", got);
            prop_assert!(got.interval(0.95).is_none_or(|interval| interval.lower <= interval.upper), "{:?}", got);
        }
    }
}

/// The share of rejections at 5 % of independent columns, and of intervals of level 0.95 that hold `truth`.
fn rates(repetitions: usize, truth: f64, mut draw: impl FnMut() -> Rows) -> (f64, f64) {
    let (mut rejected, mut held) = (0.0, 0.0);
    for _ in 0..repetitions {
        let got = weighted(&draw()).unwrap();
        rejected += f64::from(u8::from(got.p_value.is_some_and(|p| p < 0.05)));
        held += f64::from(u8::from(got.interval(0.95).is_some_and(|interval| interval.contains(truth))));
    }
    (rejected / repetitions as f64, held / repetitions as f64)
}

/// Standard deviation of the shares: 0.5 %.
#[test]
fn size_and_coverage_are_as_stated() {
    let mut random = Random(1);
    let mut normal = |rows: usize, correlation: f64, weight: fn(f64) -> f64| -> Rows {
        let row = |_| {
            let x = random.normal();
            let y = correlation * x + (1.0 - correlation * correlation).sqrt() * random.normal();
            (x, y, weight(random.uniform()))
        };
        (0..rows).map(row).collect()
    };
    let (rejected, held) = rates(2_000, 0.0, || normal(10, 0.0, |_| 1.0));
    assert!((0.035..0.065).contains(&rejected) && (0.935..0.965).contains(&held), "{rejected} {held}");
    let (_, held) = rates(2_000, 0.7, || normal(12, 0.7, |_| 1.0));
    assert!((0.935..0.965).contains(&held), "{held}");
    let weight = |uniform: f64| 1.0 / (0.05 + 0.95 * uniform);
    let (rejected, held) = rates(2_000, 0.0, || normal(100, 0.0, weight));
    assert!((0.03..0.06).contains(&rejected) && (0.92..0.97).contains(&held), "{rejected} {held}");
    let (_, held) = rates(2_000, 0.7, || normal(100, 0.7, weight));
    assert!((0.9..0.97).contains(&held), "{held}");
    // rows are kept one time in ten when x is far from 0, or near it
    for is_thinned in [|x: f64| x.abs() > 1.5, |x: f64| x.abs() < 0.7] {
        for correlation in [0.0, 0.7] {
            let mut thinned = || -> Rows {
                let rows = normal(300, correlation, |uniform| uniform).into_iter();
                let kept = |x: f64| if is_thinned(x) { 0.1 } else { 1.0 };
                rows.filter(|&(x, _, uniform)| uniform < kept(x))
                    .map(|(x, y, _)| (x, y, 1.0 / kept(x)))
                    .collect()
            };
            let (rejected, held) = rates(1_000, correlation, &mut thinned);
            assert!(correlation > 0.0 || (0.02..0.07).contains(&rejected), "{rejected}");
            assert!((0.85..0.98).contains(&held), "{correlation} {held}");
        }
    }
}

#[test]
fn a_light_outlier_costs_no_digits_wherever_it_stands() {
    let (mut x, mut y, mut weights) = ([1e15, 1.0, 2.0, 3.0], [-1e15, 1.0, 2.5, 2.9], [1e-60, 1.0, 1.0, 1.0]);
    // too light to count beside the others
    let without = pearson(Pairs::new(&x[1..], &y[1..]).unwrap()).unwrap().coefficient;
    for _ in 0..2 {
        let found = pearson(Pairs::weighted(&x, &y, &weights).unwrap()).unwrap().coefficient;
        assert!((found / without - 1.0).abs() < 1e-14, "{found} {without}");
        x.reverse();
        y.reverse();
        weights.reverse();
    }
}
