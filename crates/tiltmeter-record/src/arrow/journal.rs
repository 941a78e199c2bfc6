//! Gaps, heartbeats, the books of shadows and changes of rates as record batches.

use std::borrow::Borrow;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_array::{TimestampMicrosecondArray, builder::StringBuilder};
use arrow_schema::ArrowError;
use jiff::Timestamp;

use super::{gap_schema, heartbeat_schema, rate_schema, shadow_schema};
use crate::schema::{
    GAP_SCHEMA_VERSION, HEARTBEAT_SCHEMA_VERSION, RATE_SCHEMA_VERSION, SHADOW_SCHEMA_VERSION,
};
use crate::{Gap, Heartbeat, Journal, PairBucket, Priority, SinkLedger, SizeClass};

/// The gaps of `journals`, one row each, in their order. The schema is [`gap_schema`].
///
/// # Errors
/// When a column does not have the length or type of the schema, which would be a fault of this function.
pub fn gaps_batch<J: Borrow<Journal>>(journals: &[J]) -> Result<RecordBatch, ArrowError> {
    let rows = Rows(of_each(journals, |journal| journal.gaps.iter()));
    let columns = vec![
        rows.counts(|gap| Some(gap.sequence)),
        rows.times(|gap| gap.minute),
        rows.texts(|gap| gap.model_name.as_deref()),
        rows.texts(|gap| gap.endpoint.as_deref()),
        rows.texts(|gap| gap.size_class.map(SizeClass::as_str)),
        rows.texts(|gap| gap.priority.map(Priority::as_str)),
        rows.texts(|gap| gap.sink.as_deref()),
        rows.texts(|gap| Some(gap.reason)),
        rows.counts(|gap: &&Gap| Some(gap.count)),
    ];
    let mut columns = rows.with_writer(columns, GAP_SCHEMA_VERSION);
    columns.push(rows.texts(|gap| Some(gap.unit.as_str())));
    RecordBatch::try_new(gap_schema(), columns)
}

/// The heartbeats of `journals` in their order: one row for each sink, or one without a sink if there is none. The schema
/// is [`heartbeat_schema`].
///
/// # Errors
/// When a column does not have the length or type of the schema, which would be a fault of this function.
pub fn heartbeats_batch<J: Borrow<Journal>>(journals: &[J]) -> Result<RecordBatch, ArrowError> {
    let rows = Rows(of_each(journals, |journal| journal.heartbeats.iter().flat_map(by_sink)));
    let columns = vec![
        rows.counts(|(heartbeat, _)| Some(heartbeat.sequence)),
        rows.times(|(heartbeat, _)| heartbeat.at),
        rows.times(|(heartbeat, _)| heartbeat.started_at),
        rows.flags(|(heartbeat, _)| heartbeat.is_canary),
        rows.flags(|(heartbeat, _)| heartbeat.is_last),
        rows.counts(|(heartbeat, _)| Some(heartbeat.next_prediction)),
        rows.counts(|(heartbeat, _)| Some(heartbeat.exchanges.observed)),
        rows.counts(|(heartbeat, _)| Some(heartbeat.exchanges.decoded)),
        rows.counts(|(heartbeat, _)| Some(heartbeat.exchanges.dropped.total())),
        rows.counts(|(heartbeat, _)| Some(heartbeat.exchanges.abandoned)),
        rows.texts(|(_, sink)| sink.map(|sink| &*sink.sink)),
        rows.counts(|(_, sink)| sink.map(|sink| sink.predictions.decoded)),
        rows.counts(|(_, sink)| sink.map(|sink| sink.predictions.written)),
        rows.counts(|(_, sink)| sink.map(|sink| sink.predictions.sampled_out)),
        rows.counts(|(_, sink)| sink.map(|sink| sink.predictions.dropped.total())),
        rows.counts(|(_, sink)| sink.map(|sink| sink.predictions.abandoned)),
    ];
    let mut columns = rows.with_writer(columns, HEARTBEAT_SCHEMA_VERSION);
    columns.extend([
        rows.counts(|(heartbeat, _)| Some(heartbeat.next_pair)),
        rows.counts(|(_, sink)| sink.map(|sink| sink.pairs.decoded)),
        rows.counts(|(_, sink)| sink.map(|sink| sink.pairs.written)),
        rows.counts(|(_, sink)| sink.map(|sink| sink.pairs.dropped.total())),
        rows.counts(|(_, sink)| sink.map(|sink| sink.pairs.abandoned)),
    ]);
    RecordBatch::try_new(heartbeat_schema(), columns)
}

