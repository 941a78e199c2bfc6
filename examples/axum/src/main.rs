//! A service that answers predictions, and logs them.
#![expect(clippy::print_stdout, reason = "this is what a user looks at")]

use std::time::Duration;

use axum::{Json, Router, routing::post};
use serde_json::{Value, json};
use tiltmeter::{Capture, JsonLinesSink, LogBuilder, ModelSpec, Observation, RequestLog};

async fn predict(log: RequestLog, Json(customer): Json<Value>) -> Json<Value> {
    let logins_per_day = customer["logins"].as_f64().unwrap_or(0.0) / 30.0;
    log.record(Observation::new().with("logins_per_day", logins_per_day).with("channel", "web"));
    Json(json!({ "score": 1.0 / (1.0 + logins_per_day.exp()) }))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let spec = ModelSpec::from_yaml("model.yaml", include_str!("../model.yaml"))?;
    let sink = JsonLinesSink::below("target/axum").build()?;
    let (log, guard) = LogBuilder::new().with_model(spec).with_sink(sink).build()?;
    let layer = log.layer().with_capture(Capture::BodiesAndHandler);
    let app = Router::new().route("/predict", post(predict)).layer(layer);

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    let body = r#"{"customer":"c1","plan":"gold","postcode":"SW1A 1AA","logins":12}"#;
    println!("curl http://{}/predict --json '{body}'", listener.local_addr()?);
    println!("cat target/axum/*.jsonl    # a second later; end with Ctrl-C");
    let interrupted = async { tokio::signal::ctrl_c().await.unwrap_or(()) };
    axum::serve(listener, app).with_graceful_shutdown(interrupted).await?;

    let report = guard.shutdown(Duration::from_secs(10)).await;
    println!("{:#?}", report.ledgers);
    Ok(())
}
