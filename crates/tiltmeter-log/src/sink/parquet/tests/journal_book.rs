//! The bounds of what is held.

use std::time::Duration;

use tiltmeter_record::{ExchangeDrop, Heartbeat, ShadowBooks, WriterId};
use uuid::Uuid;

use super::*;
use crate::books::SinkBooks;

struct Writer {
    book: JournalBook,
    books: Arc<SinkBooks>,
    number: u64,
}

impl Writer {
    fn new() -> Self {
        Self { book: JournalBook::default(), books: SinkBooks::new("test".into(), 1), number: 0 }
    }

    fn add(&mut self, gaps: Vec<Gap>, heartbeats: Vec<Heartbeat>) {
        self.add_all(gaps, heartbeats, Vec::new());
    }

    fn add_all(&mut self, gaps: Vec<Gap>, heartbeats: Vec<Heartbeat>, shadows: Vec<ShadowHeartbeat>) {
        self.number += 1;
        let writer_id = WriterId::new("node", Uuid::from_u128(1));
        let journal = Journal {
            writer_id,
            serving_node: "node".into(),
            gaps,
            heartbeats,
            shadows,
            profiles: Vec::new(),
            rates: Vec::new(),
        };
        self.book
            .add(&journal, Receipt::new(Some(Duration::from_secs(self.number)), Arc::clone(&self.books)));
    }

    /// Writes all that is due; the paths.
    fn write(&mut self) -> Vec<String> {
        let Some(mut pages) = self.book.due(&Path::default()) else { return Vec::new() };
        let paths = pages.objects.iter().map(|page| page.path.to_string()).collect();
        for page in &mut pages.objects {
            page.is_written = true;
        }
        self.book.settle(pages);
        paths
    }
}

fn gap(sequence: u64, time: &str, route: u64) -> Gap {
    let mut gap = Gap::of_exchanges(sequence, time.parse().unwrap(), ExchangeDrop::QueueFull, 2);
    gap.endpoint = Some(format!("/r{route}").into());
    gap
}

/// The log brings gaps again until it has a receipt, also those that have been summed by then.
#[test]
fn a_gap_that_comes_again_counts_once() {
    let mut writer = Writer::new();
    let gaps: Vec<_> =
        (0..GAPS as u64 + 50).map(|sequence| gap(sequence, "2013-04-03T10:00:00Z", 0)).collect();
    for _ in 0..3 {
        writer.add(gaps.clone(), Vec::new());
    }
    let day = writer.book.days.values().next().unwrap();
    assert_eq!(day.journal.gaps.iter().map(|gap| gap.count).sum::<u64>(), 2 * gaps.len() as u64);
    assert_eq!(day.journal.gaps.len(), GAPS + 1);
}

#[test]
fn what_is_let_go_unwritten_is_not_signed_for() {
    let mut writer = Writer::new();
    let (receipt, signature) = Receipt::watched(None, Arc::clone(&writer.books));
    let journal = Journal {
        writer_id: WriterId::new("node", Uuid::from_u128(1)),
        serving_node: "node".into(),
        gaps: vec![gap(0, "2013-04-03T10:00:00Z", 0)],
        heartbeats: Vec::new(),
        shadows: Vec::new(),
        profiles: Vec::new(),
        rates: Vec::new(),
    };
    writer.book.add(&journal, receipt);
    for day in 0..DAYS as u64 {
        writer.add(vec![gap(day + 1, &format!("2013-05-{:02}T10:00:00Z", day + 1), 0)], Vec::new());
    }
    writer.write();
    assert!(matches!(signature.read(), Some(Err(_))), "{:?}", signature.read());
}

/// The log brings again what it has no receipt for: what the book holds must not be thought lost.
#[test]
fn in_an_outage_the_receipts_of_all_journals_wait() {
    let mut writer = Writer::new();
    let add = |writer: &mut Writer, sequence| {
        let writer_id = WriterId::new("node", Uuid::from_u128(1));
        let gaps = vec![gap(sequence, "2013-04-03T10:00:00Z", 0)];
        let journal = Journal {
            writer_id,
            serving_node: "node".into(),
            gaps,
            heartbeats: Vec::new(),
            shadows: vec![],
            profiles: Vec::new(),
            rates: Vec::new(),
        };
        let (receipt, signature) = Receipt::watched(None, Arc::clone(&writer.books));
        writer.book.add(&journal, receipt);
        signature
    };
    let mut signatures = vec![add(&mut writer, 0)];
    let mut pages = writer.book.due(&Path::default()).unwrap();
    signatures.extend([add(&mut writer, 1), add(&mut writer, 2)]);
    pages.is_written = false;
    writer.book.settle(pages);
    assert!(signatures.iter().all(|signature| signature.read().is_none()));
    writer.write();
    assert!(signatures.iter().all(|signature| signature.read() == Some(Ok(crate::books::Signed::Written))));
}

