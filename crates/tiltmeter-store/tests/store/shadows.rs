//! The books of shadows.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use jiff::Timestamp;
use tiltmeter_record::{
    Journal, PairBucket, ShadowAccounts, ShadowBooks, ShadowHeartbeat, ShadowLedger, WriterId, shadows_batch,
};
use tiltmeter_store::{Location, ShadowsRead, read_shadows};
use uuid::Uuid;

use crate::files::{Folder, encode, replace, said};

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The books after so many seconds, with a request in each.
fn shadow(sequence: u64, model: &str, challenger: &str, second: i64) -> ShadowHeartbeat {
    let name = |text: &str| text.parse().unwrap();
    let mut books = ShadowBooks::new(name("shadow"), name(challenger), time(0), time(second));
    let count = u64::try_from(second).unwrap();
    books.requests = ShadowLedger::new(2 * count, |bucket| match bucket {
        PairBucket::Paired | PairBucket::LogDropped => count,
        _ => 0,
    });
    books.usage.answer_bytes = 5 * count;
    books.is_last = second == 300;
    ShadowHeartbeat::new(sequence, model.into(), books)
}

fn file(writer: u128, shadows: Vec<ShadowHeartbeat>) -> Vec<u8> {
    encode(&batch(writer, shadows), &[])
}

fn batch(writer: u128, shadows: Vec<ShadowHeartbeat>) -> RecordBatch {
    let writer_id = WriterId::new("node", Uuid::from_u128(writer));
    let journal = Journal {
        writer_id,
        serving_node: "node".into(),
        gaps: vec![],
        heartbeats: vec![],
        shadows,
        profiles: Vec::new(),
        rates: Vec::new(),
    };
    shadows_batch(&[journal]).unwrap()
}

async fn read(folder: &Folder, accounts: ShadowAccounts) -> ShadowsRead {
    let location = Location::local(folder.path("shadows"));
    let name = |text: &str| text.parse().unwrap();
    read_shadows(&location, &name("churn"), &name("lr"), accounts).await.unwrap()
}

#[tokio::test]
async fn what_was_written_is_read_of_that_challenger() {
    let folder = Folder::new();
    let of_one = vec![
        shadow(0, "churn", "lr", 60),
        shadow(1, "churn", "lr", 120),
        shadow(1, "churn", "other", 120),
        shadow(1, "fraud", "lr", 120),
    ];
    folder.put("shadows/date=1970-01-01/1.parquet", file(1, of_one));
    folder.put("shadows/date=1970-01-01/2.parquet", file(2, vec![shadow(0, "churn", "lr", 300)]));
    folder.put("shadows/date=1970-01-02/3.parquet", b"PAR1");
    let all = read(&folder, ShadowAccounts::new()).await;
    assert_eq!((all.files, all.problems.len()), (3, 1));
    let account = all.accounts.sum();
    assert_eq!((account.requests.eligible, account.requests.by(PairBucket::LogDropped)), (840, 420));
    assert_eq!((account.usage.answer_bytes, account.shadows, account.running), (5 * 420, 2, 1));
    let minute = read(&folder, ShadowAccounts::between(time(61), time(121))).await;
    assert_eq!(minute.accounts.sum().requests.eligible, 120, "of one that has books of before");
}

#[tokio::test]
async fn files_of_other_dates_are_not_read() {
    const DAY: i64 = 86_400;
    let folder = Folder::new();
    for day in 0..5 {
        let rows = vec![shadow(u64::try_from(day).unwrap(), "churn", "lr", day * DAY + 60)];
        folder.put(&format!("shadows/date=1970-01-0{}/a.parquet", day + 1), file(1, rows));
    }
    let between = |from, until| ShadowAccounts::between(time(from), time(until));
    let third = read(&folder, between(2 * DAY, 3 * DAY)).await;
    // the day before, the day, and that of its end
    assert_eq!((third.files, third.accounts.sum().requests.eligible), (3, 2 * 86_400));
    let hour = read(&folder, between(3 * DAY, 3 * DAY + 3600)).await;
    assert_eq!((hour.files, hour.accounts.sum().requests.eligible), (2, 2 * 86_400));
    assert_eq!(read(&folder, ShadowAccounts::new()).await.files, 5);
    let later = read(&folder, between(30 * DAY, 31 * DAY)).await;
    assert_eq!((later.files, later.accounts.sum().shadows), (0, 0), "there are files, but not of then");
    folder.put("shadows/moved/a.parquet", b"PAR1");
    assert_eq!(
        read(&folder, between(30 * DAY, 31 * DAY)).await.problems.len(),
        1,
        "of no date, so that it may be"
    );
}

