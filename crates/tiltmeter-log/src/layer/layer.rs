//! The layer that wraps a service.

use std::fmt;
use std::sync::Arc;

use tower_layer::Layer;

use super::{PredictionLog, Shared};

/// Wraps services in [`PredictionLog`]. Made by [`LogHandle::layer`](crate::LogHandle::layer).
#[derive(Clone)]
pub struct PredictionLogLayer {
    shared: Arc<Shared>,
}

impl PredictionLogLayer {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl<S> Layer<S> for PredictionLogLayer {
    type Service = PredictionLog<S>;

    fn layer(&self, inner: S) -> Self::Service {
        PredictionLog::new(inner, Arc::clone(&self.shared))
    }
}

impl fmt::Debug for PredictionLogLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PredictionLogLayer").finish_non_exhaustive()
    }
}
