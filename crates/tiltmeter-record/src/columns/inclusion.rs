//! How rows came to be in a table, column by column.

use std::error::Error;
use std::fmt;

use super::{Categories, UnequalLengths};
use crate::InclusionProbability;

/// With what probability each row was kept, with which others it was kept together, and what losses are told apart by.
///
/// A row's *weight* is one over its probability: so many predictions it stands for. Rows of one request are a *cluster*: they
/// were kept or left out together, and are one observation for variances.
#[derive(Clone, Debug)]
pub struct InclusionColumns {
    probability: Vec<f64>,
    request: Vec<u64>,
    stratum: Categories,
    loss_classes: Option<LossClassColumns>,
}

/// What losses are told apart by: minute, endpoint, size class and priority.
#[derive(Clone, Debug)]
pub struct LossClassColumns {
    /// The server's time when the request arrived, in microseconds since 1970-01-01T00:00:00Z.
    pub observed_at: Vec<i64>,
    /// The route template that the request matched.
    pub endpoint: Categories,
    /// How large its exchange was; missing where there was none.
    pub size_class: Categories,
    /// How important its exchange was; missing where there was none.
    pub priority: Categories,
}

/// Why columns of inclusions were refused.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum InclusionColumnsError {
    /// Columns have different numbers of rows.
    UnequalLengths(UnequalLengths),
    /// A number that is no probability with which a row can be kept.
    NoProbability {
        /// The row, from 0.
        row: usize,
        /// What stands there.
        found: f64,
    },
}

impl fmt::Display for InclusionColumnsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnequalLengths(error) => error.fmt(f),
            Self::NoProbability { row, found } => {
                write!(f, "row {row} has the inclusion probability {found}, allowed: above 0 and up to 1")
            }
        }
    }
}

impl Error for InclusionColumnsError {}

impl From<UnequalLengths> for InclusionColumnsError {
    fn from(error: UnequalLengths) -> Self {
        Self::UnequalLengths(error)
    }
}

impl InclusionColumns {
    /// Puts columns together. `request` is a number for the request of each row: rows with the same one are a cluster.
    ///
    /// # Errors
    /// When the columns have different numbers of rows, and when a probability is not above 0 and up to 1.
    pub fn new(
        probability: Vec<f64>,
        request: Vec<u64>,
        stratum: Categories,
    ) -> Result<Self, InclusionColumnsError> {
        let rows = probability.len();
        UnequalLengths::check("request", request.len(), rows)?;
        UnequalLengths::check("stratum", stratum.len(), rows)?;
        let wrong =
            probability.iter().enumerate().find(|(_, found)| InclusionProbability::new(**found).is_none());
        match wrong {
            Some((row, &found)) => Err(InclusionColumnsError::NoProbability { row, found }),
            None => Ok(Self { probability, request, stratum, loss_classes: None }),
        }
    }

    /// With what losses are told apart by.
    ///
    /// # Errors
    /// When the columns have different numbers of rows.
    pub fn with_loss_classes(self, classes: LossClassColumns) -> Result<Self, UnequalLengths> {
        let rows = self.len();
        UnequalLengths::check("observed_at", classes.observed_at.len(), rows)?;
        UnequalLengths::check("endpoint", classes.endpoint.len(), rows)?;
        UnequalLengths::check("size_class", classes.size_class.len(), rows)?;
        UnequalLengths::check("priority", classes.priority.len(), rows)?;
        Ok(Self { loss_classes: Some(classes), ..self })
    }

    /// The probability with which each row was kept, in (0, 1].
    #[must_use]
    pub fn probability(&self) -> &[f64] {
        &self.probability
    }

    /// The probabilities, for a stage that keeps them within (0, 1].
    pub(super) fn probability_mut(&mut self) -> &mut [f64] {
        &mut self.probability
    }

    /// A number for the request of each row: rows with the same one were kept together.
    #[must_use]
    pub fn request(&self) -> &[u64] {
        &self.request
    }

    /// The stratum of each row; missing where rows are not sampled.
    #[must_use]
    pub fn stratum(&self) -> &Categories {
        &self.stratum
    }

    /// What losses are told apart by, where it was read.
    #[must_use]
    pub fn loss_classes(&self) -> Option<&LossClassColumns> {
        self.loss_classes.as_ref()
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.probability.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.probability.is_empty()
    }
}
