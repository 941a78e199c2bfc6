//! When windows are handed over.

use std::time::Duration;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn windows(deltas: &[ProfileDelta]) -> Vec<String> {
    deltas.iter().map(|delta| format!("{} {}", delta.window.width(), delta.window.start())).collect()
}

fn predictions(deltas: &[ProfileDelta]) -> Vec<u64> {
    deltas.iter().map(|delta| delta.cells[0].counts.predictions).collect()
}

#[test]
fn a_window_is_handed_over_when_it_is_over_and_what_comes_late_is_another_delta() {
    let mut profiler = profiler(Profiler::builder().with_hand_over_interval(Duration::ZERO));
    profiler.tick(SECOND);
    profiler.observe(&batch(vec![plain(0), plain(59_000)]));
    profiler.tick(2 * SECOND);
    assert!(profiler.take_profiles(false).is_empty(), "the minute is not over");
    profiler.observe(&batch(vec![plain(61_000), plain(59_500)]));
    profiler.tick(3 * SECOND);
    assert!(profiler.take_profiles(false).is_empty(), "and waits for what is late");
    profiler.tick(9 * SECOND);
    let first = profiler.take_profiles(false);
    assert_eq!(
        (windows(&first), predictions(&first)),
        (vec!["minute 2026-03-01T12:00:00Z".to_owned()], vec![3])
    );
    profiler.observe(&batch(vec![plain(59_900), plain(66_000)]));
    let late = profiler.take_profiles(false);
    assert_eq!((windows(&late), predictions(&late)), (windows(&first), vec![1]));
    profiler.tick(10 * SECOND);
    profiler.tick(3_600 * SECOND);
    let rest = profiler.take_profiles(false);
    assert_eq!(windows(&rest), ["minute 2026-03-01T12:01:00Z", "hour 2026-03-01T12:00:00Z"]);
    assert_eq!(predictions(&rest), [2, 6]);
    assert!(profiler.take_profiles(true).is_empty());
}

#[test]
fn the_last_time_hands_over_all() {
    let deltas = deltas(Profiler::builder(), vec![plain(0), plain(60_000), plain(3_600_000)]);
    assert_eq!(
        windows(&deltas),
        [
            "minute 2026-03-01T12:00:00Z",
            "minute 2026-03-01T12:01:00Z",
            "minute 2026-03-01T13:00:00Z",
            "hour 2026-03-01T12:00:00Z",
            "hour 2026-03-01T13:00:00Z",
        ]
    );
}

#[test]
fn replays_have_the_time_of_their_events_and_days() {
    let mut replayed = plain(0);
    replayed.event_time = "2013-01-01T10:00:30Z".parse().unwrap();
    let builder = Profiler::builder().with_event_time().with_feature_window(WindowWidth::Day);
    assert_eq!(
        windows(&deltas(builder.clone(), vec![replayed.clone()])),
        ["minute 2013-01-01T10:00:00Z", "day 2013-01-01T00:00:00Z"]
    );
    assert_eq!(windows(&deltas(builder.without_minutes(), vec![replayed])), ["day 2013-01-01T00:00:00Z"]);
}

#[test]
fn an_hour_is_handed_over_in_parts_if_that_is_wanted() {
    let builder = Profiler::builder().without_minutes().with_hand_over_interval(Duration::ZERO);
    let mut profiler = profiler(builder.with_flush_interval(600 * SECOND));
    let mut handed_over = 0;
    for minute in 0..60 {
        profiler.tick(60 * SECOND * u32::try_from(minute).unwrap());
        profiler.observe(&batch(vec![plain(minute * 60_000)]));
        let parts = profiler.take_profiles(false);
        handed_over += parts.len();
        assert!(parts.iter().all(|part| part.window == Window::of(start(), WindowWidth::Hour)));
    }
    assert_eq!(handed_over, 5);
}

#[test]
fn predictions_at_the_ends_of_time_are_counted() {
    let mut rows = vec![plain(0); 2];
    (rows[0].observed_at, rows[1].observed_at) = (Timestamp::MIN, Timestamp::MAX);
    let deltas = deltas(Profiler::builder(), rows);
    assert_eq!(predictions(&deltas), [1, 1, 1, 1]);
}

#[test]
fn windows_that_are_over_are_handed_over_together() {
    let mut profiler = profiler(Profiler::builder());
    let mut handed_over = Vec::new();
    for minute in 0..25 {
        profiler.tick(60 * SECOND * u32::try_from(minute).unwrap());
        profiler.observe(&batch(vec![plain(minute * 60_000)]));
        handed_over.push(profiler.take_profiles(false).len());
    }
    let times: Vec<_> = handed_over.iter().enumerate().filter(|(_, deltas)| **deltas > 0).collect();
    // the minute that has begun is not over, and the one before it has been for less than the grace
    assert_eq!(times, [(10, &9), (20, &10)]);
}
