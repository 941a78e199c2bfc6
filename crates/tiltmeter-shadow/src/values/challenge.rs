//! A challenger that gets values.

use std::future::poll_fn;
use std::sync::Arc;

use tiltmeter_log::Observe;
use tiltmeter_record::{ErrorType, PairBucket};
use tokio::time::timeout;
use tower_service::Service;

use super::CopiedValue;
use crate::dispatch::{Challenge, Task};
use crate::exchange::Verdict;
use crate::pair::{Answer, Content};
use crate::queue::Job;

pub(crate) struct ValueChallenge<S, O> {
    service: S,
    observe: Arc<O>,
}

impl<S, O> ValueChallenge<S, O> {
    pub(crate) fn new(service: S, observe: O) -> Self {
        Self { service, observe: Arc::new(observe) }
    }
}

impl<S, O, Req> Challenge<CopiedValue<Req>> for ValueChallenge<S, O>
where
    Req: Send + 'static,
    S: Service<Req, Future: Send> + Clone + Send + 'static,
    O: Observe<Req, S::Response, Seen: Send> + Send + Sync + 'static,
{
    fn task(&self, job: Job<CopiedValue<Req>>) -> Task {
        let (mut service, observe) = (self.service.clone(), Arc::clone(&self.observe));
        Box::pin(async move {
            let Job { case, request } = job;
            let CopiedValue(request) = *request;
            let begun = case.core().now();
            let (mut answer, mut sent) = (Answer::default(), None);
            let asked = async {
                // a panic of the observer is one of the challenger's: it is its own
                let seen = observe.request(&request);
                poll_fn(|cx| service.poll_ready(cx)).await.ok()?;
                sent = Some(case.core().now());
                let response = service.call(request).await.ok()?;
                Some(observe.response(seen, Some(&response)))
            };
            let result = timeout(case.standing().timeout, asked).await.ok().map(|observed| match observed {
                Some(observed) => {
                    answer.content = Content::Observed(Box::new(observed));
                    (PairBucket::Paired, Verdict::Well)
                }
                None => {
                    answer.error = Some(ErrorType::Service);
                    (PairBucket::ChallengerError, Verdict::Failing)
                }
            });
            case.conclude(result, answer, begun, sent);
        })
    }

    fn fork(&self) -> Box<dyn Challenge<CopiedValue<Req>>> {
        Box::new(Self { service: self.service.clone(), observe: Arc::clone(&self.observe) })
    }
}
