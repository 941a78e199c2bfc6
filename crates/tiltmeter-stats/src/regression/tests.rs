use proptest::prelude::*;

use super::*;
use crate::random::Random;
use crate::{Interval, Pairs, Result, Undefined, hajek_mean};

const Y: [f64; 5] = [3.0, -0.5, 2.0, 7.0, 4.0];
const PREDICTED: [f64; 5] = [2.5, 0.0, 2.0, 8.0, 5.5];
const WEIGHTS: [f64; 5] = [1.0, 2.0, 0.5, 3.0, 1.5];
const GOLDEN: [f64; 8] =
    [0.84375, 0.890625, 0.9437293044088437, 0.71875, 0.39471726190476186, 0.8982142857142857, 1.0, 0.134375];
const SMAPE: f64 = 0.6319377990430622;

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1e-3)
}

fn same(one: &Result<f64>, other: &Result<f64>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => close(*one, *other),
        (one, other) => one == other,
    }
}

type Measure = fn(&RegressionQuality) -> Result<MeanError>;
type Loss = fn(f64) -> f64;
const MEANS: [Measure; 6] = [
    RegressionQuality::mean_absolute_error,
    RegressionQuality::mean_squared_error,
    RegressionQuality::root_mean_squared_error,
    RegressionQuality::bias,
    RegressionQuality::mean_absolute_percentage_error,
    RegressionQuality::symmetric_mean_absolute_percentage_error,
];

/// All that there is.
fn estimates(pairs: Pairs<'_>) -> Vec<Result<f64>> {
    let quality = RegressionQuality::of(pairs);
    let mut estimates: Vec<Result<f64>> =
        MEANS.iter().map(|of| of(&quality).map(|error| error.value)).collect();
    estimates.push(quality.r2());
    estimates.push(median_absolute_error(pairs).map(|median| median.value));
    estimates.push(pinball_loss(pairs, 0.9).map(|loss| loss.loss.value));
    estimates.push(pinball_loss(pairs, 0.9).map(|loss| loss.share_below));
    estimates
}

fn errors(pairs: Pairs<'_>) -> Vec<Result<f64>> {
    let quality = RegressionQuality::of(pairs);
    let known = |error: MeanError| error.standard_error.ok_or(Undefined::Empty.into());
    MEANS.iter().map(|of| of(&quality).and_then(known)).collect()
}

fn all_same(one: &[Result<f64>], other: &[Result<f64>]) -> bool {
    one.iter().zip(other).all(|(one, other)| same(one, other))
}

#[test]
fn golden_values_with_weights() {
    // scikit-learn 1.9.1, (y, p, sample_weight=w): mean_absolute_error, mean_squared_error, root_mean_squared_error,
    // numpy.average(p - y, weights=w), mean_absolute_percentage_error, r2_score, median_absolute_error,
    // mean_pinball_loss(alpha=.9)
    let got = estimates(Pairs::weighted(&Y, &PREDICTED, &WEIGHTS).unwrap());
    let got = [0, 1, 2, 3, 4, 6, 7, 8].map(|at: usize| got[at].clone().unwrap());
    for (got, expected) in got.iter().zip(GOLDEN) {
        assert!(close(*got, expected), "{got} {expected}");
    }
    // numpy: numpy.average(2*abs(p-y)/(abs(p)+abs(y)), weights=w)
    let quality = RegressionQuality::of(Pairs::weighted(&Y, &PREDICTED, &WEIGHTS).unwrap());
    assert!(close(quality.symmetric_mean_absolute_percentage_error().unwrap().value, SMAPE));
}

