//! Parquet files on an object store.
//!
//! ```text
//! <root>/predictions/model_name=flight-delay/date=2013-04-03/<incarnation>-000017.parquet
//! ```
//!
//! One table per model, partitioned by the UTC date of `event_time`. A file is encoded in memory and published whole,
//! under a name that no other writer uses. On a local disk it is first written to `<root>/.staging`, outside of the
//! table, and then renamed; on a cloud store a `put` is atomic by itself. So no reader ever sees half a file.

mod builder;
mod file;
mod publish;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tiltmeter_record::{ModelName, PredictionBatch, PredictionDrop};
use tokio::task::{JoinError, JoinSet};

pub use self::builder::ParquetSinkBuilder;
use self::file::OpenFile;
use self::publish::Publisher;
use super::{Sink, SinkFuture};
use crate::books::Delivery;

/// When a file is full.
#[derive(Clone, Copy, Debug)]
struct Limits {
    file_rows: usize,
    file_bytes: usize,
    file_age: Duration,
    /// Of all open files together.
    open_bytes: usize,
    open_files: usize,
    uploads: usize,
}

/// A partition of the table: a model and the days since 1970-01-01 of the UTC date.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Partition {
    model: ModelName,
    day: i32,
}

impl Partition {
    fn of(model: &ModelName, time: Timestamp) -> Self {
        Self { model: model.clone(), day: utc_day(time) }
    }
}

/// The days from 1970-01-01 to the UTC date of `time`.
fn utc_day(time: Timestamp) -> i32 {
    const DAY: i128 = 86_400_000_000_000;
    // a timestamp is within ten thousand years of 1970
    i32::try_from(time.as_nanosecond().div_euclid(DAY)).unwrap_or(i32::MAX)
}

/// Writes predictions to Parquet files, compressed with zstd: see [`ParquetSinkBuilder`].
///
/// Each partition (a model and a date) has one file that is open, in memory. It is published when it has enough rows or
/// bytes or is old enough; when more partitions are written to than may be open, the one whose last row is the oldest is
/// published early, and when all of them together hold too many bytes, the largest one. So predictions for many dates
/// at once cost many small files, never unbounded memory.
///
/// Files are not synced to disk: one that was published in the seconds before a power failure may be lost or empty.
///
/// A file that cannot be published is lost, and its rows count as dropped with the reason `sink_failed`.
pub struct ParquetSink {
    limits: Limits,
    publisher: Arc<Publisher>,
    open: HashMap<Partition, OpenFile>,
    uploads: JoinSet<()>,
    files_begun: u64,
    rows_seen: u64,
    now: Duration,
}

impl ParquetSink {
    /// A sink that writes below the local folder `root`, which is created if it does not exist.
    pub fn local(root: impl Into<std::path::PathBuf>) -> ParquetSinkBuilder {
        ParquetSinkBuilder::local(root.into())
    }

    /// A sink that writes to `store`, below `prefix`.
    ///
    /// A `put` of the store must be atomic, as those of S3, GCS, Azure and of the in-memory store are. For a local
    /// folder use [`local`](Self::local): `object_store`'s own writes leave a partial file beside the others while they
    /// last.
    pub fn object_store(
        store: Arc<dyn object_store::ObjectStore>,
        prefix: object_store::path::Path,
    ) -> ParquetSinkBuilder {
        ParquetSinkBuilder::object_store(store, prefix)
    }

    fn new(limits: Limits, publisher: Publisher) -> Self {
        Self {
            limits,
            publisher: Arc::new(publisher),
            open: HashMap::new(),
            uploads: JoinSet::new(),
            files_begun: 0,
            rows_seen: 0,
            now: Duration::ZERO,
        }
    }

