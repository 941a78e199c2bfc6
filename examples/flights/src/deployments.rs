//! Which model serves when: a deployment in the middle of the replay, on the clock of the flights.

use anyhow::{Result, ensure};
use jiff::Timestamp;

use crate::{data::DataFolder, model::Model};

/// When gbm-2 replaced gbm-1: midnight in New York, at the start of October 2013.
pub const GBM_2_FROM: &str = "2013-10-01T04:00:00Z";

/// The models of a service, each with the event time from which on it serves.
#[derive(Clone, Debug)]
pub struct Deployments {
    first: Model,
    later: Vec<(Timestamp, Model)>,
}

impl Deployments {
    /// One model that serves all the time.
    #[must_use]
    pub fn new(first: Model) -> Self {
        Self { first, later: Vec::new() }
    }

    /// Lets `model` serve from `from` on.
    ///
    /// # Errors
    /// When `from` is not after every deployment so far.
    pub fn then(mut self, from: Timestamp, model: Model) -> Result<Self> {
        let in_order = self.later.last().is_none_or(|(last, _)| *last < from);
        ensure!(in_order, "{} at {from} is deployed before its predecessor", model.version());
        self.later.push((from, model));
        Ok(self)
    }

    /// The deployments of the example: gbm-1, and from [`GBM_2_FROM`] on gbm-2.
    ///
    /// # Errors
    /// When a model cannot be loaded.
    pub fn read(data: &DataFolder) -> Result<Self> {
        Self::new(Model::read_file(&data.gbm_1)?).then(GBM_2_FROM.parse()?, Model::read_file(&data.gbm_2)?)
    }

    /// The model that serves an event of that time.
    #[must_use]
    pub fn serving_at(&self, event_time: Timestamp) -> &Model {
        let later = self.later.iter().rev().find(|(from, _)| *from <= event_time);
        later.map_or(&self.first, |(_, model)| model)
    }

    /// The versions, in the order in which they serve.
    pub fn versions(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.first).chain(self.later.iter().map(|(_, model)| model)).map(Model::version)
    }
}
