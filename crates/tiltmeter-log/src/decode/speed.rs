//! How long decoding takes. Not a test: run it with
//! `cargo test --release -p tiltmeter-log --lib -- --ignored --nocapture nanoseconds`.

use std::fmt::Write as _;
use std::time::Instant;

use super::tests::{exchange, exchange_with};
use super::*;
use crate::layer::{Extent, Said};
use crate::testing::spec;

const FEATURES: usize = 20;

fn model() -> Arc<ModelSpec> {
    let mut text = "spec_version: 1\nname: speed\ntype: binary\nowner: o\ntier: 1\nendpoint: {path: /p}\n\
                    request: {event_time: /event_time, max_skew: off, entity_id: /entity_id}\n\
                    response: {model_version: /model_version, score: /score, prediction: /prediction}\nfeatures:\n"
        .to_owned();
    for place in 0..FEATURES {
        let value_type = ["string", "integer", "float", "float"][place % 4];
        writeln!(text, "  feature_no_{place}: {value_type}").unwrap();
    }
    spec(&text)
}

fn request() -> String {
    let mut text = r#"{"event_time":"2013-03-01T09:54:43.788Z","entity_id":"20130301-US1117-EWR""#.to_owned();
    for place in 0..FEATURES {
        let value = ["\"EWR\"", "529", "-5.3", "10.35702"][place % 4];
        write!(text, ",\"feature_no_{place}\":{value}").unwrap();
    }
    text + "}"
}

const ANSWER: &[u8] = br#"{"model_version":"gbm-1","score":0.059983,"prediction":false}"#;

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn measure(name: &str, captured: &Captured) {
    // as many as the worker decodes between two looks at the sinks
    let mut decoder = Decoder::new(model(), "/p".into()).unwrap();
    let (mut rows, mut sequence) = (Vec::new(), 0);
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    let mut best = f64::INFINITY;
    for _ in 0..40 {
        let start = Instant::now();
        for _ in 0..4_096 {
            decoder.decode(captured, now, Duration::ZERO, &mut sequence, &mut rows).unwrap();
        }
        best = best.min(start.elapsed().as_secs_f64() / 4_096.0);
        rows.clear();
    }
    println!("{name}: {:.0} ns per record", best * 1e9);
}

#[test]
#[ignore = "measures"]
fn nanoseconds_per_json_record() {
    measure("JSON, 20 features", &exchange(request().as_bytes(), ANSWER, 200));
}

fn observation() -> Observation {
    const NAMES: [&str; FEATURES] = [
        "feature_no_0",
        "feature_no_1",
        "feature_no_2",
        "feature_no_3",
        "feature_no_4",
        "feature_no_5",
        "feature_no_6",
        "feature_no_7",
        "feature_no_8",
        "feature_no_9",
        "feature_no_10",
        "feature_no_11",
        "feature_no_12",
        "feature_no_13",
        "feature_no_14",
        "feature_no_15",
        "feature_no_16",
        "feature_no_17",
        "feature_no_18",
        "feature_no_19",
    ];
    let mut observation = Observation::with_capacity(FEATURES).with_entity_id("20130301-US1117-EWR");
    for (place, name) in NAMES.into_iter().enumerate() {
        match place % 4 {
            0 => observation.set(name, "EWR"),
            1 => observation.set(name, 529),
            _ => observation.set(name, -5.3),
        }
    }
    observation.with_score(0.059983).with_prediction(false)
}

#[test]
#[ignore = "measures"]
fn nanoseconds_per_handler_filled_record() {
    let said = |observations, segments| Some(Box::new(Said { observations, segments, ..Said::default() }));
    let bare = || exchange_with((b"", Extent::Uncaptured), (b"", Extent::Uncaptured), 200);
    let said_one = said(vec![observation()].into(), vec![]);
    measure("handler-filled, 20 features", &Captured { said: said_one, ..bare() });
    let segments = vec![("channel".into(), "web".into()), ("region".into(), "eu".into())];
    let with_segments = said(vec![observation()].into(), segments);
    measure("handler-filled, 20 features, 2 segments", &Captured { said: with_segments, ..bare() });
    let mut shuffled = Observation::with_capacity(FEATURES);
    let fields = observation().fields().to_vec();
    for place in 0..FEATURES {
        let (name, value) = fields[place * 7 % FEATURES].clone();
        shuffled.set(name, value);
    }
    measure(
        "handler-filled, 20 features in no order",
        &Captured { said: said(vec![shuffled].into(), vec![]), ..bare() },
    );
    let with_body = said(vec![observation()].into(), vec![]);
    measure(
        "handler-filled and JSON, 20 features",
        &Captured { said: with_body, ..exchange(request().as_bytes(), ANSWER, 200) },
    );
}
