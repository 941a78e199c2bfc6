//! How far writers came.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tiltmeter_record::schema::HEARTBEATS;

use super::of_dates;
use crate::column::{Names, OwnColumns};
use crate::error::Error;
use crate::location::Location;
use crate::problem::{FileProblem, Reason};

/// The last books of a writer, as far as they are of its predictions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WriterBooks {
    pub(crate) sequence: u64,
    /// How many it has decoded.
    pub(crate) next_prediction: u64,
    pub(crate) at: Timestamp,
    /// Whether it ended in order.
    pub(crate) is_last: bool,
}

/// The last books of each writer, by the sequence of its heartbeats, and the files that could not be read.
pub(crate) async fn read_writers(
    location: &Location,
) -> Result<(BTreeMap<Arc<str>, WriterBooks>, Vec<FileProblem>), Error> {
    const COLUMNS: [&str; 5] = ["sequence", "at", "is_last", "next_prediction", "writer_id"];
    let listing = of_dates(location, |_| true).await?;
    let mut names = Names::default();
    let mut writers: BTreeMap<Arc<str>, WriterBooks> = BTreeMap::new();
    let problems = listing
        .read_each(|_, bytes| {
            let rows = OwnColumns::read(bytes, listing.limits, &HEARTBEATS, &COLUMNS, |columns| {
                rows_of(columns, &mut names)
            })?;
            for (writer_id, books) in rows {
                let last = writers.entry(writer_id).or_insert(books);
                *last = books.max(*last);
            }
            Ok(())
        })
        .await;
    Ok((writers, problems))
}

fn rows_of(columns: OwnColumns<'_>, names: &mut Names) -> Result<Vec<(Arc<str>, WriterBooks)>, Reason> {
    let (sequences, at) = (columns.counts("sequence")?, columns.times("at")?);
    let (next, is_last) = (columns.counts("next_prediction")?, columns.flags("is_last")?);
    let writers = columns.texts("writer_id")?;
    let row = |row: usize| {
        let books = WriterBooks {
            sequence: sequences[row],
            next_prediction: next[row],
            at: at[row],
            is_last: is_last[row],
        };
        (names.get(writers[row]), books)
    };
    Ok((0..columns.rows()).map(row).collect())
}
