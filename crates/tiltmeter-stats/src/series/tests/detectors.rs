use proptest::prelude::*;

use super::congruential;
use crate::{Adwin, AdwinOptions, Detection, Direction, PageHinkley, PageHinkleyMode, PageHinkleyOptions};

/// 3 000 values, half a unit higher from 800 to 1 500 and from 2 300 on.
fn series() -> Vec<f64> {
    let shifted = |(place, value): (usize, f64)| {
        if (800..1500).contains(&place) || place >= 2300 { value + 0.5 } else { value }
    };
    congruential(3000).into_iter().enumerate().map(shifted).collect()
}

fn places(series: &[f64], mut update: impl FnMut(f64) -> Option<Detection>) -> Vec<usize> {
    (0..series.len()).filter(|&place| update(series[place]).is_some()).collect()
}

fn page_hinkley(options: PageHinkleyOptions) -> Vec<usize> {
    let mut detector = PageHinkley::new(options).unwrap();
    places(&series(), |value| detector.update(value))
}

/// `d = river.drift.PageHinkley(**options)`; d.update(value), the places where d.drift_detected; river 0.23.0
#[test]
fn page_hinkley_finds_what_river_finds() {
    let default = PageHinkleyOptions::default();
    assert_eq!(page_hinkley(default), [902, 1605, 2393]);
    assert_eq!(
        page_hinkley(PageHinkleyOptions { threshold: 5.0, ..default }),
        [253, 365, 457, 609, 697, 807, 1004, 1145, 1263, 1507, 2158, 2307, 2524, 2642, 2923]
    );
    let up = PageHinkleyOptions { threshold: 5.0, mode: PageHinkleyMode::Up, alpha: 1.0, ..default };
    assert_eq!(page_hinkley(up), [253, 365, 457, 609, 805, 1004, 1145, 1263, 2313, 2929]);
    let down =
        PageHinkleyOptions { threshold: 5.0, mode: PageHinkleyMode::Down, min_instances: 100, ..default };
    assert_eq!(page_hinkley(down), [339, 1510, 2158]);
    let forgetful = PageHinkleyOptions { threshold: 2.0, delta: 0.1, alpha: 0.99, ..default };
    let expected = [
        146, 265, 383, 479, 611, 719, 802, 904, 970, 1070, 1167, 1305, 1465, 1502, 1626, 1817, 1975, 2037,
        2229, 2306, 2449, 2587, 2672, 2832, 2925,
    ];
    assert_eq!(page_hinkley(forgetful), expected);
}

fn adwin(options: AdwinOptions, series: &[f64]) -> (Vec<usize>, Adwin) {
    let mut detector = Adwin::new(options).unwrap();
    (places(series, |value| detector.update(value)), detector)
}

/// `d = river.drift.ADWIN(**options)`; d.update(value), the places where d.drift_detected; d.width, d.estimation; river
/// 0.23.0
#[test]
fn adwin_finds_what_river_finds() {
    let default = AdwinOptions::default();
    let check = |options, expected: &[usize], width: u64, mean: f64| {
        let (found, detector) = adwin(options, &series());
        assert_eq!((found.as_slice(), detector.width()), (expected, width));
        assert!((detector.mean().unwrap() - mean).abs() < 1e-13);
    };
    check(default, &[831, 1535, 2335], 664, 1.0082494975825076);
    check(AdwinOptions { clock: 1, ..default }, &[828, 1528, 2327], 672, 1.008296902058646);
    let coarse = AdwinOptions { delta: 0.2, clock: 8, max_buckets: 2, ..default };
    check(coarse, &[815, 1519, 2319], 680, 1.0089362113763962);
    let slow =
        AdwinOptions { max_buckets: 10, min_window_length: 30, grace_period: 200, clock: 5, ..default };
    check(slow, &[854, 1554, 2344], 655, 1.0073771269053562);
    let large: Vec<f64> = series().iter().map(|value| 100.0 * value).collect();
    assert_eq!(adwin(AdwinOptions { clock: 4, ..default }, &large).0, [807, 1507, 2311]);
}

