//! What is bounded, and what nothing can break.

use super::*;

fn segments(deltas: &[ProfileDelta], name: &str) -> Vec<(String, u64)> {
    let cells = merged(deltas).into_iter().filter_map(|((_, _, key), kept)| {
        let (segment, value) = key.segment?;
        (*segment == *name).then(|| (value.to_string(), kept.counts.predictions))
    });
    cells.collect()
}

fn of_carrier(carrier: &str) -> Prediction {
    row(0, 0.5, [1.0.into(), Value::Missing, carrier.into(), true.into()])
}

#[test]
fn values_beyond_the_bound_share_a_cell_and_the_first_keep_theirs() {
    let builder = || Profiler::builder().with_cells(2, 16).without_minutes();
    let mut profiler = profiler(builder());
    let flights = ["UA", "DL", "WN", "UA", "B6", "*", "DL"];
    for _ in 0..2 {
        profiler.observe(&batch(flights.iter().map(|carrier| of_carrier(carrier)).collect()));
    }
    let found = segments(&profiler.take_profiles(true), "carrier");
    assert_eq!(found, [("*".to_owned(), 6), ("DL".to_owned(), 4), ("UA".to_owned(), 4)]);
    let long = "x".repeat(257);
    let found = segments(&deltas(builder(), vec![of_carrier(&long)]), "carrier");
    assert_eq!(found, [("*".to_owned(), 1)]);
    let none = deltas(Profiler::builder().with_cells(0, 16), vec![plain(0)]);
    assert!(none.iter().flat_map(|delta| &delta.cells).all(|cell| cell.key.segment.is_none()));
}

#[test]
fn versions_beyond_the_bound_share_a_cell_in_minutes_too() {
    let rows = (0..6).map(|number| {
        let mut row = plain(number);
        row.model_version = (number > 0).then(|| format!("v{number}").parse().unwrap());
        row
    });
    let kept = merged(&deltas(Profiler::builder().with_cells(0, 3), rows.collect()));
    for width in [WindowWidth::Minute, WindowWidth::Hour] {
        let cells = kept.iter().filter(|((window, ..), _)| window.width() == width);
        let versions: Vec<_> = cells
            .map(|((_, _, key), kept)| (key.model_version.as_deref(), kept.counts.predictions))
            .collect();
        assert_eq!(versions, [(None, 1), (Some("*"), 3), (Some("v1"), 1), (Some("v2"), 1)]);
    }
}

#[test]
fn the_application_can_say_segments() {
    let mut said = plain(0);
    said.segments = vec![("carrier".into(), "no feature".into()), ("plan".into(), "gold".into())];
    let builder = Profiler::builder().with_said_segments(["plan", "carrier"]);
    let deltas = deltas(builder, vec![said, plain(1)]);
    assert_eq!(segments(&deltas, "plan"), [("gold".to_owned(), 1)]);
    assert_eq!(segments(&deltas, "carrier"), [("UA".to_owned(), 2)]);
    assert_eq!(segments(&deltas, "hour"), [("7".to_owned(), 2)]);
}

#[test]
fn no_more_windows_are_open_than_allowed() {
    let mut profiler = profiler(Profiler::builder().with_open_windows(2, 1));
    let at = [0, 60_000, 120_000, 3_600_000, 60_500];
    let rows: Vec<_> = at.iter().map(|&millis| plain(millis)).collect();
    profiler.observe(&batch(rows));
    let early = profiler.take_profiles(true);
    let kept = merged(&early);
    let total: u64 = kept
        .iter()
        .filter(|((window, _, key), _)| window.width() == WindowWidth::Hour && key.segment.is_none())
        .map(|(_, kept)| kept.counts.predictions)
        .sum();
    assert_eq!(total, 5, "each row is in one delta");
    let hours = early.iter().filter(|delta| delta.window.width() == WindowWidth::Hour);
    assert_eq!(hours.count(), 3, "an hour that was ended by another one is opened again");
}

#[test]
fn what_is_not_taken_is_bounded() {
    let builder = Profiler::builder().without_minutes().with_pending_bytes(20_000).with_open_windows(1, 1);
    let rows = (0..200).map(|hour| plain(hour * 3_600_000)).collect();
    let deltas = deltas(builder, rows);
    let bytes: usize = deltas.iter().map(ProfileDelta::memory_size).sum();
    assert!(!deltas.is_empty() && bytes <= 20_000, "{bytes}");
}

#[test]
fn hostile_values_are_counted_and_break_nothing() {
    let numbers = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 0.0, -0.0, 5e-324];
    let texts = [String::new(), "x".repeat(1 << 20), "\0\u{10ffff}".repeat(300), "*".to_owned()];
    let mut rows = Vec::new();
    for (place, &number) in numbers.iter().enumerate() {
        for text in &texts {
            let mut row = row(0, number, [number.into(), i64::MIN.into(), text.as_str().into(), true.into()]);
            row.confidence = Some(-number);
            row.instance_index = u32::MAX;
            rows.push(row.clone());
            // of other types, and not as many as there are features
            row.features = vec![text.as_str().into(), number.into(), Value::Boolean(false)];
            row.features.truncate(place % 4);
            rows.push(row);
        }
    }
    let handle = crate::BaselineHandle::from(baseline_of(&[0.0, 1.0]));
    let builder = Profiler::builder().with_baseline("flights".parse().unwrap(), handle);
    let count = rows.len() as u64;
    for (key, kept) in merged(&deltas(builder, rows)) {
        if key.2.segment.is_none() {
            assert_eq!(kept.counts.predictions, count);
        }
    }
}

#[test]
fn a_column_of_texts_that_are_all_different_takes_no_more_than_its_counters() {
    let rows = (0..10_000).map(|number| of_carrier(&format!("{number} {}", "y".repeat(200)))).collect();
    let kept = merged(&deltas(Profiler::builder().without_minutes(), rows));
    let carrier = kept[&whole(WindowWidth::Hour)].columns["carrier"].categorical().unwrap();
    assert_eq!(carrier.count(), 10_000);
    assert!(carrier.frequent().unwrap().top().len() <= 128);
}

#[test]
fn wrong_choices_are_refused() {
    let b = Profiler::builder;
    for wrong in [
        b().with_sketches(7, 128, 16),
        b().with_sketches(16, 128, 5_000),
        b().with_frequent_categories(0, 1),
        b().with_cells(1, 0),
        b().with_open_windows(0, 1),
        b().with_feature_window(WindowWidth::Minute),
        b().with_flush_interval(std::time::Duration::ZERO),
    ] {
        assert!(wrong.build().unwrap_err().is_configuration());
    }
}
