//! Known losses.

use std::collections::BTreeMap;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use jiff::civil::Date;
use tiltmeter_record::schema::GAPS;
use tiltmeter_record::{ExchangeDrop, Gap, GapUnit, PredictionDrop, Priority, Reason as _, SizeClass};

use super::{of_dates, word};
use crate::column::{Names, OwnColumns};
use crate::error::Error;
use crate::location::Location;
use crate::problem::{FileProblem, Reason};

/// A gap, and who counted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriterGap {
    /// The instance and incarnation of the process.
    pub writer_id: Arc<str>,
    /// What it lost.
    pub gap: Gap,
}

/// What was read of gaps.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GapsRead {
    /// Each once, by writer and sequence. A reason that this build does not know is `other`.
    pub gaps: Vec<WriterGap>,
    /// How many rows were left out, because a row with their writer and sequence was there already.
    pub copies: u64,
    /// How many rows count what this build does not know; they are left out.
    pub unknown: u64,
    /// How many files there are for those dates, those with problems among them. What could not be listed counts as one.
    pub files: u64,
    /// The files that could not be read, in the order of their paths: losses may be missing.
    pub problems: Vec<FileProblem>,
}

/// Reads gaps, of all models: one Parquet file, or a folder of them, such as a log writes below `gaps`, with the columns
/// [`GAP_COLUMNS`](tiltmeter_record::schema::GAP_COLUMNS).
///
/// Of files below folders `date=YYYY-MM-DD` those of `dates` are read, by the minutes of the gaps (UTC); files in other folders
/// are all read. Rows with the same `writer_id` and `sequence` are copies: the first in the order of paths counts. A file that is
/// damaged, lacks a column or has one of another type or without a value is not used at all, and stands in
/// [`GapsRead::problems`]. Without a folder there are no gaps: a log that loses nothing writes none.
///
/// # Errors
/// When nothing can be listed: [`Error::is_storage`].
///
/// # Cost
/// As [`read_labels`](crate::read_labels), and so is what the [`Limits`](crate::Limits) bound.
pub async fn read_gaps(location: &Location, dates: impl RangeBounds<Date> + Send) -> Result<GapsRead, Error> {
    let dates: (Bound<Date>, Bound<Date>) = (dates.start_bound().cloned(), dates.end_bound().cloned());
    read_gaps_of(location, |date| dates.contains(&date)).await
}

pub(crate) async fn read_gaps_of(
    location: &Location,
    is_wanted: impl Fn(Date) -> bool + Send,
) -> Result<GapsRead, Error> {
    const COLUMNS: [&str; 11] = [
        "sequence",
        "minute",
        "model_name",
        "endpoint",
        "size_class",
        "priority",
        "sink",
        "reason",
        "count",
        "writer_id",
        "unit",
    ];
    let listing = of_dates(location, is_wanted).await?;
    let mut names = Names::default();
    let mut gaps: BTreeMap<(Arc<str>, u64), Gap> = BTreeMap::new();
    let (mut copies, mut unknown) = (0, 0);
    let problems = listing
        .read_each(|_, bytes| {
            let rows = OwnColumns::read(bytes, listing.limits, &GAPS, &COLUMNS, |columns| {
                rows_of(columns, &mut names)
            })?;
            for row in rows {
                let Some(WriterGap { writer_id, gap }) = row else {
                    unknown += 1;
                    continue;
                };
                match gaps.entry((writer_id, gap.sequence)) {
                    std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(gap)),
                    std::collections::btree_map::Entry::Occupied(_) => copies += 1,
                }
            }
            Ok(())
        })
        .await;
    let gaps = gaps.into_iter().map(|((writer_id, _), gap)| WriterGap { writer_id, gap }).collect();
    Ok(GapsRead { gaps, copies, unknown, files: listing.len(), problems })
}

/// The gaps of a batch; `None` for one of a unit that is not known.
fn rows_of(columns: OwnColumns<'_>, names: &mut Names) -> Result<Vec<Option<WriterGap>>, Reason> {
    let (sequences, minutes) = (columns.counts("sequence")?, columns.times("minute")?);
    let (models, endpoints) = (columns.optional_texts("model_name")?, columns.optional_texts("endpoint")?);
    let (sizes, priorities) = (columns.optional_texts("size_class")?, columns.optional_texts("priority")?);
    let (sinks, units) = (columns.optional_texts("sink")?, columns.optional_texts("unit")?);
    let (reasons, counts) = (columns.texts("reason")?, columns.counts("count")?);
    let writers = columns.texts("writer_id")?;
    let row = |row: usize| {
        let unit = match units[row] {
            Some(unit) => GapUnit::ALL.into_iter().find(|known| known.as_str() == unit)?,
            None if sinks[row].is_some() => GapUnit::Prediction,
            None => GapUnit::Exchange,
        };
        let mut gap = Gap::of_exchanges(sequences[row], minutes[row], ExchangeDrop::Closed, counts[row]);
        gap.unit = unit;
        gap.model_name = models[row].map(|name| names.get(name));
        gap.endpoint = endpoints[row].map(|name| names.get(name));
        gap.sink = sinks[row].map(|name| names.get(name));
        gap.size_class =
            sizes[row].and_then(|text| SizeClass::ALL.into_iter().find(|class| class.as_str() == text));
        gap.priority =
            priorities[row].and_then(|text| Priority::ALL.into_iter().find(|class| class.as_str() == text));
        let words = ExchangeDrop::ALL.iter().map(|reason| reason.as_str());
        gap.reason =
            word(reasons[row], words.chain(PredictionDrop::ALL.iter().map(|reason| reason.as_str())));
        Some(WriterGap { writer_id: names.get(writers[row]), gap })
    };
    Ok((0..columns.rows()).map(row).collect())
}