#[test]
fn gaps_beyond_the_bound_are_summed_and_none_is_lost() {
    let mut writer = Writer::new();
    let mut added = 0;
    for batch in 0..70 {
        let gaps = (0..1_000_u64)
            .map(|place| {
                let sequence = batch * 1_000 + place;
                let time = format!("2013-04-03T{:02}:{:02}:00Z", sequence % 24, sequence % 60);
                // at first the same routes again and again, then ever others
                gap(sequence, &time, if batch < 40 { sequence % 50 } else { sequence })
            })
            .collect::<Vec<_>>();
        added += gaps.iter().map(|gap| gap.count).sum::<u64>();
        writer.add(gaps, Vec::new());
    }
    let gaps = &writer.book.days.values().next().unwrap().journal.gaps;
    assert!(gaps.len() <= 2 * GAPS + 1, "{}", gaps.len());
    assert_eq!(gaps.iter().map(|gap| gap.count).sum::<u64>(), added);
    let hours = gaps[GAPS..].iter().take(1_000);
    assert!(hours.clone().all(|gap| gap.minute.as_second() % 3_600 == 0 && gap.endpoint.is_some()));
    assert!(gaps.last().unwrap().endpoint.is_none());
    let mut sequences: Vec<_> = gaps.iter().map(|gap| gap.sequence).collect();
    sequences.sort_unstable();
    sequences.dedup();
    assert_eq!(sequences.len(), gaps.len(), "the keys stay unique");
}

#[test]
fn heartbeats_beyond_the_bound_are_thinned_and_the_newest_stay() {
    let mut writer = Writer::new();
    let time = "2013-04-03T10:00:00Z".parse().unwrap();
    for sequence in 0..10_000 {
        writer.add(Vec::new(), vec![Heartbeat::new(sequence, time, time)]);
        assert!(writer.book.days.values().next().unwrap().journal.heartbeats.len() <= HEARTBEATS);
    }
    let beats = &writer.book.days.values().next().unwrap().journal.heartbeats;
    let sequences: Vec<_> = beats.iter().map(|beat| beat.sequence).collect();
    assert!(sequences.is_sorted());
    assert_eq!(sequences[0], 0, "the first stays");
    assert_eq!(sequences[sequences.len() - 500..], (9_500..10_000).collect::<Vec<_>>());
}

fn shadow(sequence: u64, challenger: u64, time: Timestamp) -> ShadowHeartbeat {
    let name = format!("c{challenger}").parse().unwrap();
    let books = ShadowBooks::new("shadow".parse().unwrap(), name, Timestamp::UNIX_EPOCH, time);
    ShadowHeartbeat::new(sequence, "churn".into(), books)
}

#[test]
fn books_of_shadows_beyond_the_bound_are_thinned_and_none_is_without_its_latest() {
    for challengers in [3, 15_000] {
        let mut writer = Writer::new();
        let begin: Timestamp = "2013-04-03T00:00:00Z".parse().unwrap();
        let (beats, gap) = if challengers == 3 { (12_000, 7) } else { (4, 400) };
        for sequence in 0..beats {
            let time = begin + Duration::from_secs(sequence * gap);
            let rows = (0..challengers).map(|challenger| shadow(sequence, challenger, time)).collect();
            writer.add_all(Vec::new(), Vec::new(), rows);
        }
        assert_eq!(writer.write(), ["shadows/date=2013-04-03/00000000000000000000000000000001.parquet"]);
        let rows = &writer.book.days.values().next().unwrap().journal.shadows;
        assert!(rows.len() <= SHADOWS, "{}", rows.len());
        let last: Vec<u64> = rows[rows.len() - 3..].iter().map(|row| row.sequence).collect();
        assert_eq!(last, [beats - 1; 3]);
        if challengers == 3 {
            let hours = |of: &str| {
                let of = rows.iter().filter(|row| row.books.challenger.as_str() == of);
                of.map(|row| row.books.at.as_second() / 3_600).collect::<HashSet<_>>().len()
            };
            assert_eq!([hours("c0"), hours("c1"), hours("c2")], [24; 3], "each hour of each");
            assert_eq!(rows.len(), 3 * 12 * 24 - 3 * 8, "one for five minutes, of 23 hours and a third");
        }
    }
}

