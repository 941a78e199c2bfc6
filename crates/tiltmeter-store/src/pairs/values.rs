//! The values of one batch.

use std::borrow::Cow;

use arrow_array::RecordBatch;
use tiltmeter_record::FeatureName;
use tiltmeter_record::columns::PairBucket;

use super::{BUCKET, INCLUSION_PROBABILITY};
use crate::column::Column;
use crate::problem::Reason;

pub(super) struct Values<'b> {
    pub(super) request_id: Vec<Option<&'b str>>,
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
}

impl<'b> Values<'b> {
    pub(super) fn of(batch: &'b RecordBatch, segments: &'b [FeatureName]) -> Result<Self, Reason> {
        let rows = batch.num_rows();
        let is_there = |name: &str| batch.column_by_name(name).is_some();
        let champion = AnswerValues::of(
            batch,
            ["champion", "champion_score", "champion_prediction", "champion_latency_ms"],
        )?;
        let challenger = AnswerValues::of(
            batch,
            ["challenger", "challenger_score", "challenger_prediction", "challenger_latency_ms"],
        )?;
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
        let segment = |name: &'b FeatureName| match is_there(name.as_str()) {
            true => Column::of(batch, name.as_str())?.names(),
            false => Ok(vec![None; rows]),
        };
        Ok(Self {
            request_id: Column::of(batch, "request_id")?.texts()?,
            entity_id: Column::of(batch, "entity_id")?.texts()?,
            event_time: Column::of(batch, "timestamp")?.times()?,
            inclusion_probability,
            bucket,
            segments: segments.iter().map(segment).collect::<Result<_, _>>()?,
            sides: [champion, challenger],
        })
    }
}

impl<'b> AnswerValues<'b> {
    fn of(batch: &'b RecordBatch, [version, score, decision, latency]: [&'b str; 4]) -> Result<Self, Reason> {
        Ok(Self {
            version: Column::of(batch, version)?.texts()?,
            score: Column::of(batch, score)?.numbers()?,
            decision: Column::of(batch, decision)?.names()?,
            latency_ms: Column::of(batch, latency)?.numbers()?,
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
