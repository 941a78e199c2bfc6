//! Models and predictions to write.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tiltmeter_record::{
    CellCounts, CellKey, ColumnProfile, ModelName, ModelSpec, Pair, PairBucket, Prediction, PredictionBatch,
    ProfileCell, ProfileDelta, RateChange, ShadowBooks, ShadowHeartbeat, SpecError, Value, Window,
    WindowWidth, WriterId, json,
};
use uuid::Uuid;

/// Who writes all rows of the suite.
#[must_use]
pub fn writer() -> WriterId {
    WriterId::new("conformance", Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001))
}

/// A model with a feature of each type, `number`, `count`, `text` and `flag`, whose prediction is a text.
///
/// # Errors
/// When `name` is no name of a model.
pub fn model(name: &str) -> Result<Arc<ModelSpec>, SpecError> {
    let spec = format!(
        "{{spec_version: 1, name: {name}, type: binary, owner: tests, tier: 2, endpoint: {{path: /{name}}},
          response: {{score: /score, prediction: {{pointer: /prediction, type: string}}}},
          features: {{number: float, count: integer, text: string, flag: boolean}}}}"
    );
    ModelSpec::from_yaml("conformance", &spec).map(Arc::new)
}

/// A prediction of such a model; those of later sequences are a second later.
#[must_use]
pub fn row(sequence: u64) -> Prediction {
    // 2026-03-01, and at most some hundred million years later, which is cut
    let second = 1_772_323_200_i64.saturating_add_unsigned(sequence);
    let time = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
    Prediction {
        prediction_id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(sequence)),
        request_id: format!("request-{sequence}").into(),
        instance_index: 0,
        sequence,
        entity_id: Some("entity".into()),
        model_version: None,
        event_time: time,
        observed_at: time,
        features: vec![
            Value::Float(0.25),
            Value::Integer(-3),
            Value::Text("some text".into()),
            Value::Boolean(true),
        ],
        raw_input: None,
        prediction: Value::Text("yes".into()),
        score: Some(0.5),
        confidence: None,
        class_probabilities: None,
        ranking: None,
        generated_text: None,
        segments: Vec::new(),
        latency: Duration::from_millis(3),
        endpoint: "/predict".into(),
        status: Some(200),
        error_type: None,
        rescued: Vec::new(),
        inclusion: tiltmeter_record::Inclusion::default(),
    }
}

/// A pair of such predictions.
pub(super) fn pair(sequence: u64) -> Pair {
    let challenger = Prediction { score: Some(0.75), ..row(sequence) };
    Pair {
        sequence,
        bucket: PairBucket::Paired,
        inclusion_probability: 0.5,
        champion: row(sequence),
        challenger: (!sequence.is_multiple_of(3)).then_some(challenger),
    }
}

/// A profile delta of that sequence: of a minute, with one cell, and one column in it.
pub(super) fn profile(sequence: u64) -> ProfileDelta {
    let window = Window::of(row(sequence).observed_at, WindowWidth::Minute);
    let mut delta = ProfileDelta::new("conformance".into(), window, None);
    delta.sequence = sequence;
    let key = CellKey { role: CellKey::CHAMPION.into(), model_version: None, segment: None };
    let mut cell = ProfileCell::new(key, CellCounts::default());
    cell.columns.push(ColumnProfile::new("score".into(), sequence.to_le_bytes().into()));
    delta.cells.push(cell);
    delta
}

/// A change of a rate, of that sequence.
pub(super) fn rate(sequence: u64) -> RateChange {
    RateChange::at_start(sequence, row(sequence).observed_at, "conformance".into(), "base", 0.5)
}

/// The books of a shadow, with the heartbeat of that sequence.
pub(super) fn shadow(sequence: u64) -> Result<ShadowHeartbeat, String> {
    let name = |text: &str| text.parse::<ModelName>().map_err(|error| error.to_string());
    let at = row(sequence).observed_at;
    let books = ShadowBooks::new(name("shadow")?, name("challenger")?, row(0).observed_at, at);
    Ok(ShadowHeartbeat::new(sequence, "conformance".into(), books))
}

/// `row` as the JSON line that [`append_prediction`](json::append_prediction) makes of it, without the end of the line.
#[must_use]
pub fn line(batch: &PredictionBatch, row: &Prediction) -> String {
    let mut line = Vec::new();
    json::append_prediction(&mut line, batch, row);
    String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned()
}

/// The same for a row that is the suite's own and whose model is not known any more: all of the suite's models have the
/// same features.
#[must_use]
pub fn values(row: &Prediction) -> String {
    match model("any") {
        Ok(any) => line(&PredictionBatch::new(any, writer(), "conformance".into()), row),
        Err(error) => error.to_string(),
    }
}
