use proptest::prelude::*;

use crate::random::Random;
use crate::{Change, Undefined, change_point, linear_trend, mann_kendall, mann_kendall_yue_wang, sen_slope};

fn near(got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-10 * expected.abs() + 1e-13, "{got} {expected}");
}

/// `[((k * 37) % 23) / 5 + k * 0.05 for k in range(50)]`
fn days() -> Vec<f64> {
    (0..50).map(|day| f64::from(day * 37 % 23) / 5.0 + f64::from(day) * 0.05).collect()
}

fn days_with_holes() -> Vec<f64> {
    let mut days = days();
    for day in [3, 17, 18] {
        days[day] = f64::NAN;
    }
    days
}

#[test]
fn golden_values() {
    // pymannkendall.original_test(x), 1.4.3; scipy.stats.linregress(range(50), x); theilslopes(x, alpha=0.95) and 0.9,
    // scipy 1.17.1, of the days that have a number
    let test = mann_kendall(&days()).unwrap();
    [
        (test.s, 429.0),
        (test.variance, 14291.666666666666),
        (test.z, 3.5801591247597617),
        (test.p_value, 0.00034338503323927405),
        (test.tau, 0.35020408163265304),
    ]
    .into_iter()
    .for_each(|(got, expected)| near(got, expected));
    let test = mann_kendall(&days_with_holes()).unwrap();
    [
        (test.s, 417.0),
        (test.variance, 11891.0),
        (test.z, 3.8149086330117044),
        (test.p_value, 0.00013623332945056355),
    ]
    .into_iter()
    .for_each(|(got, expected)| near(got, expected));
    assert_eq!((test.count, test.missing), (47, 3));

    let slope = sen_slope(&days()).unwrap();
    near(slope.slope, 0.05714285714285716);
    near(slope.intercept, 1.9749999999999996);
    let interval = slope.interval(0.95).unwrap();
    [(interval.lower, 0.02727272727272728), (interval.upper, 0.09)]
        .into_iter()
        .for_each(|(got, expected)| near(got, expected));
    let slope = sen_slope(&days_with_holes()).unwrap();
    near(slope.slope, 0.06578947368421052);
    near(slope.intercept, 1.6394736842105264);
    let interval = slope.interval(0.9).unwrap();
    [(interval.lower, 0.038888888888888896), (interval.upper, 0.09)]
        .into_iter()
        .for_each(|(got, expected)| near(got, expected));

    let line = linear_trend(&days_with_holes()).unwrap();
    near(line.slope, 0.06094392903857316);
    near(line.intercept, 1.82999055811093);
    near(line.standard_error.unwrap(), 0.01351963830800945);
    near(line.p_value.unwrap(), 4.6411194057265015e-05);
    // slope ∓ scipy.stats.t.ppf(0.975, 45) * stderr
    let interval = line.interval(0.95).unwrap();
    near(interval.lower, 0.06094392903857316 - 2.0141033888808457 * 0.01351963830800945);
    assert!(line.interval(1.0).is_none());
}

#[test]
fn the_variance_with_memory_is_that_of_numpy() {
    // d = x - numpy.arange(50) * slope; y = d - d.mean(); r = (y[1:] * y[:-1]).sum() / (y * y).sum(); k = arange(1, 50)
    // pymannkendall's var_s * (1 + 2 * ((1 - k / 50) * r**k).sum()), numpy 2.4.6
    let test = mann_kendall_yue_wang(&days()).unwrap();
    near(test.variance, 5819.309483784141);
    near(test.z, 5.610583649333639);
    let waves: Vec<f64> = (0..30).map(|day| f64::from(day) / 5.0).map(|t: f64| t.sin() + 0.3 * t).collect();
    let test = mann_kendall_yue_wang(&waves).unwrap();
    near(test.variance, 25200.73643926241);
    near(test.p_value, 0.7242671088586083);
    near(mann_kendall(&waves).unwrap().p_value, 0.31774734769908775);
    // a straight line leaves rounding, which has no memory
    let line: Vec<f64> = (0..30).map(|day| 0.1 * f64::from(day)).collect();
    assert_eq!(mann_kendall_yue_wang(&line).unwrap(), mann_kendall(&line).unwrap());
}

