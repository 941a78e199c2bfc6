use proptest::prelude::*;

use super::*;
use crate::random::Random;
use crate::{Sample, Sorted, Undefined, sort_values};

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1e-3)
}

#[test]
fn entropies_are_those_of_scipy() {
    // scipy.stats.entropy(counts), scipy 1.17.1
    for (counts, nats) in [
        ([8.0, 38.0, 38.0, 8.0, 37.0, 16.0, 31.0, 59.0, 39.0].as_slice(), 2.045_244_121_503_804_6),
        (&[30.0, 10.0, 0.0], 0.562_335_144_618_808_3),
        (&[4.0], 0.0),
        (&[1e300, 1e300], std::f64::consts::LN_2),
    ] {
        let entropy = entropy_from_counts(counts).unwrap();
        assert!(close(entropy.nats, nats), "{counts:?}");
        assert_eq!(entropy.outcomes, counts.len());
    }
    assert_eq!(entropy_from_counts(&[4.0]).unwrap().normalised(), None);
    assert!(close(entropy_from_counts(&[3.0; 4]).unwrap().normalised().unwrap(), 1.0));
}

#[test]
fn what_has_no_entropy() {
    assert_eq!(entropy_from_counts(&[0.0, 0.0]), Err(Undefined::Empty.into()));
    assert_eq!(entropy_of_categories::<u8>(&[], None), Err(Undefined::Empty.into()));
    assert_eq!(entropy(&[]), Err(Undefined::Empty.into()));
    assert_eq!(entropy(&[0.5, f64::NAN]), Err(Undefined::MissingScores(1).into()));
    assert_eq!(prediction_uncertainty(&[1.0]), Err(Undefined::OneClass.into()));
    assert_eq!(prediction_uncertainty(&[]), Err(Undefined::Empty.into()));
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(entropy_from_counts(&[1.0, wrong]).unwrap_err().is_invalid());
    }
    for wrong in [[0.5, 0.6], [1.5, -0.5], [0.0, 0.0]] {
        assert!(
            entropy(&wrong).unwrap_err().is_invalid()
                && prediction_uncertainty(&wrong).unwrap_err().is_invalid()
        );
    }
    assert!(entropy_of_categories(&["a"], Some(&[])).unwrap_err().is_invalid());
    assert!(entropy_of_categories(&["a"], Some(&[0.0])).unwrap_err().is_invalid());
}

#[test]
fn bias_and_standard_error_are_the_empirical_ones() {
    let mut random = Random(31);
    let shares = [0.5, 0.2, 0.15, 0.1, 0.05];
    let truth = entropy(&shares).unwrap().nats;
    let drawn: Vec<Entropy> = (0..2000)
        .map(|_| {
            let mut counts = [0.0; 5];
            for _ in 0..100 {
                let mut left = random.uniform();
                let at = shares.iter().position(|share| {
                    left -= share;
                    left < 0.0
                });
                counts[at.unwrap_or(4)] += 1.0;
            }
            entropy_from_counts(&counts).unwrap()
        })
        .collect();
    let mean = |of: &dyn Fn(&Entropy) -> f64| drawn.iter().map(of).sum::<f64>() / 2000.0;
    let bias = mean(&|entropy| entropy.nats) - truth;
    let stated = mean(&|entropy| entropy.expected_bias.unwrap());
    assert!((bias / stated - 1.0).abs() < 0.2, "{bias} {stated}");
    let center = truth + bias;
    let spread = mean(&|entropy| (entropy.nats - center).powi(2)).sqrt();
    let stated = mean(&|entropy| entropy.standard_error.unwrap());
    assert!((spread / stated - 1.0).abs() < 0.1, "{spread} {stated}");
}

