//! The part of a log that an application passes around.

use std::sync::Arc;

use tiltmeter_record::{Ledgers, WriterId};

use crate::books::Books;
use crate::layer::{PredictionLogLayer, Shared};

/// Makes layers, and tells how the log is doing. Clones are cheap and keep nothing running.
#[derive(Clone, Debug)]
pub struct LogHandle {
    shared: Arc<Shared>,
    books: Arc<Books>,
    writer_id: WriterId,
}

/// What waits for the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueDepth {
    /// Exchanges.
    pub exchanges: usize,
    /// Bytes of memory they hold.
    pub bytes: u64,
}

impl LogHandle {
    pub(crate) fn new(shared: Arc<Shared>, books: Arc<Books>, writer_id: WriterId) -> Self {
        Self { shared, books, writer_id }
    }

    /// The layer that logs the predictions of the services it wraps.
    #[must_use]
    pub fn layer(&self) -> PredictionLogLayer {
        PredictionLogLayer::new(Arc::clone(&self.shared))
    }

    /// Both ledgers as they stand. What is under way stands between their two sides.
    #[must_use]
    pub fn ledgers(&self) -> Ledgers {
        self.books.read()
    }

    /// What waits for the worker.
    #[must_use]
    pub fn queue_depth(&self) -> QueueDepth {
        let (exchanges, bytes) = self.shared.queue.depth();
        QueueDepth { exchanges, bytes }
    }

    /// Why the sink last lost predictions, if it ever did.
    #[must_use]
    pub fn last_failure(&self) -> Option<String> {
        self.books.last_failure()
    }

    /// The name under which this process writes.
    #[must_use]
    pub fn writer_id(&self) -> &WriterId {
        &self.writer_id
    }
}
