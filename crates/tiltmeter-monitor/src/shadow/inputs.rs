//! What is compared.

use tiltmeter_record::ShadowAccount;
use tiltmeter_record::columns::{LabelColumns, PairColumns, PredictionColumns};
use tiltmeter_record::spec::{LabelRule, ModelKind, Sla};

use crate::labels::{Joined, join};

/// What is compared.
#[derive(Clone, Copy, Debug)]
pub struct PairInputs<'a> {
    /// The requests, each once, whether they have a pair or not.
    pub pairs: &'a PairColumns,
    /// What turned out to be true: one label for each row, NaN where there is none; `None` when labels are not looked
    /// at. See [`join_labels`].
    pub labels: Option<&'a [f64]>,
    /// The decision that means label 1, where decisions are not numbers or `true` and `false`.
    pub positive_class: Option<&'a str>,
    /// What the shadow's books say of the same time: they know the requests that are in no row, those that the sample left
    /// out and those that the log lost. `None` when there are none.
    pub books: Option<&'a ShadowAccount>,
    /// What is promised to the callers.
    pub sla: Sla,
}

impl<'a> PairInputs<'a> {
    /// Pairs without labels and without promises.
    #[must_use]
    pub fn new(pairs: &'a PairColumns) -> Self {
        Self { pairs, labels: None, positive_class: None, books: None, sla: Sla::default() }
    }
}

/// Finds the label of each request; see [`join`].
///
/// Cost: that of [`join`], and a copy of the columns that it looks at.
#[must_use]
pub fn join_labels(
    kind: ModelKind,
    rule: &LabelRule,
    pairs: &PairColumns,
    labels: &LabelColumns,
    as_of: Option<i64>,
) -> Joined {
    let requests = pairs.requests();
    let predictions = PredictionColumns::new(
        pairs.model().clone(),
        requests.event_time.clone(),
        requests.entity_id.clone(),
        pairs.champion().version().clone(),
        pairs.champion().score().to_vec(),
        Vec::new(),
    );
    match predictions {
        Ok(predictions) => join(kind, rule, &predictions, labels, as_of),
        // columns of one table: their lengths are the same
        Err(_) => Joined::default(),
    }
}
