//! From where on a difference matters, and how sure one has to be.

/// From where on a difference matters, and how sure one has to be of it.
///
/// Effects are a matter of taste and of what hangs on the model; the defaults are conventional. Evidence is a matter
/// of statistics: it is measured against the baseline's own variation.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Policy {
    /// A population stability index matters when it exceeds what is expected without drift by this; 0.1.
    pub psi_effect: f64,
    /// A missing rate matters when it differs from the baseline's by this; 0.05.
    pub missing_effect: f64,
    /// A fall of the area under the ROC curve matters from here on; 0.02.
    pub roc_auc_effect: f64,
    /// The adjusted p-value up to which there is evidence; 0.05.
    pub significance: f64,
    /// A period with fewer values gets no verdict of drift, and a segment with fewer labelled rows none of its own
    /// figures; where rows were sampled, those that tell as much count; 100.
    pub min_rows: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            psi_effect: 0.1,
            missing_effect: 0.05,
            roc_auc_effect: 0.02,
            significance: 0.05,
            min_rows: 100,
        }
    }
}
