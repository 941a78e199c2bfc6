use proptest::prelude::*;

use super::*;
use crate::error::Undefined;
use crate::random::Random;
use crate::special::{normal_sf, smirnov_sf};

fn uniform(x: f64) -> f64 {
    x.clamp(0.0, 1.0)
}

fn normal(x: f64) -> f64 {
    1.0 - normal_sf(x)
}

fn check(values: &[f64], cdf: fn(f64) -> f64, d_plus: f64, d_minus: f64, p_value: f64) {
    let got = ks_one_sample(values, cdf).unwrap();
    assert!((got.d_plus - d_plus).abs() < 1e-14 && (got.d_minus - d_minus).abs() < 1e-14, "{got:?}");
    assert!((got.statistic - d_plus.max(d_minus)).abs() < 1e-14, "{got:?}");
    assert!((got.p_value - p_value).abs() <= 1e-10 * p_value, "{got:?}");
}

/// `scipy.stats.kstest(values, cdf)` of scipy 1.17.1, and its statistics of the alternatives `greater` and `less`.
#[test]
fn golden_values() {
    let values = [0.61, 0.29, 0.06, 0.59, 0.93, 0.44, 0.12, 0.78];
    check(&values, uniform, 0.14, 0.089_999_999_999_999_97, 0.990_460_927_535_239);
    check(
        &[-1.2, 0.3, 0.4, 2.5, 0.1],
        normal,
        0.144_578_258_389_675_86,
        0.339_827_837_277_029,
        0.507_916_073_831_322_9,
    );
    // ties
    check(&[0.5, 0.5, 0.5, 0.7, 0.7, 0.9], uniform, 0.133_333_333_333_333_41, 0.5, 0.065_586_419_753_086_42);
    check(&[f64::NEG_INFINITY, 0.0, 0.5, f64::INFINITY], normal, 0.25, 0.25, 0.90625);
    check(&[0.5], uniform, 0.5, 0.5, 1.0);
    check(&[2.0, 3.0], uniform, 0.0, 1.0, 0.0);
    let exponential = |x: f64| -(-x).exp_m1();
    check(
        &[0.01, 0.02, 0.3, 0.04],
        exponential,
        0.740_818_220_681_717_9,
        0.009_950_166_250_831_945,
        0.009_029_601_138_793_76,
    );
    // i = numpy.arange(1, 201); ((i * 0.6180339887498949) % 1.0) ** 1.25
    let values: Vec<f64> =
        (1..=200).map(|i| (f64::from(i) * 0.618_033_988_749_894_9).fract().powf(1.25)).collect();
    check(&values, uniform, 0.082_765_645_301_074_83, 0.001_337_888_579_621_843_8, 0.122_025_546_720_831_77);
    // the p-value of the alternative `greater`
    let one_sided = smirnov_sf(ks_one_sample(&values, uniform).unwrap().d_plus, 200);
    assert!((one_sided - 0.061_026_038_361_567_59).abs() < 1e-13, "{one_sided}");
}

#[test]
fn missing_values_are_counted_and_none_is_undefined() {
    let got = ks_one_sample(&[f64::NAN, 0.25, f64::NAN], uniform).unwrap();
    assert_eq!((got.size, got.missing, got.statistic), (1, 2, 0.75));
    for none in [&[][..], &[f64::NAN]] {
        assert_eq!(ks_one_sample(none, uniform).unwrap_err().undefined(), Some(Undefined::Empty));
    }
}

#[test]
fn what_is_no_distribution_function_is_refused() {
    for wrong in [f64::NAN, -0.1, 1.5, f64::INFINITY] {
        let error = ks_one_sample(&[0.5], |_| wrong).unwrap_err();
        let text = format!("the distribution function is {wrong} at 0.5, allowed: from 0 to 1");
        assert_eq!(error.to_string(), text);
        assert!(error.is_invalid());
    }
}

#[test]
fn equal_weights_are_none() {
    let values = [0.61, 0.29, 0.06, 0.59];
    let plain = ks_one_sample(&values, uniform).unwrap();
    for weight in [5e-324, 1e-300, 0.1, 3.0, f64::MAX] {
        let weights = [weight; 4];
        let weighted = ks_one_sample(Sample::weighted(&values, &weights).unwrap(), uniform);
        assert_eq!(weighted, Ok(plain));
    }
}