#[test]
fn standard_errors_are_those_of_hajek() {
    let pairs = Pairs::weighted(&Y, &PREDICTED, &WEIGHTS).unwrap();
    let quality = RegressionQuality::of(pairs);
    let losses: [(Measure, Loss); 3] = [
        (RegressionQuality::mean_absolute_error, f64::abs),
        (RegressionQuality::mean_squared_error, |error| error * error),
        (RegressionQuality::bias, |error| error),
    ];
    for (measure, loss) in losses {
        let values: Vec<f64> = Y.iter().zip(PREDICTED).map(|(y, predicted)| loss(predicted - y)).collect();
        let mean = hajek_mean(crate::Sample::weighted(&values, &WEIGHTS).unwrap()).unwrap();
        let error = measure(&quality).unwrap();
        assert!(close(mean.value, error.value));
        assert!(close(mean.standard_error.unwrap(), error.standard_error.unwrap()));
        let (one, other) = (mean.interval(0.9).unwrap(), error.interval(0.9).unwrap());
        assert!(close(one.upper, other.upper) && (close(one.lower, other.lower) || other.lower == 0.0));
    }
    let (mse, rmse) = (quality.mean_squared_error().unwrap(), quality.root_mean_squared_error().unwrap());
    let (squares, roots) = (mse.interval(0.9).unwrap(), rmse.interval(0.9).unwrap());
    assert!(close(squares.upper.sqrt(), roots.upper) && close(squares.lower.sqrt(), roots.lower));
    assert!(close(rmse.standard_error.unwrap(), mse.standard_error.unwrap() / 2.0 / rmse.value));
}

#[test]
fn what_is_undefined_says_why() {
    let undefined = |y: &[f64], predicted: &[f64]| {
        let pairs = Pairs::new(y, predicted).unwrap();
        estimates(pairs)
            .iter()
            .map(|result| result.clone().err().and_then(|error| error.undefined()))
            .collect::<Vec<_>>()
    };
    assert!(undefined(&[], &[]).iter().all(|reason| *reason == Some(Undefined::Empty)));
    assert!(
        undefined(&[f64::NAN, 1.0], &[1.0, f64::NAN]).iter().all(|reason| *reason == Some(Undefined::Empty))
    );
    for (y, predicted) in [(f64::INFINITY, 1.0), (1.0, f64::NEG_INFINITY), (f64::INFINITY, f64::INFINITY)] {
        let reasons = undefined(&[1.0, y], &[2.0, predicted]);
        assert!(reasons.iter().all(|reason| *reason == Some(Undefined::Infinite)), "{reasons:?}");
    }
    assert_eq!(undefined(&[0.0, 0.0], &[1.0, 0.0])[4], Some(Undefined::ZeroDenominator));
    assert_eq!(undefined(&[3.0, 3.0], &[1.0, 0.0])[6], Some(Undefined::Constant));
    assert_eq!(undefined(&[3.0], &[1.0])[6], Some(Undefined::TooFew { found: 1, needed: 2 }));
    assert_eq!(undefined(&[f64::MAX, 0.0], &[-f64::MAX, 0.0])[0], None);
    assert_eq!(undefined(&[f64::MAX], &[-f64::MAX])[0], Some(Undefined::Overflow));
    assert_eq!(undefined(&[1e200, 0.0], &[0.0, 0.0])[1], Some(Undefined::Overflow));
    assert_eq!(undefined(&[1e200, 0.0], &[0.0, 0.0])[2], None);
    for level in [0.0, 1.0, f64::NAN] {
        assert!(pinball_loss(Pairs::new(&Y, &PREDICTED).unwrap(), level).unwrap_err().is_invalid());
    }
}

#[test]
fn counts_are_kept() {
    let (y, predicted) = ([0.0, 1.0, f64::NAN, 2.0, 0.0], [1.0, f64::NAN, 1.0, 2.0, 0.0]);
    let quality = RegressionQuality::of(Pairs::weighted(&y, &predicted, &[1.0, 1.0, 1.0, 1.0, 0.0]).unwrap());
    assert_eq!((quality.count(), quality.missing(), quality.zero_targets()), (2, 2, 1));
    assert!(close(quality.effective_size(), 2.0));
    assert_eq!(quality.mean_absolute_percentage_error().unwrap().count, 1);
    // the row in which both are 0 has no weight; with a weight it has no error
    let both = Pairs::new(&[0.0, 1.0], &[0.0, 3.0]).unwrap();
    assert_eq!(RegressionQuality::of(both).symmetric_mean_absolute_percentage_error().unwrap().value, 0.5);
}

