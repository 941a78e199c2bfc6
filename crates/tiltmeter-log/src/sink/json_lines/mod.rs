//! JSON lines in files that grow, for programs that follow them.
//!
//! ```text
//! <folder>/<instance>.<incarnation>.jsonl                                   the file that grows
//! <folder>/<instance>.<incarnation>-20260301T120000Z-000001.jsonl           one that is complete
//! ```
//!
//! Predictions, pairs, gaps and heartbeats are lines of the same file, in the form of [`tiltmeter_record::json`]. The file that
//! grows gets its other name when it is large or old enough; it is renamed, not copied, so that a program that follows it
//! by its inode (Fluent Bit, Vector, Logstash) reads on. Each process has file names of its own.

mod buffer;
mod builder;
mod files;
mod folder;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::{Journal, PairBatch, PredictionBatch, json};
use tokio::task::{JoinHandle, spawn_blocking};

use self::buffer::{Buffer, Duties, Owed};
pub use self::builder::{Fsync, JsonLinesSinkBuilder};
use self::files::{Files, Outcome, Task};
use self::folder::Folder;
use super::{Sink, SinkFuture};
use crate::books::{Delivery, Receipt};

/// What a sink does when.
#[derive(Clone, Copy, Debug)]
struct Rhythm {
    buffer_bytes: usize,
    flush_interval: Duration,
    file_age: Duration,
    fsync: Fsync,
}

/// Writes predictions, gaps and heartbeats as JSON lines: see [`JsonLinesSinkBuilder`].
///
/// Lines are collected in memory and written together, whole lines in one go. A prediction counts as written when the
/// operating system has taken its line, or, if [`Fsync`] says so, when the file has been synced after that.
///
/// When a write fails half-way, the file is cut back to its last whole line and left, and what could not be written
/// counts as dropped with the reason `sink_failed`; the next lines try a file anew, so that a full disk that has room
/// again is written to again. When a sync fails, nobody knows what has reached the disk: everything since the last sync
/// counts as dropped, though it may be there.
///
/// The disk is waited for on the runtime's threads for blocking calls: one that hangs holds at most two buffers, fills the
/// queue before the sink, and does not keep the log from ending. What was being written then is abandoned.
///
/// What the process has not written when it is killed, up to the flush interval, is lost. The file stays whole up to a
/// last line that may be torn, and no other process writes to it: a process that starts again has another name.
pub struct JsonLinesSink {
    rhythm: Rhythm,
    folder: Arc<Folder>,
    buffer: Buffer,
    /// Not there while it is at work.
    files: Option<Files>,
    work: Option<Work>,
    /// What is written, and waits for the next sync.
    unsynced: Owed,
    /// When the oldest of it was written.
    unsynced_since: Option<Duration>,
    /// When the file that grows got its first line.
    file_since: Option<Duration>,
    now: Duration,
}

/// A task that the disk is busy with.
///
/// The duties stay here: a thread that hangs must not keep them.
struct Work {
    done: JoinHandle<(Files, Outcome)>,
    duties: Duties,
}

impl JsonLinesSink {
    /// A sink that writes to files in `folder`, which is created if it does not exist.
    pub fn below(folder: impl Into<std::path::PathBuf>) -> JsonLinesSinkBuilder {
        JsonLinesSinkBuilder::new(folder.into())
    }

    fn new(rhythm: Rhythm, folder: Folder) -> Self {
        Self {
            rhythm,
            folder: Arc::new(folder),
            buffer: Buffer::default(),
            files: None,
            work: None,
            unsynced: Owed::default(),
            unsynced_since: None,
            file_since: None,
            now: Duration::ZERO,
        }
    }

    async fn append<R>(&mut self, lines: &[R], write: impl Fn(&mut Vec<u8>, &R), mut delivery: Delivery) {
        let mut rows = 0;
        for line in lines {
            self.buffer.append(self.now, |out| write(out, line));
            rows += 1;
            if self.buffer.bytes() >= self.rhythm.buffer_bytes {
                self.buffer.owe_rows(delivery.split(std::mem::take(&mut rows)));
                self.begin(false, false).await;
            }
        }
        self.buffer.owe_rows(delivery.split(rows));
    }

    async fn append_journal(&mut self, journal: &Journal, receipt: Receipt) {
        if !journal.has_owed_entries() && journal.heartbeats.is_empty() && journal.shadows.is_empty() {
            return receipt.written();
        }
        self.buffer.name_writer(&journal.writer_id);
        let mut lines = 0;
        self.buffer.append(self.now, |out| lines = json::append_journal(out, journal));
        self.buffer.owe_journal(receipt, lines);
        if self.buffer.bytes() >= self.rhythm.buffer_bytes {
            self.begin(false, false).await;
        }
    }

