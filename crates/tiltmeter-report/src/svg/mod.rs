//! Charts: each is a function from figures to a [`Scene`], drawn once for wide pages and once for phones.

mod area_by_month;
mod arrivals;
mod drift_map;
mod months_axis;
mod reliability;
pub(crate) mod scene;
mod score_shares;
mod segment_dots;
pub(crate) mod timeline;

pub(crate) use area_by_month::AreaByMonth;
pub(crate) use arrivals::Arrivals;
pub(crate) use drift_map::DriftMap;
pub(crate) use reliability::Reliability;
pub(crate) use scene::{Scene, Width};
pub(crate) use score_shares::{ScoreShares, ShareChanges, bin_name, bins};
pub(crate) use segment_dots::{Dot, SegmentDots};

/// What can be drawn at both widths.
pub(crate) trait Chart {
    /// Draws it for pages of that width.
    fn draw(&self, width: Width) -> Scene;
}
