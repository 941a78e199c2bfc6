//! The journal on its way to the store.
//!
//! ```text
//! <root>/gaps/date=2013-04-03/<incarnation>.parquet
//! <root>/heartbeats/date=2013-04-03/<incarnation>.parquet
//! <root>/shadows/date=2013-04-03/<incarnation>.parquet
//! <root>/rates/date=2013-04-03/<incarnation>.parquet
//! ```
//!
//! One object per writer, kind and date (UTC, of the gap's minute or the time of the books), written anew with all of the
//! day's entries whenever there are more. What could not be written is written with what comes next. Profiles are larger, and
//! have [objects of their own](super::profile_book).

use std::collections::hash_map::{Entry, HashMap};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use object_store::path::Path;
use parquet::errors::ParquetError;
use tiltmeter_record::{Gap, GapUnit, Journal, ModelName, Priority, RateChange, ShadowHeartbeat, SizeClass};

use super::journal_rows::{encode_gaps, encode_heartbeats, encode_rates, encode_shadows};
use super::partition::{date_folder, utc_day};
use super::profile_book::{ProfileBook, ProfileObject, Slot};
use super::publish::Publisher;
use crate::books::Receipt;

/// Gaps of a day that are kept by the minute, at most; those beyond are summed by the hour, and beyond twice as many
/// by the day and reason.
const GAPS: usize = 20_000;

/// Heartbeats of a day, at most. They are cumulative: beyond that every second one of the older half goes.
const HEARTBEATS: usize = 2_000;

/// Of the books of a challenger the last row of each stretch of so many seconds is kept: they are cumulative, and the object
/// of a day is written anew each minute.
const SHADOW_STRETCH: i64 = 300;

/// Rows of the books of shadows of a day, at most. Beyond that the older half keeps the last row of each challenger in each
/// hour.
const SHADOWS: usize = 20_000;

/// Changes of rates of a day, at most. Beyond that every second one of the older half goes.
const RATES: usize = 10_000;

/// Days that are held, so that they can be written anew.
const DAYS: usize = 8;

/// All that is held of a writer's journal.
#[derive(Debug, Default)]
pub(super) struct JournalBook {
    days: BTreeMap<i32, Day>,
    profiles: ProfileBook,
    /// For all that has come so far and is not written.
    receipt: Option<Receipt>,
    changes: u64,
    /// Days that have been let go, and the latest of them: their objects must not be written again.
    let_go: Option<(u64, i32)>,
    /// How much has been let go before it was written: days, and objects of profiles.
    let_go_unwritten: u64,
}

#[derive(Debug)]
struct Day {
    /// The file's name.
    name: String,
    journal: Journal,
    /// Where the latest row of each challenger stands.
    latest: HashMap<ShadowKey, usize>,
    /// Where the gaps stand that are summed.
    sums: HashMap<Stratum, usize>,
    /// The gaps that are known, also those that are summed: they come again until their journal has been signed.
    sequences: HashSet<u64>,
    /// The changes of rates that are known.
    rate_sequences: HashSet<u64>,
    gaps: Progress,
    heartbeats: Progress,
    shadows: Progress,
    rates: Progress,
}

/// The number of the latest change, and of the latest that has been written.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    changed: u64,
    written: u64,
}

impl Progress {
    fn is_due(self) -> bool {
        self.changed > self.written
    }
}

