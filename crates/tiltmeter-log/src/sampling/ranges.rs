//! The baseline that scores and features are compared with.

use std::sync::Arc;

use tiltmeter_record::ModelSpec;

use crate::baseline::{BaselineHandle, BaselineRanges};

/// The ranges of the baseline of now: looked at before each batch.
#[derive(Debug)]
pub(super) struct CurrentRanges {
    handle: Option<BaselineHandle>,
    /// That which was looked at last.
    version: Option<u64>,
    ranges: Option<BaselineRanges>,
}

impl CurrentRanges {
    pub(super) fn new(handle: Option<BaselineHandle>) -> Self {
        Self { handle, version: None, ranges: None }
    }

    pub(super) fn get(&self) -> Option<&BaselineRanges> {
        self.ranges.as_ref()
    }

    /// Takes another baseline, if there is one. One of another model is left aside: the last one of this model stays.
    pub(super) fn look(&mut self, spec: &Arc<ModelSpec>) {
        let Some(handle) = &self.handle else { return };
        let version = handle.version();
        if self.version == Some(version) {
            return;
        }
        self.version = Some(version);
        let Some(baseline) = handle.current() else { return };
        if baseline.subject() != spec.name.as_str() {
            tracing::warn!(
                model = %spec.name,
                subject = baseline.subject(),
                "the baseline that rows are sampled by is of another model, and is left aside"
            );
            return;
        }
        self.ranges = Some(BaselineRanges::new(spec, baseline));
    }
}
