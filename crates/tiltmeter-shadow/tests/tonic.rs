//! gRPC with tonic's server, router and client, over loopback.
#![cfg(feature = "client")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes};
use futures_util::stream::{BoxStream, once, poll_fn};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tiltmeter_record::ErrorType;
use tiltmeter_shadow::{
    Challenger, CopiedRequest, Pair, PairBucket, RemoteChallenger, SHADOW_HEADER, ShadowBuilder, ShadowGuard,
    ShadowHandle,
};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{Ascii, MetadataMap, MetadataValue};
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Status, Streaming};
use tower::{Service, service_fn};

const SCORE: &str = "/churn.v1.Churn/Score";
const EXPLAIN: &str = "/churn.v1.Churn/Explain";
const SUM: &str = "/churn.v1.Churn/Sum";
const LONG: Duration = Duration::from_secs(30);

/// Messages that are bytes as they come: what protobuf would make of them is no concern of a shadow.
#[derive(Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

/// What a message comes as on the wire.
fn framed(messages: &[&[u8]]) -> Vec<u8> {
    let frame = |message: &&[u8]| [&[0, 0, 0, 0, u8::try_from(message.len()).unwrap()], *message].concat();
    messages.iter().flat_map(frame).collect()
}

type Produced = mpsc::Receiver<Result<Bytes, Status>>;

/// A model: `Score` answers once, `Explain` as the test says, or at once, `Sum` when it has all messages.
#[derive(Clone)]
struct Model {
    score: fn(&[u8]) -> Result<Bytes, Status>,
    explanation: Arc<Mutex<Option<Produced>>>,
    /// Gets the messages that `Sum` is asked, as they come.
    summed: Option<mpsc::Sender<Bytes>>,
    /// The metadata of what it was asked.
    heard: Arc<Mutex<Vec<HeaderMap>>>,
}

impl Model {
    fn new(score: fn(&[u8]) -> Result<Bytes, Status>) -> Self {
        Self { score, explanation: Arc::default(), summed: None, heard: Arc::default() }
    }

    fn explaining(self) -> (mpsc::Sender<Result<Bytes, Status>>, Self) {
        let (produce, produced) = mpsc::channel(1);
        *self.explanation.lock().unwrap() = Some(produced);
        (produce, self)
    }

    fn summing(self) -> (mpsc::Receiver<Bytes>, Self) {
        let (summed, coming) = mpsc::channel(2);
        (coming, Self { summed: Some(summed), ..self })
    }

    async fn sum(self, request: tonic::Request<Streaming<Bytes>>) -> Result<tonic::Response<Bytes>, Status> {
        self.heard.lock().unwrap().push(request.metadata().clone().into_headers());
        let mut messages = request.into_inner();
        let mut count = 0_u8;
        while let Some(message) = messages.message().await? {
            count += 1;
            if let Some(summed) = &self.summed {
                summed.send(message).await.unwrap();
            }
        }
        Ok(tonic::Response::new(Bytes::from(vec![b'0' + count])))
    }

    fn answer(&self, request: &tonic::Request<Bytes>) -> Result<tonic::Response<Bytes>, Status> {
        self.heard.lock().unwrap().push(request.metadata().clone().into_headers());
        let mut response = tonic::Response::new((self.score)(request.get_ref())?);
        response.metadata_mut().insert("x-model", MetadataValue::from_static("gbm-1"));
        Ok(response)
    }

    fn explain(
        &self,
        request: &tonic::Request<Bytes>,
    ) -> Result<tonic::Response<BoxStream<'static, Result<Bytes, Status>>>, Status> {
        if let Some(mut produced) = self.explanation.lock().unwrap().take() {
            return Ok(tonic::Response::new(Box::pin(poll_fn(move |cx| produced.poll_recv(cx)))));
        }
        let answer = self.answer(request)?.into_inner();
        Ok(tonic::Response::new(Box::pin(once(std::future::ready(Ok(answer))))))
    }
}

impl NamedService for Model {
    const NAME: &'static str = "churn.v1.Churn";
}