#[test]
fn a_perfect_prediction_has_no_spread() {
    let quality = RegressionQuality::of(Pairs::new(&Y, &Y).unwrap());
    assert_eq!(quality.r2(), Ok(1.0));
    for of in MEANS {
        let error = of(&quality).unwrap();
        assert_eq!((error.value, error.standard_error, error.interval(0.95)), (0.0, Some(0.0), None));
    }
}

#[test]
fn large_and_tiny_numbers_keep_their_digits() {
    let plain = estimates(Pairs::new(&Y, &PREDICTED).unwrap());
    let powers = [1, 2, 1, 1, 0, 0, 0, 1, 1, 0];
    for scale in [1e-150, 1e150] {
        let scaled = |values: [f64; 5]| values.map(|value| value * scale);
        let (y, predicted) = (scaled(Y), scaled(PREDICTED));
        let got = estimates(Pairs::new(&y, &predicted).unwrap());
        for ((one, other), power) in plain.iter().zip(&got).zip(powers) {
            let expected = one.as_ref().unwrap() * scale.powi(power);
            assert!((other.as_ref().unwrap() / expected - 1.0).abs() < 1e-9, "{scale} {other:?}");
        }
    }
    let offset = |values: [f64; 5]| values.map(|value| value + 1e9);
    let (y, predicted) = (offset(Y), offset(PREDICTED));
    let got = estimates(Pairs::new(&y, &predicted).unwrap());
    for at in [0, 1, 2, 3, 6, 7, 8] {
        assert!((got[at].as_ref().unwrap() - plain[at].as_ref().unwrap()).abs() < 1e-6, "{at}");
    }
}

#[test]
fn the_median_of_weighted_errors_is_that_of_repeated_rows_whatever_the_scale() {
    let (zeros, errors) = ([0.0; 4], [1.0, 2.0, 3.0, 4.0]);
    for (weights, median) in [
        ([1.0, 1.0, 1.0, 1.0], 2.5),
        ([1.0, 2.0, 3.0, 0.0], 2.5),
        ([1.0, 1.0, 3.0, 0.0], 3.0),
        ([4.0, 1.0, 1.0, 2.0], 1.5),
        ([0.1, 0.2, 0.3, 0.0], 2.5),
        ([7.0, 1.0, 1.0, 1.0], 1.0),
    ] {
        for scale in [1.0, 3.0, 0.1, 1e-300, 1e300] {
            let weights = weights.map(|weight| weight * scale);
            let pairs = Pairs::weighted(&zeros, &errors, &weights).unwrap();
            assert_eq!(median_absolute_error(pairs).unwrap().value, median, "{weights:?}");
        }
    }
}

#[test]
fn intervals_cover() {
    let mut random = Random(41);
    let times = 400;
    let mut held = [0_u32; 5];
    let truths = [(2.0 / std::f64::consts::PI).sqrt(), 1.0, 1.0, 0.0];
    for _ in 0..times {
        let y: Vec<f64> = (0..200).map(|_| 5.0 + random.normal()).collect();
        let predicted: Vec<f64> = y.iter().map(|y| y + random.normal()).collect();
        let weights: Vec<f64> = (0..200).map(|_| 1.0 + 9.0 * random.uniform()).collect();
        let pairs = Pairs::weighted(&y, &predicted, &weights).unwrap();
        let quality = RegressionQuality::of(pairs);
        for (at, truth) in truths.into_iter().enumerate() {
            let interval: Interval = MEANS[at](&quality).unwrap().interval(0.95).unwrap();
            held[at] += u32::from(interval.contains(truth));
        }
        // y is at or below its prediction in half of the rows
        held[4] +=
            u32::from(pinball_loss(pairs, 0.5).unwrap().share_below_interval(0.95).unwrap().contains(0.5));
    }
    assert!(held.iter().all(|held| (368..=392).contains(held)), "{held:?} of {times}");
}

