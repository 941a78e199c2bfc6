use proptest::prelude::*;

use super::*;
use crate::{Sample, Undefined, hajek_mean};

fn bounds(lower: f64, upper: f64) -> SequentialBounds {
    SequentialBounds { estimate: (lower + upper) / 2.0, lower, upper, alpha: 0.05, effective_size: 100.0 }
}

#[test]
fn the_first_decision_counts_and_bounds_only_narrow() {
    let test = NonInferiority::new(0.5).unwrap();
    let looks = [bounds(-2.0, 2.0), bounds(-1.0, 0.8), bounds(-3.0, -0.6), bounds(-0.7, 0.0)];
    let decide = |count: usize| test.over(looks[..count].iter().copied()).unwrap();
    assert_eq!(decide(2).decision, NonInferiorityDecision::Undecided);
    assert_eq!((decide(2).bounds.lower, decide(2).bounds.upper), (-1.0, 0.8));
    assert_eq!((decide(3).decision, decide(3).decided_at), (NonInferiorityDecision::Inferior, Some(2)));
    let last = decide(4);
    assert_eq!((last.decision, last.decided_at, last.looks), (NonInferiorityDecision::Inferior, Some(2), 4));
    // the last two looks contradict each other less than the margin would need
    assert_eq!((last.bounds.lower, last.bounds.upper, last.bounds.estimate), (-0.7, -0.6, -0.35));
    assert_eq!(test.over([]).unwrap_err().undefined(), Some(Undefined::Empty));
}

#[test]
fn a_bound_at_the_margin_decides_nothing() {
    let test = NonInferiority::new(0.5).unwrap();
    assert_eq!(test.decide(&bounds(-0.5, 1.0)), NonInferiorityDecision::Undecided);
    assert_eq!(test.decide(&bounds(-1.0, -0.5)), NonInferiorityDecision::Undecided);
    assert_eq!(test.decide(&bounds(-0.4, 1.0)), NonInferiorityDecision::NonInferior);
    // contradictory
    assert_eq!(test.decide(&bounds(-0.4, -0.6)), NonInferiorityDecision::Undecided);
    for margin in [-1e-9, f64::NAN, f64::INFINITY] {
        assert!(NonInferiority::new(margin).is_err_and(|error| error.is_invalid()));
    }
}

#[test]
fn contradictory_bounds_are_no_interval() {
    let narrowed = bounds(0.2, 0.4).within(&bounds(0.5, 0.9));
    assert_eq!((narrowed.lower, narrowed.upper, narrowed.interval()), (0.5, 0.4, None));
    let interval = bounds(0.2, 0.4).interval().unwrap();
    assert_eq!((interval.lower, interval.upper, interval.level), (0.2, 0.4, 0.9));
}

#[test]
fn a_look_without_spread_is_none() {
    assert_eq!(Look::new(0.0, 0.0, 100.0).unwrap_err().undefined(), Some(Undefined::NoVariance));
    for (estimate, error, size) in [
        (f64::NAN, 1.0, 1.0),
        (0.0, f64::INFINITY, 1.0),
        (0.0, -1.0, 1.0),
        (0.0, 1.0, 0.0),
        (0.0, 1.0, f64::NAN),
    ] {
        assert!(Look::new(estimate, error, size).is_err_and(|error| error.is_invalid()));
    }
    let mut mean = RunningMean::default();
    assert_eq!(mean.look().unwrap_err().undefined(), Some(Undefined::Empty));
    mean.update(&[1.0]);
    assert_eq!(mean.look().unwrap_err().undefined(), Some(Undefined::TooFew { found: 1, needed: 2 }));
    mean.update(&[1.0, f64::NAN, f64::INFINITY]);
    assert_eq!(mean.look().unwrap_err().undefined(), Some(Undefined::NoVariance));
    assert_eq!((mean.count(), mean.missing(), mean.infinite()), (2, 1, 1));
}

/// Equal up to rounding.
fn close(one: f64, other: f64, size: f64) -> bool {
    (one - other).abs() <= 1e-9 * size
}

proptest! {
    #[test]
    fn a_running_mean_is_hajeks_however_it_is_merged(
        rows in proptest::collection::vec((-10.0..10.0_f64, 0.1..20.0_f64), 3..60),
        offset in prop_oneof![Just(0.0), Just(1e6)],
        cut in any::<proptest::sample::Index>(),
    ) {
        let (values, weights): (Vec<f64>, Vec<f64>) = rows.into_iter().map(|(x, w)| (x + offset, w)).unzip();
        let all = hajek_mean(Sample::weighted(&values, &weights).unwrap()).unwrap();
        let cut = cut.index(values.len());
        let (mut first, mut second) = (RunningMean::default(), RunningMean::default());
        if cut > 0 {
            first.update(Sample::weighted(&values[..cut], &weights[..cut]).unwrap());
        }
        second.update(Sample::weighted(&values[cut..], &weights[cut..]).unwrap());
        first.merge(&second);
        let (look, expected) = (first.look().unwrap(), Look::of_mean(&all).unwrap());
        prop_assert!(close(look.estimate, expected.estimate, 10.0), "{look:?} {expected:?}");
        prop_assert!((look.standard_error / expected.standard_error - 1.0).abs() < 1e-6, "{look:?} {expected:?}");
        prop_assert!(close(look.effective_size, expected.effective_size, expected.effective_size));
    }

    #[test]
    fn no_number_is_not_one(rows in proptest::collection::vec((any::<f64>(), any::<f64>()), 0..20)) {
        let (values, weights): (Vec<f64>, Vec<f64>) = rows.into_iter().map(|(x, w)| (x, w.abs())).unzip();
        let mut mean = RunningMean::default();
        if let Ok(sample) = Sample::weighted(&values, &weights) {
            mean.update(sample);
        }
        if let Ok(look) = mean.look() {
            let Look { estimate, standard_error, effective_size } = look;
            prop_assert!([estimate, standard_error, effective_size].iter().all(|number| number.is_finite()));
        }
    }
}