impl Service<Request<Body>> for Model {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let model = self.clone();
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(Raw);
            Ok(if request.uri().path() == SCORE {
                let method = service_fn(|request| std::future::ready(model.answer(&request)));
                grpc.unary(method, request).await
            } else if request.uri().path() == SUM {
                let method = service_fn(|request| model.clone().sum(request));
                grpc.client_streaming(method, request).await
            } else {
                let method = service_fn(|request| std::future::ready(model.explain(&request)));
                grpc.server_streaming(method, request).await
            })
        })
    }
}

fn metadata(name: &'static str, value: &'static str) -> MetadataMap {
    let header = (HeaderName::from_static(name), HeaderValue::from_static(value));
    MetadataMap::from_headers(HeaderMap::from_iter([header]))
}

/// `fine` is answered, all else is refused with what gRPC has to say about it.
fn score(message: &[u8]) -> Result<Bytes, Status> {
    if message == b"fine" {
        return Ok(Bytes::from_static(b"0.5"));
    }
    let (code, details) = (Code::InvalidArgument, Bytes::from_static(b"\x08\x03"));
    Err(Status::with_details_and_metadata(code, "no such customer", details, metadata("x-field", "age")))
}

/// Serves `model` on a port of loopback, behind `shadow` if there is one; returns its address.
async fn serve(model: Model, shadow: Option<&ShadowHandle<CopiedRequest>>) -> Uri {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let incoming = TcpIncoming::from(listener);
    match shadow {
        Some(shadow) => {
            let server = Server::builder().layer(shadow.layer()).add_service(model);
            tokio::spawn(server.serve_with_incoming(incoming));
        }
        None => {
            tokio::spawn(Server::builder().add_service(model).serve_with_incoming(incoming));
        }
    }
    format!("http://{address}").parse().unwrap()
}

fn client(server: Uri) -> tonic::client::Grpc<Client<HttpConnector, Body>> {
    let connections = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    tonic::client::Grpc::with_origin(connections, server)
}

fn request(message: &'static [u8]) -> tonic::Request<Bytes> {
    let mut request = tonic::Request::new(Bytes::from_static(message));
    for (name, value) in [("x-request-id", "r1"), ("authorization", "Bearer s3cret"), ("x-tenant", "acme")] {
        request.metadata_mut().insert(name, MetadataValue::<Ascii>::from_static(value));
    }
    request
}

fn remote(server: &Uri) -> RemoteChallenger {
    RemoteChallenger::builder(&server.to_string()).unwrap().with_http2().build()
}

type Pairs = Arc<Mutex<Vec<Pair>>>;

fn shadow(
    challengers: impl IntoIterator<Item = Challenger<CopiedRequest>>,
) -> (ShadowHandle<CopiedRequest>, ShadowGuard, Pairs) {
    let pairs = Pairs::default();
    let recorded = Arc::clone(&pairs);
    let builder = ShadowBuilder::http()
        .with_route(Method::POST, SCORE)
        .with_route(Method::POST, EXPLAIN)
        .with_route(Method::POST, SUM)
        .with_shedding(None)
        .with_recorder(move |pair: Pair| {
            recorded.lock().unwrap().push(pair);
            true
        });
    let challengers = challengers.into_iter().map(|challenger| challenger.with_timeout(LONG));
    let (shadow, guard) = challengers.fold(builder, ShadowBuilder::with_challenger).build().unwrap();
    (shadow, guard, pairs)
}

/// What is held back fails the test rather than hang it.
async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(LONG, future).await.unwrap()
}

/// All that a client learns of an answer but the time of day.
fn learnt(answer: Result<tonic::Response<Bytes>, Status>) -> String {
    let sorted = |metadata: &MetadataMap| {
        let mut all: Vec<_> = metadata.clone().into_headers().into_iter().collect();
        all.retain(|(name, _)| name.as_ref().is_none_or(|name| name != "date"));
        all.sort_by_key(|(name, _)| name.as_ref().map(ToString::to_string));
        format!("{all:?}")
    };
    match answer {
        Ok(answer) => format!("{:?} {}", answer.get_ref(), sorted(answer.metadata())),
        Err(status) => {
            let (code, message, details) = (status.code(), status.message(), status.details());
            format!("{code:?} {message} {details:?} {}", sorted(status.metadata()))
        }
    }
}