type Stratum = (Timestamp, GapUnit, [Option<Arc<str>>; 3], Option<SizeClass>, Option<Priority>, &'static str);

/// Model, shadow, challenger, and when the shadow started.
type ShadowKey = (Arc<str>, ModelName, ModelName, Timestamp);

fn key_of(row: &ShadowHeartbeat) -> ShadowKey {
    let books = &row.books;
    (Arc::clone(&row.model_name), books.shadow.clone(), books.challenger.clone(), books.started_at)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gaps,
    Heartbeats,
    Shadows,
    Rates,
}

/// Objects that are to be written, and the receipt for them.
#[derive(Debug)]
pub(super) struct Pages {
    objects: Vec<Page>,
    receipt: Option<Receipt>,
    /// How much had been let go before it was written, when these were made.
    let_go_unwritten: u64,
    /// Whether all have been written.
    pub(super) is_written: bool,
}

#[derive(Debug)]
struct Page {
    of: PageOf,
    path: Path,
    bytes: Bytes,
    change: u64,
    is_written: bool,
}

/// What a page holds the entries of.
#[derive(Clone, Copy, Debug)]
enum PageOf {
    Day(Kind, i32),
    Profiles(Slot),
}

impl JournalBook {
    /// Takes the entries of `journal` over.
    pub(super) fn add(&mut self, journal: &Journal, receipt: Receipt) {
        self.changes += 1;
        let change = self.changes;
        for gap in &journal.gaps {
            let day = self.day(utc_day(gap.minute), journal);
            day.add_gap(gap.clone());
            day.gaps.changed = change;
        }
        for heartbeat in &journal.heartbeats {
            let day = self.day(utc_day(heartbeat.at), journal);
            if day.journal.heartbeats.len() >= HEARTBEATS {
                thin(&mut day.journal.heartbeats);
            }
            day.journal.heartbeats.push(heartbeat.clone());
            day.heartbeats.changed = change;
        }
        for shadow in &journal.shadows {
            let day = self.day(utc_day(shadow.books.at), journal);
            day.add_shadow(shadow.clone());
            day.shadows.changed = change;
        }
        for rate in &journal.rates {
            let day = self.day(utc_day(rate.at), journal);
            day.add_rate(rate);
            day.rates.changed = change;
        }
        for delta in &journal.profiles {
            let unwritten = self.profiles.add(delta, journal, change);
            self.let_go_unwritten(unwritten);
        }
        self.owe(receipt);
    }

    fn owe(&mut self, receipt: Receipt) {
        self.receipt = Some(match self.receipt.take() {
            Some(earlier) => receipt.with_earlier(earlier),
            None => receipt,
        });
    }

    fn day(&mut self, day: i32, journal: &Journal) -> &mut Day {
        if !self.days.contains_key(&day) && self.days.len() >= DAYS {
            self.let_one_go();
        }
        let let_go = self.let_go;
        self.days.entry(day).or_insert_with(|| {
            let incarnation = journal.writer_id.incarnation();
            // a clock that jumps may come back to a day whose entries are no longer known
            let name = match let_go {
                Some((number, latest)) if day <= latest => format!("{incarnation}-{number}.parquet"),
                _ => format!("{incarnation}.parquet"),
            };
            let journal = Journal::new(journal.writer_id.clone(), Arc::clone(&journal.serving_node));
            Day {
                name,
                journal,
                latest: HashMap::new(),
                sums: HashMap::new(),
                sequences: HashSet::new(),
                rate_sequences: HashSet::new(),
                gaps: Progress::default(),
                heartbeats: Progress::default(),
                shadows: Progress::default(),
                rates: Progress::default(),
            }
        })
    }

    /// Lets the day go that was written to the longest ago.
    fn let_one_go(&mut self) {
        let stalest = self.days.iter().min_by_key(|(_, day)| day.changed());
        let Some((&key, day)) = stalest else { return };
        if Kind::ALL.into_iter().any(|kind| day.progress(kind).is_due()) {
            tracing::warn!("the journal of a day is let go: the store has been out of reach for too long");
            self.let_go_unwritten(1);
        }
        self.days.remove(&key);
        let (number, latest) = self.let_go.unwrap_or((0, key));
        self.let_go = Some((number + 1, latest.max(key)));
    }

    /// What is not written must not be signed for: neither by the receipts that wait, nor by one that is with pages on their
    /// way. The log brings its entries again, and those that are here are known.
    fn let_go_unwritten(&mut self, count: u64) {
        if count > 0 {
            self.let_go_unwritten += count;
            self.receipt = None;
        }
    }

    /// What is to be written now.
    pub(super) fn due(&mut self, root: &Path) -> Option<Pages> {
        let mut objects = Vec::new();
        let mut is_encoded = true;
        for (&key, day) in &self.days {
            for kind in Kind::ALL {
                let progress = day.progress(kind);
                if !progress.is_due() {
                    continue;
                }
                match kind.encode(&day.journal) {
                    Ok(bytes) => {
                        let path = root.clone().join(kind.folder()).join(date_folder(key)).join(&*day.name);
                        let change = progress.changed;
                        let of = PageOf::Day(kind, key);
                        objects.push(Page { of, path, bytes, change, is_written: false });
                    }
                    Err(error) => {
                        is_encoded = false;
                        tracing::error!(%error, "a part of the journal cannot be encoded");
                    }
                }
            }
        }
        for object in self.profiles.due(root) {
            let Some(ProfileObject { slot, path, bytes, change }) = object else {
                is_encoded = false;
                continue;
            };
            objects.push(Page { of: PageOf::Profiles(slot), path, bytes, change, is_written: false });
        }
        if objects.is_empty() && (self.receipt.is_none() || !is_encoded) {
            return None;
        }
        let let_go_unwritten = self.let_go_unwritten;
        Some(Pages { objects, receipt: self.receipt.take(), is_written: is_encoded, let_go_unwritten })
    }

    /// Notes what has been written, and signs the receipt if that is all.
    pub(super) fn settle(&mut self, pages: Pages) {
        for page in pages.objects.iter().filter(|page| page.is_written) {
            match page.of {
                PageOf::Day(kind, day) => {
                    if let Some(day) = self.days.get_mut(&day) {
                        let progress = day.progress_mut(kind);
                        progress.written = progress.written.max(page.change);
                    }
                }
                PageOf::Profiles(slot) => self.profiles.written(slot, page.change),
            }
        }
        match pages.receipt {
            Some(receipt) if pages.is_written => receipt.written(),
            // something of it may have been let go meanwhile
            Some(receipt) if pages.let_go_unwritten != self.let_go_unwritten => drop(receipt),
            Some(receipt) => match self.receipt.take() {
                Some(later) => self.receipt = Some(later.with_earlier(receipt)),
                None => self.receipt = Some(receipt),
            },
            None => {}
        }
    }
}

impl Pages {
    /// Writes the objects, each once, up to the first that fails.
    pub(super) async fn write(mut self, publisher: &Publisher) -> Self {
        for page in &mut self.objects {
            match publisher.replace(&page.path, page.bytes.clone()).await {
                Ok(()) => page.is_written = true,
                Err(error) => {
                    tracing::warn!(path = %page.path, %error, "cannot write a part of the journal: it is kept for the next time");
                    self.is_written = false;
                    break;
                }
            }
        }
        self
    }
}

impl Kind {
    /// Gaps first: a heartbeat counts what they explain.
    const ALL: [Self; 4] = [Self::Gaps, Self::Heartbeats, Self::Shadows, Self::Rates];

    fn folder(self) -> &'static str {
        match self {
            Self::Gaps => "gaps",
            Self::Heartbeats => "heartbeats",
            Self::Shadows => "shadows",
            Self::Rates => "rates",
        }
    }

    fn encode(self, journal: &Journal) -> Result<Bytes, ParquetError> {
        match self {
            Self::Gaps => encode_gaps(journal),
            Self::Heartbeats => encode_heartbeats(journal),
            Self::Shadows => encode_shadows(journal),
            Self::Rates => encode_rates(journal),
        }
    }
}

