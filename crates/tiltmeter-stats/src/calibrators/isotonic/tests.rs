use proptest::prelude::*;

use super::*;

fn near(got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len(), "{got:?}");
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() <= 1e-12 * (1.0 + expected.abs()), "{got} {expected}");
    }
}

/// i = numpy.arange(40); x = (i * 7 % 19) / 4; y = (i * 11 % 13) / 3 + x; w = i * 5 % 7
fn columns() -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let x: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 19) / 4.0).collect();
    let y = (0..40).zip(&x).map(|(i, x)| f64::from(i * 11 % 13) / 3.0 + x).collect();
    (x, y, (0..40).map(|i| f64::from(i * 5 % 7)).collect())
}

const PLACES: [f64; 6] = [-1.0, 0.1, 1.3, 2.0, 3.33, 99.0];

#[test]
fn golden_values() {
    let (x, y, weights) = columns();
    // IsotonicRegression(out_of_bounds="clip").fit(x, y), scikit-learn 1.9.1: X_thresholds_, y_thresholds_, predict
    let fitted = IsotonicRegression::fit(Pairs::new(&x, &y).unwrap()).unwrap();
    near(
        fitted.x_thresholds(),
        &[0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.25, 2.5, 3.0, 3.25, 4.0, 4.25, 4.5],
    );
    near(
        fitted.y_thresholds(),
        &[
            0.3333333333333333,
            1.75,
            3.0,
            3.0416666666666665,
            3.0416666666666665,
            3.0833333333333335,
            3.892857142857143,
            3.892857142857143,
            4.083333333333334,
            4.861111111111112,
            4.861111111111112,
            5.291666666666667,
            5.291666666666667,
            6.75,
            8.0,
        ],
    );
    near(
        &PLACES.map(|x| fitted.predict(x)),
        &[
            0.3333333333333333,
            0.9000000000000001,
            3.2452380952380953,
            3.892857142857143,
            5.291666666666667,
            8.0,
        ],
    );
    // the same with sample_weight=w
    let fitted = IsotonicRegression::fit(Pairs::weighted(&x, &y, &weights).unwrap()).unwrap();
    let predicted = [
        0.4,
        0.9177777777777778,
        3.2722222222222226,
        3.5833333333333335,
        4.980392156862745,
        7.928571428571429,
    ];
    near(&PLACES.map(|x| fitted.predict(x)), &predicted);
    assert_eq!(fitted.x_thresholds().len(), 15);
    // the same with increasing=False, of −y
    let falling: Vec<f64> = y.iter().map(|y| -y).collect();
    let fitted =
        IsotonicRegression::fit_decreasing(Pairs::weighted(&x, &falling, &weights).unwrap()).unwrap();
    near(&PLACES.map(|x| fitted.predict(x)), &predicted.map(|y| -y));
    assert!(!fitted.is_increasing());
}

#[test]
fn golden_values_of_labels() {
    let (x, _, weights) = columns();
    let labels: Vec<bool> =
        (0..40).map(|i| f64::from(i * 11 % 13) / 13.0 + f64::from(i * 7 % 19) / 19.0 > 1.0).collect();
    let fitted =
        IsotonicRegression::fit_labels(ScoredLabels::weighted(&labels, &x, &weights).unwrap()).unwrap();
    // IsotonicRegression().fit(x, labels, sample_weight=w), scikit-learn 1.9.1
    near(fitted.x_thresholds(), &[0.0, 0.5, 0.75, 1.5, 1.75, 2.25, 2.5, 3.0, 3.25, 3.75, 4.0, 4.5]);
    let expected = [
        0.0,
        0.0,
        0.19047619047619047,
        0.19047619047619047,
        0.25925925925925924,
        0.25925925925925924,
        0.35,
        0.35,
        0.5294117647058824,
        0.5294117647058824,
        1.0,
        1.0,
    ];
    near(fitted.y_thresholds(), &expected);
}

