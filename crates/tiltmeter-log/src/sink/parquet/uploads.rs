//! Files on their way to the store, bounded in number and in bytes.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bytes::Bytes;
use futures_util::future::{Either, select};
use object_store::path::Path;
use tiltmeter_record::PredictionDrop;
use tokio::task::{JoinError, JoinSet};

use super::Limits;
use super::publish::{Published, Publisher};
use super::schema::Columns;
use crate::books::Delivery;

/// Files that wait for a store that is out of reach, at most: small ones take few bytes, but a task each.
const WAITING: usize = 1_024;

/// A file that has been encoded.
pub(super) struct Upload {
    pub(super) path: Path,
    pub(super) bytes: Bytes,
    pub(super) columns: Columns,
    pub(super) delivery: Delivery,
}

pub(super) struct Uploads {
    publisher: Arc<Publisher>,
    tasks: JoinSet<()>,
    held: Arc<AtomicUsize>,
    at_a_time: usize,
    bytes: usize,
}

impl Uploads {
    pub(super) fn new(publisher: Arc<Publisher>, limits: &Limits) -> Self {
        Self {
            publisher,
            tasks: JoinSet::new(),
            held: Arc::default(),
            at_a_time: limits.uploads,
            bytes: limits.uploads.saturating_mul(limits.file_bytes),
        }
    }

    /// Starts an upload. While the store answers it waits until few enough are under way. While the store is out of reach
    /// it keeps as many files as its bytes allow, and drops those that come then.
    pub(super) async fn start(&mut self, mut upload: Upload) {
        let size = upload.bytes.len();
        upload.bytes = Held::of(&self.held, upload.bytes);
        loop {
            self.note_ended();
            // one that is larger than all that may be held has its turn when nothing else is
            let is_alone = self.held() <= size;
            let has_room = is_alone || (self.held() <= self.bytes && self.tasks.len() < WAITING);
            if self.publisher.breaker.is_open() || self.tasks.is_empty() {
                if has_room {
                    break;
                }
                let why =
                    format!("cannot write {}: the store is out of reach, and no more is held", upload.path);
                upload.delivery.dropped(PredictionDrop::SinkFailed, &why);
                return;
            }
            if has_room && self.tasks.len() < self.at_a_time {
                break;
            }
            let opened = pin!(self.publisher.breaker.opened());
            if let Either::Left((Some(ended), _)) = select(pin!(self.tasks.join_next()), opened).await {
                note(ended);
            }
        }
        let publisher = Arc::clone(&self.publisher);
        self.tasks.spawn(async move { run(&publisher, upload).await });
    }

    /// Waits until all uploads have ended.
    pub(super) async fn settle(&mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            note(ended);
        }
    }

    pub(super) fn note_ended(&mut self) {
        while let Some(ended) = self.tasks.try_join_next() {
            note(ended);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Bytes of all files that are under way or wait, or that a write holds which nobody waits for any more.
    pub(super) fn held(&self) -> usize {
        self.held.load(Relaxed)
    }
}

async fn run(publisher: &Publisher, upload: Upload) {
    let Upload { path, bytes, columns, delivery } = upload;
    match publisher.publish(&path, &bytes).await {
        Published::Written => {
            delivery.written();
            drop(bytes);
            publisher.mark(&columns).await;
        }
        Published::Failed(error) => {
            delivery.dropped(PredictionDrop::SinkFailed, &format!("cannot write {path}: {error}"));
        }
        Published::Unknown(error) => {
            let rows = delivery.rows();
            tracing::warn!(%path, rows, %error, "a file of predictions may be lost or still appear: they count as abandoned");
        }
    }
}

/// An upload tells the books itself how it went; only one that panicked could not.
fn note(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "an upload of the prediction log has ended early: its predictions count as abandoned");
    }
}

/// Bytes that count as held for as long as anybody has them: a write to a disk that hangs keeps them when its file has been
/// given up.
struct Held {
    bytes: Bytes,
    held: Arc<AtomicUsize>,
}

impl Held {
    fn of(held: &Arc<AtomicUsize>, bytes: Bytes) -> Bytes {
        held.fetch_add(bytes.len(), Relaxed);
        Bytes::from_owner(Self { bytes, held: Arc::clone(held) })
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes.len(), Relaxed);
    }
}