#[test]
fn confidences_by_hand_and_by_scipy() {
    // scipy.stats.kstest([.5, .75, 1.], scipy.stats.uniform(.5, .5).cdf).statistic
    let three = confidence_uniformity(&[0.5, 0.75, 1.0, f64::NAN], 2).unwrap();
    assert!(close(three.statistic, 1.0 / 3.0));
    assert_eq!((three.count, three.missing, three.mean, three.uniform_mean), (3, 1, 0.75, 0.75));
    let sure = confidence_uniformity(&[1.0; 50], 10).unwrap();
    assert!(close(sure.statistic, 1.0) && sure.p_value < 1e-20 && close(sure.mean, 1.0));
    assert_eq!(confidence_uniformity(&[f64::NAN], 2), Err(Undefined::Empty.into()));
    for (confidence, classes) in [(0.4, 2), (1.1, 2), (0.5, 1), (0.5, 0), (f64::INFINITY, 3)] {
        assert!(confidence_uniformity(&[confidence], classes).unwrap_err().is_invalid());
        assert!(
            confidence_uniformity_sorted(Sorted::new(&[confidence]).unwrap(), classes)
                .unwrap_err()
                .is_invalid()
        );
    }
    assert!(confidence_uniformity(&[0.5 - 1e-8, 1.0 + 1e-8], 2).is_ok());
}

#[test]
fn uniform_confidences_are_rejected_as_often_as_promised() {
    let mut random = Random(32);
    let (mut rejected, mut distance, mut expected) = ([0_u32; 2], 0.0, 0.0);
    let times = 2000;
    for _ in 0..times {
        let values: Vec<f64> = (0..100).map(|_| 0.25 + 0.75 * random.uniform()).collect();
        let weights: Vec<f64> = (0..100).map(|_| 1.0 / (0.1 + random.uniform())).collect();
        let plain = confidence_uniformity(&values, 4).unwrap();
        let weighted = confidence_uniformity(Sample::weighted(&values, &weights).unwrap(), 4).unwrap();
        rejected[0] += u32::from(plain.p_value < 0.05);
        rejected[1] += u32::from(weighted.p_value < 0.05);
        distance += plain.statistic;
        expected += plain.expected;
    }
    assert!(rejected.iter().all(|rejected| (70..=130).contains(rejected)), "{rejected:?} of {times}");
    assert!((distance / expected - 1.0).abs() < 0.06, "{distance} {expected}");
}

