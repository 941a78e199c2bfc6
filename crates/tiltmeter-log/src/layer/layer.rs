//! The layer that wraps a service.

use std::fmt;
use std::sync::Arc;

use tower_layer::Layer;

use super::{Capture, PredictionLog, Shared};

/// Wraps services in [`PredictionLog`]. Made by [`LogHandle::layer`](crate::LogHandle::layer).
#[derive(Clone)]
pub struct PredictionLogLayer {
    shared: Arc<Shared>,
    capture: Capture,
}

impl PredictionLogLayer {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, capture: Capture::default() }
    }

    /// Captures `capture` rather than the bodies alone.
    #[must_use]
    pub fn with_capture(mut self, capture: Capture) -> Self {
        self.capture = capture;
        self
    }
}

impl<S> Layer<S> for PredictionLogLayer {
    type Service = PredictionLog<S>;

    fn layer(&self, inner: S) -> Self::Service {
        PredictionLog::new(inner, Arc::clone(&self.shared), self.capture)
    }
}

impl fmt::Debug for PredictionLogLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PredictionLogLayer").field("capture", &self.capture).finish_non_exhaustive()
    }
}
