use proptest::prelude::*;

use super::*;
use crate::random::Random;

const X: [f64; 7] = [3.1, 4.7, 2.2, 5.9, 4.4, 3.8, 6.1];
const Y: [f64; 5] = [4.9, 6.3, 5.2, 7.7, 3.9];
const X_WEIGHTS: [f64; 7] = [1.0, 4.0, 2.0, 1.0, 8.0, 2.0, 1.0];
const Y_WEIGHTS: [f64; 5] = [2.0, 1.0, 1.0, 5.0, 3.0];

fn near(got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-10 * expected.abs(), "{got} {expected}");
}

/// `scipy.stats.ttest_ind(X, Y, equal_var=False)`, its `confidence_interval(0.9)`, and `ttest_ind(X, Y)`, scipy 1.17.1
#[test]
fn without_weights_it_is_the_test_of_scipy() {
    let test = welch_t(&X, &Y).unwrap();
    assert_eq!((test.method, test.reference_size, test.current_size), (WelchMethod::Kish, 7, 5));
    near(test.statistic, -1.5265643638971331);
    near(test.p_value, 0.16263419767332396);
    near(test.degrees_of_freedom, 8.633365756332736);
    let interval = test.interval(0.9).unwrap();
    near(interval.lower, -2.837110387968875);
    near(interval.upper, 0.26568181654030454);
    let pooled = student_t_evidently(&X, &Y).unwrap();
    near(pooled.statistic, -1.5332753854524745);
    near(pooled.p_value, 0.1562138936362959);
}

/// `CompareMeans(DescrStatsW(X, wx), DescrStatsW(Y, wy)).ttest_ind(usevar="unequal")` with the weights scaled to sum to
/// Kish's sizes, and `WLS(X, ones, wx).fit(cov_type="HC0")`, statsmodels 0.15
#[test]
fn with_weights_it_is_the_test_of_statsmodels() {
    let (x, y) = (Sample::weighted(&X, &X_WEIGHTS).unwrap(), Sample::weighted(&Y, &Y_WEIGHTS).unwrap());
    let kish = WelchT::by(WelchMethod::Kish, x, y).unwrap();
    near(kish.statistic, -1.4857765480908807);
    near(kish.p_value, 0.20957709349051917);
    near(kish.degrees_of_freedom, 4.115615999699015);
    let hajek = welch_t(x, y).unwrap();
    assert_eq!((hajek.method, hajek.degrees_of_freedom), (WelchMethod::Hajek, f64::INFINITY));
    near(hajek.difference, -1.6899122807017548);
    near(hajek.standard_error, 0.9533917646789138);
    near(hajek.statistic, -1.7725266184472326);
    near(hajek.p_value, 0.07630718072678877);
    let between = WelchT::between(&Moments::of(x), &Moments::of(y)).unwrap();
    near(between.p_value, kish.p_value);
}

#[test]
fn what_has_no_test_is_undefined() {
    let reason = |x: &[f64], y: &[f64]| welch_t(x, y).unwrap_err().undefined();
    let too_few = Some(Undefined::TooFew { found: 1, needed: 2 });
    assert_eq!(reason(&[], &[1.0, 2.0]), Some(Undefined::EmptyReference));
    assert_eq!(reason(&[1.0, 2.0], &[f64::NAN, f64::INFINITY]), Some(Undefined::EmptyCurrent));
    assert_eq!(reason(&[1.0], &[1.0, 2.0]), too_few);
    assert_eq!(reason(&[1.0; 3], &[1.0; 4]), Some(Undefined::Constant));
    // one row that outweighs the others
    let heavy = Sample::weighted(&[1.0, 2.0], &[1.0, 1e-30]).unwrap();
    assert_eq!(welch_t(heavy, &[1.0, 2.0]).unwrap_err().undefined(), too_few);
    assert!(welch_t(&[f64::MAX, f64::MAX], &[f64::MIN, f64::MIN]).unwrap_err().is_invalid());
    assert_eq!(
        student_t_evidently(&[1.0], &[2.0]).unwrap_err().undefined(),
        Some(Undefined::TooFew { found: 2, needed: 3 })
    );
    assert_eq!(student_t_evidently(&[1.0], &[1.0; 3]).unwrap_err().undefined(), Some(Undefined::Constant));
}

#[test]
fn two_different_constants_are_infinitely_far_apart() {
    let test = welch_t(&[1.0; 3], &[2.0; 4]).unwrap();
    assert_eq!((test.statistic, test.p_value), (f64::NEG_INFINITY, 0.0));
    assert_eq!((test.degrees_of_freedom, test.interval(0.95)), (2.0, None));
    assert_eq!(WelchT::between(&Moments::of(&[1.0; 3]), &Moments::of(&[2.0; 4])), Ok(test));
    assert_eq!(student_t_evidently(&[2.0; 3], &[1.0; 4]).unwrap().statistic, f64::INFINITY);
}

