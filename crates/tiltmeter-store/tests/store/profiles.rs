//! Profiles of all predictions, merged.

use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray};
use jiff::Timestamp;
use jiff::civil::date;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;
use tiltmeter_record::{
    CellCounts, CellKey, ColumnProfile, ExchangeDrop, Gap, Journal, PredictionDrop, ProfileCell,
    ProfileDelta, Window, WindowWidth, WriterId, profiles_batch,
};
use tiltmeter_stats::{CategoricalSpec, NumericProfile, NumericSpec, Profile, QuantileBins};
use tiltmeter_store::{Location, ProfileQuery, ProfilesRead, merge_profiles_of_day, read_profiles};
use uuid::Uuid;

use crate::files::{Folder, encode, replace, said};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

fn query(width: WindowWidth) -> ProfileQuery {
    ProfileQuery::new("churn".parse().unwrap(), width)
}

fn score_spec(baseline: Option<&str>) -> NumericSpec {
    let spec = NumericSpec::new().with_sketch(32).unwrap();
    let bins = |reference: &[f64]| QuantileBins::of(reference, 3).unwrap();
    match baseline {
        None => spec,
        Some("b1") => spec.with_bins(bins(&[0.0, 0.2, 0.5, 0.9])),
        Some(_) => spec.with_bins(bins(&[0.1, 0.4, 0.6, 0.8])),
    }
}

/// What a writer flushes of a window.
#[derive(Clone, Debug)]
struct Flush {
    writer: u128,
    sequence: u64,
    window: Window,
    baseline: Option<&'static str>,
    version: Option<&'static str>,
    scores: Vec<f64>,
}

fn profile(flush: &Flush) -> NumericProfile {
    let mut profile = score_spec(flush.baseline).profile();
    profile.update(&flush.scores).unwrap();
    profile
}

fn column(name: &str, profile: &Profile) -> ColumnProfile {
    ColumnProfile::new(name.into(), profile.encode().into())
}

fn delta(flush: &Flush) -> ProfileDelta {
    let mut counts = CellCounts::default();
    counts.predictions = flush.scores.len() as u64;
    counts.requests = counts.predictions;
    let key = CellKey {
        role: CellKey::CHAMPION.into(),
        model_version: flush.version.map(Into::into),
        segment: None,
    };
    let mut cell = ProfileCell::new(key, counts);
    let mut plans = CategoricalSpec::new().with_frequent(8).unwrap().profile();
    plans.update(
        &flush.scores.iter().map(|score| Some(if *score > 0.5 { "a" } else { "b" })).collect::<Vec<_>>(),
    );
    cell.columns = vec![
        column("plan", &Profile::Categorical(plans)),
        column("score", &Profile::Numeric(profile(flush))),
    ];
    let mut delta = ProfileDelta::new("churn".into(), flush.window, flush.baseline.map(Into::into));
    delta.sequence = flush.sequence;
    delta.cells = vec![cell];
    delta
}

fn batch(flushes: &[Flush]) -> RecordBatch {
    let journals: Vec<Journal> = flushes
        .iter()
        .map(|flush| {
            let writer = WriterId::new("node", Uuid::from_u128(flush.writer));
            let mut journal = Journal::new(writer, "node".into());
            journal.profiles = vec![Arc::new(delta(flush))];
            journal
        })
        .collect();
    profiles_batch(&journals).unwrap()
}

fn flush(writer: u128, sequence: u64, window: Window, scores: &[f64]) -> Flush {
    Flush { writer, sequence, window, baseline: Some("b1"), version: Some("v1"), scores: scores.to_vec() }
}

fn hour(number: i64) -> Window {
    Window::of(at(number * 60), WindowWidth::Hour)
}

fn minute(number: i64) -> Window {
    Window::of(at(number), WindowWidth::Minute)
}

async fn read(folder: &Folder, query: &ProfileQuery) -> ProfilesRead {
    read_profiles(&Location::local(folder.path("profiles")), query).await.unwrap()
}