#[test]
fn what_cannot_be_fitted_is_undefined() {
    let reason =
        |x: &[f64], y: &[f64]| IsotonicRegression::fit(Pairs::new(x, y).unwrap()).unwrap_err().undefined();
    assert_eq!(reason(&[], &[]), Some(Undefined::Empty));
    assert_eq!(reason(&[f64::NAN], &[1.0]), Some(Undefined::Empty));
    assert_eq!(reason(&[1.0, f64::INFINITY], &[1.0, 2.0]), Some(Undefined::Infinite));
    assert_eq!(reason(&[1.0, 2.0], &[1.0, f64::NEG_INFINITY]), Some(Undefined::Infinite));
    let labels = |labels: &[bool], scores: &[f64]| {
        IsotonicRegression::fit_labels(ScoredLabels::new(labels, scores).unwrap())
            .map(|fitted| fitted.predict(0.0))
    };
    assert_eq!(labels(&[], &[]), Err(Undefined::Empty.into()));
    assert_eq!(labels(&[true, true], &[1.0, 2.0]), Err(Undefined::OneClass.into()));
    assert_eq!(labels(&[true, false], &[1.0, f64::NAN]), Err(Undefined::MissingScores(1).into()));
    // no ranking, but a base rate
    assert_eq!(labels(&[true, false, false, false], &[3.0; 4]), Ok(0.25));
}

#[test]
fn rows_without_a_number_are_counted() {
    let rows = Pairs::new(&[1.0, f64::NAN, 2.0], &[1.0, 1.0, 3.0]).unwrap();
    let fitted = IsotonicRegression::fit(rows).unwrap();
    assert_eq!((fitted.count(), fitted.missing()), (2, 1));
    assert!(fitted.predict(f64::NAN).is_nan());
    assert_eq!(
        [f64::NEG_INFINITY, f64::INFINITY].map(|x| fitted.predict(x)).map(f64::to_bits),
        [1.0_f64, 3.0].map(f64::to_bits)
    );
}

#[test]
fn a_file_that_was_changed_is_refused() {
    let rows = Pairs::new(&[1.0, 2.0, 3.0], &[1.0, 1.5, 3.0]).unwrap();
    let fitted = IsotonicRegression::fit(rows).unwrap();
    let text = serde_json::to_string(&fitted).unwrap();
    assert_eq!(serde_json::from_str::<IsotonicRegression>(&text).unwrap(), fitted);
    for (from, to) in [
        ("\"x\":[1.0,", "\"x\":[2.0,"),
        ("\"y\":[1.0,", "\"y\":[2.0,"),
        ("\"y\":[1.0,", "\"y\":["),
        ("\"count\":3", "\"count\":2"),
        ("\"increasing\":true", "\"increasing\":false"),
        ("[1.0,2.0,3.0]", "[]"),
    ] {
        assert!(text.contains(from));
        assert!(serde_json::from_str::<IsotonicRegression>(&text.replace(from, to)).is_err(), "{to}");
    }
}

/// The largest mean of a stretch that begins at or before, over the smallest of those that end at or after: the formula
/// of Barlow et al. for the isotonic regression.
fn brute_force(y: &[f64], weights: &[f64]) -> Vec<f64> {
    let mean = |from: usize, to: usize| {
        let weight: f64 = weights[from..=to].iter().sum();
        (from..=to).map(|place| weights[place] * y[place]).sum::<f64>() / weight
    };
    let ends =
        |place: usize, from: usize| (place..y.len()).map(|to| mean(from, to)).fold(f64::INFINITY, f64::min);
    (0..y.len())
        .map(|place| (0..=place).map(|from| ends(place, from)).fold(f64::NEG_INFINITY, f64::max))
        .collect()
}

fn rows() -> impl Strategy<Value = Vec<(f64, f64, f64)>> {
    let row = (-8_i32..8, -20_i32..20, 0_u32..4);
    prop::collection::vec(row, 1..40)
        .prop_map(|rows| {
            rows.into_iter()
                .map(|(x, y, weight)| (f64::from(x) / 4.0, f64::from(y) / 8.0, f64::from(weight)))
                .collect::<Vec<_>>()
        })
        .prop_filter("a row must count", |rows| rows.iter().any(|row| row.2 > 0.0))
}

fn split(rows: &[(f64, f64, f64)]) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    rows.iter().copied().collect()
}

fn fit(rows: &[(f64, f64, f64)]) -> IsotonicRegression {
    let (x, y, weights) = split(rows);
    IsotonicRegression::fit(Pairs::weighted(&x, &y, &weights).unwrap()).unwrap()
}

fn same(one: &IsotonicRegression, other: &IsotonicRegression, tolerance: f64) -> bool {
    (-40..40)
        .map(|place| f64::from(place) / 16.0)
        .all(|x| (one.predict(x) - other.predict(x)).abs() <= tolerance)
}