#[test]
fn degenerate_series() {
    let flat = [2.5; 10];
    let test = mann_kendall(&flat).unwrap();
    assert_eq!((test.s, test.variance, test.z, test.p_value), (0.0, 0.0, 0.0, 1.0));
    assert_eq!(mann_kendall_yue_wang(&flat).unwrap(), test);
    assert_eq!(sen_slope(&flat).unwrap().slope, 0.0);
    assert_eq!(
        sen_slope(&flat).unwrap().interval(0.95).map(|ends| (ends.lower, ends.upper)),
        Some((0.0, 0.0))
    );
    let line = linear_trend(&flat).unwrap();
    assert_eq!((line.slope, line.p_value, line.interval(0.95)), (0.0, Some(1.0), None));
    let found = change_point(&flat, 2).unwrap();
    assert_eq!((found.change, found.rss_step, found.shift()), (Change::Constant, 0.0, 0.0));

    for extreme in [f64::MAX, f64::MIN, 5e-324] {
        let found = change_point(&[extreme; 9], 2).unwrap();
        assert!(found.change == Change::Constant && found.bic_step.is_finite(), "{found:?}");
    }

    let two = linear_trend(&[1.0, 2.0]).unwrap();
    assert_eq!((two.slope, two.p_value, two.standard_error), (1.0, None, None));
    assert_eq!(linear_trend(&[1.0, 2.0, 3.0]).unwrap().p_value, Some(0.0));
    assert_eq!(mann_kendall(&[1.0, 2.0]).unwrap().p_value, 1.0);
    for series in [[].as_slice(), &[f64::NAN]] {
        assert_eq!(mann_kendall(series), Err(Undefined::Empty.into()));
        assert_eq!(sen_slope(series), Err(Undefined::Empty.into()));
        assert_eq!(linear_trend(series), Err(Undefined::Empty.into()));
        assert_eq!(change_point(series, 2), Err(Undefined::Empty.into()));
    }
    assert_eq!(mann_kendall(&[1.0]), Err(Undefined::TooFew { found: 1, needed: 2 }.into()));
    assert_eq!(change_point(&[1.0, 5.0, 1.0], 2), Err(Undefined::TooFew { found: 3, needed: 4 }.into()));
    assert!(change_point(&[1.0; 9], 0).is_err_and(|error| error.is_invalid()));
    assert_eq!(
        change_point(&[1.0; 9], usize::MAX).unwrap_err().undefined(),
        Some(Undefined::TooFew { found: 9, needed: usize::MAX })
    );
    assert!(sen_slope(&vec![0.0; 10_001]).is_err_and(|error| error.is_invalid()));
    assert_eq!(linear_trend(&[1.0, f64::INFINITY]), Err(Undefined::Infinite.into()));
}

#[test]
fn infinities_have_ranks_and_slopes() {
    let series = [f64::NEG_INFINITY, 1.0, 2.0, 3.0, 4.0, 5.0, f64::INFINITY, f64::INFINITY];
    assert_eq!(mann_kendall(&series).unwrap().s, 27.0);
    assert_eq!(sen_slope(&[1.0, 2.0, 3.0, 4.0, f64::INFINITY]).unwrap().slope, 1.0);
    assert_eq!(sen_slope(&series), Err(Undefined::Infinite.into()));
}

#[test]
fn of_equally_good_splits_the_shortest_is_taken() {
    for (series, split) in [(&[4.0, 4.0, 0.0, 4.0, 4.0][..], 2), (&[1.0, 0.0, 0.0, 1.0, 0.0], 2)] {
        assert_eq!(change_point(series, 2).unwrap().split_index, split, "{series:?}");
    }
}

#[test]
fn an_infinite_day_leaves_no_memory_to_correct_by() {
    let mut series: Vec<f64> = (0..30).map(f64::from).map(|day| (day / 4.0).sin() + 0.1 * day).collect();
    series[29] = f64::INFINITY;
    assert!(mann_kendall(&series).is_ok());
    assert_eq!(mann_kendall_yue_wang(&series).unwrap_err().undefined(), Some(Undefined::Infinite));
}

