//! Charts of a comparison.

mod agreement_by_day;
mod criteria_by_day;
mod latencies;
mod log_axis;
mod right_bar;
mod score_density;
mod scores_together;

pub(super) use agreement_by_day::AgreementByDay;
pub(super) use criteria_by_day::CriteriaByDay;
pub(super) use latencies::{Latencies, bins};
pub(super) use right_bar::RightBar;
pub(super) use scores_together::{ScoresTogether, marginals};