#[test]
fn what_has_no_part_in_a_mean_is_counted() {
    let test = welch_t(&[1.0, f64::NAN, 2.0, f64::INFINITY], &[f64::NEG_INFINITY, 3.0, 5.0]).unwrap();
    assert_eq!((test.missing_reference, test.infinite_reference, test.reference_size), (1, 1, 2));
    assert_eq!((test.missing_current, test.infinite_current, test.current_size), (0, 1, 2));
    assert_eq!(test.difference, -2.5);
}

#[test]
fn an_offset_and_extreme_units_cost_nothing() {
    let plain = welch_t(&X, &Y).unwrap();
    let shifted = |values: &[f64]| values.iter().map(|value| value + 1e9).collect::<Vec<_>>();
    let far = welch_t(&shifted(&X), &shifted(&Y)).unwrap();
    assert!((far.statistic - plain.statistic).abs() < 1e-6);
    for unit in [1e-300, 1e300, 2e-308] {
        let scaled = |values: &[f64]| values.iter().map(|value| value * unit).collect::<Vec<_>>();
        let test = welch_t(&scaled(&X), &scaled(&Y)).unwrap();
        assert!((test.statistic - plain.statistic).abs() < 1e-10, "{unit}: {test:?}");
        assert!((test.standard_error / unit - plain.standard_error).abs() < 1e-10);
    }
}

type Rows = Vec<(f64, f64)>;

fn rows() -> impl Strategy<Value = Rows> {
    let row = ((-40_i32..40).prop_map(|value| f64::from(value) / 8.0), (0_u32..4).prop_map(f64::from));
    let rows = prop::collection::vec(row, 3..30);
    rows.prop_filter("a row must count", |rows| rows.iter().any(|row| row.1 > 0.0))
}

fn tested(method: WelchMethod, reference: &Rows, current: &Rows) -> Result<WelchT> {
    let split = |rows: &Rows| -> (Vec<f64>, Vec<f64>) { rows.iter().copied().unzip() };
    let ((x, x_weights), (y, y_weights)) = (split(reference), split(current));
    WelchT::by(method, Sample::weighted(&x, &x_weights)?, Sample::weighted(&y, &y_weights)?)
}

fn mapped(rows: &Rows, of: impl Fn((f64, f64)) -> (f64, f64)) -> Rows {
    rows.iter().copied().map(of).collect()
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(1.0) || (one.is_infinite() && one.signum() == other.signum())
}

fn same(one: &Result<WelchT>, other: &Result<WelchT>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => {
            close(one.difference, other.difference)
                && close(one.standard_error, other.standard_error)
                && close(one.p_value, other.p_value)
        }
        (one, other) => one.is_err() && other.is_err(),
    }
}

