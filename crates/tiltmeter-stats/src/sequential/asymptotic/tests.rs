use proptest::prelude::*;

use super::*;

fn close(one: f64, other: f64) -> bool {
    (one / other - 1.0).abs() < 1e-11
}

/// By the published formulas, numpy 2.4.6 and scipy 1.17.1:
///
/// ```text
/// rho2 = (-scipy.special.lambertw(-(2*a)**2 * np.exp(-1), -1).real - 1) / n0; x = n * rho2
/// c = np.sqrt(2*(x + 1)/x * np.log(1 + np.sqrt(x + 1)/(2*a)))
/// y = 3**2/2 * x/(1 + x); e = 2*np.expm1(y)/np.sqrt(1 + x)
/// ```
#[test]
fn the_boundary_is_that_of_the_paper() {
    for (alpha, optimum, rows) in [
        (
            0.05,
            6.638352067993812,
            [
                (100.0, 3.632182742194399, 7.786533450970354),
                (1_000.0, 2.7785153234980133, 35.41720185626174),
                (50_000.0, 3.233481396719121, 9.62495072804077),
            ],
        ),
        (
            0.025,
            8.211968062068253,
            [
                (100.0, 3.8442636062893043, 9.79197067562817),
                (1_000.0, 3.0411554836137102, 35.73492185098007),
                (50_000.0, 3.470691764261767, 8.678905869088744),
            ],
        ),
        (
            0.4,
            1.2629614217350738,
            [
                (100.0, 3.88079921411339, 1.2368719402395898),
                (1_000.0, 1.947091302441962, 15.053835986334219),
                (50_000.0, 2.207684294090224, 20.705764144040337),
            ],
        ),
    ] {
        assert!(close(optimal_time(2.0 * alpha), optimum));
        let sequence = AsymptoticConfidenceSequence::new(alpha, 1_000.0).unwrap();
        for (size, critical, e_value) in rows {
            assert!(close(sequence.critical_value(size).unwrap(), critical), "{alpha} {size}");
            let look = Look::new(7.0, 0.5, size).unwrap();
            assert!(close(sequence.e_value_above(&look, 5.5), e_value), "{alpha} {size}");
            assert!(close(sequence.e_value_below(&look, 8.5), e_value), "{alpha} {size}");
        }
    }
}

#[test]
fn the_size_for_which_it_is_tuned_is_about_the_best() {
    for alpha in [1e-300, 1e-6, 0.01, 0.05, 0.2] {
        let at = |tuned: f64| {
            AsymptoticConfidenceSequence::new(alpha, tuned).unwrap().critical_value(1_000.0).unwrap()
        };
        let best = at(1_000.0);
        for other in [300.0, 500.0, 2_000.0, 3_000.0] {
            assert!(best < at(other), "{alpha} {other}");
        }
    }
    for alpha in [f64::MIN_POSITIVE, 0.499_999_999] {
        assert!(optimal_time(2.0 * alpha) > 0.0 && optimal_time(2.0 * alpha).is_finite());
    }
}

#[test]
fn no_look_counts_before_the_first() {
    let sequence = AsymptoticConfidenceSequence::new(0.05, 1_000.0).unwrap().with_first_look(250.0).unwrap();
    let look = Look::new(1.0, 0.1, 249.5).unwrap();
    let error = sequence.bounds(&look).unwrap_err();
    assert_eq!(error.undefined(), Some(Undefined::TooFew { found: 249, needed: 250 }));
    assert_eq!((sequence.e_value_above(&look, 0.0), sequence.p_value_above(&look, 0.0)), (0.0, 1.0));
    assert_eq!(sequence.critical_value(249.5), None);
    assert_eq!(sequence.size_to_exclude(&look, 0.0), Some(250.0));
    assert!(sequence.bounds(&Look::new(1.0, 0.1, 250.0).unwrap()).is_ok());
}

