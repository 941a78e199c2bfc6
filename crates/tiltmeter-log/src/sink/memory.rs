//! Predictions kept in memory, for tests.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tiltmeter_record::{Journal, ModelName, ModelSpec, Pair, PairBatch, Prediction, PredictionBatch};

use super::{Sink, SinkFuture};
use crate::books::{Delivery, Receipt};

/// Keeps every prediction in memory, without a bound: for the tests of an application that logs.
///
/// Clones share the predictions, so that a test can keep one while the log has the other.
///
/// ```
/// use std::time::Duration;
/// use tiltmeter_log::{LogBuilder, MemorySink};
/// # use tiltmeter_record::ModelSpec;
/// # let spec = ModelSpec::from_yaml("model.yaml", "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, \
/// #     endpoint: {path: /predict}, response: {score: /score}, features: {age: float}}")?;
///
/// let sink = MemorySink::default();
/// let (log, guard) = LogBuilder::new().with_model(spec).with_sink(sink.clone()).build()?;
/// // … send requests through a service with `log.layer()`, then:
/// let report = guard.shutdown_blocking(Duration::from_secs(10));
/// assert_eq!(report.ledgers.predictions.written, sink.take().len() as u64);
/// # drop(log);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemorySink {
    predictions: Arc<Mutex<Vec<OfModel>>>,
    pairs: Arc<Mutex<Vec<(ModelName, Pair)>>>,
    journals: Arc<Mutex<Vec<Journal>>>,
}

type OfModel = (Arc<ModelSpec>, Prediction);

impl MemorySink {
    /// Takes the predictions that have come since the last time, in the order in which they came: that in which they were decoded,
    /// but for those that [waited](crate::sampling#disagreements).
    #[must_use]
    pub fn take(&self) -> Vec<Prediction> {
        self.take_with_models().into_iter().map(|(_, row)| row).collect()
    }

    /// As [`take`](Self::take), each prediction with the model whose it is.
    #[must_use]
    pub fn take_with_models(&self) -> Vec<(Arc<ModelSpec>, Prediction)> {
        std::mem::take(&mut *self.predictions.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many predictions of that request have come and not been taken.
    #[cfg(test)]
    pub(crate) fn count(&self, request_id: &str) -> usize {
        let predictions = self.predictions.lock().unwrap_or_else(PoisonError::into_inner);
        predictions.iter().filter(|(_, row)| *row.request_id == *request_id).count()
    }

    /// Takes out the pairs that have been written, each with what its challenger is called.
    #[must_use]
    pub fn take_pairs(&self) -> Vec<(ModelName, Pair)> {
        std::mem::take(&mut *self.pairs.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the journals that have come since the last time: gaps, heartbeats, the books of shadows, profiles, and changes of
    /// sampling rates.
    #[must_use]
    pub fn take_journals(&self) -> Vec<Journal> {
        std::mem::take(&mut *self.journals.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sink for MemorySink {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn write(&mut self, batch: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move {
            let spec = Arc::clone(&batch.spec);
            let rows = Arc::try_unwrap(batch).map_or_else(|shared| shared.rows.clone(), |batch| batch.rows);
            let rows = rows.into_iter().map(|row| (Arc::clone(&spec), row));
            self.predictions.lock().unwrap_or_else(PoisonError::into_inner).extend(rows);
            delivery.written();
        })
    }

    fn write_pairs(&mut self, batch: Arc<PairBatch>, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move {
            let rows = batch.rows.iter().map(|row| (batch.challenger.clone(), row.clone()));
            self.pairs.lock().unwrap_or_else(PoisonError::into_inner).extend(rows);
            delivery.written();
        })
    }

    fn write_journal(&mut self, journal: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        Box::pin(async move {
            self.journals.lock().unwrap_or_else(PoisonError::into_inner).push((*journal).clone());
            receipt.written();
        })
    }

    fn tick(&mut self, _: Duration) -> SinkFuture<'_> {
        Box::pin(async {})
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        Box::pin(async {})
    }
}