/// The changes of rates of `journals` as a batch of the schema [`rate_schema`]; without any it has no rows.
///
/// # Errors
/// When Arrow cannot build the batch.
pub fn rates_batch<J: Borrow<Journal>>(journals: &[J]) -> Result<RecordBatch, ArrowError> {
    let rows = Rows(of_each(journals, |journal| journal.rates.iter()));
    let columns = vec![
        rows.counts(|rate| Some(rate.sequence)),
        rows.times(|rate| rate.at),
        rows.texts(|rate| Some(&*rate.model_name)),
        rows.texts(|rate| Some(rate.rate)),
        rows.numbers(|rate| rate.before),
        rows.numbers(|rate| Some(rate.after)),
        rows.texts(|rate| Some(rate.because)),
        rows.numbers(|rate| rate.fleet_predictions_per_day),
    ];
    RecordBatch::try_new(rate_schema(), rows.with_writer(columns, RATE_SCHEMA_VERSION))
}

/// The books of shadows of `journals`, one row for each challenger, in their order. The schema is [`shadow_schema`].
///
/// # Errors
/// When a column does not have the length or type of the schema, which would be a fault of this function.
pub fn shadows_batch<J: Borrow<Journal>>(journals: &[J]) -> Result<RecordBatch, ArrowError> {
    let rows = Rows(of_each(journals, |journal| journal.shadows.iter()));
    let mut columns = vec![
        rows.counts(|shadow| Some(shadow.sequence)),
        rows.times(|shadow| shadow.books.at),
        rows.times(|shadow| shadow.books.started_at),
        rows.texts(|shadow| Some(&*shadow.model_name)),
        rows.texts(|shadow| Some(shadow.books.shadow.as_str())),
        rows.texts(|shadow| Some(shadow.books.challenger.as_str())),
        rows.flags(|shadow| shadow.books.is_last),
        rows.counts(|shadow| Some(shadow.books.requests.eligible)),
    ];
    columns
        .extend(PairBucket::ALL.map(|bucket| rows.counts(|shadow| Some(shadow.books.requests.by(bucket)))));
    columns.extend([
        rows.counts(|shadow| Some(shadow.books.usage.request_bytes)),
        rows.counts(|shadow| Some(shadow.books.usage.answer_bytes)),
        rows.counts(|shadow| Some(shadow.books.usage.cpu_micros)),
    ]);
    RecordBatch::try_new(shadow_schema(), rows.with_writer(columns, SHADOW_SCHEMA_VERSION))
}

/// A heartbeat with each of its sinks, or with none if it has none.
fn by_sink(heartbeat: &Heartbeat) -> impl Iterator<Item = (&Heartbeat, Option<&SinkLedger>)> {
    let none = heartbeat.sinks.is_empty().then_some(None);
    heartbeat.sinks.iter().map(Some).chain(none).map(move |sink| (heartbeat, sink))
}

/// Every row of all journals, each with its journal.
pub(super) fn of_each<'j, J: Borrow<Journal>, I: Iterator>(
    journals: &'j [J],
    rows: impl Fn(&'j Journal) -> I,
) -> Vec<(&'j Journal, I::Item)> {
    let journals = journals.iter().map(Borrow::borrow);
    journals.flat_map(|journal| rows(journal).map(move |row| (journal, row))).collect()
}

/// The rows of a table, and their columns.
pub(super) struct Rows<'j, R>(pub(super) Vec<(&'j Journal, R)>);

impl<R> Rows<'_, R> {
    pub(super) fn counts(&self, value: impl Fn(&R) -> Option<u64>) -> ArrayRef {
        let value = |row: &R| value(row).map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        Arc::new(self.0.iter().map(|(_, row)| value(row)).collect::<Int64Array>())
    }

    fn flags(&self, value: impl Fn(&R) -> bool) -> ArrayRef {
        Arc::new(BooleanArray::from_iter(self.0.iter().map(|(_, row)| Some(value(row)))))
    }

    pub(super) fn times(&self, value: impl Fn(&R) -> Timestamp) -> ArrayRef {
        let times = self.0.iter().map(|(_, row)| value(row).as_microsecond());
        Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC"))
    }

    pub(super) fn numbers(&self, value: impl Fn(&R) -> Option<f64>) -> ArrayRef {
        Arc::new(self.0.iter().map(|(_, row)| value(row)).collect::<Float64Array>())
    }

    pub(super) fn texts<'r>(&'r self, value: impl Fn(&'r R) -> Option<&'r str>) -> ArrayRef {
        let mut texts = StringBuilder::new();
        self.0.iter().for_each(|(_, row)| texts.append_option(value(row)));
        Arc::new(texts.finish())
    }

    /// The columns of a row, and those that are the same in all tables of a writer.
    pub(super) fn with_writer(&self, mut columns: Vec<ArrayRef>, version: i32) -> Vec<ArrayRef> {
        let writers = self.0.iter().map(|(journal, _)| journal.writer_id.as_str());
        let nodes = self.0.iter().map(|(journal, _)| &*journal.serving_node);
        columns.push(Arc::new(StringArray::from_iter_values(writers)));
        columns.push(Arc::new(StringArray::from_iter_values(nodes)));
        columns.push(Arc::new(Int32Array::from(vec![version; self.0.len()])));
        columns
    }
}
