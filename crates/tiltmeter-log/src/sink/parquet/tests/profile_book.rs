//! Which objects profiles go into, and what is held of them.

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tiltmeter_record::{CellCounts, CellKey, ColumnProfile, ProfileCell, Window, WindowWidth};
use uuid::Uuid;

use super::*;

fn journal() -> Journal {
    Journal::new(WriterId::new("node", Uuid::from_u128(1)), "node".into())
}

fn delta(sequence: u64, time: &str, width: WindowWidth, bytes: usize) -> Arc<ProfileDelta> {
    let mut delta = ProfileDelta::new("churn".into(), Window::of(time.parse().unwrap(), width), None);
    delta.sequence = sequence;
    let key = CellKey { role: CellKey::CHAMPION.into(), model_version: None, segment: None };
    let mut cell = ProfileCell::new(key, CellCounts::default());
    cell.columns.push(ColumnProfile::new("score".into(), vec![7; bytes].into()));
    delta.cells.push(cell);
    Arc::new(delta)
}

/// Writes all that is due: the paths, and how many rows each object has.
fn write(book: &mut ProfileBook) -> Vec<(String, usize)> {
    let due = book.due(&Path::from("root"));
    due.into_iter()
        .map(|object| {
            let object = object.unwrap();
            let reader = ParquetRecordBatchReaderBuilder::try_new(object.bytes).unwrap().build().unwrap();
            book.written(object.slot, object.change);
            (object.path.to_string(), reader.map(|batch| batch.unwrap().num_rows()).sum())
        })
        .collect()
}

#[test]
fn each_hour_has_an_object_that_is_written_anew_when_there_is_more() {
    let mut book = ProfileBook::default();
    let of_hour =
        |minute: u64| delta(minute, &format!("2013-04-03T07:{minute:02}:00Z"), WindowWidth::Minute, 9);
    let name = "root/profiles/date=2013-04-03/00000000000000000000000000000001";
    for minute in 0..3 {
        assert_eq!(book.add(&of_hour(minute), &journal(), minute + 1), 0);
        let rows = 2 * usize::try_from(minute + 1).unwrap();
        assert_eq!(write(&mut book), [(format!("{name}-07.parquet"), rows)]);
    }
    // it comes again, because its journal has not been signed
    book.add(&of_hour(1), &journal(), 4);
    assert_eq!(write(&mut book), []);
    book.add(&delta(3, "2013-04-03T07:00:00Z", WindowWidth::Hour, 9), &journal(), 5);
    book.add(&delta(4, "2013-04-03T08:00:00Z", WindowWidth::Hour, 9), &journal(), 5);
    book.add(&delta(5, "2013-04-03T00:00:00Z", WindowWidth::Day, 9), &journal(), 5);
    let expected = [("day", 2), ("07", 8), ("08", 2)];
    assert_eq!(write(&mut book), expected.map(|(of, rows)| (format!("{name}-{of}.parquet"), rows)));
}

#[test]
fn what_is_held_is_bounded_and_what_was_let_go_is_not_written_over() {
    let mut book = ProfileBook::default();
    let hour = |sequence: u64| {
        let time = format!(
            "2013-{:02}-{:02}T{:02}:00:00Z",
            1 + sequence / 240,
            1 + sequence / 24 % 10,
            sequence % 24
        );
        delta(sequence, &time, WindowWidth::Hour, 1 << 20)
    };
    let mut names = HashSet::new();
    for sequence in 0..200 {
        assert_eq!(book.add(&hour(sequence), &journal(), sequence + 1), 0, "all before it have been written");
        assert!(book.bytes <= BYTES + (2 << 20) && book.held.len() <= OBJECTS);
        names.extend(write(&mut book).into_iter().map(|(name, _)| name));
    }
    assert_eq!(names.len(), 200);
    // a late window of the first hour
    book.add(&delta(900, "2013-01-01T00:00:00Z", WindowWidth::Minute, 1), &journal(), 900);
    let late = write(&mut book);
    assert!(late.len() == 1 && !names.contains(&late[0].0), "{late:?}");
}

#[test]
fn what_goes_unwritten_is_told() {
    let mut book = ProfileBook::default();
    let large =
        |sequence| delta(sequence, &format!("2013-04-03T{sequence:02}:00:00Z"), WindowWidth::Hour, 20 << 20);
    assert_eq!(book.add(&large(1), &journal(), 1), 0);
    assert_eq!(book.add(&large(2), &journal(), 2), 1);
    assert_eq!(write(&mut book).len(), 1);
}

#[test]
fn what_comes_with_one_journal_stays_until_it_was_tried() {
    let mut book = ProfileBook::default();
    for hour in 0..200_u64 {
        let time = format!("2013-04-{:02}T{:02}:00:00Z", 1 + hour / 24, hour % 24);
        assert_eq!(book.add(&delta(hour, &time, WindowWidth::Hour, 9), &journal(), 1), 0);
    }
    assert_eq!(write(&mut book).len(), 200);
    // and goes then
    book.add(&delta(200, "2013-05-01T00:00:00Z", WindowWidth::Hour, 9), &journal(), 2);
    assert!(book.held.len() <= OBJECTS);
}