#[test]
fn rejects_about_as_often_as_it_claims_and_d_has_the_mean_it_claims() {
    let mut random = Random(1933);
    let (runs, size) = (1000, 60);
    let (mut rejected, mut rejected_weighted, mut sum, mut squares, mut expected, mut spread) =
        (0, 0, 0.0, 0.0, 0.0, 0.0);
    for _ in 0..runs {
        let values: Vec<f64> = (0..size).map(|_| random.normal()).collect();
        let test = ks_one_sample(&values, normal).unwrap();
        rejected += u32::from(test.p_value < 0.05);
        sum += test.statistic;
        squares += test.statistic.powi(2);
        expected += test.expected;
        spread = test.expected_spread;
        let weights: Vec<f64> = (0..size).map(|_| if random.uniform() < 0.3 { 20.0 } else { 1.0 }).collect();
        let weighted = ks_one_sample(Sample::weighted(&values, &weights).unwrap(), normal).unwrap();
        rejected_weighted += u32::from(weighted.p_value < 0.05);
    }
    // 3 standard deviations of the count are 2.1 %
    let sizes = [rejected, rejected_weighted].map(|count| f64::from(count) / f64::from(runs));
    assert!((0.03..0.07).contains(&sizes[0]), "{sizes:?}");
    assert!((0.015..0.07).contains(&sizes[1]), "{sizes:?}");
    assert!((0.95..1.0).contains(&(sum / expected)), "{}", sum / expected);
    let mean = sum / f64::from(runs);
    let seen = (squares / f64::from(runs) - mean * mean).sqrt();
    assert!((0.9..1.1).contains(&(seen / spread)), "{seen} {spread}");
}

fn shares() -> impl Strategy<Value = Vec<(f64, u8)>> {
    proptest::collection::vec(((-4..20_i32).prop_map(|share| f64::from(share) / 16.0), 0..4_u8), 1..40)
}

proptest! {
    #[test]
    fn any_values_give_numbers_in_their_ranges(
        values in proptest::collection::vec(any::<f64>(), 0..30),
        weights in proptest::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.0..f64::MAX], 30),
    ) {
        let weights = &weights[..values.len()];
        let sample = Sample::weighted(&values, weights).unwrap_or(Sample::new(&values));
        for sample in [Sample::new(&values), sample] {
            let Ok(test) = ks_one_sample(sample, normal) else { continue };
            for share in [test.statistic, test.d_plus, test.d_minus, test.p_value, test.expected] {
                prop_assert!((0.0..=1.0).contains(&share), "{:?}", test);
            }
        }
    }

    #[test]
    fn the_order_does_not_count_and_mirroring_swaps_the_sides(rows in shares()) {
        let values: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let test = ks_one_sample(&values, uniform)?;
        let reversed: Vec<f64> = values.iter().rev().copied().collect();
        prop_assert_eq!(ks_one_sample(&reversed, uniform)?, test);
        let mirrored: Vec<f64> = values.iter().map(|share| 1.0 - share).collect();
        let mirrored = ks_one_sample(&mirrored, uniform)?;
        prop_assert!((mirrored.d_plus - test.d_minus).abs() < 1e-14);
        prop_assert!((mirrored.d_minus - test.d_plus).abs() < 1e-14);
        prop_assert!((mirrored.p_value - test.p_value).abs() < 1e-12);
    }

    #[test]
    fn increasing_transformations_of_both_change_nothing(rows in shares()) {
        let values: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let risen: Vec<f64> = values.iter().map(|share| share * 8.0 - 3.0).collect();
        let test = ks_one_sample(&values, uniform)?;
        prop_assert_eq!(ks_one_sample(&risen, |x| uniform((x + 3.0) / 8.0))?, test);
    }

    #[test]
    fn whole_weights_are_repeated_rows_and_their_scale_does_not_count(rows in shares(), scale in -300..300_i32) {
        let values: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let repeated: Vec<f64> = rows.iter().flat_map(|row| vec![row.0; row.1.into()]).collect();
        prop_assume!(!repeated.is_empty());
        let weighted = ks_one_sample(Sample::weighted(&values, &weights)?, uniform)?;
        let repeated = ks_one_sample(&repeated, uniform)?;
        prop_assert!((weighted.statistic - repeated.statistic).abs() < 1e-14);
        let scaled: Vec<f64> = weights.iter().map(|weight| weight * f64::from(scale).exp2()).collect();
        prop_assert_eq!(ks_one_sample(Sample::weighted(&values, &scaled)?, uniform)?, weighted);
    }
}

#[test]
fn a_light_row_still_counts() {
    let sample = Sample::weighted(&[0.5, 0.9], &[1e300, 1e-30]).unwrap();
    let test = ks_one_sample(sample, |x| x).unwrap();
    assert_eq!(test.size, 2);
}
