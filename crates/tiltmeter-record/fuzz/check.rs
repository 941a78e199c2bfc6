//! What holds for the privacy policy on any text.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::de::IgnoredAny;
use serde_json::Value as Json;
use tiltmeter_record::{Keyring, Masker, ModelSpec, Prediction, Rescued, Value};

/// Every action at a pointer, and every detector.
const SPEC: &str = r#"
spec_version: 1
name: churn
type: binary
owner: crm
tier: 2
endpoint: {path: /predict}
request: {entity_id: /id, raw_input: true}
response: {score: /score}
features: {plan: string, age: integer}
privacy:
  features: {age: {round: 5}}
  pointers:
    /a: drop
    /b: {mask: {keep_last: 2}}
    /c/*: hash
    /c/1: drop
    /d: {truncate: 3}
    /e: {bucket: [0, 10]}
    /f/g/h: {round: 5}
  detect: [email, phone, iban, card, ip]
  scan: [plan]
"#;

static MASKER: Mutex<Option<Masker>> = Mutex::new(None);

fn row(text: &str) -> Prediction {
    Prediction {
        prediction_id: uuid::Uuid::nil(),
        request_id: "r".into(),
        instance_index: 0,
        sequence: 0,
        entity_id: None,
        model_version: None,
        event_time: jiff::Timestamp::UNIX_EPOCH,
        observed_at: jiff::Timestamp::UNIX_EPOCH,
        features: vec![text.into(), Value::Missing],
        raw_input: Some(text.into()),
        prediction: Value::Missing,
        score: None,
        confidence: None,
        class_probabilities: None,
        ranking: None,
        generated_text: Some(text.into()),
        segments: vec![("s".into(), text.into())],
        latency: Duration::ZERO,
        endpoint: "/predict".into(),
        status: None,
        error_type: None,
        rescued: vec![Rescued { column: "score".into(), json: text.to_owned() }],
        inclusion: tiltmeter_record::Inclusion::default(),
    }
}

fn apply(text: &str) -> Prediction {
    let mut row = row(text);
    let mut masker = MASKER.lock().unwrap_or_else(PoisonError::into_inner);
    let masker = masker.get_or_insert_with(|| {
        let spec = ModelSpec::from_yaml("fuzz", SPEC).unwrap();
        let keys = Keyring::from_text("k1:000102030405060708090a0b0c0d0e0f").unwrap();
        Masker::new(&spec, Some(&keys)).unwrap()
    });
    masker.apply(&mut row);
    row
}

/// Fails where the policy does not hold.
pub(crate) fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let masked = apply(&text);

    let plain = masked.generated_text.unwrap();
    assert_eq!(masked.features[0], Value::Text(Arc::clone(&plain)));
    assert_eq!(masked.segments[0].1, plain);
    if !text.bytes().any(|byte| byte.is_ascii_digit() || byte == b'@') {
        assert_eq!(*plain, *text, "nothing to find");
    }
    assert_eq!(apply(&plain).generated_text.unwrap(), plain, "what is left is left again");

    assert_found(&text);

    let json = serde_json::from_str::<Json>(&text);
    match (&json, &masked.raw_input) {
        (Ok(_), Some(masked)) => at_pointers(&serde_json::from_str(masked).unwrap()),
        (Ok(json), None) => panic!("{json} was dropped"),
        // beyond what a tree holds, such as 1e999 or half of a character, text may still be JSON
        (Err(_), _) => {}
    }
    let rescued = &masked.rescued[0].json;
    assert!(serde_json::from_str::<IgnoredAny>(rescued).is_ok(), "{rescued}");
}

/// What the detectors have to find, whatever stands around it.
fn assert_found(text: &str) {
    const PLANTED: [&str; 5] = [
        "mallory@example.org",
        "GB82 WEST 1234 5698 7654 32",
        "4111111111111111",
        "+442079460958",
        "203.0.113.77",
    ];
    let half = text.floor_char_boundary(text.len() / 2);
    let (before, after) = text.split_at(half);
    for planted in PLANTED {
        // a letter between spaces, so that what stands around it is no part of it
        let left = apply(&format!("{before} x {planted} x {after}")).generated_text.unwrap();
        let times = |text: &str| text.matches(planted).count();
        assert_eq!(times(&left), 0, "{planted} is left");
    }
}

fn at_pointers(masked: &Json) {
    let null_or = |pointer: &str, fits: &dyn Fn(&Json) -> bool| {
        let value = masked.pointer(pointer).unwrap_or(&Json::Null);
        assert!(value.is_null() || fits(value), "{pointer}: {value}");
    };
    let text = |value: &Json, fits: &dyn Fn(&str) -> bool| value.as_str().is_some_and(fits);
    null_or("/a", &|_| false);
    null_or("/b", &|value| text(value, &|text| text.starts_with("***") && text.chars().count() <= 5));
    null_or("/c", &Json::is_array);
    null_or("/c/0", &|value| text(value, &|text| text.starts_with("h:k1:") && text.len() == 37));
    null_or("/c/1", &|_| false);
    null_or("/f", &Json::is_object);
    null_or("/f/g", &Json::is_object);
    null_or("/d", &|value| text(value, &|text| text.chars().count() <= 3));
    null_or("/e", &|value| value.as_f64().is_some_and(|number| [0.0, 10.0].contains(&number)));
    null_or("/f/g/h", &|value| {
        value.as_f64().is_some_and(|number| number % 5.0 == 0.0 || number.abs() > 1e15)
    });
}
