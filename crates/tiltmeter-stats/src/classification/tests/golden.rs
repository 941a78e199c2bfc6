//! Numbers of scikit-learn 1.9.1 and numpy.

use super::*;

/// y = [0,0,1,0,1,1,0,1,0,0]; s = [.1,.4,.35,.8,.8,.6,.2,.9,.6,.05]; w = [1,2,.5,3,1,4,1,2,.25,5]
fn rows() -> Rows {
    let scores = [0.1, 0.4, 0.35, 0.8, 0.8, 0.6, 0.2, 0.9, 0.6, 0.05];
    let weights = [1.0, 2.0, 0.5, 3.0, 1.0, 4.0, 1.0, 2.0, 0.25, 5.0];
    let labels = [0, 0, 1, 0, 1, 1, 0, 1, 0, 0].map(|label| label == 1);
    (0..10).map(|row| (labels[row], scores[row], weights[row])).collect()
}

#[test]
fn equal_losses_have_no_spread() {
    let brier = brier(ScoredLabels::new(&[false; 7], &[0.1; 7]).unwrap()).unwrap();
    assert_eq!((brier.standard_error, brier.interval(0.95)), (Some(0.0), None));
    let loss = log_loss(ScoredLabels::new(&[false; 7], &[0.1; 7]).unwrap()).unwrap();
    assert_eq!((loss.standard_error, loss.interval(0.95)), (Some(0.0), None));
}

#[test]
fn a_certain_and_wrong_score_costs_no_digits_wherever_it_stands() {
    let (mut labels, mut scores) = (vec![false; 100_000], vec![1e-9; 100_000]);
    (labels[0], scores[0]) = (true, 0.0);
    // 52 ln 2, and as much as each other row adds
    let loss = (52.0 * std::f64::consts::LN_2 - 99_999.0 * (-1e-9_f64).ln_1p()) / 1e5;
    let score = (1.0 + 99_999.0 * 1e-18) / 1e5;
    for _ in 0..2 {
        let rows = ScoredLabels::new(&labels, &scores).unwrap();
        assert!((log_loss(rows).unwrap().value / loss - 1.0).abs() < 1e-15);
        assert!((brier(rows).unwrap().value / score - 1.0).abs() < 1e-15);
        labels.reverse();
        scores.reverse();
    }
}

#[test]
fn intervals_of_means_are_those_of_student() {
    let (labels, scores) = ([false, true, true], [0.1, 0.9, 0.6]);
    let brier = brier(ScoredLabels::new(&labels, &scores).unwrap()).unwrap();
    let interval = brier.interval(0.5).unwrap();
    // 0.05 · scipy.stats.t.isf(0.25, 2), scipy 1.17.1, and that of the mean of the same errors
    assert!((interval.upper - interval.lower - 2.0 * 0.05 * 0.816_496_580_927_726).abs() < 1e-12);
    let errors = crate::Pairs::new(&[0.0, 0.0, 0.0], &[0.01, 0.01, 0.16]).unwrap();
    let error = crate::RegressionQuality::of(errors).mean_absolute_error().unwrap();
    let of_error = error.interval(0.5).unwrap();
    assert!(
        (of_error.upper - interval.upper).abs() < 1e-15 && (of_error.lower - interval.lower).abs() < 1e-15
    );
}

#[test]
fn average_precision_and_its_variance() {
    let rows = rows();
    // average_precision_score(y, s), and with sample_weight=w
    let (plain, weighted) =
        (average_precision(rows.unweighted()).unwrap(), average_precision(rows.view()).unwrap());
    assert!(close(plain.value, 0.7095238095238094) && close(weighted.value, 0.7367766618842659));
    // sum(w² d²) m/(m − 1), d the numerical derivative of average_precision_score by each weight, m the effective size
    // of the positives
    assert!((plain.variance.unwrap() - 0.04770104020438067).abs() < 1e-9);
    assert!((weighted.variance.unwrap() - 0.06652608838826364).abs() < 1e-9);
    assert_eq!((plain.positives, plain.negatives, plain.base_rate), (4, 6, 0.4));
    // p, r, t = precision_recall_curve(y, s); auc(r, p), and with sample_weight=w
    assert!(close(precision_recall_auc(rows.unweighted()).unwrap(), 0.7505952380952381));
    assert!(close(precision_recall_auc(rows.view()).unwrap(), 0.7207692833230853));
}

