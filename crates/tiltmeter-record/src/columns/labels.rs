//! Labels, column by column.

use super::{Texts, UnequalLengths};

/// What turned out to be true, column by column: one row for each revision of each label event.
#[derive(Clone, Debug, Default)]
pub struct LabelColumns {
    entity_id: Texts,
    label: Vec<f64>,
    arrival_time: Vec<i64>,
    event_time: Option<Vec<i64>>,
}

impl LabelColumns {
    /// Puts columns together. A label is 0 or 1 for a binary model, a number for a regression; NaN is missing. Times
    /// are in microseconds since 1970-01-01T00:00:00Z. `event_time` is `None` when label events have no time of
    /// their own.
    ///
    /// # Errors
    /// When the columns have different numbers of rows.
    pub fn new(
        entity_id: Texts,
        label: Vec<f64>,
        arrival_time: Vec<i64>,
        event_time: Option<Vec<i64>>,
    ) -> Result<Self, UnequalLengths> {
        let rows = entity_id.len();
        UnequalLengths::check("label", label.len(), rows)?;
        UnequalLengths::check("arrival_time", arrival_time.len(), rows)?;
        if let Some(event_time) = &event_time {
            UnequalLengths::check("event_time", event_time.len(), rows)?;
        }
        Ok(Self { entity_id, label, arrival_time, event_time })
    }

    /// What each label is about.
    #[must_use]
    pub fn entity_id(&self) -> &Texts {
        &self.entity_id
    }

    /// The labels; NaN where one is missing.
    #[must_use]
    pub fn label(&self) -> &[f64] {
        &self.label
    }

    /// When each label arrived, in microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn arrival_time(&self) -> &[i64] {
        &self.arrival_time
    }

    /// The time of each label event, in microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn event_time(&self) -> Option<&[i64]> {
        self.event_time.as_deref()
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.label.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.label.is_empty()
    }
}
