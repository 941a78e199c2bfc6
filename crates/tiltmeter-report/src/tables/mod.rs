//! The tables: each is a function from findings to a [`Table`](crate::table::Table).

mod drift;
mod labels;
mod ledgers;
mod performance;
mod quality;
mod scores;

pub(crate) use drift::{
    columns_in_order, days_with_drift, drift_by_month, drift_by_week, findings_by_month, other_changes,
};
pub(crate) use labels::{cohorts, label_books};
pub(crate) use ledgers::{exchanges, predictions, read, reading};
pub(crate) use performance::{as_of, months, segment_name, segments, versions};
pub(crate) use quality::{calibration, reliability_bins};
pub(crate) use scores::{scores, scores_by_month};
