//! How good the scores are, where the truth is known.

mod change;
mod finding;
mod groups;
mod measure;
mod quality;
mod reference;

pub use finding::{
    AsOf, Change, MonthPerformance, PerformanceVerdict, SegmentPerformance, SegmentValue, VersionPerformance,
};
pub(crate) use groups::{MAX_VERSIONS, months, segments, versions};
pub use measure::quality;
pub(crate) use measure::{LEVEL, bounds, measured};
pub use quality::{CalibrationSummary, Quality, ReliabilityBin};
pub(crate) use reference::baseline_quality;
