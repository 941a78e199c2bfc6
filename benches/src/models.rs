//! Models and records that are made for the benchmarks.

use std::sync::LazyLock;

use anyhow::Result;
use bytes::Bytes;
use fastrand::Rng;
use tiltmeter::record::schema::SCORE_COLUMN;
use tiltmeter::{ModelSpec, Observation};
use tiltmeter_stats::{
    Baseline, BaselineColumn, ColumnSummary, DayProfile, Ecdf, Moments, QuantileBins, Result as StatsResult,
};

use crate::samples::scored;

/// Names of features, each with a number of its own.
static NAMES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| (0..50).map(|number| -> &'static str { format!("f{number:02}").leak() }).collect());

/// A model `fifty` of 50 features, all of them numbers.
///
/// # Errors
/// Never: the spec is valid.
pub fn fifty_floats() -> Result<ModelSpec> {
    let features: Vec<String> = NAMES.iter().map(|name| format!("{name}: float")).collect();
    Ok(ModelSpec::from_yaml(
        "fifty.yaml",
        &format!(
            "{{spec_version: 1, name: fifty, type: binary, owner: benches, tier: 3, endpoint: {{path: /predict}}, \
             response: {{score: /score}}, features: {{{}}}}}",
            features.join(", ")
        ),
    )?)
}

/// What a handler says of a prediction of that model.
pub fn observation_of_fifty() -> Observation {
    let names = NAMES.iter().zip(1_u32..);
    names
        .fold(Observation::with_capacity(NAMES.len()), |observation, (&name, number)| {
            observation.with(name, f64::from(number) * 1.37)
        })
        .with_score(0.12)
        .with_prediction(false)
}

/// A policy of one hash, one mask and one drop.
const PRIVACY: &str = "privacy: {entity_id: hash, features: {f01: {mask: {keep_last: 2}}, f02: drop}, hash_key: {env: \
                       TILTMETER_HASH_KEY}}";

/// A model `twenty` of 20 features: three texts, three whole numbers, 14 numbers.
///
/// # Errors
/// Never: the spec is valid.
pub fn twenty(is_masked: bool) -> Result<ModelSpec> {
    let features: Vec<String> = (0..20).map(|place| format!("f{place:02}: {}", kind(place))).collect();
    let privacy = if is_masked { format!(", {PRIVACY}") } else { String::new() };
    Ok(ModelSpec::from_yaml(
        "twenty.yaml",
        &format!(
            "{{spec_version: 1, name: twenty, type: binary, owner: benches, tier: 3, endpoint: {{path: /predict}}, \
             request: {{entity_id: /entity_id}}, response: {{model_version: /model_version, score: /score, \
             prediction: /prediction}}, features: {{{}}}{privacy}}}",
            features.join(", ")
        ),
    )?)
}

fn kind(place: usize) -> &'static str {
    match place {
        0..3 => "string",
        3..6 => "integer",
        _ => "float",
    }
}

const TEXTS: [&str; 6] = ["EWR", "JFK", "LGA", "CLT-20130301", "gold", "customer 4711"];

/// A request of that model, one flat object.
pub fn request_of_twenty(rng: &mut Rng) -> Bytes {
    let mut body = format!("{{\"entity_id\":\"20130301-US{}-EWR\"", rng.u16(..));
    for place in 0..20 {
        let value = match place {
            0..3 => format!("{:?}", TEXTS[rng.usize(..TEXTS.len())]),
            3..6 => rng.u16(..).to_string(),
            _ => format!("{:.4}", rng.f64() * 1_000.0),
        };
        body += &format!(",\"f{place:02}\":{value}");
    }
    (body + "}").into()
}

/// An answer of that model.
#[must_use]
pub fn answer_of_twenty(score: f64) -> Bytes {
    let decision = score > 0.5;
    format!(r#"{{"model_version":"gbm-1","score":{score:.6},"prediction":{decision}}}"#).into()
}

/// A baseline of that model with the values that are made here: none of them lies outside of its ranges. The text that the
/// policy masks and the one that it drops are not in it.
///
/// # Errors
/// Never: the columns are valid.
pub fn baseline_of_twenty(rng: &mut Rng) -> Result<Baseline> {
    const ROWS: usize = 10_000;
    let numbers = |name: &str, mut values: Vec<f64>, ends: [f64; 2]| {
        values.extend(ends);
        let bins = QuantileBins::of(&values, 10)?;
        let counts = bins.count(&values).counts;
        let day = DayProfile { day: 0, missing: 0.0, counts, moments: Moments::of(&values) };
        let ecdf = Ecdf::of(&values)?.thinned(1_000);
        BaselineColumn::new(name, ColumnSummary::Numeric { bins, ecdf }, vec![day])
    };
    let mut categories = TEXTS.map(str::to_owned).to_vec();
    categories.sort_unstable();
    let mut counts = vec![ROWS as f64 / TEXTS.len() as f64; TEXTS.len()];
    counts.push(0.0);
    let day = DayProfile { day: 0, missing: 0.0, counts, moments: Moments::of(&[]) };
    let texts = BaselineColumn::new(NAMES[0], ColumnSummary::Categorical { categories }, vec![day]);
    let features = (3..20).map(|place| {
        let most = if place < 6 { f64::from(u16::MAX) } else { 1_000.0 };
        let values = (0..ROWS).map(|_| rng.f64() * most).collect();
        numbers(NAMES[place], values, [0.0, most])
    });
    let mut columns: Vec<_> = std::iter::once(texts).chain(features).collect::<StatsResult<_>>()?;
    columns.push(numbers(SCORE_COLUMN, scored(ROWS, rng).0, [0.0, 1.0])?);
    Ok(Baseline::new("twenty", columns, None)?)
}

/// What a handler says of a prediction of that model.
pub fn observation_of_twenty(rng: &mut Rng) -> Observation {
    (0..20)
        .fold(Observation::with_capacity(20), |observation, place| {
            let name = NAMES[place];
            match place {
                0..3 => observation.with(name, TEXTS[rng.usize(..TEXTS.len())]),
                3..6 => observation.with(name, i64::from(rng.u16(..))),
                _ => observation.with(name, rng.f64() * 1_000.0),
            }
        })
        .with_entity_id(format!("20130301-US{}-EWR", rng.u16(..)))
        .with_score(0.12)
        .with_prediction(false)
}