proptest! {
    #[test]
    fn entropy_is_within_its_bounds_whatever_the_order_and_the_scale(
        counts in prop::collection::vec(0_u16..50, 1..12), scale in prop_oneof![Just(1e-300), Just(3.0), Just(1e290)],
    ) {
        let counts: Vec<f64> = counts.into_iter().map(f64::from).collect();
        let Ok(entropy) = entropy_from_counts(&counts) else { return Ok(()) };
        prop_assert!(entropy.nats >= 0.0 && entropy.nats <= (counts.len() as f64).ln());
        prop_assert!(entropy.standard_error.unwrap() >= 0.0 && entropy.expected_bias.unwrap() <= 0.0);
        let other: Vec<f64> = counts.iter().rev().map(|count| count * scale).collect();
        prop_assert!(close(entropy.nats, entropy_from_counts(&other)?.nats));
        // as probabilities
        let total: f64 = counts.iter().sum();
        let shares: Vec<f64> = counts.iter().map(|count| count / total).collect();
        prop_assert!(close(entropy.nats, super::entropy(&shares)?.nats));
    }

    #[test]
    fn whole_weights_are_repeated_categories(rows in prop::collection::vec((0_u8..5, 0_u8..4), 1..30)) {
        let (values, weights): (Vec<u8>, Vec<f64>) = rows.iter().map(|row| (row.0, f64::from(row.1))).unzip();
        let repeated: Vec<u8> =
            rows.iter().flat_map(|row| std::iter::repeat_n(row.0, usize::from(row.1))).collect();
        let Ok(weighted) = entropy_of_categories(&values, Some(&weights)) else { return Ok(()) };
        let plain = entropy_of_categories(&repeated, None)?;
        prop_assert!(close(weighted.nats, plain.nats));
        prop_assert_eq!(weighted.outcomes, plain.outcomes);
        let huge: Vec<f64> = weights.iter().map(|weight| weight * 1e300).collect();
        let huge = entropy_of_categories(&values, Some(&huge))?;
        prop_assert!(close(weighted.nats, huge.nats));
        prop_assert!(close(weighted.standard_error.unwrap(), huge.standard_error.unwrap()));
    }

    #[test]
    fn uncertainties_are_in_range(raw in prop::collection::vec(0.0..1.0_f64, 2..8)) {
        let total: f64 = raw.iter().sum();
        prop_assume!(total > 0.0);
        let mut probabilities: Vec<f64> = raw.iter().map(|probability| probability / total).collect();
        let result = prediction_uncertainty(&probabilities)?;
        let classes = probabilities.len() as f64;
        prop_assert!((classes.recip()..=1.0).contains(&result.confidence));
        prop_assert!((0.0..=result.confidence).contains(&result.margin));
        prop_assert!(close(result.confidence + result.least_confidence, 1.0));
        probabilities.reverse();
        let other = prediction_uncertainty(&probabilities)?;
        prop_assert!(close(result.margin, other.margin) && close(result.entropy.nats, other.entropy.nats));
    }

    #[test]
    fn a_sorted_column_gives_the_same_and_whole_weights_are_repeated(
        rows in prop::collection::vec((0.5..=1.0_f64, 0_u8..4), 1..40),
    ) {
        let (values, weights): (Vec<f64>, Vec<f64>) = rows.iter().map(|row| (row.0, f64::from(row.1))).unzip();
        let mut sorted = values.clone();
        sort_values(&mut sorted);
        let plain = confidence_uniformity(&values, 2)?;
        prop_assert_eq!(plain, confidence_uniformity_sorted(Sorted::new(&sorted)?, 2)?);
        prop_assert!(plain.statistic > 0.0 && plain.statistic <= 1.0 && (0.0..=1.0).contains(&plain.p_value));
        let repeated: Vec<f64> =
            rows.iter().flat_map(|row| std::iter::repeat_n(row.0, usize::from(row.1))).collect();
        let Ok(sample) = Sample::weighted(&values, &weights) else { return Ok(()) };
        let (weighted, repeated) = (confidence_uniformity(sample, 2)?, confidence_uniformity(&repeated, 2)?);
        prop_assert!(close(weighted.statistic, repeated.statistic) && close(weighted.mean, repeated.mean));
    }

    #[test]
    fn hostile_floats_give_a_number_or_an_error(
        values in prop::collection::vec(prop_oneof![any::<f64>(), 0.0..=1.0_f64, Just(-0.0), Just(5e-324)], 0..8),
        weights in prop::collection::vec(any::<f64>(), 0..8),
    ) {
        let finite = |entropy: Entropy| {
            [Some(entropy.nats), entropy.standard_error, entropy.expected_bias].into_iter().flatten().all(f64::is_finite)
        };
        prop_assert!(entropy(&values).is_ok_and(finite) || entropy(&values).is_err());
        prop_assert!(entropy_from_counts(&values).is_ok_and(finite) || entropy_from_counts(&values).is_err());
        if let Ok(result) = prediction_uncertainty(&values) {
            prop_assert!(finite(result.entropy) && (0.0..=1.0).contains(&result.margin));
        }
        let size = values.len().min(weights.len());
        if let Ok(sample) = Sample::weighted(&values[..size], &weights[..size])
            && let Ok(result) = confidence_uniformity(sample, 3)
        {
            prop_assert!((0.0..=1.0).contains(&result.statistic) && (0.0..=1.0).contains(&result.p_value));
        }
        let bits: Vec<u64> = values[..size].iter().map(|value| value.to_bits() % 3).collect();
        if let Ok(result) = entropy_of_categories(&bits, Some(&weights[..size])) {
            prop_assert!(finite(result));
        }
    }
}
