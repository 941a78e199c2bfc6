use proptest::prelude::*;

use super::*;
use crate::random::Random;

/// i = numpy.arange(40); x = (i * 7 % 19) / 4; label = (i * 11 % 13) / 13 + (i * 7 % 19) / 19 > 1; w = i * 5 % 7
fn columns() -> (Vec<bool>, Vec<f64>, Vec<f64>) {
    let x = (0..40).map(|i| f64::from(i * 7 % 19) / 4.0).collect();
    let labels =
        (0..40).map(|i| f64::from(i * 11 % 13) / 13.0 + f64::from(i * 7 % 19) / 19.0 > 1.0).collect();
    (labels, x, (0..40).map(|i| f64::from(i * 5 % 7)).collect())
}

fn near(got: f64, expected: f64, relative: f64) {
    assert!((got - expected).abs() <= relative * expected.abs(), "{got} {expected}");
}

#[test]
fn golden_values() {
    let (labels, x, weights) = columns();
    let plain = ScoredLabels::new(&labels, &x).unwrap();
    // m = sklearn.calibration._SigmoidCalibration().fit(x, labels); m.a_, m.b_, scikit-learn 1.9.1; its solver stops at
    // 1e-6, and Newton's method in numpy gives -0.7816431, 1.95501545 too
    let fitted = PlattScaling::fit(plain).unwrap();
    near(fitted.a(), -0.781643112164759, 1e-6);
    near(fitted.b(), 1.9550154809005305, 1e-6);
    assert_eq!(PlattScaling::fit_scikit_learn(plain).unwrap(), fitted);
    // the same with sample_weight=w
    let weighted = ScoredLabels::weighted(&labels, &x, &weights).unwrap();
    let fitted = PlattScaling::fit_scikit_learn(weighted).unwrap();
    near(fitted.a(), -0.8472774093391922, 1e-6);
    near(fitted.b(), 2.6288194629117574, 1e-6);
    // Newton's method in numpy, with Kish's sizes for the targets
    let fitted = PlattScaling::fit(weighted).unwrap();
    near(fitted.a(), -0.72714185, 1e-7);
    near(fitted.b(), 2.28975951, 1e-7);
}

#[test]
fn scores_far_from_0_keep_their_digits() {
    let (labels, x, _) = columns();
    let far: Vec<f64> = x.iter().map(|x| x * 1e-3 + 1e9).collect();
    let near_0: Vec<f64> = far.iter().map(|x| x - 1e9).collect();
    let fitted = PlattScaling::fit(ScoredLabels::new(&labels, &far).unwrap()).unwrap();
    let same = PlattScaling::fit(ScoredLabels::new(&labels, &near_0).unwrap()).unwrap();
    for (far, near_0) in far.iter().zip(&near_0) {
        near(fitted.predict(*far), same.predict(*near_0), 1e-4);
    }
}

#[test]
fn what_cannot_be_fitted_is_undefined() {
    let reason = |labels: &[bool], scores: &[f64]| {
        PlattScaling::fit(ScoredLabels::new(labels, scores).unwrap()).unwrap_err().undefined()
    };
    assert_eq!(reason(&[], &[]), Some(Undefined::Empty));
    assert_eq!(reason(&[true, true], &[1.0, 2.0]), Some(Undefined::OneClass));
    assert_eq!(reason(&[true, false], &[2.0, 2.0]), Some(Undefined::Constant));
    assert_eq!(reason(&[true, false], &[0.0, -0.0]), Some(Undefined::Constant));
    assert_eq!(reason(&[true, false], &[2.0, f64::INFINITY]), Some(Undefined::Infinite));
    assert_eq!(reason(&[true, false], &[2.0, f64::NAN]), Some(Undefined::MissingScores(1)));
    // a slope of 10³²⁰
    assert_eq!(reason(&[true, false], &[5e-324, 0.0]), None);
}

#[test]
fn separated_classes_have_a_curve() {
    let labels: Vec<bool> = (0..1000).map(|row| row >= 500).collect();
    let scores: Vec<f64> = (0..1000).map(f64::from).collect();
    let fitted = PlattScaling::fit(ScoredLabels::new(&labels, &scores).unwrap()).unwrap();
    // at the targets far away, and in the middle one half
    assert!((fitted.predict(499.5) - 0.5).abs() < 1e-9, "{fitted:?}");
    assert!(fitted.predict(0.0) < 0.001 && fitted.predict(999.0) > 0.999);
}

#[test]
fn it_finds_the_curve_that_labels_were_drawn_from() {
    let mut random = Random(11);
    for is_weighted in [false, true] {
        let rows: Vec<(bool, f64, f64)> = (0..20_000)
            .filter_map(|_| {
                let score = 2.0 * random.normal();
                let label = random.uniform() < 1.0 / (1.0 + (0.5 - 1.5 * score).exp());
                let probability = if !is_weighted || score > 0.0 { 1.0 } else { 0.25 };
                (random.uniform() < probability).then_some((label, score, 1.0 / probability))
            })
            .collect();
        let (labels, (scores, weights)): (Vec<bool>, (Vec<f64>, Vec<f64>)) =
            rows.into_iter().map(|(label, score, weight)| (label, (score, weight))).unzip();
        let fitted = PlattScaling::fit(ScoredLabels::weighted(&labels, &scores, &weights).unwrap()).unwrap();
        assert!((fitted.a() + 1.5).abs() < 0.1 && (fitted.b() - 0.5).abs() < 0.1, "{fitted:?}");
    }
}

