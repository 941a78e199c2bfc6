//! A challenger at another address, over loopback.
#![cfg(feature = "client")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::convert::Infallible;
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tiltmeter_record::ErrorType;
use tiltmeter_shadow::{Challenger, Pair, PairBucket, RemoteChallenger, ShadowBody, ShadowBuilder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tower::{Service, ServiceBuilder, ServiceExt};

/// Answers one request over HTTP/1.1, and returns what it was.
async fn serve_one(listener: TcpListener, body_len: usize) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    loop {
        let mut part = [0; 1024];
        let read = stream.read(&mut part).await.unwrap();
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request);
        if text.split_once("\r\n\r\n").is_some_and(|(_, body)| body.len() >= body_len) {
            break;
        }
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n0.4").await.unwrap();
    String::from_utf8(request).unwrap()
}

#[tokio::test]
async fn a_remote_challenger_gets_the_request_and_one_that_refuses_connections_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = gone.local_addr().unwrap();
    drop(gone);
    let pairs = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&pairs);
    let remote = |base: String| RemoteChallenger::builder(&base).unwrap().build();
    let (shadow, guard) = ShadowBuilder::http()
        .with_route(Method::POST, "/predict")
        .with_challenger(
            Challenger::http("lr-1", remote(format!("http://{address}/lr")))
                .with_timeout(Duration::from_secs(30)),
        )
        .with_challenger(Challenger::http("gone", remote(format!("http://{nobody}"))))
        .with_recorder(move |pair: Pair| {
            recorded.lock().unwrap().push(pair);
            true
        })
        .build()
        .unwrap();
    let served = tokio::spawn(serve_one(listener, 10));
    let champion = |request: Request<ShadowBody<Full<Bytes>>>| async {
        let mut body = request.into_body();
        while body.frame().await.is_some() {}
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("0.5")))
    };
    let mut champion = ServiceBuilder::new().layer(shadow.layer()).service_fn(champion);
    let request = Request::post("/predict?x=1").header("host", "champion.example").header("cookie", "s3cret");
    let request = request.header("x-request-id", "r1").body(Full::from("{\"age\":40}")).unwrap();
    drop(champion.ready().await.unwrap().call(request).await.unwrap());
    let request = served.await.unwrap();
    let report = guard.shutdown(Duration::from_secs(30)).await;
    assert!(
        request.starts_with("POST /lr/predict?x=1 HTTP/1.1\r\n") && request.ends_with("\r\n\r\n{\"age\":40}"),
        "{request}"
    );
    for line in [format!("host: {address}"), "x-tiltmeter-shadow: lr-1".into(), "content-length: 10".into()] {
        assert!(request.lines().any(|found| found == line), "{line} in {request}");
    }
    assert!(!request.contains("s3cret"));
    assert_eq!(report.challengers[0].ledger.by(PairBucket::Paired), 1);
    assert_eq!(report.challengers[1].ledger.by(PairBucket::ChallengerError), 1);
    let pairs = pairs.lock().unwrap();
    let answer = pairs[0].answer.as_ref().unwrap();
    assert_eq!(answer.content.body().unwrap().to_bytes(), &b"0.4"[..]);
}

/// Answers each request on a connection of its own, which it closes without a word.
async fn serve_and_close(listener: TcpListener) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            let mut part = [0; 1024];
            let read = stream.read(&mut part).await.unwrap();
            request.extend_from_slice(&part[..read]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n0.4").await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_closes_the_connections_that_are_kept_open_is_no_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(serve_and_close(listener));
    // one after the other, so that the next one may find the connection of the last
    let pairs = asked(RemoteChallenger::builder(&base).unwrap().build(), 30).await;
    assert_eq!(pairs.iter().filter(|pair| pair.bucket == PairBucket::Paired).count(), 30);
    server.abort();
}

