//! The columns that a value can be rescued from, and how often that happened.

use std::sync::Arc;

use tiltmeter_record::{ModelSpec, Rescued};

use crate::codec::FieldValue;

pub(super) const EVENT_TIME: usize = 0;
pub(super) const ENTITY_ID: usize = 1;
pub(super) const MODEL_VERSION: usize = 2;
pub(super) const SCORE: usize = 3;
pub(super) const CONFIDENCE: usize = 4;
pub(super) const PREDICTION: usize = 5;
pub(super) const CLASS_PROBABILITIES: usize = 6;
pub(super) const RANKING: usize = 7;
pub(super) const GENERATED_TEXT: usize = 8;
pub(super) const SEGMENTS: usize = 9;
const RAW_INPUT: usize = 10;
pub(super) const FEATURES: usize = 11;

const OWN: [&str; FEATURES] = [
    "event_time",
    "entity_id",
    "model_version",
    "score",
    "confidence",
    "prediction",
    "class_probabilities",
    "ranking",
    "generated_text",
    "segments",
    "raw_input",
];

#[derive(Debug)]
struct Column {
    name: Arc<str>,
    misfits: u64,
}

/// The columns of a model: our own, then its features.
#[derive(Debug)]
pub(super) struct Columns(Vec<Column>);

impl Columns {
    pub(super) fn new(spec: &ModelSpec) -> Self {
        let own = OWN.iter().map(|&name| name.into());
        let features = spec.features.iter().map(|feature| feature.column().into());
        Self(own.chain(features).map(|name| Column { name, misfits: 0 }).collect())
    }

    /// A text of a request that must not be kept counts as one that does not fit.
    pub(super) fn drop_raw_input(&mut self, raw_input: &mut Option<Arc<str>>) {
        if raw_input.take().is_some() {
            self.0[RAW_INPUT].misfits += 1;
        }
    }

    /// The columns whose values did not fit, and how many of them there were.
    pub(super) fn misfits(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().filter(|column| column.misfits > 0).map(|column| (&*column.name, column.misfits))
    }
}

/// What did not fit into one record.
#[derive(Debug)]
pub(super) struct Misfits<'c> {
    columns: &'c mut Columns,
    rescued: Vec<Rescued>,
    segments: usize,
}

/// Segments that are rescued of one record, at most; all are counted.
const MOST_SEGMENTS: usize = 32;

/// How much of a segment's name stands in the name of its column.
const LONGEST_SEGMENT_NAME: usize = 64;

impl<'c> Misfits<'c> {
    pub(super) fn new(columns: &'c mut Columns) -> Self {
        Self { columns, rescued: Vec::new(), segments: 0 }
    }

    /// `value` does not fit its column.
    #[cold]
    pub(super) fn rescue(&mut self, column: usize, value: &FieldValue) {
        let Some(Column { name, misfits }) = self.columns.0.get_mut(column) else { return };
        *misfits += 1;
        let mut json = value.to_json(Rescued::MAX_LEN);
        json.shrink_to_fit();
        self.rescued.push(Rescued { column: Arc::clone(name), json });
    }

    /// `value` does not fit the segment `name`.
    #[cold]
    pub(super) fn rescue_segment(&mut self, name: &str, value: &FieldValue) {
        self.columns.0[SEGMENTS].misfits += 1;
        if self.segments == MOST_SEGMENTS {
            return;
        }
        self.segments += 1;
        let name = &name[..name.floor_char_boundary(LONGEST_SEGMENT_NAME)];
        let mut json = value.to_json(Rescued::MAX_LEN);
        json.shrink_to_fit();
        self.rescued.push(Rescued { column: format!("segments.{name}").into(), json });
    }

    pub(super) fn into_rescued(self) -> Vec<Rescued> {
        self.rescued
    }
}