#[test]
fn days_are_bounded_and_one_that_was_let_go_is_never_overwritten() {
    let mut writer = Writer::new();
    let mut paths = Vec::new();
    for day in 1..=20 {
        writer.add(vec![gap(day, &format!("2013-04-{day:02}T10:00:00Z"), 1)], Vec::new());
        paths.extend(writer.write());
        assert!(writer.book.days.len() <= DAYS);
    }
    // the clock goes back
    for day in [1, 2, 20, 1] {
        writer.add(vec![gap(100 + day, &format!("2013-04-{day:02}T10:00:00Z"), 1)], Vec::new());
        paths.extend(writer.write());
    }
    let again: Vec<_> = paths.split_off(20);
    assert!(!paths.contains(&again[0]) && !paths.contains(&again[1]), "{again:?}");
    assert_eq!(again[2], paths[19], "a day that is held is one object");
    assert_eq!(again[3], again[0]);
    assert_eq!(writer.books.latest_canary().map_or(0, |sent| sent.as_secs()), 24);
}

#[test]
fn what_comes_while_pages_are_written_waits_for_the_next_ones() {
    let mut writer = Writer::new();
    writer.add(vec![gap(0, "2013-04-03T10:00:00Z", 1)], Vec::new());
    let mut first = writer.book.due(&Path::default()).unwrap();
    writer.add(vec![gap(1, "2013-04-03T10:01:00Z", 1)], Vec::new());
    first.objects[0].is_written = true;
    writer.book.settle(first);
    assert_eq!(writer.books.latest_canary().map_or(0, |sent| sent.as_secs()), 1);
    assert_eq!(writer.write().len(), 1);
    assert_eq!(writer.books.latest_canary().map_or(0, |sent| sent.as_secs()), 2);
    assert_eq!(writer.write().len(), 0, "nothing is due");
}

#[test]
fn hours_and_days_begin_where_they_should() {
    for (time, hour) in [
        ("2013-04-03T10:59:59.9Z", "2013-04-03T10:00:00Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:00:00Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
    ] {
        assert_eq!(floor(time.parse().unwrap(), 3_600), hour.parse().unwrap(), "{time}");
    }
}

#[test]
fn changes_of_rates_count_once_and_are_bounded() {
    let mut writer = Writer::new();
    let at = "2013-04-03T10:00:00Z".parse().unwrap();
    let rates = |numbers: std::ops::Range<u64>| {
        let mut journal = Journal::new(WriterId::new("node", Uuid::from_u128(1)), "node".into());
        journal.rates =
            numbers.map(|sequence| RateChange::at_start(sequence, at, "m".into(), "base", 0.5)).collect();
        journal
    };
    let add = |writer: &mut Writer, journal: &Journal| {
        writer.book.add(journal, Receipt::new(None, Arc::clone(&writer.books)));
    };
    add(&mut writer, &rates(0..2));
    assert_eq!(writer.write(), ["rates/date=2013-04-03/00000000000000000000000000000001.parquet"]);
    add(&mut writer, &rates(0..3));
    let held = |writer: &Writer| writer.book.days.values().next().unwrap().journal.rates.len();
    assert_eq!(held(&writer), 3);
    add(&mut writer, &rates(3..25_000));
    assert!(held(&writer) <= RATES);
}

/// A page is nearly always on its way in an outage: the receipt is with it, and must not be signed later for what was let go
/// meanwhile.
#[test]
fn what_is_let_go_while_pages_are_on_their_way_is_not_signed_for() {
    let mut writer = Writer::new();
    let journal = |day: u64| {
        let mut journal = Journal::new(WriterId::new("node", Uuid::from_u128(1)), "node".into());
        journal.gaps = vec![gap(day, &format!("2013-04-{:02}T10:00:00Z", day + 1), 0)];
        journal
    };
    let (receipt, signature) = Receipt::watched(None, Arc::clone(&writer.books));
    writer.book.add(&journal(0), receipt);
    let mut on_their_way = writer.book.due(&Path::default()).unwrap();
    on_their_way.is_written = false;
    for day in 1..=DAYS as u64 {
        writer.book.add(&journal(day), Receipt::new(None, Arc::clone(&writer.books)));
    }
    writer.book.settle(on_their_way);
    writer.write();
    assert!(matches!(signature.read(), Some(Err(_))), "{:?}", signature.read());
}
