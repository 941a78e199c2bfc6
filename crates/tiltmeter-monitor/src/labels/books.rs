//! What became of the labels.

/// What became of the rows of the label table, and of the predictions.
///
/// ```text
/// rows        = counted + superseded + unused + of_unknown_entities + incomplete + not_yet_arrived
/// predictions = matched + unmatched
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LabelBooks {
    /// Rows of the label table.
    pub rows: u64,
    /// Rows that are the label of at least one prediction.
    pub counted: u64,
    /// Rows that a later revision of the same label event replaces.
    pub superseded: u64,
    /// Rows of entities with predictions that are the label of none of them: another event is nearer, or the label
    /// arrived before the prediction was made.
    pub unused: u64,
    /// Rows, of the unused, that arrived before every prediction of their entity.
    pub before_prediction: u64,
    /// Rows of entities that have no prediction, all their revisions.
    pub of_unknown_entities: u64,
    /// How many such entities there are.
    pub unknown_entities: u64,
    /// Rows without an entity, or without a label that the kind of model can have.
    pub incomplete: u64,
    /// Rows that arrived after the instant that is looked at.
    pub not_yet_arrived: u64,
    /// Entities whose label was revised: an event of theirs has more than one row. Those without predictions are among
    /// them.
    pub revised_entities: u64,
    /// Of those, the ones for which a revision said something else than the one before.
    pub changed_entities: u64,
    /// Predictions.
    pub predictions: u64,
    /// Predictions with a label.
    pub matched: u64,
    /// Predictions without an entity, which can have none.
    pub without_entity: u64,
}

impl LabelBooks {
    /// Whether every row of the label table is in one place.
    #[must_use]
    pub fn balance(&self) -> bool {
        self.rows
            == self.counted
                + self.superseded
                + self.unused
                + self.of_unknown_entities
                + self.incomplete
                + self.not_yet_arrived
    }
}
