//! The layer that wraps the champion.

use std::sync::Arc;

use tower_layer::Layer;

use super::{HttpShared, Shadow};

/// Wraps the champion's service in [`Shadow`]. Made by [`ShadowHandle::layer`](crate::ShadowHandle::layer).
#[derive(Clone, Debug)]
pub struct ShadowLayer {
    shared: Arc<HttpShared>,
}

impl ShadowLayer {
    pub(crate) fn new(shared: Arc<HttpShared>) -> Self {
        Self { shared }
    }
}

impl<S> Layer<S> for ShadowLayer {
    type Service = Shadow<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Shadow::new(inner, Arc::clone(&self.shared))
    }
}