impl Day {
    fn progress(&self, kind: Kind) -> Progress {
        match kind {
            Kind::Gaps => self.gaps,
            Kind::Heartbeats => self.heartbeats,
            Kind::Shadows => self.shadows,
            Kind::Rates => self.rates,
        }
    }

    fn progress_mut(&mut self, kind: Kind) -> &mut Progress {
        match kind {
            Kind::Gaps => &mut self.gaps,
            Kind::Heartbeats => &mut self.heartbeats,
            Kind::Shadows => &mut self.shadows,
            Kind::Rates => &mut self.rates,
        }
    }

    /// The number of the latest change.
    fn changed(&self) -> u64 {
        Kind::ALL.into_iter().map(|kind| self.progress(kind).changed).max().unwrap_or_default()
    }

    fn add_shadow(&mut self, row: ShadowHeartbeat) {
        let rows = &mut self.journal.shadows;
        let latest = self.latest.get(&key_of(&row)).and_then(|place| rows.get_mut(*place));
        let stretch = |row: &ShadowHeartbeat| floor(row.books.at, SHADOW_STRETCH);
        if let Some(latest) = latest
            && stretch(latest) == stretch(&row)
        {
            *latest = row;
            return;
        }
        if rows.len() >= SHADOWS {
            thin_shadows(rows);
            self.latest = rows.iter().enumerate().map(|(place, row)| (key_of(row), place)).collect();
        }
        self.latest.insert(key_of(&row), rows.len());
        rows.push(row);
    }

