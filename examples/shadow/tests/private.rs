//! What the privacy policy hides is not beside the disagreements either; and each instance of a request finds its own inputs.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::time::Duration;

use axum::body::Body;
use axum::routing::post;
use axum::{Json, Router};
use example_shadow::asked;
use http::{Method, Request};
use serde_json::{Value, json};
use tiltmeter::{Challenger, Keyring, LogBuilder, ModelSpec, ParquetSink, ShadowBuilder};
use tiltmeter_monitor::shadow::{Comparison, ComparisonPolicy, PairInputs, compare};
use tiltmeter_report::ComparisonReport;
use tiltmeter_store::{Location, read_pairs};
use tower::ServiceExt as _;

const SPEC: &str = "
spec_version: 1
name: private
type: binary
owner: crm
tier: 2
endpoint: {path: /predict}
request: {entity_id: /instances/*/id, features: /instances/*}
response: {score: /predictions/*/score, prediction: /predictions/*/yes}
features: {name: string, city: string, zone: string, age: float}
segments: [zone]
privacy:
  request_id: hash
  entity_id: hash
  features: {name: mask, city: drop, zone: hash}
";

/// A score for each instance: its age, or what is missing to 100.
fn service(of: fn(f64) -> f64) -> Router {
    let predict = async move |Json(asked): Json<Value>| {
        let instances = asked["instances"].as_array().unwrap();
        let score = |instance: &Value| of(instance["age"].as_f64().unwrap()) / 100.0;
        let answer = |score: f64| json!({"score": score, "yes": score >= 0.5});
        Json(
            json!({"predictions": instances.iter().map(|instance| answer(score(instance))).collect::<Vec<_>>()}),
        )
    };
    Router::new().route("/predict", post(predict))
}

/// Twelve requests of three instances, all of which the two answer differently.
async fn serve(spec: &ModelSpec, root: &std::path::Path) {
    let sink = ParquetSink::local(root).build().unwrap();
    let keys = Keyring::from_text("a:000102030405060708090a0b0c0d0e0f").unwrap();
    let builder = LogBuilder::new().with_model(spec.clone()).with_keyring(keys).with_sink(sink);
    let (log, log_guard) = builder.build().unwrap();
    let (shadow, shadow_guard) = ShadowBuilder::http()
        .with_route(Method::POST, "/predict")
        .with_challenger(Challenger::http("other", service(|age| 100.0 - age)))
        .with_recorder(log.pairs("private").unwrap())
        .build()
        .unwrap();
    let champion = service(|age| age).layer(shadow.layer()).layer(log.layer());
    for request in 0..12 {
        let instance = |place: i32| json!({"id": format!("eve-{request}"), "name": "Evelina", "city": "Ghent", "zone": "harbour", "age": 10 * place + request});
        let body = json!({"instances": [instance(0), instance(1), instance(2)]}).to_string();
        let request = Request::post("/predict")
            .header("content-type", "application/json")
            .header("x-request-id", format!("eve-{request}"))
            .body(Body::from(body))
            .unwrap();
        let response = champion.clone().oneshot(request).await.unwrap();
        axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    }
    drop(champion);
    assert!(shadow_guard.shutdown(Duration::from_secs(10)).await.balances());
    assert!(log_guard.shutdown(Duration::from_secs(10)).await.balances());
}

async fn compared(spec: &ModelSpec, root: &std::path::Path) -> Comparison {
    let pairs = root.join("pairs/model_name=private/challenger=other");
    let read = read_pairs(&Location::local(pairs), &spec.name, &spec.segments).await.unwrap();
    let mut comparison = compare(&PairInputs::new(&read.pairs), &ComparisonPolicy::default());
    let problems = asked::join(&mut comparison.disagreements, spec, root).await.unwrap();
    assert_eq!(problems, Vec::<String>::new());
    comparison
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_is_hidden_stays_hidden_and_instances_are_told_apart() {
    let root = tempfile::tempdir().unwrap();
    let spec = ModelSpec::from_yaml("test", SPEC).unwrap();
    serve(&spec, root.path()).await;
    let comparison = compared(&spec, root.path()).await;

    let rows = &comparison.disagreements.rows;
    assert_eq!(rows.len(), 36);
    let mut instances = [0; 3];
    for row in rows {
        instances[row.instance_index as usize] += 1;
        let names: Vec<&str> = row.inputs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["name", "zone", "age"], "what is dropped is not there");
        let age: f64 = row.inputs[2].1.parse().unwrap();
        assert!((age / 100.0 - row.champion.score.unwrap()).abs() < 1e-9, "its own inputs");
    }
    assert_eq!(instances, [12; 3]);

    let report = ComparisonReport::new(&comparison);
    let json = serde_json::to_string(&comparison).unwrap();
    for text in [report.disagreements_csv(), report.html().unwrap(), json] {
        assert!(text.contains("age") && text.contains("zone"));
        for hidden in ["Evelina", "eve-", "Ghent", "harbour"] {
            assert!(!text.contains(hidden), "{hidden}");
        }
    }
}
