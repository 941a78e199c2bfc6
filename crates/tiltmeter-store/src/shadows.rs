//! The books of a challenger.

use std::ops::RangeInclusive;

use arrow_array::RecordBatch;
use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use tiltmeter_record::schema::SHADOW_COLUMNS;
use tiltmeter_record::{ModelName, PairBucket, ShadowAccounts, ShadowBooks, ShadowLedger};

use crate::column::Column;
use crate::error::Error;
use crate::file::{ParquetFile, contain};
use crate::limits::Limits;
use crate::listing::Listing;
use crate::location::Location;
use crate::predictions::date_of;
use crate::problem::{FileProblem, Reason};

/// What was read of the books of a challenger.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ShadowsRead {
    /// What is known of each shadow.
    pub accounts: ShadowAccounts,
    /// How many files there are for that time, those with problems among them. What could not be listed counts as one.
    pub files: u64,
    /// The files that could not be read, in the order of their paths. Their rows are missing in `accounts`.
    pub problems: Vec<FileProblem>,
}

/// Reads the books of a challenger: what became of every request that it could have seen, the sampled-out and the lost ones
/// among them, of which there are no [pairs](crate::read_pairs).
///
/// They are one Parquet file, or a folder of them, such as a log writes below `shadows`, with the columns
/// [`SHADOW_COLUMNS`](tiltmeter_record::schema::SHADOW_COLUMNS). `accounts` says of which time
/// ([`ShadowAccounts::between`]). Rows of other models and challengers are not looked at. A file that is damaged, lacks a
/// column, has one of another type or without a value, or has rows in whose buckets there are more requests than were eligible, is
/// not used at all, and stands in [`ShadowsRead::problems`]. Buckets that a file does not have, other than `paired`, have no
/// requests: it is of an earlier build.
///
/// Of files below folders `date=YYYY-MM-DD` those are read that may have rows of the time of `accounts`, and those of the day
/// before it: what had been counted before is taken off. A shadow that wrote no books for longer than that, and then more
/// within the time, counts from its start. Files in other folders are all read.
///
/// # Errors
/// When there is no file, of whatever date: [`Error::is_not_found`]. When nothing can be listed: [`Error::is_storage`].
///
/// # Cost
/// As [`read_labels`](crate::read_labels), and so is what the [`Limits`] bound; what is kept are two rows for each shadow.
pub async fn read_shadows(
    location: &Location,
    model: &ModelName,
    challenger: &ModelName,
    mut accounts: ShadowAccounts,
) -> Result<ShadowsRead, Error> {
    let mut listing = Listing::needed(location, "books of shadows").await?;
    let dates = dates(&accounts);
    listing
        .files
        .retain(|file| date_of(file.first_folder.as_deref()).is_none_or(|date| dates.contains(&date)));
    let problems = listing
        .read_each(|_, bytes| {
            let rows = read_file(bytes, listing.limits, model, challenger)?;
            rows.iter().for_each(|row| accounts.add(&row.writer, row.sequence, &row.books));
            Ok(())
        })
        .await;
    Ok(ShadowsRead { accounts, files: listing.len(), problems })
}

/// The dates (UTC) on which rows of the time of `accounts` lie, and the row before it of a shadow that ran then.
fn dates(accounts: &ShadowAccounts) -> RangeInclusive<Date> {
    let date = |time: Timestamp| Offset::UTC.to_datetime(time).date();
    let from = date(accounts.from());
    from.yesterday().unwrap_or(from)..=date(accounts.until())
}

struct Row {
    writer: String,
    sequence: u64,
    books: ShadowBooks,
}

fn read_file(
    bytes: Bytes,
    limits: Limits,
    model: &ModelName,
    challenger: &ModelName,
) -> Result<Vec<Row>, Reason> {
    let file = ParquetFile::open(bytes, limits)?;
    let unread = ["serving_node", "schema_version"];
    let is_there = |column: &str| file.schema().index_of(column).is_ok();
    let mut columns = Vec::new();
    for column in SHADOW_COLUMNS.iter().map(|column| column.name).filter(|name| !unread.contains(name)) {
        if is_there(column) {
            columns.push(column);
        } else if !may_be_absent(column) {
            return Err(Reason::missing(column));
        }
    }
    let mut rows = Vec::new();
    file.decode(columns, |batch| {
        rows.extend(contain(|| rows_of(&batch, model, challenger))?);
        Ok(())
    })?;
    Ok(rows)
}

/// Whether it is a bucket that a later build may have added: not the first one.
fn may_be_absent(column: &str) -> bool {
    PairBucket::ALL.into_iter().any(|bucket| bucket != PairBucket::Paired && bucket.as_str() == column)
}

/// The rows of that challenger.
fn rows_of(batch: &RecordBatch, model: &ModelName, challenger: &ModelName) -> Result<Vec<Row>, Reason> {
    let texts = |name: &'static str| -> Result<Vec<&str>, Reason> {
        let column = Column::of(batch, name)?;
        column.all(column.texts()?)
    };
    let times = |name: &'static str| -> Result<Vec<i64>, Reason> {
        let column = Column::of(batch, name)?;
        column.all(column.times()?)
    };
    let counts = |name: &'static str| -> Result<Vec<u64>, Reason> {
        let column = Column::of(batch, name)?;
        let counts = column.all(column.integers()?)?;
        let counts: Option<_> = counts.into_iter().map(|count| u64::try_from(count).ok()).collect();
        counts.ok_or_else(|| Reason::new(format!("has a number below 0 in column {name}")))
    };
    let (models, challengers, shadows) = (texts("model_name")?, texts("challenger")?, texts("shadow")?);
    let (writers, sequences) = (texts("writer_id")?, counts("sequence")?);
    let (at, started_at) = (times("at")?, times("started_at")?);
    let (eligible, cpu_micros) = (counts("eligible")?, counts("cpu_micros")?);
    let (request_bytes, answer_bytes) = (counts("request_bytes")?, counts("answer_bytes")?);
    let is_last = Column::of(batch, "is_last")?;
    let is_last = is_last.all(is_last.flags()?)?;
    let bucket = |bucket: PairBucket| match bucket.as_str() {
        column if may_be_absent(column) && batch.column_by_name(column).is_none() => Ok(None),
        column => counts(column).map(Some),
    };
    let buckets: Vec<Option<Vec<u64>>> = PairBucket::ALL.into_iter().map(bucket).collect::<Result<_, _>>()?;
    let is_of = |row: &usize| models[*row] == model.as_str() && challengers[*row] == challenger.as_str();
    let row = |row: usize| {
        let shadow = shadows[row].parse().map_err(|error| Reason::new(format!("has a bad name: {error}")))?;
        let time = |micros: i64| {
            Timestamp::from_microsecond(micros).map_err(|_| Reason::new("has a time outside of the calendar"))
        };
        let mut books = ShadowBooks::new(shadow, challenger.clone(), time(started_at[row])?, time(at[row])?);
        books.is_last = is_last[row] == "true";
        books.requests = ShadowLedger::new(eligible[row], |bucket| {
            buckets[bucket.index()].as_ref().map_or(0, |counts| counts[row])
        });
        if books.requests.ended() > books.requests.eligible {
            return Err(Reason::new("has books with more requests in their buckets than were eligible"));
        }
        books.usage.request_bytes = request_bytes[row];
        books.usage.answer_bytes = answer_bytes[row];
        books.usage.cpu_micros = cpu_micros[row];
        Ok(Row { writer: writers[row].to_owned(), sequence: sequences[row], books })
    };
    (0..batch.num_rows()).filter(is_of).map(row).collect()
}