    fn add_rate(&mut self, rate: &RateChange) {
        if self.rate_sequences.insert(rate.sequence) {
            if self.journal.rates.len() >= RATES {
                thin(&mut self.journal.rates);
            }
            self.journal.rates.push(rate.clone());
        }
    }

    fn add_gap(&mut self, mut gap: Gap) {
        if !self.sequences.insert(gap.sequence) {
            return;
        }
        let gaps = &mut self.journal.gaps;
        if gaps.len() < GAPS {
            gaps.push(gap);
            return;
        }
        gap.minute = floor(gap.minute, 3_600);
        if gaps.len() >= 2 * GAPS {
            gap.minute = floor(gap.minute, 86_400);
            (gap.model_name, gap.endpoint, gap.size_class, gap.priority) = (None, None, None, None);
        }
        let names = [gap.model_name.clone(), gap.endpoint.clone(), gap.sink.clone()];
        match self.sums.entry((gap.minute, gap.unit, names, gap.size_class, gap.priority, gap.reason)) {
            Entry::Occupied(place) => {
                if let Some(sum) = gaps.get_mut(*place.get()) {
                    sum.count = sum.count.saturating_add(gap.count);
                }
            }
            Entry::Vacant(place) => {
                place.insert(gaps.len());
                gaps.push(gap);
            }
        }
    }
}

/// The beginning of the stretch of `seconds` that `time` is in.
fn floor(time: Timestamp, seconds: i64) -> Timestamp {
    let second = time.as_nanosecond().div_euclid(1_000_000_000);
    let begin = second - second.rem_euclid(i128::from(seconds));
    i64::try_from(begin).ok().and_then(|begin| Timestamp::from_second(begin).ok()).unwrap_or(time)
}

/// Drops every second entry of the older half.
fn thin<T>(entries: &mut Vec<T>) {
    let half = entries.len() / 2;
    let mut place = 0;
    entries.retain(|_| {
        place += 1;
        place > half || place % 2 == 1
    });
}

/// Of the older half, drops all but the last row of each challenger in each hour; and where that is not enough, because there
/// are so many challengers, the oldest of what is left.
fn thin_shadows(rows: &mut Vec<ShadowHeartbeat>) {
    let newer = rows.split_off(rows.len() / 2);
    let mut last: HashMap<(ShadowKey, Timestamp), usize> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        last.insert((key_of(row), floor(row.books.at, 3_600)), place);
    }
    let mut kept: Vec<_> = last.into_values().collect();
    kept.sort_unstable();
    let spare = kept.len().saturating_sub(SHADOWS / 4);
    *rows = kept.into_iter().skip(spare).filter_map(|place| rows.get(place).cloned()).chain(newer).collect();
}

#[cfg(test)]
#[path = "tests/journal_book.rs"]
mod tests;
