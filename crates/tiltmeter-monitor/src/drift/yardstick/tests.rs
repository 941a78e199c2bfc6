use tiltmeter_stats::{ColumnSummary, DayProfile, Moments};

use super::*;

fn column(days: &[[f64; 3]]) -> BaselineColumn {
    let summary = ColumnSummary::Categorical { categories: vec!["a".to_owned(), "b".to_owned()] };
    let profile = |(day, [missing, a, b]): (usize, &[f64; 3])| DayProfile {
        day: i32::try_from(day).unwrap(),
        missing: *missing,
        counts: vec![*a, *b, 0.0],
        moments: Moments::empty(),
    };
    BaselineColumn::new("plan", summary, days.iter().enumerate().map(profile).collect()).unwrap()
}

fn p_of(days: &[[f64; 3]], counts: [f64; 3]) -> f64 {
    let column = column(days);
    let psi = psi_from_counts(&column.counts(), &counts).unwrap();
    let seen = Seen { days: 1, size: counts.iter().sum(), psi: &psi, mean: None };
    Yardstick::of(&column).expectation(&seen, column.counts().iter().sum()).p_value
}

#[test]
fn the_more_days_differ_the_less_a_day_is_evidence() {
    let steady = [[0.0, 500.0, 500.0]; 20];
    let mut varied = steady;
    varied.iter_mut().step_by(2).for_each(|day| *day = [0.0, 700.0, 300.0]);
    varied.iter_mut().skip(1).step_by(2).for_each(|day| *day = [0.0, 300.0, 700.0]);
    let (steady, varied) = (p_of(&steady, [650.0, 350.0, 0.0]), p_of(&varied, [650.0, 350.0, 0.0]));
    assert!(steady < 1e-3 && varied > 0.2, "{steady} {varied}");
}

#[test]
fn a_missing_rate_is_measured_against_those_of_the_days() {
    let mut days = [[0.0, 500.0, 500.0]; 20];
    let mut steady = Yardstick::of(&column(&days));
    days.iter_mut().step_by(4).for_each(|day| day[0] = 300.0);
    let mut ragged = Yardstick::of(&column(&days));
    let (steady, ragged) =
        (steady.p_of_missing(1, 1000.0, 0.1, 0.0), ragged.p_of_missing(1, 1000.0, 0.1, 0.055));
    assert!(steady < 1e-6 && ragged > 0.2, "{steady} {ragged}");
    assert!(Yardstick::of(&column(&days[..0])).p_of_missing(1, 10.0, 0.0, 0.0) >= 1.0);
}

#[test]
fn with_few_days_rows_are_all_there_is() {
    let few = [[0.0, 500.0, 500.0]; 3];
    let yardstick = Yardstick::of(&column(&few));
    assert!(!yardstick.is_known());
    let p = p_of(&few, [650.0, 350.0, 0.0]);
    let psi = psi_from_counts(&[1500.0, 1500.0], &[650.0, 350.0]).unwrap();
    assert!((p - psi.p_value).abs() < 1e-12);
}

#[test]
fn the_same_column_draws_the_same_windows() {
    let days = [[1.0, 400.0, 600.0], [0.0, 600.0, 400.0]].repeat(10);
    assert_eq!(p_of(&days, [550.0, 450.0, 0.0]).to_bits(), p_of(&days, [550.0, 450.0, 0.0]).to_bits());
}
