//! Profile deltas as a record batch.

use std::borrow::Borrow;
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, Float64Builder, ListBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::ArrowError;

use super::journal::{Rows, of_each};
use super::profile_schema;
use super::schema::number_element;
use crate::schema::PROFILE_SCHEMA_VERSION;
use crate::{CellCounts, ColumnProfile, Journal, ProfileCell, ProfileDelta};

/// A row of the table.
type Row<'j> = (&'j ProfileDelta, &'j ProfileCell, Option<&'j ColumnProfile>);

/// The profile deltas of `journals` as a batch of the schema [`profile_schema`]: for each cell of a delta a row with its
/// counts, and one for each of its columns.
///
/// # Errors
/// When Arrow cannot build the batch.
pub fn profiles_batch<J: Borrow<Journal>>(journals: &[J]) -> Result<RecordBatch, ArrowError> {
    let rows = Rows(of_each(journals, |journal| journal.profiles.iter().flat_map(|delta| rows(delta))));
    let count = |of: fn(CellCounts) -> Option<u64>| {
        rows.counts(move |(_, cell, column)| column.is_none().then_some(cell.counts).and_then(of))
    };
    let figure =
        |of: fn(&ColumnProfile) -> Option<f64>| rows.numbers(move |(_, _, column)| column.and_then(of));
    let columns = vec![
        rows.counts(|(delta, _, _)| Some(delta.sequence)),
        rows.texts(|(delta, _, _)| Some(&*delta.model_name)),
        rows.times(|(delta, _, _)| delta.window.start()),
        rows.texts(|(delta, _, _)| Some(delta.window.width().as_str())),
        rows.texts(|(delta, _, _)| delta.baseline_id.as_deref()),
        rows.texts(|(_, cell, _)| Some(&*cell.key.role)),
        rows.texts(|(_, cell, _)| cell.key.model_version.as_deref()),
        rows.texts(|(_, cell, _)| cell.key.segment.as_ref().map(|(name, _)| &**name)),
        rows.texts(|(_, cell, _)| cell.key.segment.as_ref().map(|(_, value)| &**value)),
        rows.texts(|(_, _, column)| column.map(|column| &*column.column)),
        count(|counts| Some(counts.predictions)),
        count(|counts| Some(counts.requests)),
        count(|counts| Some(counts.failed_requests)),
        count(|counts| counts.anomalous_requests),
        rows.counts(|(_, _, column)| column.map(|column| column.present)),
        rows.counts(|(_, _, column)| column.map(|column| column.missing)),
        figure(|column| column.mean),
        figure(|column| column.variance),
        figure(|column| column.min),
        figure(|column| column.max),
        bin_counts(&rows),
        encoded(&rows),
    ];
    RecordBatch::try_new(profile_schema(), rows.with_writer(columns, PROFILE_SCHEMA_VERSION))
}

fn rows(delta: &ProfileDelta) -> impl Iterator<Item = Row<'_>> {
    delta.cells.iter().flat_map(move |cell| {
        let columns = cell.columns.iter().map(Some);
        std::iter::once(None).chain(columns).map(move |column| (delta, cell, column))
    })
}

fn bin_counts(rows: &Rows<'_, Row<'_>>) -> ArrayRef {
    let mut lists = ListBuilder::new(Float64Builder::new()).with_field(number_element());
    for (_, (_, _, column)) in &rows.0 {
        let counts = column.and_then(|column| column.bin_counts.as_deref());
        lists.values().append_slice(counts.unwrap_or_default());
        lists.append(counts.is_some());
    }
    Arc::new(lists.finish())
}

fn encoded(rows: &Rows<'_, Row<'_>>) -> ArrayRef {
    let mut bytes = BinaryBuilder::new();
    for (_, (_, _, column)) in &rows.0 {
        bytes.append_option(column.map(|column| &column.encoded));
    }
    Arc::new(bytes.finish())
}