fn score(read: &ProfilesRead, place: usize) -> &NumericProfile {
    read.windows[place].cells[0].column("score").unwrap().numeric().unwrap()
}

/// A file with the rows at those places, in that order.
fn encode_rows(batch: &RecordBatch, places: impl IntoIterator<Item = u32>) -> Vec<u8> {
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    places.into_iter().for_each(|place| writer.write(&batch.slice(place as usize, 1)).unwrap());
    writer.into_inner().unwrap()
}

#[tokio::test]
async fn hours_become_days_and_are_those_of_one_pass() {
    let folder = Folder::new();
    let (first, second) = (vec![0.1, 0.2, f64::NAN], vec![0.3, 0.95, 0.1]);
    let flushes = [
        flush(1, 0, hour(0), &first),
        flush(1, 1, minute(0), &first),
        flush(2, 0, hour(0), &second),
        flush(1, 2, hour(5), &[0.7]),
        flush(1, 3, hour(24), &[0.8]),
    ];
    folder.put("profiles/date=1970-01-01/a.parquet", encode(&batch(&flushes[..4]), &[]));
    folder.put("profiles/date=1970-01-02/a.parquet", encode(&batch(&flushes[4..]), &[]));

    let days = read(&folder, &query(WindowWidth::Day)).await;
    assert_eq!((days.windows.len(), days.files, days.unreadable_count), (2, 2, 0));
    let day = &days.windows[0];
    assert_eq!((day.window, day.baseline_id.as_deref()), (Window::of(at(0), WindowWidth::Day), Some("b1")));
    assert_eq!((day.cells.len(), day.cells[0].counts.predictions), (1, 7), "minutes are not added to hours");
    let all = flush(9, 0, hour(0), &[first.clone(), second.clone(), vec![0.7]].concat());
    let (merged, once) = (score(&days, 0), profile(&all));
    assert_eq!(merged.bin_counts(), once.bin_counts());
    assert_eq!((merged.count(), merged.missing()), (6, 1));
    assert!((merged.moments().mean().unwrap() - once.moments().mean().unwrap()).abs() < 1e-12);
    let plans = day.cells[0].column("plan").unwrap().categorical().unwrap();
    assert_eq!(plans.frequent().unwrap().top()[0].name, "b");

    let hours = read(&folder, &query(WindowWidth::Hour)).await;
    assert_eq!(
        hours.windows.iter().map(|hour| hour.cells[0].counts.predictions).collect::<Vec<_>>(),
        [6, 1, 1]
    );
    let minutes = read(&folder, &query(WindowWidth::Minute)).await;
    assert_eq!((minutes.windows.len(), score(&minutes, 0)), (1, &profile(&flushes[1])));
    let of_minutes = read(&folder, &query(WindowWidth::Day).of_minutes()).await;
    assert_eq!((of_minutes.windows.len(), score(&of_minutes, 0)), (1, &profile(&flushes[1])));
}

#[tokio::test]
async fn time_restricts_what_is_read() {
    let folder = Folder::new();
    for day in 0..4_i64 {
        let date = date(1970, 1, i8::try_from(day + 1).unwrap());
        folder.put(
            &format!("profiles/date={date}/a.parquet"),
            encode(
                &batch(&[flush(1, 0, hour(24 * day), &[0.5]), flush(1, 1, hour(24 * day + 1), &[0.5])]),
                &[],
            ),
        );
    }
    let starts = async |query: ProfileQuery| {
        let read = read(&folder, &query).await;
        (
            read.files,
            read.windows.iter().map(|window| window.window.start().as_second() / 3600).collect::<Vec<_>>(),
        )
    };
    let of = query(WindowWidth::Hour).between(at(25 * 60), at(49 * 60));
    assert_eq!(starts(of).await, (2, vec![25, 48]));
    assert_eq!(starts(query(WindowWidth::Day).between(at(24 * 60), at(48 * 60))).await.1, [24]);
    assert_eq!(starts(query(WindowWidth::Day)).await, (4, vec![0, 24, 48, 72]));
    let other = ProfileQuery::new("fraud".parse().unwrap(), WindowWidth::Hour);
    assert_eq!(starts(other).await, (4, vec![]));
}

