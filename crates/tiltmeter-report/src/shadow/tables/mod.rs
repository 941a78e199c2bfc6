//! The tables: each is a function from what was found to a [`Table`](crate::table::Table).

mod answers;
mod cost;
mod coverage;
mod criteria;
mod disagreements;
mod failures;
mod groups;
mod labelled;
mod latency;
mod noise;

pub(super) use answers::{answers, classes_left_out, distributions, flips, matrix};
pub(super) use cost::cost;
pub(super) use coverage::{bucket_name, buckets, coverage_by_group, unrepresented};
pub(super) use criteria::criteria;
pub(super) use disagreements::disagreements;
pub(super) use failures::failures;
pub(super) use groups::{group_name, groups};
pub(super) use labelled::{labelled, mcnemar};
pub(super) use latency::{histogram, latency};
pub(super) use noise::noise;
