//! How good the scores are, where the truth is known.

mod change;
mod finding;
mod groups;
mod measure;
mod quality;
mod reference;
mod sampled;

pub use finding::{
    AsOf, Change, MonthPerformance, PerformanceVerdict, SegmentPerformance, SegmentValue, VersionPerformance,
};
pub(crate) use groups::{MAX_VERSIONS, months, segments, versions};
pub(crate) use measure::{Known, LEVEL, bounds, measured};
pub use measure::{quality, quality_of_rows};
pub use quality::{CalibrationSummary, Quality, ReliabilityBin};
pub(crate) use reference::baseline_quality;
pub use sampled::SampledQuality;
pub(crate) use sampled::of_all;