#[test]
fn perfect_shapes_are_told() {
    let step: Vec<f64> = (0..20).map(|day| if day < 13 { 0.1 } else { 0.7 }).collect();
    let found = change_point(&step, 2).unwrap();
    assert_eq!((found.change, found.split_index), (Change::Abrupt, 13));
    near(found.shift(), 0.6);
    let line: Vec<f64> = (0..20).map(|day| 1e9 + 0.1 * f64::from(day)).collect();
    assert_eq!(change_point(&line, 2).unwrap().change, Change::Gradual);
    // places count missing days, parts do not
    let holes = [0.0, 0.1, f64::NAN, 0.0, 0.1, 0.0, f64::NAN, f64::NAN, 5.0, 5.1, 5.0, 5.1, 5.0];
    let found = change_point(&holes, 2).unwrap();
    assert_eq!((found.change, found.split_index, found.missing), (Change::Abrupt, 8, 3));
}

#[test]
fn shapes_are_told_as_often_as_is_said() {
    let mut random = Random(41);
    let repetitions = 2000;
    let mut right = [0; 3];
    for _ in 0..repetitions {
        let noise: Vec<f64> = (0..60).map(|_| random.normal()).collect();
        let with = |of: &dyn Fn(f64) -> f64| -> Vec<f64> {
            noise.iter().zip(0..).map(|(noise, day)| noise + of(f64::from(day))).collect()
        };
        let place = 15.0 + 30.0 * random.uniform();
        let told = |series: &[f64], change| usize::from(change_point(series, 2).unwrap().change == change);
        right[0] += told(&noise, Change::Constant);
        right[1] += told(&with(&|day| 1.5 * day / 59.0), Change::Gradual);
        right[2] += told(&with(&|day| if day < place { 0.0 } else { 2.0 }), Change::Abrupt);
    }
    let shares = right.map(|right| right as f64 / f64::from(repetitions));
    for (share, expected) in shares.iter().zip([0.95, 0.88, 0.89]) {
        assert!((share - expected).abs() < 0.025, "{shares:?}");
    }
}

#[test]
fn without_a_trend_tests_reject_as_often_as_they_say() {
    let mut random = Random(42);
    let repetitions = 1500;
    for (memory, sizes) in [(0.0, [0.044, 0.05, 0.058]), (0.4, [0.183, 0.19, 0.074])] {
        let (mut rejected, mut held) = ([0; 3], 0);
        for _ in 0..repetitions {
            let mut before = random.normal() / f64::sqrt(1.0 - memory * memory);
            let series: Vec<f64> = (0..60)
                .map(|_| {
                    before = memory * before + random.normal();
                    before
                })
                .collect();
            let p = [
                mann_kendall(&series).unwrap().p_value,
                linear_trend(&series).unwrap().p_value.unwrap(),
                mann_kendall_yue_wang(&series).unwrap().p_value,
            ];
            (0..3).for_each(|test| rejected[test] += usize::from(p[test] < 0.05));
            held += usize::from(sen_slope(&series).unwrap().interval(0.95).unwrap().contains(0.0));
        }
        let shares = rejected.map(|rejected| rejected as f64 / f64::from(repetitions));
        for (share, size) in shares.iter().zip(sizes) {
            // standard deviation 0.006 and 0.010
            assert!((share - size).abs() < 0.027, "{memory}: {shares:?}");
        }
        let coverage = held as f64 / f64::from(repetitions);
        assert!(memory > 0.0 || (coverage - 0.948).abs() < 0.02, "{coverage}");
    }
}

/// A grid, so that many numbers are tied, and holes.
fn series() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(
        prop_oneof![9 => (-8_i32..8).prop_map(|x| f64::from(x) / 4.0), 1 => Just(f64::NAN)],
        0..50,
    )
}