    /// Sets the disk to work on what is in the buffer, once it has done what it is busy with.
    async fn begin(&mut self, rotate: bool, sync: bool) {
        self.settle().await;
        let (lines, duties) = self.buffer.take();
        let sync = sync || (self.rhythm.fsync == Fsync::EveryWrite && !lines.is_empty());
        let task = Task { lines, rotate, sync };
        let mut files =
            self.files.take().unwrap_or_else(|| Files::new(Arc::clone(&self.folder), self.rhythm.fsync));
        files.name(self.buffer.writer());
        let done = spawn_blocking(move || {
            let outcome = files.run(task);
            (files, outcome)
        });
        self.work = Some(Work { done, duties });
    }

    /// Waits for what the disk is busy with, and settles its lines.
    async fn settle(&mut self) {
        let Some(work) = &mut self.work else { return };
        // the handle stays where it is while it is waited for: whoever is cut off here goes on later
        let done = (&mut work.done).await;
        let Some(Work { duties, .. }) = self.work.take() else { return };
        match done {
            Ok((files, outcome)) => {
                self.note(outcome, duties, files.is_empty());
                self.files = Some(files);
            }
            Err(error) => {
                tracing::error!(%error, "a write of the prediction log has ended early: its predictions are abandoned");
                // the file is gone with it: no later sync is one of these lines
                (self.unsynced, self.unsynced_since, self.file_since) = (Owed::default(), None, None);
            }
        }
    }

    fn note(&mut self, outcome: Outcome, mut duties: Duties, is_empty: bool) {
        let Outcome { room, before, written, failure, after, began } = outcome;
        if let Some(synced) = before {
            self.synced(synced);
        }
        let done = duties.take_lines(written);
        duties.dropped(failure.as_deref().unwrap_or("lines were not written"));
        if self.rhythm.fsync == Fsync::Never {
            done.written();
        } else if !done.is_empty() {
            self.unsynced.add(done);
            self.unsynced_since.get_or_insert(self.now);
        }
        if let Some(synced) = after {
            self.synced(synced);
        }
        if is_empty {
            self.file_since = None;
        } else if began {
            self.file_since = Some(self.now);
        }
        self.buffer.give_back(room, self.rhythm.buffer_bytes);
    }

    fn synced(&mut self, synced: Result<(), String>) {
        self.unsynced_since = None;
        let unsynced = std::mem::take(&mut self.unsynced);
        match synced {
            Ok(()) => unsynced.written(),
            Err(why) => unsynced.dropped(&why),
        }
    }

    /// Does what is due, unless the disk is busy.
    async fn do_due(&mut self) {
        if self.work.as_ref().is_some_and(|work| !work.done.is_finished()) {
            return;
        }
        self.settle().await;
        let age = |since: Option<Duration>| since.map(|since| self.now.saturating_sub(since));
        let is_due = |since, limit| age(since).is_some_and(|age| age >= limit);
        let rotate = is_due(self.file_since, self.rhythm.file_age);
        let sync = match self.rhythm.fsync {
            Fsync::Interval(interval) => is_due(self.unsynced_since, interval),
            Fsync::Never | Fsync::OnRotate | Fsync::EveryWrite => false,
        };
        if rotate || sync || is_due(self.buffer.since(), self.rhythm.flush_interval) {
            self.begin(rotate, sync).await;
        }
    }
}

impl Sink for JsonLinesSink {
    fn name(&self) -> &'static str {
        "json_lines"
    }

    fn write(&mut self, batch: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move {
            self.buffer.name_writer(&batch.writer_id);
            self.append(&batch.rows, |out, row| json::append_prediction(out, &batch, row), delivery).await;
        })
    }

    fn write_pairs(&mut self, batch: Arc<PairBatch>, delivery: Delivery) -> SinkFuture<'_> {
        Box::pin(async move {
            self.buffer.name_writer(&batch.writer_id);
            self.append(&batch.rows, |out, row| json::append_pair(out, &batch, row), delivery).await;
        })
    }

    fn write_journal(&mut self, journal: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        Box::pin(async move { self.append_journal(&journal, receipt).await })
    }

    fn tick(&mut self, now: Duration) -> SinkFuture<'_> {
        self.now = now;
        Box::pin(self.do_due())
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        Box::pin(async move {
            let syncs = self.rhythm.fsync != Fsync::Never;
            self.settle().await;
            if self.buffer.bytes() > 0 || (syncs && !self.unsynced.is_empty()) {
                self.begin(false, syncs).await;
                self.settle().await;
            }
        })
    }
}

impl fmt::Debug for JsonLinesSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLinesSink")
            .field("folder", &self.folder)
            .field("rhythm", &self.rhythm)
            .field("buffered_bytes", &self.buffer.bytes())
            .field("is_busy", &self.work.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
