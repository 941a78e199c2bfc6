//! Parquet files on an object store.
//!
//! ```text
//! <root>/predictions/model_name=flight-delay/date=2013-04-03/<incarnation>-000017.parquet
//! <root>/pairs/model_name=flight-delay/challenger=lr-1/date=2013-04-03/<incarnation>-000018.parquet
//! <root>/gaps/date=2013-04-03/<incarnation>.parquet
//! <root>/heartbeats/date=2013-04-03/<incarnation>.parquet
//! <root>/shadows/date=2013-04-03/<incarnation>.parquet
//! <root>/rates/date=2013-04-03/<incarnation>.parquet
//! <root>/profiles/date=2013-04-03/<incarnation>-07.parquet
//! <root>/schemas/model_name=flight-delay/<hash>.json
//! ```
//!
//! One table per model, and one of pairs per model and challenger, partitioned by the UTC date of `event_time`. A file is
//! encoded in memory and published whole, under a name that no other writer uses and that must be free: see `place.rs`. So
//! no reader ever sees half a file.
//!
//! What the store does not take at once is tried again ([`RetryPolicy`]); a store that fails over and over is given a rest
//! ([`BreakerPolicy`]), while files stay open and grow. All of it is bounded: see `uploads.rs`.

mod builder;
mod calls;
mod cloud;
mod encoding;
mod file;
mod footer;
mod journal;
mod journal_rows;
mod partition;
mod place;
mod profile_book;
mod publish;
mod rows;
mod schema;
mod uploads;
mod versions;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::{Journal, ModelSpec, PairBatch, PredictionBatch, PredictionDrop};
use tokio::task::{JoinError, JoinSet};

pub use self::builder::ParquetSinkBuilder;
use self::file::{Finished, OpenFile};
use self::journal::{JournalBook, Pages};
use self::partition::Partition;
use self::publish::Publisher;
use self::rows::Rows;
use self::schema::Columns;
use self::uploads::{Upload, Uploads};
#[cfg(doc)]
use super::retry::{BreakerPolicy, RetryPolicy};
use super::{Sink, SinkFuture};
use crate::books::{Delivery, Receipt};
use crate::error::BuildError;

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

/// Writes predictions, and pairs of champion and challenger, to Parquet files, compressed with zstd: see [`ParquetSinkBuilder`].
///
/// Each partition (a model, of pairs a challenger, and a date) has one file that is open, in memory. It is published when it
/// has enough rows or bytes or is old enough; when more partitions are written to than may be open, the one whose last row is
/// the oldest is published early, and when all of them together hold too many bytes, the largest one. So predictions for many
/// dates at once cost many small files, never unbounded memory.
///
/// A file that the store does not take is tried again, with the same name: a create whose outcome is unclear is read back
/// before it is counted, so that there is neither a hole nor a copy. When the store fails over and over, open files stay
/// open and grow while there is room, and files that are full wait; beyond the bounds what comes is dropped. The rows
/// of a file that is given up count as dropped with the reason `sink_failed`, or as abandoned where nobody can know
/// whether it will still appear.
///
/// Journals are written beside the tables: gaps, heartbeats, the books of shadows, profiles, and changes of sampling
/// rates. At the start the types of the spec's columns are compared with those that have been written; a contradiction is an error with [`BuildError::is_schema`].
pub struct ParquetSink {
    limits: Limits,
    start_timeout: Duration,
    publisher: Arc<Publisher>,
    open: HashMap<Partition, OpenFile>,
    open_bytes: usize,
    uploads: Uploads,
    book: JournalBook,
    /// The pages of the book that are being written; one set at a time.
    pages: JoinSet<Pages>,
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
    /// last. Gaps and heartbeats are written in the place of their last version, by its tag (`PutMode::Update`); where the
    /// store cannot compare versions, a request that is carried out late may undo a newer one.
    ///
    /// Turn the store's own retries off or make them few and short (`with_retry(RetryConfig { max_retries: 0, .. })`): the
    /// sink tries again by itself, and attempts would multiply. Its requests should time out later than an attempt of the
    /// sink's, see [`ParquetSinkBuilder::with_put_timeout`].
    pub fn object_store(
        store: Arc<dyn object_store::ObjectStore>,
        prefix: object_store::path::Path,
    ) -> ParquetSinkBuilder {
        ParquetSinkBuilder::object_store(store, prefix)
    }

    /// A sink that writes to the store that `url` names, below its path: `s3://bucket/prefix`, `gs://…`, `az://container/…`,
    /// `abfs://…`, or `file:///folder`.
    ///
    /// Keys, region, endpoint and the like come from the environment, by the names that `object_store` documents for
    /// its builders: `AWS_…`, `GOOGLE_…`, `AZURE_…`. Each kind of store needs a feature: `s3`, `gcs`, `azure`. The
    /// store's own retries are off; the sink's take their place.
    pub fn url(url: impl Into<String>) -> ParquetSinkBuilder {
        ParquetSinkBuilder::url(url.into())
    }