proptest! {
    #[test]
    fn s_is_that_of_all_pairs(series in series()) {
        let Ok(test) = mann_kendall(&series) else { return Ok(()) };
        let pair = |x: f64, y: f64| if y > x { 1.0 } else if y < x { -1.0 } else { 0.0 };
        let s: f64 = (0..series.len())
            .flat_map(|i| (i + 1..series.len()).map(move |j| (i, j)))
            .map(|(i, j)| pair(series[i], series[j]))
            .sum();
        prop_assert_eq!(test.s, s);
        prop_assert!((0.0..=1.0).contains(&test.p_value) && test.tau.abs() <= 1.0 && test.variance >= 0.0);
    }

    #[test]
    fn turned_around_and_moved_trends_are_what_they_must_be(series in series(), scale in 0.1..10.0_f64) {
        let Ok(test) = mann_kendall(&series) else { return Ok(()) };
        let turned: Vec<f64> = series.iter().rev().copied().collect();
        let moved: Vec<f64> = series.iter().map(|x| scale * x + 1e3).collect();
        prop_assert_eq!(mann_kendall(&turned)?.s, -test.s);
        let risen: Vec<f64> = series.iter().map(|x| x.exp()).collect();
        prop_assert_eq!(mann_kendall(&risen)?, test);
        let (slope, line) = (sen_slope(&series)?, linear_trend(&series)?);
        prop_assert!((sen_slope(&turned)?.slope + slope.slope).abs() < 1e-12);
        prop_assert!((sen_slope(&moved)?.slope - scale * slope.slope).abs() < 1e-9);
        prop_assert!((linear_trend(&turned)?.slope + line.slope).abs() < 1e-12);
        prop_assert!((linear_trend(&moved)?.slope - scale * line.slope).abs() < 1e-9);
        let interval = slope.interval(0.9).unwrap();
        prop_assert!(interval.lower <= interval.upper);
    }

    #[test]
    fn the_split_is_the_best_of_all(series in series(), min_size in 1_usize..5) {
        let numbers: Vec<f64> = series.iter().copied().filter(|x| !x.is_nan()).collect();
        let Ok(found) = change_point(&series, min_size) else { return Ok(()) };
        let rss = |part: &[f64]| {
            let mean = part.iter().sum::<f64>() / part.len() as f64;
            part.iter().map(|x| (x - mean).powi(2)).sum::<f64>()
        };
        let all = min_size..=numbers.len() - min_size;
        let best = all.map(|place| rss(&numbers[..place]) + rss(&numbers[place..])).fold(f64::INFINITY, f64::min);
        prop_assert!((found.rss_step - best).abs() < 1e-10, "{found:?} {best}");
        prop_assert!((found.rss_constant - rss(&numbers)).abs() < 1e-10);
        prop_assert!(!series[found.split_index].is_nan());
        let later: Vec<f64> = series.iter().map(|x| 8.0 * x + 1e6).collect();
        let moved = change_point(&later, min_size)?;
        prop_assert!((moved.rss_step - 64.0 * best).abs() < 1e-6 && (moved.rss_linear - 64.0 * found.rss_linear).abs() < 1e-6);
    }

    #[test]
    fn hostile_floats_give_numbers_or_an_error(
        series in prop::collection::vec(
            prop_oneof![any::<f64>(), Just(f64::MAX), Just(f64::MIN), Just(f64::INFINITY), Just(5e-324)], 0..12,
        ),
        level in any::<f64>(),
    ) {
        for test in [mann_kendall(&series), mann_kendall_yue_wang(&series)].into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&test.p_value) && test.z.is_finite(), "{test:?}");
        }
        if let Ok(slope) = sen_slope(&series) {
            prop_assert!(slope.slope.is_finite() && slope.intercept.is_finite());
            for level in [level, 0.5, 0.999] {
                prop_assert!(slope.interval(level).is_none_or(|ends| ends.lower <= ends.upper && ends.lower.is_finite()));
            }
        }
        if let Ok(line) = linear_trend(&series) {
            prop_assert!(line.slope.is_finite() && line.intercept.is_finite() && line.residual_sum_of_squares >= 0.0);
            prop_assert!(line.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)), "{line:?}");
            prop_assert!(line.standard_error.is_none_or(f64::is_finite), "{line:?}");
            let ends = line.interval(level);
            prop_assert!(ends.is_none_or(|ends| ends.lower <= ends.upper), "{line:?}");
        }
        if let Ok(found) = change_point(&series, 2) {
            for number in [
                found.rss_constant, found.rss_linear, found.rss_step, found.bic_constant, found.bic_linear,
                found.bic_step, found.mean_before, found.mean_after,
            ] {
                prop_assert!(number.is_finite(), "{found:?}");
            }
        }
    }
}
