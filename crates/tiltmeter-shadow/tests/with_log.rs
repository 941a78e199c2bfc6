//! The shadow beside the log: both call a request the same.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tiltmeter_log::{FlushOutcome, LogBuilder, LogGuard, LogHandle, MemorySink};
use tiltmeter_record::ModelSpec;
use tiltmeter_shadow::{
    Challenger, CopiedBody, CopiedRequest, Pair, PairBucket, SampleRate, ShadowBuilder, ShadowGuard,
    ShadowHandle,
};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

const SPEC: &str = "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict}, \
                    response: {score: /score}, features: {age: float}}";

struct Both {
    log: LogHandle,
    sink: MemorySink,
    shadow: ShadowHandle<CopiedRequest>,
    pairs: Arc<Mutex<Vec<Pair>>>,
    guards: (ShadowGuard, LogGuard),
}

fn both() -> Both {
    let sink = MemorySink::default();
    let spec = ModelSpec::from_yaml("model.yaml", SPEC).unwrap();
    let (log, log_guard) = LogBuilder::new().with_model(spec).with_sink(sink.clone()).build().unwrap();
    let pairs = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&pairs);
    let challenger = service_fn(|_: Request<CopiedBody>| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("0.4")))
    });
    let (shadow, shadow_guard) = ShadowBuilder::http()
        .with_route(Method::POST, "/predict")
        .with_challenger(Challenger::http("next", challenger))
        .with_recorder(move |pair: Pair| {
            recorded.lock().unwrap().push(pair);
            true
        })
        .build()
        .unwrap();
    Both { log, sink, shadow, pairs, guards: (shadow_guard, log_guard) }
}

/// The champion: it reads its request, and names it if it is told to.
async fn champion<B: Body + Unpin>(request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
    let name = request.headers().get("x-name").cloned();
    let mut body = request.into_body();
    while body.frame().await.is_some() {}
    let mut response = Response::new(Full::from("{\"score\": 0.5}"));
    if let Some(name) = name {
        response.headers_mut().insert("x-request-id", name);
    }
    Ok(response)
}

fn requests() -> Vec<Request<Full<Bytes>>> {
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    [("accept", "*/*"), ("x-request-id", "r1"), ("traceparent", trace), ("x-name", "order-7")]
        .map(|(name, value)| {
            Request::post("/predict").header(name, value).body(Full::from("{\"age\": 40}")).unwrap()
        })
        .into()
}

async fn send<S, B>(mut service: S)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible>,
    B: Body + Unpin,
{
    for request in requests() {
        let mut body = service.ready().await.unwrap().call(request).await.unwrap().into_body();
        while body.frame().await.is_some() {}
    }
}

/// What the log, and what the shadow calls the requests.
async fn names(both: Both) -> (Vec<String>, Vec<String>) {
    let Both { log, sink, pairs, guards: (shadow, guard), .. } = both;
    assert!(shadow.shutdown(Duration::from_secs(30)).await.balances());
    assert_eq!(log.flush(Duration::from_secs(30)).await, FlushOutcome::Complete);
    let _ = guard.shutdown(Duration::from_secs(30)).await;
    let mut logged: Vec<_> = sink.take().iter().map(|row| row.request_id.to_string()).collect();
    let mut paired: Vec<_> = pairs.lock().unwrap().iter().map(|pair| pair.request_id.to_string()).collect();
    logged.sort_unstable();
    paired.sort_unstable();
    (logged, paired)
}

#[tokio::test]
async fn inside_of_the_log_every_request_has_one_name() {
    let both = both();
    send(ServiceBuilder::new().layer(both.log.layer()).layer(both.shadow.layer()).service_fn(champion)).await;
    let (logged, paired) = names(both).await;
    assert_eq!(logged.len(), 4);
    assert_eq!(logged, paired);
}

#[tokio::test]
async fn outside_of_the_log_as_well() {
    let both = both();
    send(ServiceBuilder::new().layer(both.shadow.layer()).layer(both.log.layer()).service_fn(champion)).await;
    let (logged, paired) = names(both).await;
    assert_eq!(logged.len(), 4);
    assert_eq!(logged, paired);
}