#[tokio::test]
async fn a_file_without_a_column_is_said() {
    let folder = Folder::new();
    let batch = shadows_batch::<Journal>(&[]).unwrap();
    let columns: Vec<usize> = (0..batch.num_columns() - 5).collect();
    folder.put("shadows/1.parquet", encode(&batch.project(&columns).unwrap(), &[]));
    let read = read(&folder, ShadowAccounts::new()).await;
    assert_eq!(said(&read.problems), ["1.parquet: has no column answer_bytes"]);
    assert_eq!(read.accounts.sum().shadows, 0);
}

#[tokio::test]
async fn a_file_of_a_build_with_fewer_buckets_is_read() {
    let folder = Folder::new();
    let whole = batch(1, vec![shadow(0, "churn", "lr", 60)]);
    let fewer = ["shed", "log_dropped"].iter().fold(whole.clone(), |batch, name| replace(&batch, name, None));
    folder.put("shadows/1.parquet", encode(&fewer, &[]));
    let found = read(&folder, ShadowAccounts::new()).await;
    let requests = found.accounts.sum().requests;
    assert_eq!((found.problems.len(), requests.eligible, requests.by(PairBucket::Paired)), (0, 120, 60));
    assert_eq!((requests.by(PairBucket::LogDropped), requests.under_way()), (0, 60));
    folder.put("shadows/1.parquet", encode(&replace(&whole, "paired", None), &[]));
    let found = read(&folder, ShadowAccounts::new()).await;
    assert_eq!(said(&found.problems), ["1.parquet: has no column paired"]);
}

#[tokio::test]
async fn a_file_with_what_no_books_have_is_said_and_not_used() {
    let whole = batch(1, vec![shadow(0, "churn", "lr", 60), shadow(1, "churn", "lr", 120)]);
    let counts = |counts: [Option<i64>; 2]| -> ArrayRef { Arc::new(Int64Array::from_iter(counts)) };
    let flags: ArrayRef = Arc::new(BooleanArray::from(vec![Some(false), None]));
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["no", "no"]));
    let cases = [
        ("eligible", counts([Some(120), None]), "has rows without a value in column eligible: 1"),
        ("timeout", counts([Some(0), None]), "has rows without a value in column timeout: 1"),
        ("timeout", counts([Some(0), Some(-1)]), "has a number below 0 in column timeout"),
        ("timeout", Arc::clone(&flags), "has a column timeout of type Boolean, allowed: Int64"),
        ("sequence", counts([Some(-1), Some(0)]), "has a number below 0 in column sequence"),
        ("is_last", flags, "has rows without a value in column is_last: 1"),
        ("is_last", counts([Some(0), Some(1)]), "has a column is_last of type Int64, allowed: booleans"),
        ("is_last", texts, "has a column is_last of type Utf8, allowed: booleans"),
        (
            "timeout",
            counts([Some(0), Some(1)]),
            "has books with more requests in their buckets than were eligible",
        ),
        (
            "timeout",
            counts([Some(i64::MAX); 2]),
            "has books with more requests in their buckets than were eligible",
        ),
    ];
    for (column, values, expected) in cases {
        let folder = Folder::new();
        folder.put("shadows/1.parquet", encode(&replace(&whole, column, Some(values)), &[]));
        let found = read(&folder, ShadowAccounts::new()).await;
        let said = said(&found.problems).join("; ");
        assert!(said.contains(expected), "{expected}: {said}");
        assert_eq!(found.accounts.sum().shadows, 0);
    }
}