proptest! {
    #[test]
    fn it_is_the_formula(ys in prop::collection::vec((-20_i32..20, 1_u32..4), 1..20)) {
        let rows: Vec<(f64, f64, f64)> =
            (0..).zip(&ys).map(|(x, (y, weight))| (f64::from(x), f64::from(*y), f64::from(*weight))).collect();
        let (x, y, weights) = split(&rows);
        let fitted = fit(&rows);
        for (x, expected) in x.iter().zip(brute_force(&y, &weights)) {
            prop_assert!((fitted.predict(*x) - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn it_never_falls_and_keeps_the_mean_and_the_range(rows in rows()) {
        let fitted = fit(&rows);
        let places = (-80..80).map(|place| f64::from(place) / 32.0).map(|x| fitted.predict(x));
        prop_assert!(places.collect::<Vec<_>>().is_sorted());
        let counted = || rows.iter().filter(|row| row.2 > 0.0);
        let (weight, y, fit) = counted().fold((0.0, 0.0, 0.0), |(weight, y, fit), row| {
            (weight + row.2, y + row.2 * row.1, fit + row.2 * fitted.predict(row.0))
        });
        prop_assert!((y / weight - fit / weight).abs() < 1e-12);
        let (low, high) = counted().fold((f64::MAX, f64::MIN), |(low, high), row| (low.min(row.1), high.max(row.1)));
        prop_assert!(low <= fitted.predict(-99.0) && fitted.predict(99.0) <= high);
    }

    #[test]
    fn the_order_of_rows_and_the_scale_of_weights_do_not_count(
        rows in rows(), scale in prop_oneof![Just(3.0), Just(1e300), Just(1e-300), Just(5e-324)],
    ) {
        let turned: Vec<_> = rows.iter().rev().map(|row| (row.0, row.1, row.2 * scale)).collect();
        prop_assert!(same(&fit(&rows), &fit(&turned), 1e-12));
    }

    #[test]
    fn whole_weights_are_repeated_rows(rows in rows()) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let repeated: Vec<_> = rows
            .iter()
            .flat_map(|row| std::iter::repeat_n((row.0, row.1, 1.0), row.2 as usize))
            .collect();
        prop_assert!(same(&fit(&rows), &fit(&repeated), 1e-12));
    }

    #[test]
    fn y_may_be_of_any_scale_and_offset(rows in rows(), scale in 0.1..10.0_f64) {
        let moved: Vec<_> = rows.iter().map(|row| (row.0, 1e9 + scale * row.1, row.2)).collect();
        let (one, other) = (fit(&rows), fit(&moved));
        for x in [-2.0, -0.3, 0.0, 0.9, 2.0] {
            prop_assert!((1e9 + scale * one.predict(x) - other.predict(x)).abs() < 1e-5);
        }
    }

    #[test]
    fn hostile_floats_give_a_function_within_their_range_or_an_error(
        rows in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>()), 0..12), at in any::<f64>(),
    ) {
        let (x, y, weights) = split(&rows);
        let weights: Vec<f64> =
            weights.iter().map(|weight| if weight.is_finite() { weight.abs() } else { 1.0 }).collect();
        let Ok(pairs) = Pairs::weighted(&x, &y, &weights) else { return Ok(()) };
        for fitted in [IsotonicRegression::fit(pairs), IsotonicRegression::fit_decreasing(pairs)].into_iter().flatten() {
            let predicted = fitted.predict(at);
            prop_assert_eq!(predicted.is_nan(), at.is_nan());
            let within = |y: f64| y >= fitted.y.iter().copied().fold(f64::MAX, f64::min)
                && y <= fitted.y.iter().copied().fold(f64::MIN, f64::max);
            prop_assert!(at.is_nan() || within(predicted), "{predicted} {fitted:?}");
            let text = serde_json::to_string(&fitted).unwrap();
            prop_assert_eq!(serde_json::from_str::<IsotonicRegression>(&text).unwrap(), fitted);
        }
        let labels: Vec<bool> = y.iter().map(|y| *y > 0.0).collect();
        if let Ok(fitted) = IsotonicRegression::fit_labels(ScoredLabels::weighted(&labels, &x, &weights)?) {
            prop_assert!(at.is_nan() || (0.0..=1.0).contains(&fitted.predict(at)));
        }
    }
}
