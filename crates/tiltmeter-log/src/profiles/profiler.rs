//! The observer.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tiltmeter_record::{CellKey, ModelName, ModelSpec, Observer, PairBatch, PredictionBatch, ProfileDelta};

use super::builder::ProfilerBuilder;
use super::model::ModelProfiles;
use super::pending::Pending;
use super::settings::Settings;
use crate::BaselineHandle;

/// Sums up all predictions before rows are sampled: an [`Observer`] that folds every one of them into profiles, and hands these
/// over as [`ProfileDelta`]s.
///
/// ```
/// use std::time::Duration;
/// use tiltmeter_log::{BaselineHandle, LogBuilder, MemorySink, Profiler};
/// use tiltmeter_record::{ModelSpec, Observation};
///
/// # let spec = "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict}, \
/// #     response: {score: /score}, features: {age: float, plan: string}, segments: [plan]}";
/// let spec = ModelSpec::from_yaml("model.yaml", spec)?;
/// // or one that is looked for: `BaselineHandle::watch_file`
/// let baseline = BaselineHandle::new();
/// let profiler = Profiler::builder().with_baseline(spec.name.clone(), baseline).build()?;
/// let (log, guard) =
///     LogBuilder::new().with_model(spec).with_sink(MemorySink::default()).with_observer(profiler).build()?;
///
/// let observation = Observation::new().with("age", 30.0).with("plan", "gold").with_score(0.12);
/// log.model("churn")?.record(observation);
/// guard.shutdown_blocking(Duration::from_secs(10));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What is kept
/// | window | cells | columns |
/// | --- | --- | --- |
/// | a minute | each role and version | score |
/// | an hour | each role and version | score, confidence, entropy, and every feature; of challengers without features |
/// | the same hour | each value of each segment, of these | score, and every feature |
///
/// Each cell has its counts: predictions, requests, those that failed, and those with a feature outside of the range that it has
/// in the baseline. A column of numbers has moments, counts in the baseline's bins, and a
/// [`QuantileSketch`](tiltmeter_stats::QuantileSketch), which depends on no edges; one of categories has counts of those that
/// the baseline has, and [`FrequentCategories`](tiltmeter_stats::FrequentCategories). Without a baseline there are no bins. A
/// feature of type integer is a column of numbers, of type boolean one of categories.
///
/// - *Score*: what the model said; of a multiclass model without one the largest probability, of a ranking the score of the
///   first item, of a regression the prediction.
/// - *Confidence*: what the model said, else the largest probability, of a binary model max(score, 1 − score).
/// - *Entropy*: −Σ p ln p of the class probabilities, or of score and 1 − score of a binary model.
/// - Challengers' answers count once in the counts, and in the profiles with the weight 1 / probability of the pair. Of a pair
///   without an answer nothing is kept.
/// - NaN is missing. So is a value that does not have the type of its column.
/// - A request whose instances have several values of a segment counts in each of their cells; a row without a value in none.
///
/// # What is handed over when
/// With a journal, [every 10 minutes](ProfilerBuilder::with_hand_over_interval): each window that has been over for a
/// [grace](ProfilerBuilder::with_grace) of 5 s, by the times of the predictions and by ticks. A window ends sooner when there is another baseline, as a delta has the bins of one; when too many
/// windows are open; and when the log ends. Predictions that come later make another delta of the same window, and so does
/// whoever continues a window: merged they are what one pass would have made, sketches within their error.
///
/// **A process that is killed loses what has not been handed over**: of counts and scores up to 11 minutes, of features up to an
/// hour and 11 minutes; [`with_flush_interval`](ProfilerBuilder::with_flush_interval) makes that less, and the bytes more: almost
/// twice as many for 30 minutes. How many predictions were lost is told by the heartbeats of the log.
///
/// # What it costs
/// Rows are put into columns, and folded by 4,096 of them. A prediction of 50 numbers takes about 1.1 µs of the worker in an hour
/// that has many, 1.7 µs among the first 65,536 of one, as sketches sort what they do not thin yet. Each segment adds a fold
/// into one more cell. `cargo bench -p tiltmeter-benches --bench profiles` measures it.
///
/// In Parquet with zstd a day of a million flights (13 features, segments of 16 and 3 values) takes 2.0 MB of minutes, 3.1 MB of
/// hours, and what the files take by themselves, some 9 kB each; 0.15 MB once it is merged to a day. Each process has windows of
/// its own: ten of them take ten times as much before they are merged.
///
/// Memory is bounded by the windows, versions and values of segments that are allowed, some 5 kB for each column of a cell of
/// all predictions and 2 kB for one of a segment; by 16,384 rows of each model that wait to be folded, 8 bytes for each
/// number; and by the [bytes](ProfilerBuilder::with_pending_bytes) that wait to be handed over.
pub struct Profiler {
    settings: Arc<Settings>,
    baselines: Vec<(ModelName, BaselineHandle)>,
    models: BTreeMap<ModelName, ModelProfiles>,
    pending: Pending,
    /// The monotonic time of the last tick, and of the last hand-over.
    now: Duration,
    handed_over: Option<Duration>,
}

