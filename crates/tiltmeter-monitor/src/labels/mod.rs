//! Which label belongs to which prediction, and how many labels there are.

mod arrivals;
mod books;
mod cohort;
mod join;

pub use books::LabelBooks;
pub(crate) use cohort::is_mature;
pub use cohort::{Cohort, SampledCohort, cohorts};
pub use join::{Joined, join};
