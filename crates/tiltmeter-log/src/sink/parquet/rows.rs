//! The tables that this sink writes, predictions and pairs: their rows, and what these are collected in.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use jiff::Timestamp;
use tiltmeter_record::{
    ModelSpec, Pair, PairBatch, PairBatchBuilder, Prediction, PredictionBatch, RecordBatchBuilder, WriterId,
};

use super::partition::{Partition, utc_day};

/// Rows of one table, as the log hands them over.
#[derive(Clone, Copy)]
pub(super) enum Rows<'b> {
    Predictions(&'b PredictionBatch),
    Pairs(&'b PairBatch),
}

/// One of them.
#[derive(Clone, Copy)]
pub(super) enum Row<'b> {
    Prediction(&'b Prediction),
    Pair(&'b Pair),
}

/// Rows of one table on their way into a file.
pub(super) enum Pending {
    Predictions(Box<RecordBatchBuilder>),
    Pairs(Box<PairBatchBuilder>),
}

impl<'b> Rows<'b> {
    pub(super) fn spec(self) -> &'b Arc<ModelSpec> {
        match self {
            Self::Predictions(batch) => &batch.spec,
            Self::Pairs(batch) => &batch.spec,
        }
    }

    pub(super) fn writer_id(self) -> &'b WriterId {
        match self {
            Self::Predictions(batch) => &batch.writer_id,
            Self::Pairs(batch) => &batch.writer_id,
        }
    }

    /// The row at `place`.
    pub(super) fn get(self, place: usize) -> Option<Row<'b>> {
        match self {
            Self::Predictions(batch) => batch.rows.get(place).map(Row::Prediction),
            Self::Pairs(batch) => batch.rows.get(place).map(Row::Pair),
        }
    }

    /// Where those belong whose event is of `day`.
    pub(super) fn partition(self, day: i32) -> Partition {
        match self {
            Self::Predictions(batch) => Partition::of_predictions(&batch.spec.name, day),
            Self::Pairs(batch) => Partition::of_pairs(&batch.spec.name, &batch.challenger, day),
        }
    }
}

impl Row<'_> {
    fn event_time(self) -> Timestamp {
        match self {
            Self::Prediction(row) => row.event_time,
            Self::Pair(row) => row.champion.event_time,
        }
    }

    /// The UTC day, by which tables are partitioned.
    pub(super) fn day(self) -> i32 {
        utc_day(self.event_time())
    }

    pub(super) fn sequence(self) -> u64 {
        match self {
            Self::Prediction(row) => row.sequence,
            Self::Pair(row) => row.sequence,
        }
    }
}

impl Pending {
    /// Nothing yet of the table of `rows`.
    pub(super) fn of(rows: Rows<'_>) -> Self {
        match rows {
            Rows::Predictions(PredictionBatch { spec, writer_id, serving_node, .. }) => {
                let builder = RecordBatchBuilder::new(spec, writer_id.clone(), Arc::clone(serving_node));
                Self::Predictions(Box::new(builder))
            }
            Rows::Pairs(PairBatch { spec, challenger, writer_id, serving_node, .. }) => {
                let (writer_id, node) = (writer_id.clone(), Arc::clone(serving_node));
                Self::Pairs(Box::new(PairBatchBuilder::new(spec, challenger, writer_id, node)))
            }
        }
    }

    pub(super) fn append(&mut self, row: Row<'_>) {
        match (self, row) {
            (Self::Predictions(builder), Row::Prediction(row)) => builder.append(row),
            (Self::Pairs(builder), Row::Pair(row)) => builder.append(row),
            (Self::Predictions(_), Row::Pair(_)) | (Self::Pairs(_), Row::Prediction(_)) => {
                debug_assert!(false, "a partition is one of one table");
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Predictions(builder) => builder.len(),
            Self::Pairs(builder) => builder.len(),
        }
    }

    pub(super) fn memory_size(&self) -> usize {
        match self {
            Self::Predictions(builder) => builder.memory_size(),
            Self::Pairs(builder) => builder.memory_size(),
        }
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        match self {
            Self::Predictions(builder) => builder.schema(),
            Self::Pairs(builder) => builder.schema(),
        }
    }

    pub(super) fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        match self {
            Self::Predictions(builder) => builder.finish(),
            Self::Pairs(builder) => builder.finish(),
        }
    }
}
