//! Which profiles a model has, against one baseline.

use std::sync::Arc;

use tiltmeter_record::schema::{CONFIDENCE_COLUMN, ENTROPY_COLUMN, SCORE_COLUMN, profiled_column};
use tiltmeter_record::{ModelSpec, ValueType};
use tiltmeter_stats::{
    Baseline, BaselineColumn, CategoricalSpec, ColumnSummary, NumericSpec, Profile, Result,
};

use super::settings::Settings;
use crate::baseline::BaselineRanges;

/// What cells of a model hold, and how the rows are sliced.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) spec: Arc<ModelSpec>,
    pub(super) model_name: Arc<str>,
    pub(super) baseline_id: Option<Arc<str>>,
    pub(super) ranges: Option<BaselineRanges>,
    /// Of score, confidence and entropy.
    pub(super) answers: [ColumnPlan; 3],
    /// By feature of the spec.
    pub(super) features: Vec<ColumnPlan>,
    pub(super) segments: Vec<SegmentPlan>,
}

/// A column, and how it is summed up.
#[derive(Debug)]
pub(super) struct ColumnPlan {
    pub(super) name: Arc<str>,
    /// Whether its values are categories, and not numbers.
    pub(super) is_categorical: bool,
    minute: Parts,
    whole: Parts,
    segment: Parts,
}

/// Which profiles can be merged with each other.
#[derive(Clone, Debug)]
enum Parts {
    Numbers(NumericSpec),
    Categories(CategoricalSpec),
}

/// What a cell is of, which says how much it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellKind {
    Minute,
    /// All predictions of a window of features.
    Whole,
    /// Those of a segment.
    Segment,
}

impl CellKind {
    /// How many of score, confidence and entropy it holds. The last two hang on the score, or move with it: of each minute and
    /// segment they would be two fifths of all bytes.
    pub(super) fn answers(self) -> usize {
        match self {
            Self::Whole => 3,
            Self::Minute | Self::Segment => 1,
        }
    }
}

/// By what rows are sliced.
#[derive(Debug)]
pub(super) struct SegmentPlan {
    pub(super) name: Arc<str>,
    /// The place of the feature that it is; `None` where the application says it.
    pub(super) feature: Option<usize>,
}

impl Plan {
    /// `baseline` is of that model, or there is none.
    ///
    /// # Errors
    /// When a size is out of its range, which the builder has refused, or categories of a baseline are not in order, which it
    /// cannot be made with.
    pub(super) fn new(
        spec: Arc<ModelSpec>,
        baseline: Option<Arc<Baseline>>,
        settings: &Settings,
    ) -> Result<Self> {
        let column = |name: &str, is_categorical| {
            let summary =
                baseline.as_ref().and_then(|baseline| baseline.column(name)).map(BaselineColumn::summary);
            ColumnPlan::new(name, is_categorical, summary, settings)
        };
        let is_categorical = |value_type| matches!(value_type, ValueType::String | ValueType::Boolean);
        let features = spec
            .features
            .iter()
            .map(|feature| column(&profiled_column(&feature.name), is_categorical(feature.value_type)));
        let features = features.collect::<Result<_>>()?;
        let answers =
            [column(SCORE_COLUMN, false)?, column(CONFIDENCE_COLUMN, false)?, column(ENTROPY_COLUMN, false)?];
        let of_spec = spec.segments.iter().map(|name| SegmentPlan {
            name: name.as_str().into(),
            feature: spec.features.iter().position(|feature| feature.name == *name),
        });
        let said = settings.said_segments.iter().filter(|said| {
            // a field of that name is the feature
            spec.feature(said).is_none()
        });
        let said = said.map(|name| SegmentPlan { name: Arc::clone(name), feature: None });
        let segments = if settings.segment_values == 0 { Vec::new() } else { of_spec.chain(said).collect() };
        Ok(Self {
            model_name: spec.name.as_str().into(),
            baseline_id: baseline.as_ref().map(|baseline| baseline.id().to_string().into()),
            ranges: baseline.map(|baseline| BaselineRanges::new(&spec, baseline)),
            spec,
            answers,
            features,
            segments,
        })
    }
}

impl ColumnPlan {
    fn new(
        name: &str,
        is_categorical: bool,
        summary: Option<&ColumnSummary>,
        settings: &Settings,
    ) -> Result<Self> {
        let [minute, whole, segment] = if is_categorical {
            let frozen = match summary {
                Some(ColumnSummary::Categorical { categories }) => {
                    CategoricalSpec::new().with_categories(categories.iter().cloned())?
                }
                _ => CategoricalSpec::new(),
            };
            let parts = |capacity| frozen.clone().with_frequent(capacity).map(Parts::Categories);
            // minutes have no features
            [Parts::Categories(frozen.clone()), parts(settings.frequent)?, parts(settings.segment_frequent)?]
        } else {
            let frozen = match summary {
                Some(ColumnSummary::Numeric { bins, .. }) => NumericSpec::new().with_bins(bins.clone()),
                _ => NumericSpec::new(),
            };
            let parts = |k| frozen.clone().with_sketch(k).map(Parts::Numbers);
            [parts(settings.minute_sketch)?, parts(settings.sketch)?, parts(settings.segment_sketch)?]
        };
        Ok(Self { name: name.into(), is_categorical, minute, whole, segment })
    }

    /// A profile of no rows.
    pub(super) fn profile(&self, kind: CellKind) -> Profile {
        let parts = match kind {
            CellKind::Minute => &self.minute,
            CellKind::Whole => &self.whole,
            CellKind::Segment => &self.segment,
        };
        match parts {
            Parts::Numbers(spec) => Profile::Numeric(spec.profile()),
            Parts::Categories(spec) => Profile::Categorical(spec.profile()),
        }
    }
}
