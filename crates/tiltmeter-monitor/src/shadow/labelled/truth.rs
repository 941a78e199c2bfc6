//! What turned out to be true, beside names of classes.

use crate::shadow::rows::{Classes, meaning};

/// The labels by row, and the label that each class stands for.
#[derive(Debug)]
pub(in crate::shadow) struct Truth<'a> {
    labels: &'a [f64],
    /// By class.
    label_of: Vec<Option<f64>>,
    comparable: bool,
}

impl<'a> Truth<'a> {
    /// A class stands for the number that is its name; `true` for 1 and `false` for 0. Where a positive class is given it
    /// stands for 1, and all others for 0. Labels that are not there are missing.
    pub(in crate::shadow) fn of(labels: &'a [f64], classes: &Classes, positive: Option<&str>) -> Self {
        let label_of = classes.names().iter().map(|name| match (positive, name.as_str()) {
            (Some(positive), name) => Some(f64::from(u8::from(meaning(name) == meaning(positive)))),
            (None, "true" | "True") => Some(1.0),
            (None, "false" | "False") => Some(0.0),
            (None, name) => name.parse().ok().filter(|label: &f64| label.is_finite()),
        });
        let label_of: Vec<Option<f64>> = label_of.collect();
        Self { labels, comparable: label_of.iter().all(Option::is_some), label_of }
    }

    /// Why decisions cannot be compared with labels, if they cannot.
    pub(in crate::shadow) fn incomparable(&self) -> Option<&'static str> {
        (!self.comparable)
            .then_some("decisions are not numbers like the labels, and no positive class was given")
    }

    /// NaN where there is none.
    pub(in crate::shadow) fn label(&self, row: usize) -> f64 {
        self.labels.get(row).copied().unwrap_or(f64::NAN)
    }

    pub(in crate::shadow) fn is_known(&self, row: usize) -> bool {
        !self.label(row).is_nan()
    }

    /// Whether a class is what the row's label says; never for a class that stands for no label.
    pub(in crate::shadow) fn is_right(&self, row: usize, class: u32) -> bool {
        let label = usize::try_from(class).ok().and_then(|class| *self.label_of.get(class)?);
        // labels are written and read, not computed
        label.is_some_and(|label| (label - self.label(row)).abs() < f64::EPSILON)
    }
}