/// From the request to the sink: both answers side by side, for each challenger, and both books add up.
#[tokio::test]
async fn pairs_go_through_the_log_to_its_sinks() {
    let sink = MemorySink::default();
    let spec = ModelSpec::from_yaml("model.yaml", SPEC).unwrap();
    let (log, log_guard) = LogBuilder::new().with_model(spec).with_sink(sink.clone()).build().unwrap();
    let answering = |text: &'static str, status: u16| {
        service_fn(move |_: Request<CopiedBody>| async move {
            let mut response = Response::new(Full::<Bytes>::from(text));
            *response.status_mut() = status.try_into().unwrap();
            Ok::<_, Infallible>(response)
        })
    };
    let (shadow, shadow_guard) = ShadowBuilder::http()
        .with_route(Method::POST, "/predict")
        .with_challenger(Challenger::http("lr", answering("{\"score\": 0.25}", 200)))
        .with_challenger(Challenger::http("broken", answering("sorry", 503)))
        .with_challenger(
            Challenger::http("seldom", answering("{}", 200)).with_rate(SampleRate::new(1e-9).unwrap()),
        )
        .with_recorder(log.pairs("churn").unwrap())
        .build()
        .unwrap();
    send(ServiceBuilder::new().layer(log.layer()).layer(shadow.layer()).service_fn(champion)).await;

    let shadowed = shadow_guard.shutdown(Duration::from_secs(30)).await;
    assert!(shadowed.balances());
    let report = log_guard.shutdown(Duration::from_secs(30)).await;
    assert!(report.balances());
    let sent = requests().len() as u64;
    assert_eq!((report.pairs.decoded, report.sinks[0].pairs.written), (2 * sent, 2 * sent));
    for challenger in &shadowed.challengers {
        let bucket = match challenger.name.as_str() {
            "lr" => PairBucket::Paired,
            "broken" => PairBucket::ChallengerError,
            _ => PairBucket::SampledOut,
        };
        assert_eq!(challenger.ledger.by(bucket), sent);
    }
    let usage = |place: usize| {
        let challenger = &shadowed.challengers[place];
        (challenger.request_bytes, challenger.answer_bytes)
    };
    assert_eq!([usage(0), usage(1), usage(2)], [(11 * sent, 15 * sent), (11 * sent, 5 * sent), (0, 0)]);
    // what is in no pair stands in the data all the same
    let last = sink.take_journals().pop().unwrap();
    assert_eq!(last.shadows.len(), 3);
    for (shadow, challenger) in last.shadows.iter().map(|shadow| {
        let mut reported = shadowed.challengers.iter();
        (shadow, reported.find(|reported| reported.name == shadow.books.challenger).unwrap())
    }) {
        assert_eq!((&*shadow.model_name, shadow.books.shadow.as_str()), ("churn", "shadow"));
        assert_eq!((shadow.books.is_last, shadow.books.requests), (true, challenger.ledger));
        assert_eq!(shadow.books.usage.request_bytes, challenger.request_bytes);
    }
    let logged: BTreeSet<_> = sink.take().iter().map(|row| row.request_id.to_string()).collect();
    let pairs = sink.take_pairs();
    for name in ["lr", "broken"] {
        let pairs =
            || pairs.iter().filter(|(challenger, _)| challenger.as_str() == name).map(|(_, pair)| pair);
        let ids: BTreeSet<_> = pairs().map(|pair| pair.champion.request_id.to_string()).collect();
        assert_eq!(ids, logged, "the rows of both tables can be joined");
        for pair in pairs() {
            let challenger = pair.challenger.as_ref().unwrap();
            assert_eq!(pair.champion.score, Some(0.5));
            let expected = match name {
                "lr" => (PairBucket::Paired, Some(0.25), Some(200)),
                _ => (PairBucket::ChallengerError, None, Some(503)),
            };
            assert_eq!((pair.bucket, challenger.score, challenger.status), expected);
        }
    }
}