#[tokio::test]
async fn baselines_are_apart_and_have_counts_and_moments_in_common() {
    let folder = Folder::new();
    let of = |sequence, baseline, scores: &[f64]| Flush { baseline, ..flush(1, sequence, hour(0), scores) };
    let flushes = [of(0, Some("b1"), &[0.1, 0.2]), of(1, Some("b2"), &[0.3]), of(2, None, &[0.4, f64::NAN])];
    folder.put("profiles/date=1970-01-01/a.parquet", encode(&batch(&flushes), &[]));
    let read = read(&folder, &query(WindowWidth::Hour)).await;
    let ids: Vec<_> = read.windows.iter().map(|window| window.baseline_id.as_deref()).collect();
    assert_eq!(ids, [None, Some("b1"), Some("b2")]);
    let merged = read.regardless_of_baseline();
    let all = merged.windows;
    assert_eq!((all.len(), merged.left_out.len()), (1, 0));
    assert_eq!((all.len(), all[0].cells[0].counts.predictions), (1, 5));
    let merged = all[0].cells[0].column("score").unwrap().numeric().unwrap();
    assert_eq!((merged.count(), merged.missing(), merged.bins().is_none()), (4, 1, true));
    assert!((merged.moments().mean().unwrap() - 0.25).abs() < 1e-12);
    assert_eq!(merged.sketch().unwrap().count(), 4);
}

#[tokio::test]
async fn what_was_lost_of_a_window_scales_it() {
    let folder = Folder::new();
    folder
        .put("profiles/date=1970-01-01/a.parquet", encode(&batch(&[flush(1, 0, hour(0), &[0.5; 30])]), &[]));
    let gap = |minute: i64, model: &str, count| {
        let mut gap = Gap::of_exchanges(0, at(minute), ExchangeDrop::QueueFull, count);
        gap.model_name = Some(model.into());
        gap
    };
    let mut nothing = gap(2, "churn", 99);
    nothing.reason = "nothing_recorded";
    let gaps = [gap(3, "churn", 8), gap(59, "churn", 2), gap(60, "churn", 5), gap(3, "fraud", 99), nothing];
    let read = read(&folder, &query(WindowWidth::Hour)).await.with_losses(&gaps);
    let window = &read.windows[0];
    assert_eq!((window.losses.requests, window.losses.lost, window.losses.is_lossy()), (30, 10, true));
    assert_eq!((window.lost_share(), window.scale()), (0.25, 40.0 / 30.0));
    assert_eq!((read.unseen.len(), read.unseen[0].window, read.unseen[0].lost), (1, hour(1), 5));
}

#[tokio::test]
async fn what_cannot_be_merged_regardless_of_baseline_is_told() {
    let folder = Folder::new();
    // with b2 the score has become a category
    let numbers = flush(1, 0, hour(0), &[0.1, 0.2]);
    let mut other = delta(&Flush { baseline: Some("b2"), ..flush(1, 1, hour(0), &[0.3, 0.4, f64::NAN]) });
    let plan = other.cells[0].columns[0].clone();
    other.cells[0].columns[1].encoded = plan.encoded;
    let mut journal = Journal::new(WriterId::new("node", Uuid::from_u128(1)), "node".into());
    journal.profiles = vec![Arc::new(delta(&numbers)), Arc::new(other)];
    folder.put("profiles/date=1970-01-01/a.parquet", encode(&profiles_batch(&[journal]).unwrap(), &[]));
    let read = read(&folder, &query(WindowWidth::Hour)).await;
    let merged = read.regardless_of_baseline();
    assert_eq!(merged.windows[0].cells[0].counts.predictions, 5);
    assert_eq!(merged.windows[0].cells[0].column("score").unwrap().count(), 2, "those of b1");
    let [left_out] = &merged.left_out[..] else { panic!("{merged:?}") };
    assert_eq!(
        (left_out.window, left_out.baseline_id.as_deref(), &*left_out.column, left_out.values),
        (hour(0), Some("b2"), "score", 3)
    );
    assert!(!left_out.reason.is_empty());
}