/// Answers over HTTP/2 as gRPC does, and resets the stream of a request that is not to its liking.
async fn serve_http2(listener: TcpListener) {
    let service = hyper::service::service_fn(|request: Request<hyper::body::Incoming>| async move {
        if request.uri().path() != "/predict" {
            return Err("no such method");
        }
        let mut body = request.into_body();
        let frame = body.frame().await.ok_or("no body")?.map_err(|_| "broken")?;
        assert_eq!(frame.data_ref().unwrap(), "{}");
        let trailers = HeaderMap::from_iter([(HeaderName::from_static("grpc-status"), 0.into())]);
        let body = Full::<Bytes>::from("0.4").with_trailers(ready(Some(Ok(trailers))));
        Ok(Response::builder().header("content-type", "application/grpc").body(body).unwrap())
    });
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        tokio::spawn(builder.serve_connection(TokioIo::new(stream), service));
    }
}

#[tokio::test]
async fn over_http2_trailers_come_and_a_stream_that_is_reset_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(serve_http2(listener));
    let pairs = asked(RemoteChallenger::builder(&base).unwrap().with_http2().build(), 2).await;
    let [good, reset] = &*pairs else { panic!("two pairs") };
    let answer = good.answer.as_ref().unwrap();
    assert_eq!((good.bucket, answer.grpc_status, answer.error), (PairBucket::Paired, Some(0), None));
    assert_eq!(answer.content.body().unwrap().to_bytes(), &b"0.4"[..]);
    let answer = reset.answer.as_ref().unwrap();
    assert_eq!((reset.bucket, answer.error), (PairBucket::ChallengerError, Some(ErrorType::Service)));
    server.abort();
}

#[tokio::test]
async fn a_response_in_chunks_is_put_together_and_one_that_breaks_off_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        for end in [&b"0\r\n\r\n"[..], b"7\r\n"] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"{}") {
                let mut part = [0; 1024];
                let read = stream.read(&mut part).await.unwrap();
                request.extend_from_slice(&part[..read]);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
            stream.write_all(b"2\r\n0.\r\n1\r\n4\r\n").await.unwrap();
            stream.write_all(end).await.unwrap();
        }
    });
    let pairs = asked(RemoteChallenger::builder(&base).unwrap().build(), 2).await;
    let [good, broken] = &*pairs else { panic!("two pairs") };
    assert_eq!(good.bucket, PairBucket::Paired);
    assert_eq!(good.answer.as_ref().unwrap().content.body().unwrap().to_bytes(), &b"0.4"[..]);
    let answer = broken.answer.as_ref().unwrap();
    assert_eq!((broken.bucket, answer.error), (PairBucket::ChallengerError, Some(ErrorType::Body)));
    assert!(answer.content.body().is_none());
    server.await.unwrap();
}

/// What comes of so many requests, one after the other, the last of them to another path.
async fn asked(remote: RemoteChallenger, times: u64) -> Vec<Pair> {
    let pairs = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&pairs);
    let challenger = Challenger::http("next", remote).with_timeout(Duration::from_secs(30));
    let builder =
        ShadowBuilder::http().with_route(Method::POST, "/predict").with_route(Method::POST, "/other");
    let builder = builder.with_challenger(challenger).with_shedding(None).with_recorder(move |pair: Pair| {
        recorded.lock().unwrap().push(pair);
        true
    });
    let (shadow, guard) = builder.build().unwrap();
    let champion = |request: Request<ShadowBody<Full<Bytes>>>| async {
        let mut body = request.into_body();
        while body.frame().await.is_some() {}
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("0.5")))
    };
    let mut champion = ServiceBuilder::new().layer(shadow.layer()).service_fn(champion);
    for number in 1..=times {
        let path = if number == times { "/other" } else { "/predict" };
        let request = Request::post(path).body(Full::from("{}")).unwrap();
        drop(champion.ready().await.unwrap().call(request).await.unwrap());
        while shadow.ledger("next").unwrap().under_way() > 0 {
            tokio::task::yield_now().await;
        }
    }
    drop(guard.shutdown(Duration::from_secs(30)).await);
    std::mem::take(&mut *pairs.lock().unwrap())
}