proptest! {
    #[test]
    fn samples_change_places_and_signs(x in rows(), y in rows()) {
        for method in [WelchMethod::Kish, WelchMethod::Hajek] {
            let (Ok(one), Ok(other)) = (tested(method, &x, &y), tested(method, &y, &x)) else { continue };
            prop_assert!(close(one.difference, -other.difference) && close(one.p_value, other.p_value));
            let opposite = |rows: &Rows| mapped(rows, |(value, weight)| (-value, weight));
            let other = tested(method, &opposite(&x), &opposite(&y))?;
            prop_assert!(close(one.difference, -other.difference) && close(one.p_value, other.p_value));
        }
    }

    #[test]
    fn order_scale_of_weights_and_rows_without_weight_do_not_count(
        x in rows(), y in rows(), scale in prop_oneof![Just(3.0), Just(1e300), Just(1e-300)],
    ) {
        for method in [WelchMethod::Kish, WelchMethod::Hajek] {
            let test = tested(method, &x, &y);
            let reversed: Rows = x.iter().rev().copied().collect();
            prop_assert!(same(&test, &tested(method, &reversed, &y)));
            prop_assert!(same(&test, &tested(method, &mapped(&x, |(value, weight)| (value, weight * scale)), &y)));
            let mut more = x.clone();
            more.push((1e9, 0.0));
            prop_assert!(same(&test, &tested(method, &more, &y)));
        }
    }

    #[test]
    fn whole_weights_give_the_means_of_repeated_rows(x in rows(), y in rows()) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let repeated = |rows: &Rows| -> Vec<f64> {
            rows.iter().flat_map(|&(value, weight)| std::iter::repeat_n(value, weight as usize)).collect()
        };
        let (Ok(test), Ok(more)) = (tested(WelchMethod::Hajek, &x, &y), welch_t(&repeated(&x), &repeated(&y))) else {
            return Ok(());
        };
        prop_assert!(close(test.mean_reference, more.mean_reference) && close(test.mean_current, more.mean_current));
    }

    #[test]
    fn equal_weights_are_none_and_moments_give_the_same(x in rows(), y in rows()) {
        let values = |rows: &Rows| rows.iter().map(|row| row.0).collect::<Vec<_>>();
        let (x, y) = (values(&x), values(&y));
        let test = welch_t(&x, &y);
        let weights = vec![2.5; x.len()];
        prop_assert!(same(&test, &welch_t(Sample::weighted(&x, &weights)?, &y)));
        let (first, second) = x.split_at(x.len() / 2);
        let merged = Moments::of(first).merge(&Moments::of(second));
        prop_assert!(same(&test, &WelchT::between(&merged, &Moments::of(&y))));
    }

    #[test]
    fn a_sample_does_not_differ_from_itself(x in rows()) {
        for method in [WelchMethod::Kish, WelchMethod::Hajek] {
            let Ok(test) = tested(method, &x, &x) else { continue };
            prop_assert_eq!((test.difference, test.statistic, test.p_value), (0.0, 0.0, 1.0));
        }
    }

    #[test]
    fn the_interval_holds_zero_when_the_test_does_not_reject(x in rows(), y in rows(), level in 0.5..0.999_f64) {
        for method in [WelchMethod::Kish, WelchMethod::Hajek] {
            let Ok(test) = tested(method, &x, &y) else { continue };
            let Some(interval) = test.interval(level) else { continue };
            prop_assert!(interval.contains(test.difference));
            prop_assert!((test.p_value - (1.0 - level)).abs() < 1e-9 || interval.contains(0.0) == (test.p_value > 1.0 - level));
        }
    }

    #[test]
    fn any_floats_give_numbers_in_range_or_an_error(
        x in prop::collection::vec((any::<f64>(), any::<f64>()), 0..8),
        y in prop::collection::vec((any::<f64>(), any::<f64>()), 0..8),
    ) {
        let weight = |weight: f64| if weight.is_finite() { weight.abs() } else { 1.0 };
        let (x, y) = (mapped(&x, |(value, w)| (value, weight(w))), mapped(&y, |(value, w)| (value, weight(w))));
        let values = |rows: &Rows| rows.iter().map(|row| row.0).collect::<Vec<_>>();
        let tests = [
            tested(WelchMethod::Kish, &x, &y),
            tested(WelchMethod::Hajek, &x, &y),
            welch_t(&values(&x), &values(&y)),
            WelchT::between(&Moments::of(&values(&x)), &Moments::of(&values(&y))),
        ];
        for test in tests.into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&test.p_value) && !test.statistic.is_nan(), "{test:?}");
            prop_assert!(test.difference.is_finite() && test.standard_error.is_finite() && test.standard_error >= 0.0);
            prop_assert!(test.degrees_of_freedom > 0.0, "{test:?}");
            prop_assert!(test.interval(0.95).is_none_or(|interval| interval.lower <= interval.upper));
        }
        if let Ok(test) = student_t_evidently(&values(&x), &values(&y)) {
            prop_assert!((0.0..=1.0).contains(&test.p_value) && !test.statistic.is_nan(), "{test:?}");
        }
    }
}

/// How often the tests reject at 5 % without drift, and how often the interval of level 0.95 holds 0.
#[derive(Debug, Default)]
struct Rates {
    kish: f64,
    hajek: f64,
    held: f64,
}

fn rates(repetitions: usize, mut draw: impl FnMut() -> Rows) -> Rates {
    let mut rates = Rates::default();
    let share = 1.0 / repetitions as f64;
    for _ in 0..repetitions {
        let (x, y) = (draw(), draw());
        let [kish, hajek] =
            [WelchMethod::Kish, WelchMethod::Hajek].map(|method| tested(method, &x, &y).unwrap());
        rates.kish += if kish.p_value < 0.05 { share } else { 0.0 };
        rates.hajek += if hajek.p_value < 0.05 { share } else { 0.0 };
        rates.held += if hajek.interval(0.95).unwrap().contains(0.0) { share } else { 0.0 };
    }
    rates
}

/// Standard deviation of the rates: 0.5 %.
#[test]
fn without_drift_the_tests_reject_as_often_as_they_say() {
    let mut random = Random(1);
    let plain = rates(2_000, || (0..12).map(|_| (random.normal(), 1.0)).collect());
    assert!((0.035..0.065).contains(&plain.kish), "{plain:?}");
    let independent = rates(2_000, || {
        (0..200).map(|_| (random.normal(), 1.0 / (0.05 + 0.95 * random.uniform()))).collect()
    });
    assert!(
        (0.035..0.065).contains(&independent.kish) && (0.035..0.075).contains(&independent.hajek),
        "{independent:?}"
    );
    assert!((independent.held + independent.hajek - 1.0).abs() < 1e-9);
    // far values are kept one time in ten
    let far = rates(1_000, || {
        let rows = (0..400).filter_map(|_| {
            let value = random.normal();
            let kept = if value.abs() > 1.5 { 0.1 } else { 1.0 };
            (random.uniform() < kept).then_some((value, 1.0 / kept))
        });
        rows.collect()
    });
    assert!(far.kish > 0.15 && (0.03..0.085).contains(&far.hajek), "{far:?}");
}
