//! Waits that fail where they would hang.

use std::future::Future;
use std::panic::{Location, resume_unwind};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// Long enough for a machine that builds something else at the same time.
const PATIENCE: Duration = Duration::from_secs(20);

/// For what moves a hundred megabytes.
const LONG_PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `condition` holds; panics when it does not within 20 seconds.
#[track_caller]
pub fn until(mut condition: impl FnMut() -> bool) -> impl Future<Output = ()> {
    let asked_at = Location::caller();
    async move {
        let holds = async {
            while !condition() {
                tokio::task::yield_now().await;
            }
        };
        let held = tokio::time::timeout(PATIENCE, holds).await;
        assert!(held.is_ok(), "it never came to what {asked_at} waits for");
    }
}

/// The output of `work`; panics when it is not there within 60 seconds.
#[track_caller]
pub fn within<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let asked_at = Location::caller();
    async move {
        let done = tokio::time::timeout(LONG_PATIENCE, work).await;
        assert!(done.is_ok(), "what {asked_at} waits for never ended");
        done.unwrap()
    }
}

/// Does `work`, which blocks, on a thread of its own; panics when it is not done within 60 seconds.
#[track_caller]
pub fn within_a_minute(work: impl FnOnce() + Send + 'static) {
    let (done, is_done) = sync_channel(1);
    let thread = thread::spawn(move || {
        work();
        let _ = done.send(());
    });
    let waited = is_done.recv_timeout(LONG_PATIENCE);
    assert_ne!(waited, Err(RecvTimeoutError::Timeout), "it never ended");
    if let Err(panic) = thread.join() {
        resume_unwind(panic);
    }
}