#[tokio::test]
async fn answers_of_a_unary_method_are_the_same_and_the_pair_has_both_statuses() {
    let elsewhere = Model::new(score);
    let heard = Arc::clone(&elsewhere.heard);
    let elsewhere = serve(elsewhere, None).await;
    let broken = Routes::new(Model::new(|_| Err(Status::internal("broken"))));
    let (shadow, guard, pairs) = shadow([
        Challenger::http("elsewhere", remote(&elsewhere)),
        Challenger::http("in-process", Routes::new(Model::new(score)).prepare()),
        Challenger::http("broken", broken),
    ]);
    let mut alone = client(serve(Model::new(score), None).await);
    let mut shadowed = client(serve(Model::new(score), Some(&shadow)).await);
    for (message, code) in [(&b"fine"[..], Code::Ok), (b"wrong", Code::InvalidArgument)] {
        let mut answers = Vec::new();
        for client in [&mut alone, &mut shadowed] {
            client.ready().await.unwrap();
            let answer = client.unary(request(message), PathAndQuery::from_static(SCORE), Raw).await;
            assert_eq!(answer.as_ref().map_or_else(Status::code, |_| Code::Ok), code);
            answers.push(learnt(answer));
        }
        assert_eq!(answers[0], answers[1]);
    }

    let report = guard.shutdown(LONG).await;
    assert!(report.balances());
    let mut pairs = std::mem::take(&mut *pairs.lock().unwrap());
    let text = |pair: &Pair| pair.request.as_ref().unwrap().content.body().unwrap().to_bytes();
    pairs.sort_by_key(|pair| (text(pair).len(), pair.challenger.to_string()));
    let found: Vec<_> = pairs
        .iter()
        .map(|pair| {
            let answer = pair.answer.as_ref().unwrap();
            (
                pair.challenger.as_str(),
                pair.bucket,
                pair.champion.grpc_status,
                answer.grpc_status,
                answer.error,
            )
        })
        .collect();
    let (paired, error) = (PairBucket::Paired, PairBucket::ChallengerError);
    let status = Some(ErrorType::Status);
    let expected = [
        ("broken", error, Some(0), Some(13), status),
        ("elsewhere", paired, Some(0), Some(0), None),
        ("in-process", paired, Some(0), Some(0), None),
        ("broken", error, Some(3), Some(13), status),
        ("elsewhere", error, Some(3), Some(3), status),
        ("in-process", error, Some(3), Some(3), status),
    ];
    assert_eq!(found, expected);
    for pair in &pairs {
        let said = |is_fine: bool| if is_fine { framed(&[b"0.5"]) } else { vec![] };
        let answer = pair.answer.as_ref().unwrap();
        assert_eq!(pair.champion.content.body().unwrap().to_bytes(), said(pair.champion.error.is_none()));
        assert_eq!(answer.content.body().unwrap().to_bytes(), said(answer.error.is_none()));
    }
    let heard = heard.lock().unwrap();
    for metadata in &*heard {
        for (name, value) in
            [("x-tenant", "acme"), ("x-request-id", "r1"), (SHADOW_HEADER.as_str(), "elsewhere")]
        {
            assert_eq!(metadata[name], value);
        }
        assert!(!metadata.contains_key("authorization"));
    }
    assert_eq!(heard.len(), 2);
}

#[tokio::test]
async fn a_stream_passes_through_message_by_message() {
    let (shadow, guard, pairs) = shadow([
        Challenger::http("elsewhere", remote(&serve(Model::new(score), None).await)),
        Challenger::http("in-process", Routes::new(Model::new(score))),
    ]);
    let (produce, champion) = Model::new(score).explaining();
    let mut client = client(serve(champion, Some(&shadow)).await);
    client.ready().await.unwrap();
    let answer = client.server_streaming(request(b"fine"), PathAndQuery::from_static(EXPLAIN), Raw).await;
    let mut stream = answer.unwrap().into_inner();
    // the second message exists only when the client has the first, and the end only when it has the second
    for message in [&b"one"[..], b"two"] {
        produce.send(Ok(Bytes::from_static(message))).await.unwrap();
        assert_eq!(within(stream.message()).await.unwrap().unwrap(), message);
    }
    drop(produce);
    assert_eq!(within(stream.message()).await.unwrap(), None);
    assert_eq!(stream.trailers().await.unwrap().unwrap().get("grpc-status").unwrap(), "0");

    assert!(guard.shutdown(LONG).await.balances());
    let pairs = pairs.lock().unwrap();
    for pair in &*pairs {
        let answer = pair.answer.as_ref().unwrap();
        assert_eq!((pair.bucket, pair.champion.error), (PairBucket::Paired, None));
        assert_eq!((pair.champion.grpc_status, answer.grpc_status), (Some(0), Some(0)));
        assert_eq!(pair.champion.content.body().unwrap().to_bytes(), framed(&[b"one", b"two"]));
        assert_eq!(answer.content.body().unwrap().to_bytes(), framed(&[b"0.5"]));
    }
    assert_eq!(pairs.len(), 2);
}

