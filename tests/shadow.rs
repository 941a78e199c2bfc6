//! Shadow mode over HTTP/1.1: a response of chunks passes through while it is copied.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use http::{Method, Request, Response};
use tiltmeter::{Challenger, Pair, PairBucket, ShadowBuilder};
use tiltmeter_tests::{read_until, streaming, within};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tower::service_fn;

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn chunks_of_request_and_response_pass_through_as_they_come() {
    let pairs = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&pairs);
    let challenger = service_fn(async |request: Request<tiltmeter::shadow::CopiedBody>| {
        assert_eq!(request.body().copied().to_bytes(), "{\"age\":40}");
        Ok::<_, Infallible>(Response::new(Body::from("0.4")))
    });
    let (shadow, guard) = ShadowBuilder::http()
        .with_route(Method::POST, "/predict")
        .with_challenger(Challenger::http("next", challenger).with_timeout(LONG))
        .with_shedding(None)
        .with_recorder(move |pair: Pair| {
            recorded.lock().unwrap().push(pair);
            true
        })
        .build()
        .unwrap();
    let (frames, router) = streaming("text/event-stream");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        axum::serve(listener, router.layer(shadow.layer())).await.unwrap();
    });

    let mut client = TcpStream::connect(address).await.unwrap();
    let head = "POST /predict HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n";
    client.write_all(format!("{head}7\r\n{{\"age\":\r\n").as_bytes()).await.unwrap();
    client.write_all(b"3\r\n40}\r\n0\r\n\r\n").await.unwrap();
    // the second piece exists only when the client has the first, and the end only when it has the second
    frames.send("data: 0.\n\n").await.unwrap();
    let begun = read_until(&mut client, "data: 0.\n\n").await;
    assert!(begun.to_lowercase().contains("\r\ntransfer-encoding: chunked\r\n"), "{begun}");
    frames.send("data: 5\n\n").await.unwrap();
    read_until(&mut client, "data: 5\n\n").await;
    drop(frames);
    read_until(&mut client, "0\r\n\r\n").await;

    let report = within(guard.shutdown(LONG)).await;
    assert!(report.balances());
    assert_eq!(report.challengers[0].ledger.by(PairBucket::Paired), 1);
    let pair = pairs.lock().unwrap().pop().unwrap();
    let body = |content: &tiltmeter::shadow::Content| content.body().unwrap().to_bytes();
    assert_eq!(body(&pair.request.unwrap().content), "{\"age\":40}");
    assert_eq!(body(&pair.champion.content), "data: 0.\n\ndata: 5\n\n");
    assert_eq!(body(&pair.answer.unwrap().content), "0.4");
    server.abort();
}
