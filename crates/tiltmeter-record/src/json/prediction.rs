//! A prediction as a line.

use std::sync::Arc;

use super::object::{Object, value};
use crate::rescued::rescued_json;
use crate::schema::SCHEMA_VERSION;
use crate::{
    ErrorType, Inclusion, ModelVersion, Prediction, PredictionBatch, Priority, RankedItem, SizeClass, Value,
    ValueType,
};

/// Appends `row`, a prediction of the model and writer of `batch`, to `out` as one line.
///
/// A value whose type is not the one that the model spec gives it is absent and stands in `rescued`, as does a number
/// that is not finite; features beyond the spec's are left out. Whatever a caller puts into the row, there is one line
/// more, and it is one JSON object. Of two classes, or two segments, of one name both stand in the line.
///
/// It costs one to three microseconds for 20 features, and allocates nothing but room in `out`, unless something is rescued.
pub fn append_prediction(out: &mut Vec<u8>, batch: &PredictionBatch, row: &Prediction) {
    let spec = &*batch.spec;
    let mut misfits = Misfits::default();
    let mut line = Object::begin(out);
    line.member("record", "prediction");
    line.member("model_name", spec.name.as_str());

    let mut buffer = uuid::Uuid::encode_buffer();
    line.member("prediction_id", &*row.prediction_id.hyphenated().encode_lower(&mut buffer));
    line.member("request_id", &*row.request_id);
    line.member("instance_index", &row.instance_index);
    line.member("writer_id", batch.writer_id.as_str());
    line.member("sequence", &row.sequence);
    line.optional("entity_id", row.entity_id.as_deref());
    line.optional("model_version", row.model_version.as_ref().map(ModelVersion::as_str));
    line.time("event_time", row.event_time);
    line.time("observed_at", row.observed_at);
    let prediction = spec.prediction_type();
    if fits(&row.prediction, prediction) {
        write_value(line.key("prediction"), &row.prediction);
    } else {
        misfits.add(&row.prediction, || "prediction".to_owned());
    }
    float(&mut line, "score", row.score, &mut misfits);
    float(&mut line, "confidence", row.confidence, &mut misfits);
    line.member("latency_ms", &(row.latency.as_secs_f64() * 1e3));
    line.member("serving_node", &*batch.serving_node);
    line.member("endpoint", &*row.endpoint);
    line.optional("status", row.status.as_ref());
    line.optional("error_type", row.error_type.map(ErrorType::as_str));
    line.optional("raw_input", row.raw_input.as_deref());

    let mut features = line.object("features");
    for (feature, value) in spec.features.iter().zip(&row.features) {
        if fits(value, feature.value_type) {
            named_value(&mut features, feature.name.as_str(), value);
        } else {
            misfits.add(value, || feature.column());
        }
    }
    features.end();
    if let Some(classes) = &row.class_probabilities {
        probabilities(&mut line, classes, &mut misfits);
    }
    if let Some(items) = &row.ranking {
        ranking(line.key("ranking"), items, &mut misfits);
    }
    line.optional("generated_text", row.generated_text.as_deref());
    if !row.segments.is_empty() {
        let mut segments = line.object("segments");
        for (name, value) in &row.segments {
            segments.named_member(name, &**value);
        }
        segments.end();
    }
    if let Some(rescued) = rescued_json(&row.rescued, misfits.iter()) {
        line.key("rescued").extend_from_slice(rescued.as_bytes());
    }
    let Inclusion { probability, stratum, size_class, priority } = &row.inclusion;
    line.member("inclusion_probability", &probability.get());
    line.optional("stratum", stratum.as_deref());
    line.optional("size_class", size_class.map(SizeClass::as_str));
    line.optional("priority", priority.map(Priority::as_str));
    line.member("schema_version", &SCHEMA_VERSION);
    line.end_line();
}

/// Values that are absent because JSON, or their column, cannot hold them.
#[derive(Default)]
pub(super) struct Misfits(Vec<(String, Value)>);

impl Misfits {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(column, value)| (column.as_str(), value))
    }

    pub(super) fn add(&mut self, value: &Value, column: impl FnOnce() -> String) {
        if !value.is_missing() {
            self.0.push((column(), value.clone()));
        }
    }
}

/// Whether JSON can hold `value` where `value_type` is expected.
pub(super) fn fits(value: &Value, value_type: ValueType) -> bool {
    match (value, value_type) {
        (Value::Float(value), ValueType::Float) => value.is_finite(),
        (Value::Boolean(_), ValueType::Boolean)
        | (Value::Integer(_), ValueType::Integer)
        | (Value::Text(_), ValueType::String) => true,
        _ => false,
    }
}

pub(super) fn write_value(out: &mut Vec<u8>, it: &Value) {
    match it {
        Value::Missing => value(out, &()),
        Value::Boolean(it) => value(out, it),
        Value::Integer(it) => value(out, it),
        Value::Float(it) => value(out, it),
        Value::Text(it) => value(out, &**it),
    }
}

fn named_value(object: &mut Object<'_>, name: &str, it: &Value) {
    write_value(object.named(name), it);
}

pub(super) fn float(object: &mut Object<'_>, key: &'static str, it: Option<f64>, misfits: &mut Misfits) {
    match it {
        Some(it) if it.is_finite() => object.member(key, &it),
        Some(it) => misfits.add(&Value::Float(it), || key.to_owned()),
        None => {}
    }
}

fn probabilities(line: &mut Object<'_>, classes: &[(Arc<str>, f64)], misfits: &mut Misfits) {
    let mut object = line.object("class_probabilities");
    for (class, probability) in classes {
        if probability.is_finite() {
            object.named_member(class, probability);
        } else {
            misfits.add(&Value::Float(*probability), || format!("class_probabilities.{class}"));
        }
    }
    object.end();
}

fn ranking(out: &mut Vec<u8>, items: &[RankedItem], misfits: &mut Misfits) {
    out.push(b'[');
    for (place, RankedItem { item, score }) in items.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        let mut object = Object::begin(out);
        object.member("item", &**item);
        match score {
            Some(score) if score.is_finite() => object.member("score", score),
            Some(score) => misfits.add(&Value::Float(*score), || format!("ranking.{item}")),
            None => {}
        }
        object.end();
    }
    out.push(b']');
}
