//! The texts of strata, shared by their rows.

use std::sync::Arc;

use tiltmeter_sample::{RateTable, Stratum};

/// The texts of a table's strata: each is made with the first row that needs it.
#[derive(Debug)]
pub(super) struct StratumTexts {
    texts: Vec<Option<Arc<str>>>,
}

impl StratumTexts {
    pub(super) fn new(table: &RateTable) -> Self {
        Self { texts: vec![None; table.strata().len()] }
    }

    /// The text of a stratum of `table`, which must be the table that this was made for.
    pub(super) fn text(&mut self, table: &RateTable, stratum: Stratum) -> Arc<str> {
        match self.texts.get_mut(stratum.index()) {
            Some(Some(text)) => Arc::clone(text),
            Some(place) => Arc::clone(place.insert(table.stratum_text(stratum).into())),
            // of another table
            None => table.stratum_text(stratum).into(),
        }
    }
}
