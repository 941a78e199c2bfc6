//! A pair as a line.

use super::object::{Object, value};
use super::prediction::{Misfits, fits, float, write_value};
use crate::rescued::rescued_json;
use crate::schema::PAIR_SCHEMA_VERSION;
use crate::{ErrorType, ModelVersion, Pair, PairBatch, Prediction, Side};

/// Appends `row`, a pair of the model, challenger and writer of `batch`, to `out` as one line.
///
/// A decision whose type is not the one that the model spec gives it is absent and stands in `rescued`, as does a number
/// that is not finite. Whatever a caller puts into the row, there is one line more, and it is one JSON object.
pub fn append_pair(out: &mut Vec<u8>, batch: &PairBatch, row: &Pair) {
    let champion = &row.champion;
    let mut misfits = Misfits::default();
    let mut line = Object::begin(out);
    line.member("record", "pair");
    line.member("model_name", batch.spec.name.as_str());
    line.member("challenger", batch.challenger.as_str());
    line.member("request_id", &*champion.request_id);
    line.member("instance_index", &champion.instance_index);
    line.member("writer_id", batch.writer_id.as_str());
    line.member("sequence", &row.sequence);
    line.optional("entity_id", champion.entity_id.as_deref());
    line.time("event_time", champion.event_time);
    line.time("observed_at", champion.observed_at);
    line.member("bucket", row.bucket.as_str());
    line.member("inclusion_probability", &row.inclusion_probability);
    for side in Side::ALL {
        if let Some(answer) = row.answer(side) {
            append_answer(&mut line, batch, side, answer, &mut misfits);
        }
    }
    if !champion.segments.is_empty() {
        let mut segments = line.object("segments");
        for (name, value) in &champion.segments {
            segments.named_member(name, &**value);
        }
        segments.end();
    }
    if let Some(rescued) = rescued_json(&row.rescued(), misfits.iter()) {
        line.key("rescued").extend_from_slice(rescued.as_bytes());
    }
    line.member("endpoint", &*champion.endpoint);
    line.member("serving_node", &*batch.serving_node);
    line.member("schema_version", &PAIR_SCHEMA_VERSION);
    line.end_line();
}

fn append_answer(
    line: &mut Object<'_>,
    batch: &PairBatch,
    side: Side,
    answer: &Prediction,
    misfits: &mut Misfits,
) {
    let columns = side.columns();
    line.optional(columns.model_version, answer.model_version.as_ref().map(ModelVersion::as_str));
    if fits(&answer.prediction, batch.spec.prediction_type()) {
        write_value(line.key(columns.prediction), &answer.prediction);
    } else {
        misfits.add(&answer.prediction, || columns.prediction.to_owned());
    }
    float(line, columns.score, answer.score, misfits);
    if let Some(classes) = &answer.class_probabilities {
        let mut object = line.object(columns.class_probabilities);
        for (class, probability) in &**classes {
            if probability.is_finite() {
                value(object.named(class), probability);
            } else {
                let name = || format!("{}.{class}", columns.class_probabilities);
                misfits.add(&crate::Value::Float(*probability), name);
            }
        }
        object.end();
    }
    line.member(columns.latency_ms, &(answer.latency.as_secs_f64() * 1e3));
    line.optional(columns.status, answer.status.as_ref());
    line.optional(columns.error_type, answer.error_type.map(ErrorType::as_str));
}
