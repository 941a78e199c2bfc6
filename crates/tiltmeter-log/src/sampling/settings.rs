//! What a log is told about sampling before it starts.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tiltmeter_record::{ModelName, ModelSpec};
use tiltmeter_sample::{Policy, SampleKey};

use super::ModelSampler;
use crate::error::BuildError;

/// Which models are sampled, and how.
#[derive(Debug)]
pub(crate) struct SamplingSettings {
    pub(crate) policies: Vec<(ModelName, Policy)>,
    pub(crate) key: SampleKey,
    /// How long rows wait for a challenger, at most.
    pub(crate) wait: Duration,
}

impl Default for SamplingSettings {
    fn default() -> Self {
        Self { policies: Vec::new(), key: SampleKey::PUBLIC, wait: Duration::from_secs(2) }
    }
}

impl SamplingSettings {
    pub(crate) fn check(&self, models: &[Arc<ModelSpec>]) -> Result<(), BuildError> {
        for (place, (name, _)) in self.policies.iter().enumerate() {
            if !models.iter().any(|spec| spec.name == *name) {
                return Err(BuildError::configuration(format!(
                    "the log is to sample the model {name}, which it does not have"
                )));
            }
            if self.policies.iter().take(place).any(|(earlier, _)| earlier == name) {
                return Err(BuildError::configuration(format!(
                    "two policies are to say what is kept of the model {name}"
                )));
            }
        }
        Ok(())
    }

    /// What samples the model of `spec`, if anything does; from `now` on, by the monotonic clock.
    pub(crate) fn sampler(
        &self,
        spec: &Arc<ModelSpec>,
        now: Duration,
        wall: Timestamp,
    ) -> Option<ModelSampler> {
        let (_, policy) = self.policies.iter().find(|(name, _)| *name == spec.name)?;
        Some(ModelSampler::new(Arc::clone(spec), policy.clone(), self.key, self.wait, now, wall))
    }
}
