//! What is kept of predictions, and how much of it.

use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::WindowWidth;
use tiltmeter_stats::FrequentCategories;

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) minute_sketch: u16,
    pub(super) sketch: u16,
    pub(super) segment_sketch: u16,
    pub(super) frequent: u16,
    pub(super) segment_frequent: u16,
    pub(super) segment_values: usize,
    pub(super) versions: usize,
    pub(super) said_segments: Vec<Arc<str>>,
    pub(super) has_minutes: bool,
    pub(super) feature_window: WindowWidth,
    pub(super) is_by_event_time: bool,
    pub(super) grace: Duration,
    pub(super) open_minutes: usize,
    pub(super) open_feature_windows: usize,
    pub(super) hand_over_interval: Duration,
    pub(super) flush_interval: Option<Duration>,
    pub(super) pending_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            minute_sketch: 8,
            sketch: tiltmeter_stats::QuantileSketch::DEFAULT_K,
            segment_sketch: 16,
            frequent: FrequentCategories::DEFAULT_CAPACITY,
            segment_frequent: 16,
            segment_values: 64,
            versions: 16,
            said_segments: Vec::new(),
            has_minutes: true,
            feature_window: WindowWidth::Hour,
            is_by_event_time: false,
            grace: Duration::from_secs(5),
            open_minutes: 8,
            open_feature_windows: 3,
            hand_over_interval: Duration::from_secs(600),
            flush_interval: None,
            pending_bytes: 256 << 20,
        }
    }
}
