//! The values of one batch.

use std::borrow::Cow;

use arrow_array::RecordBatch;
use tiltmeter_record::FeatureName;
use tiltmeter_record::PairBucket;

use super::layout::{BUCKET, INCLUSION_PROBABILITY, INSTANCE, Layout, SEQUENCE, SideNames, WRITER};
use crate::column::Column;
use crate::problem::Reason;

/// What tells a row from its copies, where the file has it.
type Key<'b> = (Option<&'b str>, Option<i64>);

pub(super) struct Values<'b> {
    pub(super) keys: Option<Vec<Key<'b>>>,
    pub(super) request_id: Vec<Option<&'b str>>,
    pub(super) instance_index: Vec<u32>,
    pub(super) entity_id: Vec<Option<&'b str>>,
    pub(super) event_time: Vec<Option<i64>>,
    pub(super) inclusion_probability: Vec<f64>,
    pub(super) bucket: Vec<PairBucket>,
    pub(super) segments: Vec<Vec<Option<Cow<'b, str>>>>,
    /// Champion and challenger.
    pub(super) sides: [AnswerValues<'b>; 2],
}

pub(super) struct AnswerValues<'b> {
    pub(super) version: Vec<Option<&'b str>>,
    pub(super) score: Vec<f64>,
    pub(super) decision: Vec<Option<Cow<'b, str>>>,
    pub(super) latency_ms: Vec<f64>,
    pub(super) status: Vec<Option<u16>>,
}

impl<'b> Values<'b> {
    pub(super) fn of(
        batch: &'b RecordBatch,
        layout: &'static Layout,
        segments: &'b [FeatureName],
    ) -> Result<Self, Reason> {
        let rows = batch.num_rows();
        let is_there = |name: &str| batch.column_by_name(name).is_some();
        let [champion, challenger] = &layout.sides;
        let champion = AnswerValues::of(batch, champion)?;
        let challenger = AnswerValues::of(batch, challenger)?;
        let inclusion_probability = if is_there(INCLUSION_PROBABILITY) {
            let probabilities = Column::of(batch, INCLUSION_PROBABILITY)?.numbers()?;
            probabilities.into_iter().map(|value| if value.is_nan() { 1.0 } else { value }).collect()
        } else {
            vec![1.0; rows]
        };
        let words = if is_there(BUCKET) { Column::of(batch, BUCKET)?.texts()? } else { vec![None; rows] };
        let bucket = words.into_iter().enumerate().map(|(row, word)| match word {
            None => Ok(challenger.bucket(row)),
            Some(word) => PairBucket::of(word).ok_or_else(|| {
                let allowed = PairBucket::ALL.map(PairBucket::as_str).join(", ");
                Reason::new(format!("has a word in column {BUCKET} that is none of these: {allowed}"))
            }),
        });
        let bucket = bucket.collect::<Result<Vec<PairBucket>, Reason>>()?;
        let segment = |name: &'b FeatureName| match layout.segments {
            Some(map) if is_there(map) => Column::of(batch, map)?.entries(name.as_str()),
            None if is_there(name.as_str()) => Column::of(batch, name.as_str())?.names(),
            Some(_) | None => Ok(vec![None; rows]),
        };
        let keys = if layout.has_keys {
            let writers = Column::of(batch, WRITER)?.texts()?;
            let sequences = Column::of(batch, SEQUENCE)?.integers()?;
            Some(writers.into_iter().zip(sequences).collect())
        } else {
            None
        };
        Ok(Self {
            keys,
            request_id: Column::of(batch, "request_id")?.texts()?,
            instance_index: if is_there(INSTANCE) {
                Column::of(batch, INSTANCE)?.places()?
            } else {
                vec![0; rows]
            },
            entity_id: Column::of(batch, "entity_id")?.texts()?,
            event_time: Column::of(batch, layout.time)?.times()?,
            inclusion_probability,
            bucket,
            segments: segments.iter().map(segment).collect::<Result<_, _>>()?,
            sides: [champion, challenger],
        })
    }
}

impl<'b> AnswerValues<'b> {
    fn of(batch: &'b RecordBatch, names: &'static SideNames) -> Result<Self, Reason> {
        let status = names.status.filter(|status| batch.column_by_name(status).is_some());
        let status = match status {
            Some(status) => Column::of(batch, status)?.numbers()?,
            None => vec![f64::NAN; batch.num_rows()],
        };
        Ok(Self {
            version: Column::of(batch, names.version)?.texts()?,
            score: Column::of(batch, names.score)?.numbers()?,
            decision: Column::of(batch, names.prediction)?.names()?,
            latency_ms: Column::of(batch, names.latency)?.numbers()?,
            status: status.into_iter().map(whole).collect(),
        })
    }

    /// What became of a request, where the file does not say it.
    fn bucket(&self, row: usize) -> PairBucket {
        if self.score[row].is_nan() && self.decision[row].is_none() {
            PairBucket::Timeout
        } else {
            PairBucket::Paired
        }
    }
}

/// A status, if it is one.
fn whole(status: f64) -> Option<u16> {
    let is_whole = status.fract() == 0.0 && (0.0..=f64::from(u16::MAX)).contains(&status);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a whole number in range"
    )]
    is_whole.then_some(status as u16)
}
