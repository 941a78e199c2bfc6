//! A process that forks: the child has the handle of the log and none of its threads.
//!
//! Without the harness, so that no other test has threads in the process that forks.
#![cfg_attr(unix, expect(clippy::unwrap_used, clippy::expect_used, reason = "tests"))]

#[cfg(unix)]
fn main() {
    unix::main();
}

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
mod unix {
    use std::convert::Infallible;
    use std::process::exit;
    use std::thread;
    use std::time::Duration;

    use axum::body::{Body, Bytes};
    use fork::{Fork, fork, waitpid};
    use futures_util::FutureExt as _;
    use http::{Request, Response};
    use http_body_util::BodyExt as _;
    use tiltmeter::log::{LoggedBody, MemorySink};
    use tiltmeter::record::ExchangeDrop;
    use tiltmeter::{FlushOutcome, LogBuilder, LogGuard, LogHandle, ShutdownOutcome};
    use tiltmeter_tests::{SPEC, model};
    use tower::{Layer as _, ServiceExt as _, service_fn};

    const LONG: Duration = Duration::from_secs(20);
    const QUEUE: usize = 8;

    fn start() -> (LogHandle, LogGuard, MemorySink) {
        let rows = MemorySink::default();
        let builder = LogBuilder::new().with_model(model(SPEC)).with_queue_items(QUEUE);
        let (log, guard) = builder.with_sink(rows.clone()).build().unwrap();
        (log, guard, rows)
    }

    async fn predict(request: Request<LoggedBody<Body>>) -> Result<Response<String>, Infallible> {
        let mut body = request.into_body();
        while body.frame().await.is_some() {}
        Ok(Response::new(r#"{"score":0.5}"#.to_owned()))
    }

    /// Without a runtime: a request through the layer waits for nothing.
    fn send(log: &LogHandle) {
        let exchange = async {
            let request = Request::post("/predict").body(Body::from(r#"{"age":40}"#)).unwrap();
            let response = log.layer().layer(service_fn(predict)).oneshot(request).await.unwrap();
            let mut body = response.into_body();
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.data_ref().map(Bytes::as_ref), Some(br#"{"score":0.5}"#.as_slice()));
            assert!(body.frame().await.is_none());
        };
        exchange.now_or_never().expect("nothing of the log is waited for");
    }

    /// What the child sees of the log of its parent, and that a log of its own is as good as any.
    fn in_the_child(log: &LogHandle) {
        for _ in 0..20 {
            send(log);
        }
        let exchanges = log.ledgers().exchanges;
        assert_eq!((exchanges.observed, exchanges.decoded), (3 + 20, 3), "nobody empties the queue");
        assert_eq!(exchanges.dropped.by(ExchangeDrop::QueueFull), 20 - QUEUE as u64);
        assert_eq!(log.queue_depth().exchanges, QUEUE);

        let (own, guard, rows) = start();
        send(&own);
        assert_eq!(guard.shutdown_blocking(LONG).outcome, ShutdownOutcome::Complete);
        assert_eq!(rows.take().len(), 1);
    }

    pub(super) fn main() {
        let (log, guard, rows) = start();
        (0..3).for_each(|_| send(&log));
        assert_eq!(log.flush_blocking(LONG), FlushOutcome::Complete);

        match fork().unwrap() {
            Fork::Child => {
                // a child that hangs must not outlive the test
                thread::spawn(|| {
                    thread::park_timeout(Duration::from_secs(60));
                    exit(2);
                });
                let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| in_the_child(&log)));
                exit(i32::from(result.is_err()));
            }
            Fork::Parent(child) => {
                let status = waitpid(child).unwrap();
                assert_eq!(status, 0, "the child failed: 1 << 8 if it panicked, 2 << 8 if it hung");
            }
        }

        (0..2).for_each(|_| send(&log));
        let report = guard.shutdown_blocking(LONG);
        assert_eq!((report.outcome, report.ledgers.exchanges.observed), (ShutdownOutcome::Complete, 5));
        assert_eq!(rows.take().len(), 5, "what the child offered is the child's");
    }
}