#[tokio::test]
async fn profiles_that_a_sink_lost_flag_the_windows_of_that_time() {
    let folder = Folder::new();
    let hours = [flush(1, 0, hour(0), &[0.5; 30]), flush(1, 1, hour(1), &[0.5; 30])];
    folder.put("profiles/date=1970-01-01/a.parquet", encode(&batch(&hours), &[]));
    let gap = |minute: i64, model: &str, count| {
        let mut gap = Gap::of_profiles(0, at(minute), "parquet".into(), PredictionDrop::SinkFailed, count);
        gap.model_name = Some(model.into());
        gap
    };
    let gaps = [gap(62, "churn", 8), gap(62, "churn", 2), gap(3, "fraud", 9), gap(121, "churn", 4)];
    let of = query(WindowWidth::Hour).between(at(0), at(120));
    let read = read(&folder, &of).await.with_losses(&gaps);
    let losses: Vec<_> = read.windows.iter().map(|window| window.losses).collect();
    assert_eq!(losses.iter().map(|of| of.is_lossy()).collect::<Vec<_>>(), [false, true]);
    assert_eq!((losses[1].lost_profiles, losses[1].lost, losses[1].scale()), (10, 0, 1.0));
    let lost: Vec<_> = read.lost_profiles.iter().map(|lost| (lost.minute, lost.predictions)).collect();
    assert_eq!(lost, [(at(62), 10), (at(121), 4)], "also after the time that was asked for");
    assert_eq!((read.lost_profiles[0].sink.as_deref(), read.unseen.len()), (Some("parquet"), 0));
}

#[tokio::test]
async fn profiles_that_cannot_be_read_hide_no_others() {
    let whole = batch(&[flush(1, 0, hour(0), &[0.1, 0.9]), flush(1, 1, hour(1), &[0.3])]);
    let found = whole.column_by_name("profile").unwrap();
    let found = found.as_any().downcast_ref::<BinaryArray>().unwrap().clone();
    let with = |place: usize, bytes: Option<&[u8]>| {
        let values: BinaryArray =
            found.iter().enumerate().map(|(row, old)| if row == place { bytes } else { old }).collect();
        encode(&replace(&whole, "profile", Some(Arc::new(values))), &[])
    };
    // counts, plan, score, and the same of the next hour
    let cut = &found.value(2)[..found.value(2).len() - 1];
    let mut changed = found.value(2).to_vec();
    changed[30] ^= 1;
    let huge = [found.value(2), &vec![0xff; 100_000][..]].concat();
    for bytes in [None, Some(&b""[..]), Some(b"tiltprof"), Some(cut), Some(&changed), Some(&huge)] {
        let folder = Folder::new();
        folder.put("profiles/date=1970-01-01/a.parquet", with(2, bytes));
        let once = read(&folder, &query(WindowWidth::Hour)).await;
        assert_eq!((once.windows.len(), once.unreadable_count, once.problems.len()), (2, 1, 0));
        assert_eq!(once.windows[0].cells[0].columns.len(), 1, "the other column is used");
        let problem = &once.unreadable[0];
        assert!(
            problem.to_string().contains("the profile of score in the hour of 1970-01-01T00:00:00Z"),
            "{problem}"
        );
        // a good copy counts in its place, wherever it stands
        for name in ["0", "z"] {
            folder.put(&format!("profiles/date=1970-01-01/{name}.parquet"), encode(&whole, &[]));
            let both = read(&folder, &query(WindowWidth::Hour)).await;
            assert_eq!((both.unreadable_count, score(&both, 0).count()), (0, 2));
        }
    }
}

