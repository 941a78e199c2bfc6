//! What the baseline changes.

use super::*;
use crate::BaselineHandle;

fn delay(delay: f64) -> Prediction {
    row(0, 0.5, [delay.into(), 7_i64.into(), "UA".into(), true.into()])
}

fn ids(deltas: &[ProfileDelta]) -> Vec<Option<&str>> {
    deltas.iter().map(|delta| delta.baseline_id.as_deref()).collect()
}

#[test]
fn another_baseline_within_a_window_begins_another_delta() {
    let (first, second) = (baseline_of(&[0.0, 1.0]), baseline_of(&[0.0, 1.0, 2.0]));
    let (first_id, second_id) = (first.id().to_string(), second.id().to_string());
    let handle = BaselineHandle::new();
    let builder = Profiler::builder().with_baseline("flights".parse().unwrap(), handle.clone());
    let mut profiler = profiler(builder.without_minutes());
    profiler.observe(&batch(vec![delay(0.5)]));
    handle.set(first);
    profiler.observe(&batch(vec![delay(0.5), delay(2.0)]));
    profiler.observe(&batch(vec![delay(0.5)]));
    handle.set(second);
    profiler.observe(&batch(vec![delay(2.0)]));
    let deltas = profiler.take_profiles(true);
    assert_eq!(ids(&deltas), [None, Some(&*first_id), Some(&*second_id)]);
    let counts: Vec<_> = deltas.iter().map(|delta| delta.cells[0].counts).collect();
    assert_eq!(counts.iter().map(|counts| counts.predictions).collect::<Vec<_>>(), [1, 3, 1]);
    assert_eq!(
        counts.iter().map(|counts| counts.anomalous_requests).collect::<Vec<_>>(),
        [None, Some(1), Some(0)]
    );
    let bins = |delta: &ProfileDelta| {
        let column = delta.cells[0].columns.iter().find(|column| &*column.column == "delay");
        column.unwrap().bin_counts.as_ref().map(Vec::len)
    };
    assert!(bins(&deltas[0]).is_none() && bins(&deltas[1]).is_some() && bins(&deltas[1]) != bins(&deltas[2]));
}

#[test]
fn a_baseline_of_another_model_is_left_aside() {
    let fraud = || Baseline::new("fraud", vec![], None).unwrap();
    let own = baseline_of(&[0.0, 1.0]);
    let id = own.id().to_string();
    let handle = BaselineHandle::from(fraud());
    let builder = Profiler::builder().with_baseline("flights".parse().unwrap(), handle.clone());
    let mut profiler = profiler(builder.without_minutes());
    profiler.observe(&batch(vec![delay(0.5)]));
    handle.set(own);
    profiler.observe(&batch(vec![delay(0.5)]));
    handle.set(fraud());
    profiler.observe(&batch(vec![delay(0.5)]));
    assert_eq!(ids(&profiler.take_profiles(true)), [None, Some(&*id)]);
}

#[test]
fn categories_are_counted_as_the_baseline_has_them() {
    let carriers = ["UA", "AA", "WN", "UA", "B6"];
    let rows = carriers.map(|carrier| row(0, 0.5, [1.0.into(), 7_i64.into(), carrier.into(), true.into()]));
    let handle = BaselineHandle::from(baseline_of(&[0.0, 1.0]));
    let builder = Profiler::builder().with_baseline("flights".parse().unwrap(), handle).without_minutes();
    let deltas = deltas(builder, rows.into());
    let cell = &deltas[0].cells[0];
    let column = |name: &str| cell.columns.iter().find(|column| &*column.column == name).unwrap();
    assert_eq!(column("carrier").bin_counts.as_deref(), Some(&[1.0, 2.0, 2.0][..]), "AA, UA, others");
    assert_eq!(cell.counts.anomalous_requests, Some(2));
    let wet = Profile::decode(&column("wet").encoded).unwrap();
    let top = wet.categorical().unwrap().frequent().unwrap().top();
    assert_eq!((top[0].name, column("wet").bin_counts.as_deref()), ("true", None), "the baseline has none");
    let score = column("score");
    assert_eq!(
        (score.mean, score.variance, score.min, score.max),
        (Some(0.5), Some(0.0), Some(0.5), Some(0.5))
    );
}
