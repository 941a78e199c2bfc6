//! A challenger that speaks HTTP.

use std::future::poll_fn;
use std::pin::pin;

use bytes::Buf;
use http::{Request, Response};
use http_body::Body;
use tiltmeter_log::beside::{UNKNOWN, grpc_error, grpc_status};
use tiltmeter_record::{ErrorType, PairBucket};
use tokio::time::timeout;
use tower_service::Service;

use super::grpc::{is_failing, is_grpc};
use super::request::CopiedRequest;
use crate::copied::CopiedBody;
use crate::dispatch::{Challenge, Task};
use crate::exchange::{CaseHandle, Verdict};
use crate::format::BodyFormat;
use crate::pair::{Answer, Content};
use crate::queue::Job;
use crate::tape::Tape;

/// A service that gets copies of requests.
pub(crate) struct HttpChallenge<S>(pub(crate) S);

impl<S, B> Challenge<CopiedRequest> for HttpChallenge<S>
where
    S: Service<Request<CopiedBody>, Response = Response<B>, Future: Send> + Clone + Send + 'static,
    B: Body<Data: Buf + Send + 'static> + Send + 'static,
{
    fn task(&self, job: Job<CopiedRequest>) -> Task {
        let service = self.0.clone();
        Box::pin(async move {
            let Job { case, request } = job;
            let Some(request) = request.into_request(case.standing().name.as_str()) else {
                return case.refuse(PairBucket::RequestIncomplete);
            };
            let begun = case.core().now();
            let (mut answer, mut sent) = (Answer::default(), None);
            let asked = ask(service, request, &case, &mut answer, &mut sent);
            let result = timeout(case.standing().timeout, asked).await.ok();
            case.conclude(result, answer, begun, sent);
        })
    }

    fn fork(&self) -> Box<dyn Challenge<CopiedRequest>> {
        Box::new(Self(self.0.clone()))
    }
}

/// Sends the request when the service is ready, and reads the answer to its end.
async fn ask<S, B>(
    mut service: S,
    request: Request<CopiedBody>,
    case: &CaseHandle,
    answer: &mut Answer,
    sent: &mut Option<std::time::Duration>,
) -> (PairBucket, Verdict)
where
    S: Service<Request<CopiedBody>, Response = Response<B>>,
    B: Body<Data: Buf + 'static>,
{
    const FAILED: (PairBucket, Verdict) = (PairBucket::ChallengerError, Verdict::Failing);
    if poll_fn(|cx| service.poll_ready(cx)).await.is_err() {
        answer.error = Some(ErrorType::Service);
        return FAILED;
    }
    *sent = Some(case.core().now());
    case.note_sent(request.body().size_hint().lower());
    let Ok(response) = service.call(request).await else {
        answer.error = Some(ErrorType::Service);
        return FAILED;
    };
    let (head, body) = response.into_parts();
    answer.status = Some(head.status);
    let format = BodyFormat::of(&head.headers);
    let is_grpc = is_grpc(&format);
    answer.headers = format.into_headers();
    if is_grpc {
        answer.grpc_status = grpc_status(&head.headers);
    }
    let mut body = pin!(body);
    let mut tape = Tape::default();
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let Ok(frame) = frame else {
            answer.error = Some(ErrorType::Body);
            answer.content = Content::PartOfBody(tape.take());
            return FAILED;
        };
        if let Some(data) = frame.data_ref() {
            let len = data.remaining();
            case.note_answered(len as u64);
            let is_too_large = !tape.fits(len, case.core().body_cap);
            if !is_too_large && !case.hold(len as u64) {
                return (PairBucket::NoPermit, Verdict::Well);
            }
            if is_too_large || !tape.push(data) {
                answer.error = Some(ErrorType::Body);
                return (PairBucket::BodyTooLarge, Verdict::Well);
            }
        } else if let (Some(trailers), true) = (frame.trailers_ref(), is_grpc) {
            answer.grpc_status = answer.grpc_status.or_else(|| grpc_status(trailers));
        }
    }
    answer.content = Content::Body(tape.take());
    if head.status.as_u16() >= 400 {
        let is_timeout = matches!(head.status.as_u16(), 408 | 504);
        answer.error = Some(if is_timeout { ErrorType::Timeout } else { ErrorType::Status });
        let is_failing = head.status.is_server_error() || head.status.as_u16() == 429;
        return (PairBucket::ChallengerError, if is_failing { Verdict::Failing } else { Verdict::Well });
    }
    // an answer of gRPC that does not say how it went has been cut off: that is the status unknown
    let grpc = answer.grpc_status.unwrap_or(if is_grpc { UNKNOWN } else { 0 });
    answer.error = grpc_error(grpc);
    match answer.error {
        None => (PairBucket::Paired, Verdict::Well),
        Some(_) if is_failing(grpc) => FAILED,
        Some(_) => (PairBucket::ChallengerError, Verdict::Well),
    }
}