#[test]
fn curves() {
    let rows = rows();
    // precision_recall_curve(y, s), turned around and without its last point
    let curve = precision_recall_curve(rows.unweighted()).unwrap();
    let precisions = [1.0, 0.6666666666666666, 0.6, 0.5, 0.5714285714285714, 0.5, 0.4444444444444444, 0.4];
    let recalls = [0.25, 0.5, 0.75, 0.75, 1.0, 1.0, 1.0, 1.0];
    let thresholds = [0.9, 0.8, 0.6, 0.4, 0.35, 0.2, 0.1, 0.05];
    assert_eq!(curve.len(), 8);
    for (place, point) in curve.iter().enumerate() {
        assert!(
            close(point.precision, precisions[place]) && close(point.recall, recalls[place]),
            "{point:?}"
        );
        assert!(close(point.threshold, thresholds[place]), "{point:?}");
    }
    // roc_curve(y, s, drop_intermediate=False, sample_weight=w), without its first point
    let curve = roc_curve(rows.view()).unwrap();
    let false_alarms = [
        0.0,
        0.24489795918367346,
        0.2653061224489796,
        0.42857142857142855,
        0.42857142857142855,
        0.5102040816326531,
        0.5918367346938775,
        1.0,
    ];
    let rightly = [0.26666666666666666, 0.4, 0.9333333333333333, 0.9333333333333333, 1.0, 1.0, 1.0, 1.0];
    assert_eq!(curve.len(), 8);
    for (place, point) in curve.iter().enumerate() {
        assert!(close(point.false_positive_rate, false_alarms[place]), "{point:?}");
        assert!(close(point.true_positive_rate, rightly[place]), "{point:?}");
    }
}

#[test]
fn parts_of_the_brier_score() {
    // numpy by the formulas; B = brier_score_loss(y, s), and with sample_weight=w
    let bins = CalibrationBins::Uniform(5);
    let parts = |parts: BrierDecomposition| {
        [
            parts.reliability,
            parts.resolution,
            parts.uncertainty,
            parts.within_bin_variance,
            parts.within_bin_covariance,
            parts.expected_reliability_without_miscalibration,
            parts.expected_resolution_without_skill,
            parts.brier,
            parts.skill_score().unwrap(),
        ]
    };
    let near = |got: [f64; 9], expected: [f64; 9]| {
        assert!(got.iter().zip(expected).all(|(&got, expected)| close(got, expected)), "{got:?}");
    };
    near(
        parts(brier_decomposition(rows().unweighted(), bins).unwrap()),
        [
            0.028208333333333342,
            0.09,
            0.24,
            0.001291666666666667,
            -0.005,
            0.08229166666666665,
            0.096,
            0.1845,
            0.23124999999999984,
        ],
    );
    near(
        parts(brier_decomposition(rows().view(), bins).unwrap()),
        [
            0.09408456547175834,
            0.16539770210279275,
            0.2355391764140362,
            0.0010271247739602172,
            -0.0020253164556962044,
            0.10628688437400277,
            0.12799168127381239,
            0.16727848101265827,
            0.2898061224489794,
        ],
    );
    let skill = brier_skill_score(rows().view()).unwrap();
    assert!(close(skill.value, 0.2898061224489794) && close(skill.base_rate_brier, 0.2355391764140362));
}

#[test]
fn spiegelhalters_z() {
    // (w*(y-s)*(1-2*s)).sum() / numpy.sqrt((w*w*(1-2*s)**2*s*(1-s)).sum()); 2*scipy.stats.norm.sf(abs(z))
    let (plain, weighted) =
        (spiegelhalter(rows().unweighted()).unwrap(), spiegelhalter(rows().view()).unwrap());
    assert!(close(plain.z, 0.3099588966805179) && close(plain.p_value, 0.7565922136857628));
    assert!(close(weighted.z, 0.26513995790073247) && close(weighted.p_value, 0.7909016465482979));
    assert!(close(weighted.brier, 0.16727848101265827));
}

#[test]
fn losses_of_several_classes() {
    let probabilities = [0.7, 0.2, 0.1, 0.3, 0.3, 0.4, 0.0, 1.0, 0.0, 0.2, 0.5, 0.3, 1.0, 0.0, 0.0];
    let (labels, weights) = ([0, 2, 1, 0, 2], [1.0, 2.0, 3.0, 0.5, 1.0]);
    let plain = ClassProbabilities::new(&labels, &probabilities, 3).unwrap();
    let weighted = ClassProbabilities::weighted(&labels, &probabilities, 3, &weights).unwrap();
    // log_loss(labels, probabilities, labels=[0, 1, 2]), and with sample_weight=weights
    let loss = multiclass_log_loss(plain).unwrap();
    assert!(close(loss.value, 7.785211395472828) && loss.clipped == 2, "{loss:?}");
    assert!(close(multiclass_log_loss(weighted).unwrap().value, 5.205017167069499));
    // brier_score_loss(labels, probabilities, labels=[0, 1, 2]), and with sample_weight=weights
    let brier = multiclass_brier(plain).unwrap();
    assert!(close(brier.value, 0.732) && close(brier.standard_error.unwrap(), 0.3600333317902663));
    assert!(close(multiclass_brier(weighted).unwrap().value, 0.49466666666666664));
}
