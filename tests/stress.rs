//! Conservation: whatever 64 tasks, several models and a sink that flaps do at once, everything is somewhere, once.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use tiltmeter::log::faults::Flapping;
use tiltmeter::log::{LoggedBody, MemorySink};
use tiltmeter::record::{ExchangeDrop, Priority};
use tiltmeter::{LogBuilder, LogHandle, Observation, Priorities, ShutdownOutcome};
use tiltmeter_tests::{model, until, within};
use tower::{Layer as _, ServiceExt as _, service_fn};

const TASKS: u64 = 64;

fn spec(n: usize) -> String {
    format!(
        "{{spec_version: 1, name: m{n}, type: regression, owner: crm, tier: 2, endpoint: {{path: /m{n}}}, \
         request: {{features: /rows/*}}, response: {{score: /scores/*}}, features: {{age: float}}}}"
    )
}

async fn predict(request: Request<LoggedBody<Body>>) -> Result<Response<String>, Infallible> {
    let (mut body, mut bytes) = (request.into_body(), Vec::new());
    while let Some(frame) = body.frame().await {
        bytes.extend_from_slice(frame.unwrap().data_ref().map_or(&[][..], Bytes::as_ref));
    }
    let rows = bytes.iter().filter(|&&byte| byte == b'}').count().saturating_sub(1);
    Ok(Response::new(format!("{{\"scores\":[{}]}}", vec!["0.5"; rows].join(","))))
}

/// One step of a task: a request through the layer, or predictions of a batch job.
async fn step(log: &LogHandle, rng: &mut fastrand::Rng) {
    let (n, rows) = (rng.usize(..4), rng.usize(..8));
    if rng.u8(..4) == 0 {
        let rows: Vec<_> =
            (0..rows.max(1)).map(|age| Observation::new().with("age", age as f64).with_score(0.5)).collect();
        log.model(&format!("m{n}")).unwrap().record(rows);
        return;
    }
    let body = match rng.u8(..20) {
        0 => "{".to_owned(),
        _ => format!("{{\"rows\":[{}]}}", vec!["{\"age\":1}"; rows].join(",")),
    };
    let priority = ["low", "normal", "high"][rng.usize(..3)];
    let request =
        Request::post(format!("/m{n}")).header("x-log-priority", priority).body(Body::from(body)).unwrap();
    let response = log.layer().layer(service_fn(predict)).oneshot(request).await.unwrap();
    let mut body = response.into_body();
    if rng.u8(..10) > 0 {
        while let Some(frame) = body.frame().await {
            frame.unwrap();
        }
    }
}

fn round(seed: u64) {
    let (good, other) = (MemorySink::default(), MemorySink::default());
    let (flapping, switch) = Flapping::new(other.clone());
    let header = http::HeaderName::from_static("x-log-priority");
    let priorities = Priorities::new().with_header(header).with_endpoint("/m3", Priority::Low);
    let builder = (0..4).fold(LogBuilder::new(), |builder, n| builder.with_model(model(&spec(n))));
    let (log, guard) = builder
        .with_priorities(priorities)
        .with_queue_items(256)
        .with_sink_queue_bytes(400_000)
        .with_named_sink("good", good.clone())
        .with_named_sink("flapping", flapping)
        .build()
        .unwrap();
    let steps = Arc::new(AtomicU64::new(0));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_time().build().unwrap();
    let report = runtime.block_on(async {
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let (log, steps, switch) = (log.clone(), Arc::clone(&steps), switch.clone());
                tokio::spawn(async move {
                    let mut rng = fastrand::Rng::with_seed(seed * TASKS + task);
                    for _ in 0..100 {
                        step(&log, &mut rng).await;
                        match steps.fetch_add(1, SeqCst) % 400 {
                            0 => switch.turn_off(),
                            200 => switch.turn_on(),
                            _ => {}
                        }
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        // in the middle of it
        until(|| steps.load(SeqCst) >= TASKS * 50).await;
        let report = guard.shutdown(Duration::from_secs(20)).await;
        for task in tasks {
            within(task).await.unwrap();
        }
        report
    });
    assert!(report.balances(), "seed {seed}: {report:?}");
    // the sink that flaps may be away when its last journal comes
    let outcomes = [ShutdownOutcome::Complete, ShutdownOutcome::JournalUnwritten];
    assert!(outcomes.contains(&report.outcome), "seed {seed}: {report:?}");
    let ledgers = log.ledgers();
    assert_eq!(ledgers.exchanges.observed, TASKS * 100, "seed {seed}");
    assert!(ledgers.balance() && ledgers.exchanges.abandoned == 0, "seed {seed}: {ledgers:?}");
    assert!(ledgers.exchanges.dropped.by(ExchangeDrop::Closed) > 0);
    for (sink, report) in [good, other].iter().zip(&report.sinks) {
        let rows = sink.take();
        assert_eq!(rows.len() as u64, report.predictions.written, "seed {seed}");
        let ids: HashSet<_> = rows.iter().map(|row| row.prediction_id).collect();
        let sequences: HashSet<_> = rows.iter().map(|row| row.sequence).collect();
        assert_eq!((ids.len(), sequences.len()), (rows.len(), rows.len()), "seed {seed}: no copies");
        assert!(sequences.iter().all(|&sequence| sequence < report.predictions.decoded));
        assert_eq!(report.predictions.abandoned, 0);
    }
    assert_eq!(report.sinks[0].predictions.decoded, report.sinks[1].predictions.decoded);
}

#[test]
fn everything_is_somewhere_once() {
    (0..8).for_each(round);
}
