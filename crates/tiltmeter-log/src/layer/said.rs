//! What the application says of an exchange itself.

use std::borrow::Cow;
use std::fmt;

use tiltmeter_record::{ModelVersion, Observation, Value};

/// The observations of an exchange, one for each prediction. Most have one, which needs no allocation.
#[derive(Clone, Debug, Default)]
pub(crate) enum Observations {
    #[default]
    None,
    One(Observation),
    Many(Vec<Observation>),
}

impl Observations {
    pub(crate) fn push(&mut self, observation: Observation) {
        *self = match std::mem::take(self) {
            Self::None => Self::One(observation),
            Self::One(first) => Self::Many(vec![first, observation]),
            Self::Many(mut observations) => {
                observations.push(observation);
                Self::Many(observations)
            }
        };
    }

    pub(crate) fn as_slice(&self) -> &[Observation] {
        match self {
            Self::None => &[],
            Self::One(observation) => std::slice::from_ref(observation),
            Self::Many(observations) => observations,
        }
    }
}

impl From<Vec<Observation>> for Observations {
    fn from(observations: Vec<Observation>) -> Self {
        Self::Many(observations)
    }
}

/// What the application said of an exchange.
#[derive(Default)]
pub(crate) struct Said {
    /// One for each prediction, in the order of the instances.
    pub(crate) observations: Observations,
    /// Fields of all predictions of the exchange.
    pub(crate) segments: Vec<(Cow<'static, str>, Value)>,
    /// The version of the model that answered.
    pub(crate) model_version: Option<ModelVersion>,
    /// The version that stands in the path.
    pub(crate) path_version: Option<ModelVersion>,
    /// Whether all of it is to be kept, whatever is sampled.
    pub(crate) keep: bool,
}

impl Said {
    /// Says nothing any more, and keeps no more room than a few segments need.
    pub(super) fn clear(&mut self) {
        const SEGMENTS: usize = 16;
        let Self { observations, segments, model_version, path_version, keep } = self;
        (*observations, *model_version, *path_version) = (Observations::None, None, None);
        *keep = false;
        segments.clear();
        segments.shrink_to(SEGMENTS);
    }

    /// About how many bytes were said.
    pub(super) fn len(&self) -> usize {
        self.size(self.segments.len())
    }

    /// About how much memory it takes besides itself, in bytes.
    pub(crate) fn memory_size(&self) -> usize {
        self.size(self.segments.capacity())
    }

    fn size(&self, segments: usize) -> usize {
        let observations = self.observations.as_slice().iter().map(Observation::memory_size);
        let texts = self.segments.iter().map(|(_, value)| value.text_size());
        observations.sum::<usize>()
            + segments * size_of::<(Cow<'static, str>, Value)>()
            + texts.sum::<usize>()
    }
}

/// Shows which fields there are, and no values: they have not been masked yet.
impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Said").field("observations", &self.observations).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observations_keep_their_order() {
        let mut observations = Observations::default();
        assert!(observations.as_slice().is_empty());
        for score in 0..3 {
            observations.push(Observation::new().with_score(f64::from(score)));
            assert_eq!(observations.as_slice().len(), usize::try_from(score).unwrap() + 1);
        }
        let scores: Vec<_> = observations.as_slice().iter().filter_map(|one| one.score).collect();
        assert_eq!(scores, [0.0, 1.0, 2.0]);
    }
}