    fn new(limits: Limits, publisher: Publisher, start_timeout: Duration) -> Self {
        let publisher = Arc::new(publisher);
        Self {
            limits,
            start_timeout,
            uploads: Uploads::new(Arc::clone(&publisher), &limits),
            publisher,
            open: HashMap::new(),
            open_bytes: 0,
            book: JournalBook::default(),
            pages: JoinSet::new(),
            files_begun: 0,
            rows_seen: 0,
            now: Duration::ZERO,
        }
    }

    /// Appends the rows to the files of their partitions, and publishes those that are full then.
    async fn append(&mut self, rows: Rows<'_>, mut delivery: Delivery) {
        let mut place = 0;
        while let Some(first) = rows.get(place) {
            let day = first.day();
            let partition = rows.partition(day);
            if !self.open.contains_key(&partition) {
                if self.open.len() >= self.limits.open_files {
                    self.close_stalest().await;
                }
                self.files_begun += 1;
                let file = OpenFile::new(rows, self.files_begun, self.now, delivery.split(0));
                self.open.insert(partition.clone(), file);
            }
            let Some(file) = self.open.get_mut(&partition) else { return };
            let mut is_full = false;
            let others = self.open_bytes.saturating_sub(file.bytes());
            while !is_full
                && self.open_bytes <= self.limits.open_bytes
                && let Some(row) = rows.get(place).filter(|row| row.day() == day)
            {
                place += 1;
                self.rows_seen += 1;
                file.append(row, &mut delivery, self.rows_seen);
                is_full = file.is_full(&self.limits);
                self.open_bytes = others.saturating_add(file.bytes());
            }
            if is_full {
                self.close(&partition).await;
            }
            while self.open_bytes > self.limits.open_bytes && !self.open.is_empty() {
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
        self.open_bytes = self.open_bytes.saturating_sub(file.bytes());
        let Finished { name, spec, encoded, delivery } = file.finish();
        let path = partition.path(&self.publisher.place.root, &name);
        match encoded {
            Ok(bytes) => {
                let columns = Columns::of(&spec);
                self.uploads.start(Upload { path, bytes, columns, delivery }).await;
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

    /// Notes what became of the pages that were being written; begins with the next ones if there are any and `is_wanted`.
    fn turn_pages(&mut self, is_wanted: bool) {
        while let Some(ended) = self.pages.try_join_next() {
            self.settle_pages(ended);
        }
        if is_wanted
            && self.pages.is_empty()
            && let Some(pages) = self.book.due(&self.publisher.place.root)
        {
            let publisher = Arc::clone(&self.publisher);
            self.pages.spawn(async move { pages.write(&publisher).await });
        }
    }

    fn settle_pages(&mut self, ended: Result<Pages, JoinError>) {
        match ended {
            Ok(pages) => self.book.settle(pages),
            Err(error) => tracing::error!(%error, "writing gaps and heartbeats has ended early"),
        }
    }

    /// Writes all pages that are due, as often as the policy allows.
    async fn finish_pages(&mut self) {
        let mut attempts = self.publisher.attempts();
        loop {
            self.turn_pages(true);
            match self.pages.join_next().await {
                None => return,
                Some(ended) => {
                    let is_written = ended.as_ref().is_ok_and(|pages| pages.is_written);
                    self.settle_pages(ended);
                    if is_written {
                        continue;
                    }
                    // a page is written at once or not at all: the store's rest is waited for here
                    let goes_on = attempts.pause().await && self.publisher.has_rested(&attempts).await;
                    if !goes_on {
                        return;
                    }
                }
            }
        }
    }
}

impl Sink for ParquetSink {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn start(&mut self, models: &[Arc<ModelSpec>]) -> SinkFuture<'_, Result<(), BuildError>> {
        let specs = models.iter().map(|spec| Columns::of(spec)).collect();
        Box::pin(async move { schema::check_all(&self.publisher, specs, self.start_timeout).await })
    }

    fn write(&mut self, batch: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move { self.append(Rows::Predictions(&batch), delivery).await })
    }

    fn write_pairs(&mut self, batch: Arc<PairBatch>, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move { self.append(Rows::Pairs(&batch), delivery).await })
    }

    /// Returns at once, except for the last journal of a writer: nothing may come after it.
    fn write_journal(&mut self, journal: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        Box::pin(async move {
            self.book.add(&journal, receipt);
            if journal.heartbeats.iter().any(|heartbeat| heartbeat.is_last) {
                self.finish_pages().await;
            } else {
                self.turn_pages(true);
            }
        })
    }

    fn tick(&mut self, now: Duration) -> SinkFuture<'_> {
        self.now = now;
        Box::pin(async move {
            self.uploads.note_ended();
            self.turn_pages(false);
            // while the store is out of reach an open file is the best place for rows: it grows, and is one file
            if !self.publisher.breaker.is_open() {
                let age = self.limits.file_age;
                self.close_where(|file| now.saturating_sub(file.opened()) >= age).await;
            }
        })
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        Box::pin(async move {
            self.close_where(|_| true).await;
            self.uploads.settle().await;
            self.finish_pages().await;
            self.publisher.tidy().await;
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