    /// Appends the rows to the files of their partitions, and publishes those that are full then.
    async fn append(&mut self, batch: &PredictionBatch, mut delivery: Delivery) {
        let mut rows = batch.rows.iter().peekable();
        while let Some(first) = rows.peek() {
            let partition = Partition::of(&batch.spec.name, first.event_time);
            if !self.open.contains_key(&partition) {
                if self.open.len() >= self.limits.open_files {
                    self.close_stalest().await;
                }
                self.files_begun += 1;
                let file = OpenFile::new(batch, self.files_begun, self.now, delivery.split(0));
                self.open.insert(partition.clone(), file);
            }
            let Some(file) = self.open.get_mut(&partition) else { return };
            let mut is_full = false;
            while !is_full && let Some(row) = rows.next_if(|row| utc_day(row.event_time) == partition.day) {
                self.rows_seen += 1;
                file.append(row, &mut delivery, self.rows_seen);
                is_full = file.is_full(&self.limits);
            }
            if is_full {
                self.close(&partition).await;
            }
            while self.open.values().map(OpenFile::bytes).sum::<usize>() > self.limits.open_bytes {
                self.close_largest().await;
            }
        }
    }

    /// Publishes the file that holds the most bytes.
    async fn close_largest(&mut self) {
        let largest = self.open.iter().max_by_key(|(_, file)| file.bytes()).map(|(key, _)| key.clone());
        if let Some(partition) = largest {
            self.close(&partition).await;
        }
    }

    /// Publishes the file whose last row is the oldest.
    async fn close_stalest(&mut self) {
        let stalest = self.open.iter().min_by_key(|(_, file)| file.last_row()).map(|(key, _)| key.clone());
        if let Some(partition) = stalest {
            self.close(&partition).await;
        }
    }

    /// Takes a file out of the open ones and starts its publication; waits while too many are under way.
    async fn close(&mut self, partition: &Partition) {
        let Some(file) = self.open.remove(partition) else { return };
        while self.uploads.len() >= self.limits.uploads {
            note(self.uploads.join_next().await);
        }
        let publisher = Arc::clone(&self.publisher);
        let (name, encoded, delivery) = file.finish();
        let path = publisher.path(partition, &name);
        match encoded {
            Ok(bytes) => {
                self.uploads.spawn(async move {
                    match publisher.publish(&path, &name, bytes).await {
                        Ok(()) => delivery.written(),
                        Err(error) => {
                            let why = format!("cannot write {path}: {error}");
                            delivery.dropped(PredictionDrop::SinkFailed, &why);
                        }
                    }
                });
            }
            Err(error) => {
                let why = format!("cannot encode {path}: {error}");
                delivery.dropped(PredictionDrop::SinkFailed, &why);
            }
        }
    }

    /// Publishes the files for which `due` holds, in the order of their partitions.
    async fn close_where(&mut self, due: impl Fn(&OpenFile) -> bool) {
        let mut partitions: Vec<_> =
            self.open.iter().filter(|(_, file)| due(file)).map(|(key, _)| key.clone()).collect();
        partitions.sort_unstable();
        for partition in partitions {
            self.close(&partition).await;
        }
    }
}

/// An upload tells the books itself how it went; only one that panicked could not.
fn note(ended: Option<Result<(), JoinError>>) {
    if let Some(Err(error)) = ended {
        tracing::error!(%error, "an upload of the prediction log has ended early: its predictions count as abandoned");
    }
}

impl Sink for ParquetSink {
    fn write(&mut self, batch: PredictionBatch, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move { self.append(&batch, delivery).await })
    }

    fn tick(&mut self, now: Duration) -> SinkFuture<'_> {
        self.now = now;
        Box::pin(async move {
            while let Some(ended) = self.uploads.try_join_next() {
                note(Some(ended));
            }
            let age = self.limits.file_age;
            self.close_where(|file| now.saturating_sub(file.opened()) >= age).await;
        })
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        Box::pin(async move {
            self.close_where(|_| true).await;
            while let Some(ended) = self.uploads.join_next().await {
                note(Some(ended));
            }
            self.publisher.tidy();
        })
    }
}

impl fmt::Debug for ParquetSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetSink")
            .field("limits", &self.limits)
            .field("open_files", &self.open.len())
            .field("uploads", &self.uploads.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