impl Profiler {
    /// The choices, with their defaults.
    pub fn builder() -> ProfilerBuilder {
        ProfilerBuilder::default()
    }

    pub(super) fn new(settings: Settings, baselines: Vec<(ModelName, BaselineHandle)>) -> Self {
        Self {
            settings: Arc::new(settings),
            baselines,
            models: BTreeMap::new(),
            pending: Pending::default(),
            now: Duration::ZERO,
            handed_over: None,
        }
    }

    /// Lets the profiles of a model observe, and keeps what had to end.
    fn each_of(&mut self, spec: &Arc<ModelSpec>, observe: impl FnOnce(&mut ModelProfiles)) {
        let Self { settings, baselines, models, pending, .. } = self;
        if !models.contains_key(&spec.name) {
            let baseline = baselines.iter().find(|(model, _)| *model == spec.name);
            let baseline = baseline.map(|(_, baseline)| baseline.clone());
            // sizes that cannot be had were refused by the builder
            let Ok(profiles) = ModelProfiles::new(spec, baseline, settings) else { return };
            models.insert(spec.name.clone(), profiles);
        }
        if let Some(profiles) = models.get_mut(&spec.name) {
            observe(profiles);
            pending.extend(profiles.take_finished(), settings.pending_bytes);
        }
    }
}

impl Observer for Profiler {
    fn observe(&mut self, batch: &PredictionBatch) {
        self.each_of(&batch.spec, |profiles| profiles.observe(&batch.spec, &batch.rows));
    }

    fn tick(&mut self, now: Duration) {
        self.now = now;
        self.models.values_mut().for_each(|profiles| profiles.tick(now));
    }

    fn observe_pairs(&mut self, batch: &PairBatch) {
        // its answers would count as the champion's
        if batch.challenger.as_str() != CellKey::CHAMPION {
            self.each_of(&batch.spec, |profiles| profiles.observe_pairs(batch));
        }
    }

    fn take_profiles(&mut self, is_last: bool) -> Vec<ProfileDelta> {
        let Self { settings, models, pending, now, handed_over, .. } = self;
        let since = handed_over.map(|before| now.saturating_sub(before));
        if !is_last && since.is_some_and(|since| since < settings.hand_over_interval) {
            return Vec::new();
        }
        *handed_over = Some(*now);
        for profiles in models.values_mut() {
            pending.extend(profiles.take(is_last), settings.pending_bytes);
        }
        pending.take()
    }
}

impl fmt::Debug for Profiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let models: Vec<&str> = self.models.keys().map(ModelName::as_str).collect();
        f.debug_struct("Profiler").field("models", &models).finish_non_exhaustive()
    }
}
