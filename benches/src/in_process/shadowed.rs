//! The shadow that an exchange in process goes through, and its end.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use tiltmeter::shadow::{CopiedBody, CopiedRequest};
use tiltmeter::{Challenger, Pair, PairBucket, ShadowBreaker, ShadowBuilder, ShadowGuard, ShadowHandle};

use super::{DRAIN, Variant, predict};

const CHALLENGER: &str = "challenger";

/// Longer than any benchmark.
const FOR_EVER: Duration = Duration::from_secs(60 * 60);

/// A shadow that runs.
#[derive(Debug)]
pub(super) struct Shadowed {
    variant: Variant,
    handle: ShadowHandle<CopiedRequest>,
    guard: ShadowGuard,
    pairs: Arc<AtomicU64>,
}

impl Shadowed {
    /// That of `variant`, if it has one.
    pub(super) fn start(variant: Variant) -> Result<Option<Self>> {
        let challenger = match variant {
            Variant::Shadow => Challenger::http(CHALLENGER, tower::service_fn(predict::<CopiedBody>)),
            Variant::ShadowNoPermit => {
                let hangs = |_: Request<CopiedBody>| pending::<Result<Response<Full<Bytes>>, Infallible>>();
                Challenger::http(CHALLENGER, tower::service_fn(hangs)).with_permits(1).with_timeout(FOR_EVER)
            }
            Variant::ShadowResting => {
                let fails = async |_: Request<CopiedBody>| {
                    let mut response = Response::new(Full::<Bytes>::default());
                    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                    Ok::<_, Infallible>(response)
                };
                let breaker = ShadowBreaker::new().with_window(1, 1).with_probes(1).with_rest(FOR_EVER);
                Challenger::http(CHALLENGER, tower::service_fn(fails)).with_breaker(breaker)
            }
            _ => return Ok(None),
        };
        let pairs = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&pairs);
        let (handle, guard) = ShadowBuilder::http()
            .with_route(Method::POST, "/predict")
            .with_challenger(challenger)
            .with_shedding(None)
            .with_recorder(move |_: Pair| counted.fetch_add(1, Relaxed) < u64::MAX)
            .build()?;
        Ok(Some(Self { variant, handle, guard, pairs }))
    }

    pub(super) fn handle(&self) -> &ShadowHandle<CopiedRequest> {
        &self.handle
    }

    /// Whether requests get what the variant says they get.
    pub(super) fn is_ready(&self) -> bool {
        let health = self.handle.health();
        health.challengers.iter().all(|challenger| match self.variant {
            Variant::ShadowNoPermit => challenger.permits == 1,
            Variant::ShadowResting => challenger.is_resting,
            _ => true,
        })
    }

    /// Waits until all of so many exchanges have come to their ends, if they ever will.
    pub(super) fn settle(&self, exchanges: u64) {
        let stuck = u64::from(self.variant == Variant::ShadowNoPermit);
        while self.pairs.load(Relaxed) + stuck < exchanges {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Ends it. So many exchanges went through.
    pub(super) fn finish(self, exchanges: u64) -> Result<()> {
        let is_stuck = self.variant == Variant::ShadowNoPermit;
        let report = self.guard.shutdown_blocking(if is_stuck { Duration::ZERO } else { DRAIN });
        ensure!(report.balances(), "the books do not balance: {report:?}");
        for challenger in &report.challengers {
            let ledger = &challenger.ledger;
            // the one that was let in made the others stay out
            let (bucket, others) = match self.variant {
                Variant::ShadowNoPermit => (PairBucket::NoPermit, 1),
                Variant::ShadowResting => (PairBucket::BreakerOpen, 1),
                _ => (PairBucket::Paired, 0),
            };
            ensure!(
                ledger.eligible == exchanges && ledger.by(bucket) + others == exchanges,
                "{exchanges} exchanges are not as they should be: {ledger:?}"
            );
        }
        Ok(())
    }
}