#[tokio::test]
async fn files_that_do_not_fit_are_said_and_the_others_read() {
    let whole = batch(&[flush(1, 0, hour(0), &[0.1])]);
    let texts = |text: &str| Some(Arc::new(StringArray::from(vec![text; 3])) as ArrayRef);
    let numbers = |number: i64| Some(Arc::new(Int64Array::from(vec![number; 3])) as ArrayRef);
    let start = arrow_array::TimestampMicrosecondArray::from(vec![1; 3]).with_timezone("UTC");
    let folder = Folder::new();
    for (name, bytes) in [
        ("a", b"PAR1".to_vec()),
        ("b", encode(&replace(&whole, "window_start", Some(Arc::new(start))), &[])),
        ("c", encode(&replace(&whole, "predictions", numbers(-1)), &[])),
        ("d", encode(&replace(&whole, "role", None), &[])),
        ("e", encode(&replace(&whole, "profile", texts("x")), &[])),
        ("f", encode(&replace(&whole, "window_width", texts("week")), &[])),
        ("z", encode(&whole, &[])),
    ] {
        folder.put(&format!("profiles/date=1970-01-01/{name}.parquet"), bytes);
    }
    let read = read(&folder, &query(WindowWidth::Hour)).await;
    assert_eq!((read.files, read.windows.len(), read.windows[0].cells[0].counts.predictions), (7, 1, 1));
    assert_eq!(
        said(&read.problems)[1..],
        [
            "b.parquet: has a window_start that does not fit the window_width hour: 1970-01-01T00:00:00.000001Z",
            "c.parquet: has a number below 0 in column predictions",
            "d.parquet: has no column role",
            "e.parquet: has a column profile of type Utf8, allowed: bytes",
        ]
    );
    let nowhere = read_profiles(&Location::local(folder.path("nowhere")), &query(WindowWidth::Hour)).await;
    assert_eq!(nowhere.unwrap().files, 0);
}