#[tokio::test]
async fn a_stream_that_fails_says_so_to_the_client_and_in_the_pair() {
    let (shadow, guard, pairs) = shadow([Challenger::http("in-process", Routes::new(Model::new(score)))]);
    let (produce, champion) = Model::new(score).explaining();
    let mut client = client(serve(champion, Some(&shadow)).await);
    client.ready().await.unwrap();
    let answer = client.server_streaming(request(b"fine"), PathAndQuery::from_static(EXPLAIN), Raw).await;
    let mut stream = answer.unwrap().into_inner();
    produce.send(Ok(Bytes::from_static(b"one"))).await.unwrap();
    assert_eq!(within(stream.message()).await.unwrap().unwrap(), "one");
    let moved = Status::with_metadata(Code::Aborted, "moved", metadata("x-shard", "7"));
    produce.send(Err(moved)).await.unwrap();
    let status = within(stream.message()).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Aborted, "moved"));
    assert_eq!(status.metadata().get("x-shard").unwrap(), "7");

    assert!(guard.shutdown(LONG).await.balances());
    let pair = pairs.lock().unwrap().pop().unwrap();
    assert_eq!((pair.bucket, pair.answer.unwrap().grpc_status), (PairBucket::Paired, Some(0)));
    assert_eq!((pair.champion.grpc_status, pair.champion.error), (Some(10), Some(ErrorType::Status)));
}

#[tokio::test]
async fn a_request_of_several_messages_reaches_the_champion_as_it_is_sent_and_the_copy_whole() {
    let (mut copied, elsewhere) = Model::new(score).summing();
    let heard = Arc::clone(&elsewhere.heard);
    let (shadow, guard, pairs) =
        shadow([Challenger::http("elsewhere", remote(&serve(elsewhere, None).await))]);
    let (mut coming, champion) = Model::new(score).summing();
    let mut client = client(serve(champion, Some(&shadow)).await);
    client.ready().await.unwrap();
    let (send, mut sent) = mpsc::channel(1);
    let mut request = tonic::Request::new(poll_fn(move |cx| sent.poll_recv(cx)));
    request.set_timeout(LONG);
    let timeout = request.metadata().get("grpc-timeout").unwrap().clone();
    let ask = client.client_streaming(request, PathAndQuery::from_static(SUM), Raw);
    // the second message exists only when the champion has the first, and the end only when it has the second
    let say = async {
        for message in [&b"one"[..], b"two"] {
            send.send(Bytes::from_static(message)).await.unwrap();
            assert_eq!(within(coming.recv()).await.unwrap(), message);
        }
        drop(send);
    };
    let (answer, ()) = within(async { tokio::join!(ask, say) }).await;
    assert_eq!(answer.unwrap().into_inner(), "2");

    assert!(guard.shutdown(LONG).await.balances());
    let pair = pairs.lock().unwrap().pop().unwrap();
    let answer = pair.answer.unwrap();
    assert_eq!((pair.bucket, answer.grpc_status), (PairBucket::Paired, Some(0)));
    assert_eq!(pair.request.unwrap().content.body().unwrap().to_bytes(), framed(&[b"one", b"two"]));
    assert_eq!(answer.content.body().unwrap().to_bytes(), framed(&[b"2"]));
    assert_eq!([copied.try_recv().unwrap(), copied.try_recv().unwrap()], ["one", "two"]);
    assert_eq!(heard.lock().unwrap()[0]["grpc-timeout"], timeout.to_str().unwrap());
}
