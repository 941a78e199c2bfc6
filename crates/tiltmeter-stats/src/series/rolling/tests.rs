use proptest::prelude::*;

use super::*;
use crate::random::Random;

fn judged(series: &[f64], window: usize, minimum: usize) -> Vec<RollingDay> {
    rolling_window(series, RollingOptions { window, minimum, sigmas: 3.0 }).unwrap()
}

#[test]
fn golden_values() {
    // x = numpy.array([((k * 37) % 23) / 5 + k * 0.05 for k in range(50)]); x[[3, 17, 18]] = nan
    // r = pandas.Series(x).rolling(10, min_periods=5); r.mean().shift(1)[[5, 20, 27, 49]], r.std() …, pandas 2.3.3
    let mut series: Vec<f64> =
        (0..50).map(|day| f64::from(day * 37 % 23) / 5.0 + f64::from(day) * 0.05).collect();
    for day in [3, 17, 18] {
        series[day] = f64::NAN;
    }
    let days = judged(&series, 10, 5);
    assert_eq!((days[5].mean, days[5].standard_deviation, days[5].count), (None, None, 4));
    for (day, mean, deviation) in [
        (20, 2.9625000000000004, 1.4070612739221522),
        (27, 3.1750000000000003, 1.395144641758901),
        (49, 4.375000000000001, 1.3327602935261853),
    ] {
        assert!((days[day].mean.unwrap() - mean).abs() < 1e-13, "{:?}", days[day]);
        assert!((days[day].standard_deviation.unwrap() - deviation).abs() < 1e-13, "{:?}", days[day]);
    }
}

#[test]
fn days_without_a_number_and_infinite_ones_are_no_part_of_a_window() {
    let series = [1.0, 2.0, f64::NAN, f64::INFINITY, 3.0, f64::NEG_INFINITY, 2.0, f64::NAN];
    let days = judged(&series, 4, 2);
    let counts: Vec<usize> = days.iter().map(|day| day.count).collect();
    assert_eq!(counts, [0, 1, 2, 2, 2, 2, 1, 2]);
    let flags: Vec<bool> = days.iter().map(|day| day.is_flagged).collect();
    assert_eq!(flags, [false, false, false, true, false, true, false, false]);
    assert_eq!((days[3].z, days[5].z), (Some(f64::INFINITY), Some(f64::NEG_INFINITY)));
    assert_eq!((days[2].z, days[7].z), (None, None));
}

#[test]
fn behind_a_constant_every_other_number_is_flagged() {
    let mut series = vec![0.1; 40];
    series[39] = 0.1 + 1e-9;
    let days = judged(&series, 30, 10);
    assert!(days.iter().take(39).all(|day| !day.is_flagged && day.z.is_none()), "{days:?}");
    assert_eq!((days[39].is_flagged, days[39].z, days[39].standard_deviation), (true, None, Some(0.0)));
}

#[test]
fn a_large_value_that_has_left_the_window_leaves_nothing_behind() {
    let mut random = Random(31);
    let mut series: Vec<f64> = (0..200).map(|_| random.normal()).collect();
    let calm = judged(&series, 30, 10);
    series[50] = 1e15;
    assert_eq!(judged(&series, 30, 10)[81..], calm[81..]);
}

#[test]
fn impossible_options_are_refused() {
    for (window, minimum, sigmas) in
        [(1, 1, 3.0), (30, 1, 3.0), (30, 31, 3.0), (30, 10, 0.0), (30, 10, f64::NAN), (30, 10, f64::INFINITY)]
    {
        let options = RollingOptions { window, minimum, sigmas };
        assert!(rolling_window(&[1.0], options).is_err_and(|error| error.is_invalid()), "{options:?}");
    }
    assert_eq!(rolling_window(&[], RollingOptions::default()).unwrap(), []);
}

#[test]
fn days_are_flagged_as_often_as_is_said() {
    let mut random = Random(32);
    let series: Vec<f64> = (0..100_000).map(|_| 1e6 + random.normal()).collect();
    for (window, rate) in [(10, 0.01877), (30, 0.00621)] {
        let days = judged(&series, window, window);
        let flagged = days.iter().filter(|day| day.is_flagged).count() as f64 / 1e5;
        assert!((flagged / rate - 1.0).abs() < 0.15, "{window}: {flagged}");
        assert!((days[50].false_alarm_rate(3.0).unwrap() - rate).abs() < 1e-5);
        assert_eq!((days[0].false_alarm_rate(3.0), days[50].false_alarm_rate(-1.0)), (None, None));
    }
}

proptest! {
    #[test]
    fn windows_are_those_of_their_days(
        series in prop::collection::vec(prop_oneof![9 => -4.0..4.0_f64, 1 => Just(f64::NAN)], 0..120),
        window in 2_usize..20, offset in prop_oneof![Just(0.0), Just(1e9)],
    ) {
        let series: Vec<f64> = series.iter().map(|number| number + offset).collect();
        for (day, judged) in judged(&series, window, 2).iter().enumerate() {
            let before: Vec<f64> =
                series[day.saturating_sub(window)..day].iter().copied().filter(|number| !number.is_nan()).collect();
            prop_assert_eq!(judged.count, before.len());
            prop_assert_eq!(judged.mean.is_some(), before.len() >= 2);
            let (Some(mean), Some(deviation)) = (judged.mean, judged.standard_deviation) else { continue };
            let n = before.len() as f64;
            let expected = before.iter().map(|number| number - offset).sum::<f64>() / n + offset;
            let squares: f64 = before.iter().map(|number| (number - expected).powi(2)).sum();
            prop_assert!((mean - expected).abs() < 1e-12 + 1e-15 * offset);
            prop_assert!((deviation - (squares / (n - 1.0)).sqrt()).abs() < 1e-9 + 1e-15 * offset);
        }
    }

    #[test]
    fn hostile_floats_give_numbers(series in prop::collection::vec(any::<f64>(), 0..60), window in 2_usize..9) {
        for day in judged(&series, window, 2) {
            for number in [day.mean, day.standard_deviation, day.z, day.false_alarm_rate(3.0)].into_iter().flatten() {
                prop_assert!(!number.is_nan(), "{day:?}");
            }
            prop_assert!(day.mean.is_none_or(f64::is_finite) && day.standard_deviation.is_none_or(f64::is_finite));
        }
    }
}
