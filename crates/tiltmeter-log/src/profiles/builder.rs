//! The choices that a profiler is made with.

use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::{ModelName, WindowWidth};
use tiltmeter_stats::{CategoricalSpec, NumericSpec};

use super::Profiler;
use super::settings::Settings;
use crate::BaselineHandle;
use crate::error::BuildError;

/// Makes a [`Profiler`].
///
/// | what | default |
/// | --- | --- |
/// | baseline of a model | none: no bins, no anomalies |
/// | size of sketches: minutes, feature windows, segments | 8, 128, 16 |
/// | frequent categories: feature windows, segments | 64, 16 |
/// | segments | those of the spec |
/// | values of a segment, and versions, with cells of their own, in a window | 64, 16 |
/// | minutes; window of features | yes; an hour |
/// | time of a prediction | when it was observed |
/// | how long a window waits for what comes late | 5 s |
/// | windows of a model that are open at a time: minutes, of features | 8, 3 |
/// | windows that are over are handed over | every 10 minutes |
/// | open windows are handed over in parts | no |
/// | bytes that wait to be handed over | 256 MiB |
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct ProfilerBuilder {
    settings: Settings,
    baselines: Vec<(ModelName, BaselineHandle)>,
}

impl ProfilerBuilder {
    /// Compares the predictions of `model` with that baseline: its edges cut the bins, and its ranges tell anomalies. One whose
    /// [`subject`](tiltmeter_stats::Baseline::subject) is another model is left aside, and logged once. Of two handles for
    /// one model the last counts.
    pub fn with_baseline(mut self, model: ModelName, baseline: BaselineHandle) -> Self {
        self.baselines.retain(|(other, _)| *other != model);
        self.baselines.push((model, baseline));
        self
    }

    /// The same where no other handle was given for `model`.
    pub(crate) fn with_default_baseline(self, model: ModelName, baseline: BaselineHandle) -> Self {
        if self.baselines.iter().any(|(other, _)| *other == model) {
            return self;
        }
        self.with_baseline(model, baseline)
    }

    /// The sizes of the sketches: of minutes, of feature windows, and of the segments in these. Each from 8 to 4096; the error is
    /// about in proportion to 1/k, and some 3.6 k numbers are kept for many values.
    pub fn with_sketches(mut self, minute: u16, feature_window: u16, segment: u16) -> Self {
        self.settings.minute_sketch = minute;
        self.settings.sketch = feature_window;
        self.settings.segment_sketch = segment;
        self
    }

    /// How many [frequent categories](tiltmeter_stats::FrequentCategories) are kept of feature windows, and of the segments in
    /// these. Each from 1 to 4096.
    pub fn with_frequent_categories(mut self, feature_window: u16, segment: u16) -> Self {
        self.settings.frequent = feature_window;
        self.settings.segment_frequent = segment;
        self
    }

    /// Segments that the application says, beside those of the spec: names of
    /// [`Prediction::segments`](tiltmeter_record::Prediction::segments).
    pub fn with_said_segments<S: Into<Arc<str>>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.settings.said_segments = names.into_iter().map(Into::into).collect();
        self
    }

    /// How many values of a segment, and how many versions of a role, have cells of their own in a window: the first that come.
    /// The others share the cell [`CellKey::OVERFLOW`](tiltmeter_record::CellKey::OVERFLOW). With 0 values there are no cells
    /// of segments.
    pub fn with_cells(mut self, segment_values: usize, versions: usize) -> Self {
        self.settings.segment_values = segment_values;
        self.settings.versions = versions;
        self
    }

    /// Keeps no minutes.
    pub fn without_minutes(mut self) -> Self {
        self.settings.has_minutes = false;
        self
    }

    /// The window of the features: an hour, or for replays of months a day, of which there are fewer.
    pub fn with_feature_window(mut self, width: WindowWidth) -> Self {
        self.settings.feature_window = width;
        self
    }

    /// Puts a prediction into the windows of its event, not into those in which it was observed: for replays.
    ///
    /// What is lost is told by the minute of the clock: readers of such windows find its flags on others.
    pub fn with_event_time(mut self) -> Self {
        self.settings.is_by_event_time = true;
        self
    }

    /// For how long a window that is over waits for predictions that come late.
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// How many windows of a model may be open at a time: minutes, and windows of features. A prediction of one more ends the
    /// oldest.
    pub fn with_open_windows(mut self, minutes: usize, feature_windows: usize) -> Self {
        self.settings.open_minutes = minutes;
        self.settings.open_feature_windows = feature_windows;
        self
    }

    /// How often windows that are over are handed over: with the first journal after so long. With 0 it is each journal, which
    /// loses less when the process is killed; but a sink that makes a file of each hand-over needs more bytes for the files
    /// than for what is in them.
    pub fn with_hand_over_interval(mut self, interval: Duration) -> Self {
        self.settings.hand_over_interval = interval;
        self
    }

    /// Hands over windows of features before they are over, in parts that are that long, so that a process that is killed loses
    /// no more. Each part takes almost as many bytes as the whole.
    pub fn with_flush_interval(mut self, interval: Duration) -> Self {
        self.settings.flush_interval = Some(interval);
        self
    }

    /// How many bytes may wait to be handed over. Beyond that the oldest are dropped and that is logged: it happens only in a
    /// replay that fills more windows between two journals than there is room for.
    pub fn with_pending_bytes(mut self, bytes: usize) -> Self {
        self.settings.pending_bytes = bytes;
        self
    }

    /// The profiler.
    ///
    /// # Errors
    /// A configuration error when a size is out of its range, no window may be open, no version may have a cell, the window of
    /// features is a minute, or the interval is 0.
    pub fn build(self) -> Result<Profiler, BuildError> {
        let Self { settings, baselines } = self;
        let refuse = |what: String| Err(BuildError::configuration(format!("cannot profile: {what}")));
        for k in [settings.minute_sketch, settings.sketch, settings.segment_sketch] {
            if let Err(error) = NumericSpec::new().with_sketch(k) {
                return refuse(error.to_string());
            }
        }
        for capacity in [settings.frequent, settings.segment_frequent] {
            if let Err(error) = CategoricalSpec::new().with_frequent(capacity) {
                return refuse(error.to_string());
            }
        }
        if settings.open_minutes == 0 || settings.open_feature_windows == 0 || settings.versions == 0 {
            return refuse("0 open windows or versions, allowed: from 1".to_owned());
        }
        if settings.feature_window == WindowWidth::Minute {
            return refuse("features by the minute, allowed: by the hour or day".to_owned());
        }
        if settings.flush_interval.is_some_and(|interval| interval.is_zero()) {
            return refuse("an interval of 0 s between flushes, allowed: above 0".to_owned());
        }
        Ok(Profiler::new(settings, baselines))
    }
}