#[test]
fn the_expected_size_is_where_the_bound_passes() {
    let sequence = AsymptoticConfidenceSequence::new(0.05, 5_000.0).unwrap();
    let look = Look::new(0.01, 0.008, 1_000.0).unwrap();
    for value in [0.0, 0.02] {
        let size = sequence.size_to_exclude(&look, value).unwrap();
        let half =
            |size: f64| sequence.critical_value(size).unwrap() * 0.008 * 1_000.0_f64.sqrt() / size.sqrt();
        assert!((half(size) / 0.01 - 1.0).abs() < 1e-9, "{size}");
        assert!(half(size * 0.99) > 0.01);
    }
    assert_eq!(sequence.size_to_exclude(&look, 1.0), Some(1_000.0));
    assert_eq!(sequence.size_to_exclude(&look, 0.01), None);
    assert_eq!(sequence.size_to_exclude(&look, f64::NAN), None);
}

#[test]
fn impossible_sequences_are_refused() {
    for (alpha, tuned_for) in [(0.0, 10.0), (0.5, 10.0), (f64::NAN, 10.0), (0.05, 0.0), (0.05, f64::INFINITY)]
    {
        assert!(AsymptoticConfidenceSequence::new(alpha, tuned_for).is_err_and(|error| error.is_invalid()));
    }
    let sequence = AsymptoticConfidenceSequence::new(0.05, 10.0).unwrap();
    for size in [1.0, f64::NAN, 1e16] {
        assert!(sequence.with_first_look(size).is_err_and(|error| error.is_invalid()));
    }
}

#[test]
fn sizes_beyond_all_rows_are_refused() {
    // the evidence was ∞/∞
    for size in [1.18e308, 1.1e15, f64::INFINITY] {
        assert!(Look::new(1.8e83, 2.1e-32, size).is_err_and(|error| error.is_invalid()));
    }
    let sequence = AsymptoticConfidenceSequence::new(0.05, 1.0).unwrap();
    let look = Look::new(1.8e83, 2.1e-32, 1e15).unwrap();
    assert_eq!(
        (sequence.e_value_above(&look, 0.0), sequence.p_value_above(&look, 0.0)),
        (f64::INFINITY, 0.0)
    );
    assert_eq!(sequence.critical_value(f64::MAX), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]
    #[test]
    fn bound_and_p_value_say_the_same(
        z in -8.0..8.0_f64,
        size in 100.0..1e7_f64,
        alpha in 0.001..0.45_f64,
    ) {
        let sequence = AsymptoticConfidenceSequence::new(alpha, 3_000.0).unwrap();
        let look = Look::new(z, 1.0, size).unwrap();
        let bounds = sequence.bounds(&look).unwrap();
        prop_assert_eq!(bounds.lower > 0.0, sequence.p_value_above(&look, 0.0) < alpha);
        prop_assert_eq!(bounds.upper < 0.0, sequence.p_value_below(&look, 0.0) < alpha);
        let p = sequence.p_value_above(&look, bounds.lower);
        prop_assert!((p / alpha - 1.0).abs() < 1e-9);
    }

    #[test]
    fn no_number_is_not_one(numbers in any::<[f64; 5]>()) {
        let [estimate, error, size, value, tuned_for] = numbers;
        let Ok(sequence) = AsymptoticConfidenceSequence::new(0.05, tuned_for.abs().clamp(1.0, 1e15)) else {
            return Err(TestCaseError::fail("a sequence"));
        };
        if let Ok(look) = Look::new(estimate, error.abs(), size.abs()) {
            if let Ok(bounds) = sequence.bounds(&look) {
                prop_assert!(bounds.lower.is_finite() && bounds.upper.is_finite());
            }
            for number in [sequence.e_value_above(&look, value), sequence.e_value_below(&look, value)] {
                prop_assert!(number >= 0.0, "{number}");
            }
            for p in [sequence.p_value_above(&look, value), sequence.p_value_below(&look, value)] {
                prop_assert!((0.0..=1.0).contains(&p), "{p}");
            }
            prop_assert!(sequence.size_to_exclude(&look, value).is_none_or(|size| size >= 2.0));
        }
    }
}
