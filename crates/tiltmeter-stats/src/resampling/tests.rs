use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

use super::*;
use crate::random::Random;
use crate::{Pairs, Result, Sample, Undefined};

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1e-3)
}

fn both_close(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => close(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

fn exponential(random: &mut Random) -> f64 {
    -random.uniform().ln()
}

mod hajek {
    use super::*;

    const VALUES: [f64; 6] = [1.2, 0.7, 3.1, 2.2, 1.9, 0.4];

    #[test]
    fn without_weights_it_is_the_interval_of_the_t_test() {
        // r = scipy.stats.ttest_1samp([1.2, .7, 3.1, 2.2, 1.9, .4], 0); r.confidence_interval(.9), r.df, scipy 1.17.1;
        // scipy.stats.sem(...)
        let mean = hajek_mean(&VALUES).unwrap();
        let interval = mean.interval(0.9).unwrap();
        assert!(
            close(mean.value, 1.583_333_333_333_333_5)
                && close(mean.standard_error.unwrap(), 0.412_647_280_104_664_95)
        );
        assert!(
            close(interval.lower, 0.751_829_102_798_131_3) && close(interval.upper, 2.414_837_563_868_534_4)
        );
        assert!(close(mean.degrees_of_freedom.unwrap(), 5.0));
    }

    #[test]
    fn golden_values_with_weights_and_clusters() {
        // numpy 2.4.6: m = (w*x).sum()/w.sum(); z = sums of w*(x - m) by cluster; k = W.sum()**2/(W**2).sum() for the sums W
        // of w by cluster; se = sqrt(k/(k-1)*(z**2).sum())/w.sum(); scipy.stats.t.ppf(.975, k-1)
        let mean = hajek_mean(Sample::weighted(&VALUES, &[1.0, 1.0, 4.0, 4.0, 1.0, 10.0]).unwrap()).unwrap();
        assert!(
            close(mean.value, 1.380_952_380_952_381)
                && close(mean.standard_error.unwrap(), 0.711_731_817_771_080_5)
        );
        let interval = mean.interval(0.95).unwrap();
        assert!((interval.lower - -1.360_770_170_929_651_8).abs() < 1e-9);
        assert!((interval.upper - 4.122_674_932_834_414).abs() < 1e-9);
        let mean = hajek_mean_clustered(&[1.0, 1.2, 3.0, 3.2, 2.0, 0.5], &[0, 0, 1, 1, 2, 3]).unwrap();
        assert!(close(mean.standard_error.unwrap(), 0.632_742_639_517_243_2));
        assert!(close(mean.degrees_of_freedom.unwrap(), 2.6));
    }

    #[test]
    fn what_has_no_mean_or_no_spread() {
        assert_eq!(hajek_mean(&[]), Err(Undefined::Empty.into()));
        assert_eq!(hajek_mean(&[f64::NAN]), Err(Undefined::Empty.into()));
        assert_eq!(hajek_mean(&[1.0, f64::INFINITY]), Err(Undefined::Infinite.into()));
        let one = hajek_mean(&[7.0, f64::NAN]).unwrap();
        assert_eq!((one.value, one.standard_error, one.count, one.missing), (7.0, None, 1, 1));
        let constant = hajek_mean(&[0.1; 7]).unwrap();
        assert_eq!(
            (constant.value, constant.standard_error, constant.interval(0.95)),
            (0.1, Some(0.0), None)
        );
        let cluster = hajek_mean_clustered(&[1.0, 2.0], &["a", "a"]).unwrap();
        assert_eq!((cluster.standard_error, cluster.clusters), (None, Some(1)));
        assert!(hajek_mean_clustered(&[1.0, 2.0], &["a"]).unwrap_err().is_invalid());
        let zero = Pairs::new(&[1.0, 2.0], &[1.0, -1.0]).unwrap();
        assert_eq!(hajek_ratio(zero), Err(Undefined::ZeroDenominator.into()));
        assert!(one.total(-1.0).unwrap_err().is_invalid() && one.total(f64::NAN).unwrap_err().is_invalid());
        assert_eq!(constant.total(10.0).unwrap().value, 1.0);
    }

    #[test]
    fn a_light_outlier_costs_no_digits_wherever_it_stands() {
        for far in [1e15, 1e30] {
            let (mut values, mut weights) = ([far, 1.1, 1.2, 1.3], [1e-3 / far / far, 1.0, 1.0, 1.0]);
            for _ in 0..2 {
                let sample = Sample::weighted(&values, &weights).unwrap();
                let pairs = Pairs::weighted(&values, &[1.0; 4], &weights).unwrap();
                let ratio = hajek_ratio(pairs).unwrap();
                let clustered = hajek_mean_clustered(sample, &[0, 1, 2, 3]).unwrap();
                let mean = hajek_mean(sample).unwrap();
                for (value, error) in [
                    (mean.value, mean.standard_error),
                    (clustered.value, clustered.standard_error),
                    (ratio.value, ratio.standard_error),
                ] {
                    assert!((value - 1.2).abs() < 1e-14, "{value}");
                    assert!((error.unwrap() - (0.02_f64 / 6.0).sqrt()).abs() < 1e-14, "{error:?}");
                }
                values.reverse();
                weights.reverse();
            }
        }
    }

    #[test]
    fn an_offset_costs_no_digits() {
        let values: Vec<f64> = VALUES.iter().map(|value| value + 1e9).collect();
        let (mean, shifted) = (hajek_mean(&VALUES).unwrap(), hajek_mean(&values).unwrap());
        assert!((shifted.standard_error.unwrap() - mean.standard_error.unwrap()).abs() < 1e-7);
        let largest = hajek_mean(&[f64::MAX, f64::MAX / 2.0, f64::MAX]).unwrap();
        assert!(close(largest.value / f64::MAX, 2.5 / 3.0) && largest.standard_error.unwrap().is_finite());
    }

    proptest! {
        #[test]
        fn laws(
            rows in prop::collection::vec((-50_i32..50, 1_u8..5, 0_u8..6), 1..40),
            scale in prop_oneof![Just(3.0), Just(1e-8), Just(1e300), Just(1e-300)],
        ) {
            let values: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
            let clusters: Vec<u8> = rows.iter().map(|row| row.2).collect();
            let of = |values: &[f64], weights: &[f64]| hajek_mean(Sample::weighted(values, weights).unwrap()).unwrap();
            let mean = of(&values, &weights);
            // each row a cluster
            let places: Vec<usize> = (0..rows.len()).collect();
            let single = hajek_mean_clustered(Sample::weighted(&values, &weights)?, &places)?;
            prop_assert!(close(mean.value, single.value) && both_close(mean.standard_error, single.standard_error));
            // the scale of the weights, and an increasing function of the values
            let scaled: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
            let again = of(&values, &scaled);
            prop_assert!(close(mean.value, again.value) && both_close(mean.standard_error, again.standard_error));
            let moved: Vec<f64> = values.iter().map(|value| 2.0 * value - 7.0).collect();
            let moved = of(&moved, &weights);
            prop_assert!(close(moved.value, 2.0 * mean.value - 7.0));
            prop_assert!(both_close(moved.standard_error, mean.standard_error.map(|error| 2.0 * error)));
            // repeated rows, as clusters of their row: their estimate and their standard error
            let repeated: Vec<(f64, usize)> = (0..rows.len())
                .flat_map(|row| std::iter::repeat_n((values[row], row), usize::from(rows[row].1)))
                .collect();
            let (again, of_row): (Vec<f64>, Vec<usize>) = repeated.into_iter().unzip();
            let again = hajek_mean_clustered(&again, &of_row)?;
            prop_assert!(close(mean.value, again.value) && both_close(mean.standard_error, again.standard_error));
            // the order of the rows
            let reversed = |of: &[f64]| of.iter().rev().copied().collect::<Vec<_>>();
            let backwards: Vec<u8> = clusters.iter().rev().copied().collect();
            let one = hajek_mean_clustered(Sample::weighted(&values, &weights)?, &clusters)?;
            let (values, weights) = (reversed(&values), reversed(&weights));
            let other = hajek_mean_clustered(Sample::weighted(&values, &weights)?, &backwards)?;
            prop_assert!(close(one.value, other.value) && both_close(one.standard_error, other.standard_error));
            // a mean is a ratio to ones
            let ones = vec![1.0; rows.len()];
            let ratio = hajek_ratio_clustered(Pairs::weighted(&values, &ones, &weights)?, &backwards)?;
            prop_assert!(close(ratio.value, other.value) && both_close(ratio.standard_error, other.standard_error));
        }

        #[test]
        fn hostile_floats_give_a_number_or_an_error(
            rows in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>(), 0_u8..4), 0..20),
        ) {
            let first: Vec<f64> = rows.iter().map(|row| row.0).collect();
            let second: Vec<f64> = rows.iter().map(|row| row.1).collect();
            let weights: Vec<f64> =
                rows.iter().map(|row| if row.2.is_finite() { row.2.abs() } else { 1.0 }).collect();
            let clusters: Vec<u8> = rows.iter().map(|row| row.3).collect();
            let finite = |numbers: [Option<f64>; 3]| numbers.into_iter().flatten().all(f64::is_finite);
            let Ok(sample) = Sample::weighted(&first, &weights) else { return Ok(()) };
            for mean in [hajek_mean(sample), hajek_mean_clustered(sample, &clusters)].into_iter().flatten() {
                prop_assert!(finite([Some(mean.value), mean.standard_error, mean.degrees_of_freedom]), "{:?}", mean);
                prop_assert!(mean.interval(0.95).is_none_or(|interval| interval.contains(mean.value)));
            }
            let pairs = Pairs::weighted(&first, &second, &weights)?;
            for ratio in [hajek_ratio(pairs), hajek_ratio_clustered(pairs, &clusters)].into_iter().flatten() {
                prop_assert!(finite([Some(ratio.value), ratio.standard_error, ratio.degrees_of_freedom]), "{:?}", ratio);
            }
            for total in [horvitz_thompson_total(sample), horvitz_thompson_total(&first)].into_iter().flatten() {
                prop_assert!(total.value.is_finite() && total.standard_error.is_finite(), "{:?}", total);
            }
        }
    }

    /// The share of 95 % intervals that hold the truth.
    fn coverage(times: usize, mut interval: impl FnMut() -> crate::Interval, truth: f64) -> f64 {
        (0..times).filter(|_| interval().contains(truth)).count() as f64 / times as f64
    }

    pub(super) fn clustered(random: &mut Random, count: usize) -> (Vec<f64>, Vec<usize>) {
        let mut rows = (Vec::new(), Vec::new());
        for cluster in 0..count {
            let common = random.normal();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to 8")]
            let size = 1 + (random.uniform() * 8.0) as usize;
            for _ in 0..size {
                rows.0.push(common + random.normal());
                rows.1.push(cluster);
            }
        }
        rows
    }

    #[test]
    fn intervals_of_a_mean_cover() {
        let mut random = Random(11);
        let plain = coverage(
            800,
            || {
                let values: Vec<f64> = (0..200).map(|_| exponential(&mut random)).collect();
                hajek_mean(&values).unwrap().interval(0.95).unwrap()
            },
            1.0,
        );
        let weighted = coverage(
            800,
            || {
                let values: Vec<f64> = (0..200).map(|_| exponential(&mut random)).collect();
                let weights: Vec<f64> = (0..200).map(|_| 1.0 + 9.0 * random.uniform()).collect();
                hajek_mean(Sample::weighted(&values, &weights).unwrap()).unwrap().interval(0.95).unwrap()
            },
            1.0,
        );
        let mut ignored = 0;
        let by_cluster = coverage(
            800,
            || {
                let (values, clusters) = clustered(&mut random, 25);
                ignored += usize::from(hajek_mean(&values).unwrap().interval(0.95).unwrap().contains(0.0));
                hajek_mean_clustered(&values, &clusters).unwrap().interval(0.95).unwrap()
            },
            0.0,
        );
        for share in [plain, weighted, by_cluster] {
            assert!((0.93..=0.97).contains(&share), "{plain} {weighted} {by_cluster}");
        }
        assert!(ignored < 700, "without clusters {ignored} of 800");
    }

    #[test]
    fn intervals_of_a_ratio_and_of_totals_cover() {
        let mut random = Random(12);
        let population: Vec<(f64, f64)> = (0..2000)
            .map(|_| {
                let size = 1.0 + exponential(&mut random);
                (size * (0.3 + 0.1 * random.normal()), size)
            })
            .collect();
        let totals = population.iter().fold((0.0, 0.0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
        let mut held = [0_u32; 3];
        for _ in 0..600 {
            // larger ones are kept more often
            let kept: Vec<(f64, f64, f64)> = population
                .iter()
                .map(|&(y, x)| (y, x, (0.05 * x).min(1.0)))
                .filter(|row| random.uniform() < row.2)
                .map(|(y, x, probability)| (y, x, 1.0 / probability))
                .collect();
            let column = |of: fn(&(f64, f64, f64)) -> f64| kept.iter().map(of).collect::<Vec<_>>();
            let (y, x, weights) = (column(|row| row.0), column(|row| row.1), column(|row| row.2));
            let ratio = hajek_ratio(Pairs::weighted(&y, &x, &weights).unwrap()).unwrap();
            let sample = Sample::weighted(&y, &weights).unwrap();
            let intervals = [
                (ratio.interval(0.95).unwrap(), totals.0 / totals.1),
                (horvitz_thompson_total(sample).unwrap().interval(0.95).unwrap(), totals.0),
                (hajek_mean(sample).unwrap().total(2000.0).unwrap().interval(0.95).unwrap(), totals.0),
            ];
            for (held, (interval, truth)) in held.iter_mut().zip(intervals) {
                *held += u32::from(interval.contains(truth));
            }
        }
        assert!(held.iter().all(|held| (555..=588).contains(held)), "{held:?} of 600");
    }
}

mod horvitz_thompson {
    use super::*;

    #[test]
    fn without_weights_nothing_is_uncertain() {
        let total = horvitz_thompson_total(&[1.0, f64::NAN, 2.5]).unwrap();
        assert_eq!((total.value, total.standard_error, total.count, total.missing), (3.5, 0.0, 2, 1));
        assert_eq!(total.interval(0.95), None);
    }

    #[test]
    fn weights_are_inverse_probabilities() {
        let half = horvitz_thompson_total(Sample::weighted(&[1.0], &[0.5]).unwrap());
        assert!(half.unwrap_err().is_invalid());
        assert_eq!(horvitz_thompson_total(&[]), Err(Undefined::Empty.into()));
        let large = Sample::weighted(&[f64::MAX], &[2.0]).unwrap();
        assert_eq!(horvitz_thompson_total(large), Err(Undefined::Overflow.into()));
    }
}

mod bootstrap {
    use super::*;

    const PERCENTILE: (f64, f64) = (0.311_604_99, 25.797_855_59);
    const BCA: (f64, f64) = (0.328_759_389_099_069_3, 25.876_799_209_223_53);

    fn mean_of(values: &[f64]) -> impl Fn(&[usize]) -> Result<f64> {
        |rows| Ok(rows.iter().map(|&row| values[row]).sum::<f64>() / rows.len() as f64)
    }

    #[test]
    fn a_seed_gives_the_same_and_both_forms_agree() {
        let values: Vec<f64> = (0..40).map(|row| f64::from(row * row % 17)).collect();
        let plan = Bootstrap::rows(40).with_replicates(300).unwrap();
        let one = plan.of_rows(5, mean_of(&values)).unwrap();
        assert_eq!(one, plan.of_rows(5, mean_of(&values)).unwrap());
        assert_ne!(one, plan.of_rows(6, mean_of(&values)).unwrap());
        let mut generator = Xoshiro256PlusPlus::seed_from_u64(5);
        assert_eq!(one, plan.of_rows_by(&mut generator, mean_of(&values)).unwrap());
        let by_weight =
            plan.of_weights(5, |weights| Ok(hajek_mean(Sample::weighted(&values, weights)?)?.value)).unwrap();
        assert!(one.replicates().iter().zip(by_weight.replicates()).all(|(one, other)| close(*one, *other)));
        assert!(close(one.standard_error().unwrap(), by_weight.standard_error().unwrap()));
        // the standard error of a mean: s·√((n − 1)/n)/√n, within the noise of 300 replicates
        let known = hajek_mean(&values).unwrap().standard_error.unwrap();
        assert!((one.standard_error().unwrap() / known - 1.0).abs() < 0.12);
    }

    #[test]
    fn the_draws_of_a_seed_stay_what_they_are() {
        let values = [1.0, 2.0, 4.0, 8.0, 16.0];
        let plan = Bootstrap::rows(5).with_replicates(4).unwrap();
        let sums = plan.of_rows(1, |rows| Ok(rows.iter().map(|&row| values[row]).sum())).unwrap();
        // a change of these numbers changes every report that was made with a seed
        assert_eq!(sums.replicates(), [22.0, 26.0, 33.0, 34.0]);
    }

    #[test]
    fn clusters_are_drawn_whole_with_their_weights() {
        let clusters = ["a", "b", "a", "c", "b"];
        let weights = [1.0, 2.0, 3.0, 4.0, 5.0];
        let plan = Bootstrap::clusters(&clusters).with_replicates(200).unwrap();
        plan.of_rows(3, |rows| {
            let times = |row| rows.iter().filter(|&&drawn| drawn == row).count();
            assert_eq!((times(0), times(1)), (times(2), times(4)));
            Ok(rows.len() as f64)
        })
        .unwrap();
        let plan = plan.with_weights(&weights).unwrap();
        let drawn = plan
            .of_weights(3, |weights| {
                assert_eq!((3.0 * weights[0], 5.0 * weights[1]), (weights[2], 2.0 * weights[4]));
                Ok(weights[0] + weights[1] / 2.0 + weights[3] / 4.0)
            })
            .unwrap();
        // three clusters in each draw
        assert_eq!((drawn.replicates()[0], drawn.replicates()[199]), (3.0, 3.0));
        assert_eq!((drawn.standard_error(), drawn.bias()), (Some(0.0), Some(0.0)));
        let interval = drawn.percentile_interval(0.9).unwrap();
        assert_eq!((interval.lower, interval.upper, drawn.bca_interval(0.9)), (3.0, 3.0, None));
    }

    #[test]
    fn an_undefined_replicate_is_left_out_and_an_invalid_one_ends_it() {
        let plan = Bootstrap::rows(3).with_replicates(500).unwrap();
        // undefined unless row 0 was drawn: (2/3)³ of the draws
        let with_first = plan
            .of_rows(1, |rows| {
                if rows.contains(&0) { Ok(rows.len() as f64) } else { Err(Undefined::OneClass.into()) }
            })
            .unwrap();
        assert!((110..190).contains(&with_first.undefined()), "{}", with_first.undefined());
        assert_eq!(with_first.replicates().len() + with_first.undefined(), 500);
        let not_a_number =
            plan.of_rows(1, |rows| Ok(if rows.contains(&0) { 1.0 } else { f64::NAN })).unwrap();
        assert_eq!(not_a_number.undefined(), with_first.undefined());
        let only_all =
            |rows: &[usize]| if rows == [0, 1, 2] { Ok(1.0) } else { Err(Undefined::OneClass.into()) };
        let few = plan.clone().with_replicates(2).unwrap().of_rows(1, only_all);
        assert!(matches!(few.unwrap_err().undefined(), Some(Undefined::TooFew { needed: 2, .. })));
        let undefined = plan.of_rows(1, |_| Err(Undefined::Constant.into()));
        assert_eq!(undefined, Err(Undefined::Constant.into()));
        let infinite = plan.of_rows(1, |_| Ok(f64::INFINITY));
        assert_eq!(infinite, Err(Undefined::Overflow.into()));
        let mut calls = 0;
        let invalid = plan.of_rows(1, |_| {
            calls += 1;
            if calls == 10 { Err(crate::Error::invalid("a mistake")) } else { Ok(1.0) }
        });
        assert!(invalid.unwrap_err().is_invalid() && calls == 10);
    }

    #[test]
    fn what_cannot_be_drawn_is_told() {
        assert_eq!(Bootstrap::rows(0).of_rows(1, |_| Ok(1.0)), Err(Undefined::Empty.into()));
        assert_eq!(Bootstrap::clusters::<u8>(&[]).of_weights(1, |_| Ok(1.0)), Err(Undefined::Empty.into()));
        for replicates in [0, 1, 1_000_001] {
            assert!(Bootstrap::rows(3).with_replicates(replicates).unwrap_err().is_invalid());
        }
        assert!(Bootstrap::rows(2).with_weights(&[1.0]).unwrap_err().is_invalid());
        // draws of rows without weight alone are undefined
        let weights = [0.0, 0.0, 1.0];
        let plan = Bootstrap::rows(3).with_weights(&weights).unwrap();
        let drawn =
            plan.of_weights(1, |weights| Ok(hajek_mean(Sample::weighted(&[1.0, 2.0, 3.0], weights)?)?.value));
        let drawn = drawn.unwrap();
        assert!(drawn.undefined() > 400 && drawn.replicates()[0] == 3.0);
        let large = [f64::MAX; 3];
        let plan = Bootstrap::rows(3).with_weights(&large).unwrap();
        plan.of_weights(1, |weights| Ok(hajek_mean(Sample::weighted(&[1.0, 2.0, 3.0], weights)?)?.value))
            .unwrap();
    }

    #[test]
    fn intervals_are_those_of_the_formulas() {
        // r = numpy.sort(numpy.arange(199)**1.5 / 100); e = 9.5
        // numpy.percentile(r, [5, 95]); z0 = norm.ppf((r < e).mean()); a = .03
        // numpy.quantile(r, norm.cdf(z0 + (z0 + z) / (1 - a*(z0 + z)))) for z in norm.ppf([.05, .95])
        let replicates: Vec<f64> = (0..199).map(|place| f64::from(place).powf(1.5) / 100.0).collect();
        let distribution = BootstrapDistribution::new(9.5, replicates, 200, Some(0.03)).unwrap();
        assert_eq!(distribution.undefined(), 1);
        let percentile = distribution.percentile_interval(0.9).unwrap();
        let bca = distribution.bca_interval(0.9).unwrap();
        let basic = distribution.basic_interval(0.9).unwrap();
        assert!(
            (percentile.lower - PERCENTILE.0).abs() < 1e-8 && (percentile.upper - PERCENTILE.1).abs() < 1e-8
        );
        assert!(
            (basic.lower - 19.0 + PERCENTILE.1).abs() < 1e-8
                && (basic.upper - 19.0 + PERCENTILE.0).abs() < 1e-8
        );
        assert!((bca.lower - BCA.0).abs() < 1e-7 && (bca.upper - BCA.1).abs() < 1e-7);
        for level in [0.0, 1.0, f64::NAN, -1.0, 0.999] {
            assert_eq!(distribution.percentile_interval(level), None, "{level}");
            assert_eq!(distribution.bca_interval(level), None, "{level}");
        }
    }

    #[test]
    fn the_acceleration_is_a_sixth_of_the_skewness() {
        // t = numpy.array([1, 1.1, .9, 1.3, .2]); d = t.mean() - t; (d**3).sum() / (6 * (d**2).sum()**1.5)
        let without = [1.0, 1.1, 0.9, 1.3, 0.2];
        assert!(close(bootstrap_distribution::acceleration(&without).unwrap(), 0.076_836_124_885_782_43));
        assert_eq!(bootstrap_distribution::acceleration(&[0.1; 9]), None);
    }

    proptest! {
        #[test]
        fn whatever_the_statistic_gives_intervals_are_numbers_in_order(
            given in prop::collection::vec(prop_oneof![any::<f64>(), Just(f64::MAX), -1.0..1.0_f64], 1..30),
            level in 0.01..0.99_f64,
        ) {
            let mut calls = 0;
            let distribution = Bootstrap::rows(given.len()).with_replicates(100)?.of_rows(1, |_| {
                calls += 1;
                Ok(given[calls % given.len()])
            });
            let Ok(distribution) = distribution else { return Ok(()) };
            prop_assert!(distribution.replicates().is_sorted());
            let numbers = [distribution.standard_error(), distribution.bias()];
            prop_assert!(numbers.into_iter().flatten().all(f64::is_finite));
            let (percentile, basic, bca) = (
                distribution.percentile_interval(level),
                distribution.basic_interval(level),
                distribution.bca_interval(level),
            );
            for interval in [percentile, basic, bca].into_iter().flatten() {
                prop_assert!(interval.lower <= interval.upper, "{:?}", interval);
                prop_assert!(interval.lower.is_finite() && interval.upper.is_finite(), "{:?}", interval);
            }
        }
    }

    #[test]
    fn intervals_cover() {
        let mut random = Random(21);
        let mut held = [[0_u32; 3]; 3];
        let times = 300;
        for time in 0..times {
            let values: Vec<f64> = (0..100).map(|_| exponential(&mut random)).collect();
            let weights: Vec<f64> = (0..100).map(|_| 1.0 + 3.0 * random.uniform()).collect();
            let (in_clusters, clusters) = super::hajek::clustered(&mut random, 40);
            let replicates = 300;
            let rows = Bootstrap::rows(100).with_replicates(replicates).unwrap();
            let plain = rows.of_rows(time, mean_of(&values)).unwrap();
            let total = |values: &[f64], weights: &[f64]| {
                values.iter().zip(weights).map(|(value, weight)| value * weight).sum::<f64>()
                    / weights.iter().sum::<f64>()
            };
            let weighted = rows
                .with_weights(&weights)
                .unwrap()
                .of_weights(time, |weights| Ok(total(&values, weights)))
                .unwrap();
            let whole = Bootstrap::clusters(&clusters).with_replicates(replicates).unwrap();
            let by_cluster = whole.of_rows(time, mean_of(&in_clusters)).unwrap();
            for (held, (distribution, truth)) in
                held.iter_mut().zip([(plain, 1.0), (weighted, 1.0), (by_cluster, 0.0)])
            {
                let intervals = [
                    distribution.percentile_interval(0.95),
                    distribution.basic_interval(0.95),
                    distribution.bca_interval(0.95),
                ];
                for (held, interval) in held.iter_mut().zip(intervals) {
                    *held += u32::from(interval.unwrap().contains(truth));
                }
            }
        }
        for [percentile, basic, bca] in held {
            assert!(
                (276..=293).contains(&percentile)
                    && (273..=294).contains(&basic)
                    && (276..=293).contains(&bca),
                "{held:?}"
            );
        }
    }
}