#[test]
fn a_file_that_was_changed_is_refused() {
    let (labels, x, _) = columns();
    let fitted = PlattScaling::fit(ScoredLabels::new(&labels, &x).unwrap()).unwrap();
    let text = serde_json::to_string(&fitted).unwrap();
    assert_eq!(serde_json::from_str::<PlattScaling>(&text).unwrap(), fitted);
    assert!(serde_json::from_str::<PlattScaling>(&text.replace("\"count\":40", "\"count\":1")).is_err());
    let bytes = postcard::to_stdvec(&(2_u64, f64::NAN, 0.0, 0.0)).unwrap();
    assert!(postcard::from_bytes::<PlattScaling>(&bytes).is_err());
}

type Columns = (Vec<bool>, (Vec<f64>, Vec<f64>));

fn rows() -> impl Strategy<Value = Columns> {
    let row = (any::<bool>(), -16_i32..16, 1_u32..4);
    prop::collection::vec(row, 2..40).prop_map(|rows| {
        rows.into_iter()
            .map(|(label, score, weight)| (label, (f64::from(score) / 4.0, f64::from(weight))))
            .unzip()
    })
}

fn fit(labels: &[bool], scores: &[f64], weights: &[f64]) -> Option<PlattScaling> {
    PlattScaling::fit(ScoredLabels::weighted(labels, scores, weights).unwrap()).ok()
}

fn same(one: &PlattScaling, other: &PlattScaling, map: impl Fn(f64) -> f64) -> bool {
    [-9.0, -1.0, 0.0, 0.25, 4.0].into_iter().all(|x| (one.predict(x) - other.predict(map(x))).abs() < 1e-7)
}

proptest! {
    #[test]
    fn the_order_of_rows_and_the_scales_do_not_count(
        (labels, (scores, weights)) in rows(), scale in prop_oneof![Just(3.0), Just(1e290), Just(1e-290)],
    ) {
        let Some(fitted) = fit(&labels, &scores, &weights) else { return Ok(()) };
        let heavier: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
        prop_assert!(same(&fitted, &fit(&labels, &scores, &heavier).unwrap(), |x| x));
        let larger: Vec<f64> = scores.iter().map(|score| score * scale).collect();
        prop_assert!(same(&fitted, &fit(&labels, &larger, &weights).unwrap(), |x| x * scale));
        let moved: Vec<f64> = scores.iter().map(|score| -3.0 * score + 7.0).collect();
        prop_assert!(same(&fitted, &fit(&labels, &moved, &weights).unwrap(), |x| -3.0 * x + 7.0));
        let turned = |columns: &[f64]| columns.iter().rev().copied().collect::<Vec<_>>();
        let labels: Vec<bool> = labels.iter().rev().copied().collect();
        prop_assert!(same(&fitted, &fit(&labels, &turned(&scores), &turned(&weights)).unwrap(), |x| x));
    }

    #[test]
    fn whole_weights_are_repeated_rows_by_the_sums_of_weights((labels, (scores, weights)) in rows()) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let repeated: Columns = labels
            .iter()
            .zip(&scores)
            .zip(&weights)
            .flat_map(|((&label, &score), &weight)| std::iter::repeat_n((label, (score, 1.0)), weight as usize))
            .unzip();
        let (more, (more_scores, ones)) = repeated;
        let of = PlattScaling::fit_scikit_learn;
        let Ok(fitted) = of(ScoredLabels::weighted(&labels, &scores, &weights)?) else { return Ok(()) };
        prop_assert!(same(&fitted, &of(ScoredLabels::weighted(&more, &more_scores, &ones)?)?, |x| x));
    }

    #[test]
    fn the_gradient_is_0_at_the_curve((labels, (scores, weights)) in rows()) {
        let Some(fitted) = fit(&labels, &scores, &weights) else { return Ok(()) };
        let size = |class: bool| {
            let of = labels.iter().zip(&weights).filter(|(label, _)| **label == class);
            effective_sample_size(of.map(|(_, weight)| *weight))
        };
        let targets = [1.0 / (size(false) + 2.0), (size(true) + 1.0) / (size(true) + 2.0)];
        let mut gradient = [0.0; 2];
        for ((label, score), weight) in labels.iter().zip(&scores).zip(&weights) {
            let missed = weight * (targets[usize::from(*label)] - fitted.predict(*score));
            gradient = [gradient[0] + missed * score, gradient[1] + missed];
        }
        prop_assert!(gradient.iter().all(|part| part.abs() < 1e-7), "{gradient:?}");
    }

    #[test]
    fn hostile_floats_give_a_probability_or_an_error(
        rows in prop::collection::vec((any::<bool>(), any::<f64>(), any::<f64>()), 0..12), at in any::<f64>(),
    ) {
        let labels: Vec<bool> = rows.iter().map(|row| row.0).collect();
        let scores: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let weights: Vec<f64> =
            rows.iter().map(|row| if row.2.is_finite() { row.2.abs() } else { 1.0 }).collect();
        let Ok(rows) = ScoredLabels::weighted(&labels, &scores, &weights) else { return Ok(()) };
        for fitted in [PlattScaling::fit(rows), PlattScaling::fit_scikit_learn(rows)].into_iter().flatten() {
            for at in scores.iter().copied().chain([at, 0.0, f64::INFINITY, f64::NEG_INFINITY, f64::MAX]) {
                let probability = fitted.predict(at);
                prop_assert!(at.is_nan() || (0.0..=1.0).contains(&probability), "{probability} {fitted:?}");
            }
            let text = serde_json::to_string(&fitted).unwrap();
            prop_assert_eq!(serde_json::from_str::<PlattScaling>(&text).unwrap(), fitted);
        }
    }
}