fn hostile() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        Just(f64::NAN),
        Just(0.0),
        Just(-0.0),
        Just(5e-324),
        Just(f64::MAX),
        Just(-f64::MAX),
        -3.0..3.0_f64,
    ]
}

proptest! {
    #[test]
    fn laws(
        rows in prop::collection::vec((-20_i32..20, -20_i32..20, 0_u8..4), 1..40),
        scale in prop_oneof![Just(3.0), Just(1e-8), Just(1e300), Just(1e-300)],
    ) {
        let y: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let predicted: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.2)).collect();
        let Ok(pairs) = Pairs::weighted(&y, &predicted, &weights) else { return Ok(()) };
        let plain = estimates(pairs);
        // whole weights are repeated rows
        let repeated = |of: &[f64]| -> Vec<f64> {
            (0..rows.len()).flat_map(|row| std::iter::repeat_n(of[row], usize::from(rows[row].2))).collect()
        };
        let (more_y, more_predicted) = (repeated(&y), repeated(&predicted));
        let again = estimates(Pairs::new(&more_y, &more_predicted)?);
        // R² of one row is undefined, of that row repeated its y is constant
        let repeated_row = matches!(plain[6].as_ref().map_err(crate::Error::undefined), Err(Some(Undefined::TooFew { .. })));
        prop_assert!(repeated_row || all_same(&plain, &again), "{:?} {:?}", plain, again);
        // neither the scale of the weights nor the order of the rows counts
        let scaled: Vec<f64> = weights.iter().rev().map(|weight| weight * scale).collect();
        let reversed = |of: &[f64]| of.iter().rev().copied().collect::<Vec<_>>();
        let (y, predicted) = (reversed(&y), reversed(&predicted));
        let other = Pairs::weighted(&y, &predicted, &scaled)?;
        prop_assert!(all_same(&plain, &estimates(other)), "{:?}", estimates(other));
        prop_assert!(all_same(&errors(pairs), &errors(other)));
        // MAE ≤ RMSE, |bias| ≤ MAE, R² ≤ 1, half of the MAE is the loss of the median
        let number = |at: usize| plain[at].clone().unwrap();
        prop_assert!(number(0) <= number(2) + 1e-12 && number(3).abs() <= number(0) + 1e-12);
        prop_assert!(plain[6].as_ref().is_ok_and(|r2| *r2 <= 1.0) || plain[6].is_err());
        prop_assert!((0.0..=2.0).contains(&number(5)));
        prop_assert!(close(pinball_loss(pairs, 0.5)?.loss.value, number(0) / 2.0));
        // turning both sides around turns the bias around
        let negative = |of: &[f64]| of.iter().map(|value| -value).collect::<Vec<_>>();
        let (y, predicted) = (negative(&y), negative(&predicted));
        let turned = estimates(Pairs::weighted(&y, &predicted, &scaled)?);
        prop_assert!(close(turned[3].clone()?, -number(3)));
        prop_assert!(all_same(&plain[..3], &turned[..3]) && all_same(&plain[4..8], &turned[4..8]));
    }

    #[test]
    fn hostile_floats_give_a_number_or_an_error(
        rows in prop::collection::vec((hostile(), hostile(), hostile()), 0..12),
    ) {
        let y: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let predicted: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let weights: Vec<f64> =
            rows.iter().map(|row| if row.2.is_finite() { row.2.abs() } else { 1.0 }).collect();
        for pairs in [Pairs::new(&y, &predicted), Pairs::weighted(&y, &predicted, &weights)].into_iter().flatten() {
            for number in estimates(pairs).into_iter().chain(errors(pairs)).flatten() {
                prop_assert!(number.is_finite());
            }
            for error in MEANS.iter().filter_map(|of| of(&RegressionQuality::of(pairs)).ok()) {
                prop_assert!(error.interval(0.95).is_none_or(|interval| interval.contains(error.value)), "{:?}", error);
            }
        }
    }
}
