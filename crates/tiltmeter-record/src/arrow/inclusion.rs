//! The columns that say how a row came to be in the table.

use arrow_array::ArrayRef;
use arrow_array::builder::{Float64Builder, StringBuilder};

use super::column::{next_numbers, next_texts};
use crate::{Inclusion, Priority, SizeClass};

/// The builders of `inclusion_probability`, `stratum`, `size_class` and `priority`.
#[derive(Debug, Default)]
pub(super) struct InclusionBuilders {
    probability: Float64Builder,
    stratum: StringBuilder,
    size_class: StringBuilder,
    priority: StringBuilder,
}

impl InclusionBuilders {
    pub(super) fn append(&mut self, inclusion: &Inclusion) {
        self.probability.append_value(inclusion.probability.get());
        self.stratum.append_option(inclusion.stratum.as_deref());
        self.size_class.append_option(inclusion.size_class.map(SizeClass::as_str));
        self.priority.append_option(inclusion.priority.map(Priority::as_str));
    }

    /// The columns in the order of the schema; starts over, with room for `rows`.
    pub(super) fn finish(&mut self, rows: usize) -> [ArrayRef; 4] {
        [
            next_numbers(&mut self.probability, rows),
            next_texts(&mut self.stratum, rows),
            next_texts(&mut self.size_class, rows),
            next_texts(&mut self.priority, rows),
        ]
    }
}