#[test]
fn the_direction_is_that_of_the_mean() {
    let directions = |mut update: Box<dyn FnMut(f64) -> Option<Detection>>| -> Vec<Direction> {
        series().into_iter().filter_map(|value| update(value).map(|found| found.direction)).collect()
    };
    let expected = [Direction::Up, Direction::Down, Direction::Up];
    let mut detector = PageHinkley::new(PageHinkleyOptions::default()).unwrap();
    assert_eq!(directions(Box::new(move |value| detector.update(value))), expected);
    let mut detector = Adwin::new(AdwinOptions::default()).unwrap();
    assert_eq!(directions(Box::new(move |value| detector.update(value))), expected);
}

#[test]
fn what_cannot_be_summed_is_skipped_and_counted() {
    let with_holes: Vec<f64> = series()
        .into_iter()
        .flat_map(|value| [value, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200])
        .collect();
    let mut detector = Adwin::new(AdwinOptions::default()).unwrap();
    let found = places(&with_holes, |value| detector.update(value));
    assert_eq!((found, detector.skipped()), (vec![5 * 831, 5 * 1535, 5 * 2335], 12_000));
    let mut detector = PageHinkley::new(PageHinkleyOptions::default()).unwrap();
    let found = places(&with_holes, |value| detector.update(value));
    assert_eq!((found, detector.skipped()), (vec![5 * 902, 5 * 1605, 5 * 2393], 12_000));
}

#[test]
fn impossible_options_are_refused() {
    let default = PageHinkleyOptions::default();
    for options in [
        PageHinkleyOptions { delta: f64::NAN, ..default },
        PageHinkleyOptions { threshold: -1.0, ..default },
        PageHinkleyOptions { threshold: f64::INFINITY, ..default },
        PageHinkleyOptions { alpha: 1.1, ..default },
    ] {
        assert!(PageHinkley::new(options).is_err_and(|error| error.is_invalid()), "{options:?}");
    }
    let default = AdwinOptions::default();
    for options in [
        AdwinOptions { delta: 0.0, ..default },
        AdwinOptions { delta: 1.0, ..default },
        AdwinOptions { delta: f64::NAN, ..default },
        AdwinOptions { clock: 0, ..default },
        AdwinOptions { max_buckets: 1, ..default },
        AdwinOptions { min_window_length: 0, ..default },
    ] {
        assert!(Adwin::new(options).is_err_and(|error| error.is_invalid()), "{options:?}");
    }
}

proptest! {
    #[test]
    fn page_hinkley_does_not_depend_on_the_offset_and_mirrors(
        offset in -4_i32..4, values in prop::collection::vec(-8_i32..8, 0..200),
    ) {
        // a threshold that sums of whole numbers and their means do not come near to
        let options = PageHinkleyOptions {
            min_instances: 5, delta: 0.25, threshold: 4.123_456_7, alpha: 1.0, mode: PageHinkleyMode::Both,
        };
        let run = |of: &dyn Fn(i32) -> i32| {
            let mut detector = PageHinkley::new(options).unwrap();
            let values: Vec<f64> = values.iter().map(|value| f64::from(of(*value))).collect();
            places(&values, |value| detector.update(value))
        };
        let found = run(&|value| value);
        prop_assert_eq!(&run(&|value| value + offset), &found);
        prop_assert_eq!(&run(&|value| -value), &found);
    }

    #[test]
    fn hostile_floats_never_stop_a_detector(
        values in prop::collection::vec(
            prop_oneof![any::<f64>(), Just(1e100), Just(-1e100), Just(5e-324), -1.0..1.0_f64], 0..100,
        ),
        clock in 1_u64..9, max_buckets in 2_usize..6, min_window_length in 1_u64..9, grace_period in 0_u64..12,
    ) {
        let options = AdwinOptions { delta: 0.9, clock, max_buckets, min_window_length, grace_period };
        let mut adwin = Adwin::new(options).unwrap();
        let options = PageHinkleyOptions { threshold: 0.0, min_instances: 0, ..PageHinkleyOptions::default() };
        let mut page_hinkley = PageHinkley::new(options).unwrap();
        for value in values {
            for found in [adwin.update(value), page_hinkley.update(value)].into_iter().flatten() {
                prop_assert!(found.statistic > found.threshold && found.statistic.is_finite(), "{found:?}");
            }
            prop_assert!(adwin.mean().is_none_or(f64::is_finite));
            prop_assert!(page_hinkley.mean().is_none_or(f64::is_finite));
        }
    }
}