/// As `damage::changed_bytes_never_end_the_program`, of a file with bytes in it.
#[tokio::test]
async fn changed_bytes_are_never_used_as_another_profile() {
    let flushes = [flush(1, 0, hour(0), &[0.1, 0.9]), flush(1, 1, hour(1), &[0.3])];
    let whole = encode(&batch(&flushes), &[]);
    let once = read_files(vec![whole.clone()], WindowWidth::Hour).await;
    let expected: Vec<&Profile> =
        once.windows.iter().flat_map(|window| window.cells[0].column("score")).collect();
    for position in (0..whole.len()).step_by(13) {
        for mask in [0x01, 0xff] {
            let mut bytes = whole.clone();
            bytes[position] ^= mask;
            let read = read_files(vec![bytes], WindowWidth::Hour).await;
            assert_eq!(read.files, 1);
            let cells = read.windows.iter().flat_map(|window| &window.cells);
            // a byte of a key may make another window or column of it, but no other profile
            for column in cells.flat_map(|cell| &cell.columns).filter(|column| &*column.name == "score") {
                let profile = &column.profile;
                assert!(
                    expected.contains(&profile) || profile.numeric().is_none() || profile.count() == 3,
                    "{position}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_merged_day_is_read_in_place_of_its_hours() {
    let folder = Folder::new();
    let of = |sequence, baseline, number, scores: &[f64]| Flush {
        baseline,
        ..flush(1, sequence, hour(number), scores)
    };
    let flushes = [
        of(0, Some("b1"), 0, &[0.1, 0.6]),
        of(1, Some("b1"), 9, &[0.2]),
        of(2, Some("b2"), 10, &[0.3, f64::NAN]),
    ];
    folder.put("profiles/date=1970-01-01/a.parquet", encode(&batch(&flushes), &[]));
    folder.put("profiles/date=1970-01-02/a.parquet", encode(&batch(&[flush(1, 3, hour(30), &[0.5])]), &[]));
    let location = Location::local(folder.path("profiles"));
    let model = "churn".parse().unwrap();
    let before = read(&folder, &query(WindowWidth::Day)).await;

    let path = folder.path("profiles/date=1970-01-01/merged-churn.parquet");
    let merged = merge_profiles_of_day(&location, &model, date(1970, 1, 1)).await.unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!((merged.bytes, merged.read.windows.len()), (bytes.len() as u64, 2));
    let after = read(&folder, &query(WindowWidth::Day)).await;
    assert_eq!((after.windows == before.windows, after.files), (true, 3));
    assert_eq!(read(&folder, &query(WindowWidth::Hour)).await.windows.len(), 4, "hours are as they were");

    merge_profiles_of_day(&location, &model, date(1970, 1, 1)).await.unwrap();
    assert!(std::fs::read(&path).unwrap() == bytes, "merging again writes the same");
    std::fs::remove_file(folder.path("profiles/date=1970-01-01/a.parquet")).unwrap();
    assert!(read(&folder, &query(WindowWidth::Day)).await.windows == before.windows);
    let gone = merge_profiles_of_day(&location, &model, date(1970, 1, 1)).await.unwrap();
    assert_eq!((gone.bytes, std::fs::read(&path).unwrap() == bytes), (0, true), "what is left stays");
}

/// The predictions of each window.
fn predictions(read: &ProfilesRead) -> Vec<u64> {
    let of = |window: &tiltmeter_store::ProfileWindow| {
        window.cells.iter().map(|cell| cell.counts.predictions).sum()
    };
    read.windows.iter().map(of).collect()
}

#[tokio::test]
async fn days_that_a_log_writes_add_to_the_hours_of_others() {
    let folder = Folder::new();
    let day = Window::of(at(0), WindowWidth::Day);
    let hours = [flush(1, 0, hour(0), &[0.1; 40]), flush(1, 1, hour(7), &[0.3; 20])];
    folder.put("profiles/date=1970-01-01/a.parquet", encode(&batch(&hours), &[]));
    folder.put("profiles/date=1970-01-01/b.parquet", encode(&batch(&[flush(2, 0, day, &[0.2; 40])]), &[]));
    let before = read(&folder, &query(WindowWidth::Day)).await;
    assert_eq!((predictions(&before), score(&before, 0).count()), (vec![100], 100));
    assert_eq!(predictions(&read(&folder, &query(WindowWidth::Hour)).await), [40, 20]);

    let location = Location::local(folder.path("profiles"));
    let merge =
        async || merge_profiles_of_day(&location, &"churn".parse().unwrap(), date(1970, 1, 1)).await.unwrap();
    assert!(merge().await.bytes > 0);
    let after = read(&folder, &query(WindowWidth::Day)).await;
    assert_eq!((after.windows == before.windows, after.files), (true, 3));
    // one that comes late is added by another merge, not by the readers
    folder.put("profiles/date=1970-01-01/c.parquet", encode(&batch(&[flush(3, 0, day, &[0.2; 5])]), &[]));
    assert_eq!(predictions(&read(&folder, &query(WindowWidth::Day)).await), [100]);
    merge().await;
    assert_eq!(predictions(&read(&folder, &query(WindowWidth::Day)).await), [105]);
    for name in ["a", "b", "c"] {
        std::fs::remove_file(folder.path(&format!("profiles/date=1970-01-01/{name}.parquet"))).unwrap();
    }
    assert_eq!(predictions(&read(&folder, &query(WindowWidth::Day)).await), [105]);
}

#[tokio::test]
async fn a_day_that_cannot_be_read_whole_is_not_merged() {
    let whole = batch(&[flush(1, 0, hour(0), &[0.1, 0.6])]);
    let damaged = {
        let found = whole.column_by_name("profile").unwrap();
        let found = found.as_any().downcast_ref::<BinaryArray>().unwrap();
        let cut: BinaryArray = found.iter().map(|bytes| bytes.map(|bytes| &bytes[..9])).collect();
        encode(&replace(&whole, "profile", Some(Arc::new(cut))), &[])
    };
    let other = encode(&batch(&[flush(2, 0, hour(3), &[0.2])]), &[]);
    for (bad, problems, unreadable) in [(b"PAR1".to_vec(), 1, 0), (damaged, 0, 2)] {
        let folder = Folder::new();
        folder.put("profiles/date=1970-01-01/a.parquet", bad);
        folder.put("profiles/date=1970-01-01/b.parquet", &other);
        // of another day, which this one has nothing to do with
        folder.put("profiles/date=1970-01-02/a.parquet", "PAR1");
        let path = folder.path("profiles/date=1970-01-01/merged-churn.parquet");
        let location = Location::local(folder.path("profiles"));
        let merge = async || {
            merge_profiles_of_day(&location, &"churn".parse().unwrap(), date(1970, 1, 1)).await.unwrap()
        };
        let refused = merge().await;
        assert_eq!((refused.is_refused(), refused.bytes, path.exists()), (true, 0, false));
        assert_eq!((refused.read.problems.len(), refused.read.unreadable_count), (problems, unreadable));
        folder.put("profiles/date=1970-01-01/a.parquet", encode(&whole, &[]));
        let merged = merge().await;
        assert_eq!((merged.is_refused(), merged.bytes > 0, path.exists()), (false, true, true));
        assert_eq!(predictions(&merged.read), [3]);
    }
}

fn flushes() -> impl Strategy<Value = Vec<Flush>> {
    let baseline = prop::sample::select(vec![None, Some("b1"), Some("b2")]);
    let version = prop::sample::select(vec![None, Some("v1"), Some("v2")]);
    let value = prop_oneof![9 => 0.0..1.0, 1 => Just(f64::NAN)];
    let flush = (1..3_u128, 0..30_i64, baseline, version, prop::collection::vec(value, 0..80));
    prop::collection::vec(flush, 1..7).prop_map(|flushes| {
        let numbered = flushes.into_iter().zip(0..);
        numbered
            .map(|((writer, number, baseline, version, scores), sequence)| Flush {
                writer,
                sequence,
                window: hour(number),
                baseline,
                version,
                scores,
            })
            .collect()
    })
}

async fn read_files(files: Vec<Vec<u8>>, width: WindowWidth) -> ProfilesRead {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    for (number, file) in files.into_iter().enumerate() {
        // in a folder of no date: all are read
        let path = Path::from(format!("profiles/{number:03}.parquet"));
        store.put(&path, file.into()).await.unwrap();
    }
    read_profiles(&Location::object_store(store, Path::from("profiles")), &query(width)).await.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn copies_and_any_order_of_files_and_rows_change_nothing(
        flushes in flushes(),
        // to which file each row goes, and its place there; as many copies of rows
        places in prop::collection::vec((0..4_usize, any::<u32>()), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let whole = batch(&flushes);
        let count = u32::try_from(whole.num_rows()).unwrap();
        for width in [WindowWidth::Hour, WindowWidth::Day] {
            let once = runtime.block_on(read_files(vec![encode(&whole, &[])], width));
            let mut files: Vec<Vec<(u32, u32)>> = vec![Vec::new(); 4];
            for (row, (file, order)) in (0..count.max(u32::try_from(places.len()).unwrap())).zip(places.iter().cycle()) {
                files[*file].push((*order, row % count));
            }
            let torn: Vec<Vec<u8>> = files
                .into_iter()
                .map(|mut file| {
                    file.sort_unstable();
                    encode_rows(&whole, file.into_iter().map(|(_, row)| row))
                })
                .collect();
            let again = runtime.block_on(read_files(torn, width));
            prop_assert_eq!(said(&again.problems), Vec::<String>::new());
            prop_assert_eq!(again.copies, u64::from(count.max(u32::try_from(places.len()).unwrap()) - count));
            let (one, other) = (format!("{:?}", once.windows), format!("{:?}", again.windows));
            prop_assert!(one == other, "the windows differ");

            let predictions: u64 = once.windows.iter().flat_map(|window| &window.cells).map(|cell| cell.counts.predictions).sum();
            prop_assert_eq!(predictions, flushes.iter().map(|flush| flush.scores.len() as u64).sum::<u64>());
        }
    }
}
