//! Models and records that are made for the benchmarks.

use std::sync::LazyLock;

use anyhow::Result;
use bytes::Bytes;
use fastrand::Rng;
use tiltmeter::{ModelSpec, Observation};

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
