mod ends;
mod limits;
mod passing;
mod properties;

use std::future::ready;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Method, Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::{CopiedRequest, ShadowBody, ShadowLayer};
use crate::testing::{Bench, Broken, Recorded, Scripted, Step, TokioClock, drain, poll};
use crate::{Challenger, Pair, PairBucket, ShadowBuilder};

/// The cap of bodies in these tests.
const CAP: usize = 64;

/// A shadow of `POST /predict` that does not shed by itself.
fn bench(
    challengers: impl IntoIterator<Item = Challenger<CopiedRequest>>,
    with: impl FnOnce(ShadowBuilder<CopiedRequest>) -> ShadowBuilder<CopiedRequest>,
) -> Bench<CopiedRequest> {
    let recorded = Recorded::default();
    let builder = ShadowBuilder::http()
        .with_route(Method::POST, "/predict")
        .with_body_cap(CAP)
        .with_shedding(None)
        .with_clock(Arc::new(TokioClock::new()))
        .with_recorder(recorded.recorder());
    let builder = challengers.into_iter().fold(builder, ShadowBuilder::with_challenger);
    Bench::new(with(builder).unstarted(), recorded)
}

fn same(builder: ShadowBuilder<CopiedRequest>) -> ShadowBuilder<CopiedRequest> {
    builder
}

impl Bench<CopiedRequest> {
    fn layer(&self) -> ShadowLayer {
        ShadowLayer::new(Arc::clone(&self.shared))
    }

    /// Sends `request`, and returns the head of the champion's response with its body unread.
    fn exchange(
        &self,
        request: Request<Scripted>,
        response: impl FnMut() -> Response<Scripted>,
    ) -> Response<ShadowBody<Scripted>> {
        let mut service = self.layer().layer(Champion(response));
        let Poll::Ready(Ok(response)) = poll(&mut service.call(request)) else {
            panic!("the champion is ready")
        };
        response
    }

    /// The same, and reads it to its end.
    fn ask(&self, id: &str) {
        let response = self.exchange(post(id, Scripted::data(b"{\"age\":40}")), ok);
        assert_eq!(drain(&mut response.into_body()).unwrap(), b"0.5");
    }

    fn count(&self, bucket: PairBucket) -> u64 {
        self.ledger(0).by(bucket)
    }

    /// Nothing is left, and the only request is in `bucket`, as its pair says, if it was recorded.
    fn the_only(&self, bucket: PairBucket) -> Pair {
        self.assert_empty();
        let ledger = self.ledger(0);
        assert_eq!((ledger.eligible, ledger.by(bucket)), (1, 1), "{ledger:?}");
        let pair = self.recorded.the_pair();
        assert_eq!(pair.bucket, bucket);
        pair
    }
}

fn post(id: &str, body: Scripted) -> Request<Scripted> {
    Request::post("/predict").header("x-request-id", id).body(body).unwrap()
}

fn ok() -> Response<Scripted> {
    Response::new(Scripted::data(b"0.5"))
}

fn large(bytes: usize) -> Step {
    Step::Bytes(Bytes::from(vec![b'x'; bytes]))
}

/// A champion that reads the request to its end and answers.
#[derive(Clone)]
struct Champion<R>(R);

impl<R: FnMut() -> Response<Scripted>> Service<Request<ShadowBody<Scripted>>> for Champion<R> {
    type Response = Response<Scripted>;
    type Error = Broken;
    type Future = std::future::Ready<Result<Response<Scripted>, Broken>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ShadowBody<Scripted>>) -> Self::Future {
        let _ = drain(&mut request.into_body());
        ready(Ok((self.0)()))
    }
}
