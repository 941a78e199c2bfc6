//! What a log is told about sampling before it starts.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tiltmeter_record::{ModelName, ModelSpec};
use tiltmeter_sample::{Policy, SampleKey};

use super::{ModelSampler, key_of, policy_of};
use crate::baseline::BaselineHandle;
use crate::error::BuildError;

/// Which models are sampled, and how.
#[derive(Debug)]
pub(crate) struct SamplingSettings {
    pub(crate) policies: Vec<(ModelName, Policy)>,
    /// Of all models, whatever their specs say; `None` is what those say.
    pub(crate) key: Option<SampleKey>,
    /// How long rows wait for a challenger, at most.
    pub(crate) wait: Duration,
    /// What the features and scores of models are compared with.
    pub(crate) baselines: Vec<(ModelName, BaselineHandle)>,
}

impl Default for SamplingSettings {
    fn default() -> Self {
        Self { policies: Vec::new(), key: None, wait: Duration::from_secs(2), baselines: Vec::new() }
    }
}

impl SamplingSettings {
    pub(crate) fn check(&self, models: &[Arc<ModelSpec>]) -> Result<(), BuildError> {
        let policies = self.policies.iter().map(|(name, _)| name).collect::<Vec<_>>();
        let baselines = self.baselines.iter().map(|(name, _)| name).collect::<Vec<_>>();
        check_names(&policies, "a policy of what is kept", models)?;
        check_names(&baselines, "a baseline", models)
    }

    /// What samples the model of `spec`, if anything does; from `now` on, by the monotonic clock.
    pub(crate) fn sampler(
        &self,
        spec: &Arc<ModelSpec>,
        now: Duration,
        wall: Timestamp,
    ) -> Result<Option<ModelSampler>, BuildError> {
        let said = self.policies.iter().find(|(name, _)| *name == spec.name);
        let policy = match said {
            Some((_, policy)) => Some(policy.clone()),
            None => policy_of(spec)?,
        };
        let Some(policy) = policy else { return Ok(None) };
        let key = match self.key {
            Some(key) => key,
            None => key_of(spec)?.unwrap_or(SampleKey::PUBLIC),
        };
        let baseline = self.baselines.iter().find(|(name, _)| *name == spec.name);
        let baseline = baseline.map(|(_, handle)| handle.clone());
        Ok(Some(ModelSampler::new(Arc::clone(spec), policy, key, self.wait, baseline, now, wall)))
    }
}

/// Whether the log has each of the models, and each was named once.
fn check_names(names: &[&ModelName], what: &str, models: &[Arc<ModelSpec>]) -> Result<(), BuildError> {
    for (place, name) in names.iter().enumerate() {
        if !models.iter().any(|spec| spec.name == **name) {
            return Err(BuildError::configuration(format!(
                "the log has {what} for the model {name}, which it does not have"
            )));
        }
        if names.iter().take(place).any(|earlier| earlier == name) {
            return Err(BuildError::configuration(format!("the model {name} has {what} twice")));
        }
    }
    Ok(())
}
