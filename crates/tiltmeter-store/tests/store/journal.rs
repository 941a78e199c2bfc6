//! Changes of rates, and whether profiles are of all predictions.

use jiff::Timestamp;
use jiff::civil::date;
use tiltmeter_record::{
    CellCounts, CellKey, Gap, Heartbeat, Journal, PredictionDrop, ProfileCell, ProfileDelta, RateChange,
    Window, WindowWidth, WriterId, gaps_batch, heartbeats_batch, profiles_batch, rates_batch,
};
use tiltmeter_store::{Location, ProfileAccount, merge_profiles_of_day, read_profile_accounts, read_rates};
use uuid::Uuid;

use crate::files::{Folder, encode, said};

fn journal(writer: u128) -> Journal {
    Journal::new(WriterId::new("node", Uuid::from_u128(writer)), "node".into())
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn change(sequence: u64, second: i64, before: Option<f64>, after: f64) -> RateChange {
    let mut change = RateChange::at_start(sequence, at(second), "churn".into(), "base", after);
    change.before = before;
    change.because = if before.is_some() { "volume" } else { "start" };
    change
}

#[tokio::test]
async fn changes_of_rates_are_read_in_the_order_of_time() {
    let folder = Folder::new();
    let file = |writer, rates| encode(&rates_batch(&[Journal { rates, ..journal(writer) }]).unwrap(), &[]);
    folder.put(
        "rates/date=1970-01-01/a.parquet",
        file(1, vec![change(0, 0, None, 1.0), change(1, 90, Some(1.0), 0.5)]),
    );
    folder.put("rates/date=1970-01-01/b.parquet", file(1, vec![change(1, 90, Some(1.0), 0.5)]));
    folder.put("rates/date=1970-01-01/c.parquet", file(2, vec![change(0, 60, None, 0.25)]));
    folder.put("rates/date=1970-01-01/d.parquet", file(3, vec![change(0, 60, None, 0.0)]));
    folder.put("rates/date=1970-01-02/e.parquet", file(3, vec![change(1, 86_400, None, 0.1)]));
    let location = Location::local(folder.path("")).join("rates");
    let read = read_rates(&location, ..=date(1970, 1, 1)).await.unwrap();
    let after: Vec<f64> = read.rates.iter().map(|rate| rate.change.after).collect();
    assert_eq!((after, read.copies, read.files), (vec![1.0, 0.25, 0.5], 1, 4));
    assert_eq!(read.rates[2].change, change(1, 90, Some(1.0), 0.5));
    assert_eq!(
        said(&read.problems),
        ["d.parquet: has the rate 0 in column after, allowed: above 0 and up to 1"]
    );
    assert_eq!(read_rates(&Location::local(folder.path("nowhere")), ..).await.unwrap().files, 0);
}

/// Deltas of minutes and the hour around them, with so many predictions each.
fn profiles(writer: u128, model: &str, minutes: &[(i64, u64)]) -> Vec<u8> {
    let delta = |sequence: usize, window: Window, predictions: u64| {
        let mut counts = CellCounts::default();
        (counts.predictions, counts.requests) = (predictions, predictions);
        let cell = |role: &str, segment: Option<&str>| {
            let key = CellKey {
                role: role.into(),
                model_version: None,
                segment: segment.map(|value| ("plan".into(), value.into())),
            };
            ProfileCell::new(key, counts)
        };
        let mut delta = ProfileDelta::new(model.into(), window, None);
        delta.sequence = sequence as u64;
        delta.cells =
            vec![cell(CellKey::CHAMPION, None), cell(CellKey::CHAMPION, Some("a")), cell("lr", None)];
        std::sync::Arc::new(delta)
    };
    let mut journal = journal(writer);
    for (place, &(minute, predictions)) in minutes.iter().enumerate() {
        let window = Window::of(at(minute * 60), WindowWidth::Minute);
        journal.profiles.push(delta(2 * place, window, predictions));
        journal.profiles.push(delta(2 * place + 1, window.within(WindowWidth::Hour), predictions));
    }
    encode(&profiles_batch(&[journal]).unwrap(), &[])
}

#[tokio::test]
async fn logs_without_minutes_are_accounted_for_by_the_width_that_they_have() {
    let folder = Folder::new();
    let of = |writer, widths: &[WindowWidth]| {
        let mut journal = journal(writer);
        for (place, width) in (0..).zip(widths) {
            let mut counts = CellCounts::default();
            (counts.predictions, counts.requests) = (50, 50);
            let mut delta = ProfileDelta::new("churn".into(), Window::of(at(0), *width), None);
            delta.sequence = place;
            let key = CellKey { role: CellKey::CHAMPION.into(), model_version: None, segment: None };
            delta.cells = vec![ProfileCell::new(key, counts)];
            journal.profiles.push(std::sync::Arc::new(delta));
        }
        encode(&profiles_batch(&[journal]).unwrap(), &[])
    };
    folder.put("profiles/date=1970-01-01/1.parquet", of(1, &[WindowWidth::Hour, WindowWidth::Hour]));
    folder.put("profiles/date=1970-01-01/2.parquet", of(2, &[WindowWidth::Day]));
    folder.put("profiles/date=1970-01-01/3.parquet", of(3, &[WindowWidth::Day, WindowWidth::Minute]));
    let (location, model) = (Location::local(folder.path("profiles")), "churn".parse().unwrap());
    let merged = merge_profiles_of_day(&location, &model, date(1970, 1, 1)).await.unwrap();
    assert!(merged.bytes > 0, "a merge is no writer of its own");
    let read = read_profile_accounts(&Location::local(folder.path("")), "parquet").await.unwrap();
    assert_eq!(read.accounts.iter().map(|account| account.profiled).collect::<Vec<_>>(), [100, 50, 50]);
    assert_eq!(read.sinks.len(), 0);
}

fn heartbeat(sequence: u64, next_prediction: u64, is_last: bool) -> Heartbeat {
    let mut heartbeat = Heartbeat::new(sequence, at(0), at(60 * i64::try_from(sequence).unwrap()));
    (heartbeat.next_prediction, heartbeat.is_last) = (next_prediction, is_last);
    heartbeat
}

#[tokio::test]
async fn a_writer_that_was_killed_misses_its_last_window_and_says_so() {
    let folder = Folder::new();
    let beats = |writer, heartbeats| {
        encode(&heartbeats_batch(&[Journal { heartbeats, ..journal(writer) }]).unwrap(), &[])
    };
    // two models, two minutes flushed; the third minute was not
    folder.put(
        "heartbeats/date=1970-01-01/1.parquet",
        beats(1, vec![heartbeat(0, 0, false), heartbeat(3, 130, false)]),
    );
    folder.put("profiles/date=1970-01-01/1.parquet", profiles(1, "churn", &[(0, 50), (1, 40)]));
    folder.put("profiles/date=1970-01-01/1-again.parquet", profiles(1, "churn", &[(0, 50), (1, 40)]));
    folder.put("profiles/date=1970-01-01/1-other.parquet", profiles(1, "fraud", &[(0, 10)]));
    // one that ended in order, whose sink lost a delta
    folder.put(
        "heartbeats/date=1970-01-01/2.parquet",
        beats(2, vec![heartbeat(1, 30, true), heartbeat(0, 0, false)]),
    );
    folder.put("profiles/date=1970-01-01/2.parquet", profiles(2, "churn", &[(0, 20)]));
    let lost = Gap::of_profiles(0, at(60), "parquet".into(), PredictionDrop::SinkFailed, 10);
    let gaps = gaps_batch(&[Journal { gaps: vec![lost], ..journal(2) }]).unwrap();
    folder.put("gaps/date=1970-01-01/2.parquet", encode(&gaps, &[]));
    // one without heartbeats
    folder.put("profiles/date=1970-01-02/3.parquet", profiles(3, "churn", &[(1440, 5)]));

    let read = read_profile_accounts(&Location::local(folder.path("")), "parquet").await.unwrap();
    assert_eq!(said(&read.problems), Vec::<String>::new());
    assert_eq!(read.sinks, ["parquet".into()]);
    let of =
        |account: &ProfileAccount| (account.decoded, account.profiled, account.missing, account.lost_by_sink);
    assert_eq!(
        read.accounts.iter().map(of).collect::<Vec<_>>(),
        [(130, 100, 30, 0), (30, 20, 10, 10), (5, 5, 0, 0)]
    );
    let [killed, ended, unknown] = &read.accounts[..] else { panic!("{read:?}") };
    assert_eq!((killed.tail_since, killed.ended_in_order), (Some(at(180)), false));
    assert_eq!((ended.tail_since, ended.ended_in_order), (None, true));
    assert_eq!((unknown.tail_since, unknown.ended_in_order), (None, false));
}
