//! Publishing: an object is tried until it is there, or is given up.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use object_store::path::Path;
use tokio::sync::Semaphore;
use tokio::time::{timeout, timeout_at};

use super::place::{Found, Place};
use super::schema::Columns;
use crate::sink::retry::{Attempts, Breaker, Failure, Permit, RetryPolicy};

const OUT_OF_REACH: &str = "the store is out of reach, and is given a rest";

/// How a file's publication has ended.
#[derive(Debug)]
pub(super) enum Published {
    /// It is there.
    Written,
    /// It is not there, and will not come.
    Failed(String),
    /// Nobody knows: a request that had no answer may still be carried out.
    Unknown(String),
}

pub(super) struct Publisher {
    pub(super) place: Place,
    pub(super) retry: RetryPolicy,
    /// Of one attempt, and of reading back.
    pub(super) attempt: Duration,
    pub(super) breaker: Breaker,
    /// Attempts that are made at a time.
    pub(super) slots: Semaphore,
    pub(super) rng: Mutex<fastrand::Rng>,
    /// The markers that are known to be there.
    pub(super) marked: Mutex<HashSet<Path>>,
}

/// What one attempt has shown.
enum Attempted {
    Ended(Published),
    /// It was not written.
    NotWritten(String),
    /// It may have been written, or may still come.
    Unclear(String),
}

impl Publisher {
    pub(super) fn attempts(&self) -> Attempts {
        self.retry.begin(self.rng.lock().unwrap_or_else(PoisonError::into_inner).fork())
    }

    /// Waits until the store has had its rest; tells whether that was in time for another attempt.
    pub(super) async fn has_rested(&self, attempts: &Attempts) -> bool {
        // who goes first then is decided when it is tried
        attempts.admit(&self.breaker).await.is_some()
    }

    /// Creates the object at `path`: as often as the policy allows, and not while the breaker is open.
    pub(super) async fn publish(&self, path: &Path, bytes: &Bytes) -> Published {
        let mut attempts = self.attempts();
        let mut is_unclear = false;
        let mut why = OUT_OF_REACH.to_owned();
        loop {
            // the slots are never closed
            let Ok(slot) = timeout_at(attempts.until(), self.slots.acquire()).await else { break };
            let Some(permit) = attempts.admit(&self.breaker).await else { break };
            let attempted = self.attempt(permit, path, bytes).await;
            drop(slot);
            match attempted {
                Attempted::Ended(Published::Failed(why)) if is_unclear => return Published::Unknown(why),
                Attempted::Ended(published) => return published,
                Attempted::NotWritten(error) => why = error,
                Attempted::Unclear(error) => {
                    is_unclear = true;
                    why = error;
                }
            }
            if !attempts.pause().await {
                break;
            }
        }
        if is_unclear { Published::Unknown(why) } else { Published::Failed(why) }
    }

    async fn attempt(&self, permit: Permit<'_>, path: &Path, bytes: &Bytes) -> Attempted {
        let (failure, why) = match timeout(self.attempt, self.place.create(path, bytes.clone())).await {
            Ok(Ok(())) => {
                permit.answered();
                return Attempted::Ended(Published::Written);
            }
            Ok(Err(error)) => (Failure::of(&error), error.to_string()),
            Err(_) => (Failure::UnderWay, "the store did not answer in time".to_owned()),
        };
        match failure {
            Failure::Final => {
                permit.answered();
                return Attempted::Ended(Published::Failed(why));
            }
            Failure::NotWritten => {
                permit.failed(&why);
                return Attempted::NotWritten(why);
            }
            Failure::Unclear | Failure::UnderWay | Failure::Taken => {}
        }
        if self.place.is_writing(path) {
            // what is read now says nothing, and would hang as well
            permit.failed(&why);
            return Attempted::Unclear(why);
        }
        let found = timeout(self.attempt, self.place.find(path, bytes)).await;
        match found {
            Ok(Ok(Found::Ours)) => {
                permit.answered();
                Attempted::Ended(Published::Written)
            }
            Ok(Ok(Found::Another)) => {
                permit.answered();
                Attempted::Ended(Published::Failed(format!("there is another object of that name: {why}")))
            }
            Ok(Ok(Found::Nothing)) if failure != Failure::UnderWay => {
                permit.failed(&why);
                Attempted::NotWritten(why)
            }
            Ok(Ok(Found::Nothing) | Err(_)) | Err(_) => {
                permit.failed(&why);
                Attempted::Unclear(why)
            }
        }
    }

    /// Writes an object anew, once. It fails at once while the store is given a rest.
    pub(super) async fn replace(&self, path: &Path, bytes: Bytes) -> Result<(), String> {
        let Some(permit) = self.breaker.admit_unless_open().await else {
            return Err(OUT_OF_REACH.to_owned());
        };
        let failed = match timeout(self.attempt, self.place.replace(path, bytes)).await {
            Ok(Ok(())) => {
                permit.answered();
                return Ok(());
            }
            Ok(Err(error)) if Failure::of(&error) == Failure::Final => {
                permit.answered();
                return Err(error.to_string());
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the store did not answer in time".to_owned(),
        };
        permit.failed(&failed);
        Err(failed)
    }

    /// Leaves a marker of the types of a model's columns, if it is not known to be there. It is tried once: the next file of
    /// the model tries again.
    pub(super) async fn mark(&self, columns: &Columns) {
        /// More than the models of a process, each with some changes of its spec.
        const KNOWN: usize = 10_000;
        let path = columns.marker(&self.place.root);
        if self.known_markers().contains(&path) || self.breaker.is_open() {
            return;
        }
        let created = timeout(self.attempt, self.place.create(&path, columns.to_json())).await;
        let is_there = match created {
            Ok(Ok(())) => true,
            // it is named by its content
            Ok(Err(error)) => Failure::of(&error) == Failure::Taken,
            Err(_) => false,
        };
        let mut known = self.known_markers();
        if is_there && known.len() < KNOWN {
            known.insert(path);
        }
    }

    /// Removes what is not needed between two files.
    pub(super) async fn tidy(&self) {
        // a disk that hangs is not waited for
        let _ = timeout(self.attempt, self.place.tidy()).await;
    }

    pub(super) fn known_markers(&self) -> MutexGuard<'_, HashSet<Path>> {
        self.marked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher").field("place", &self.place).finish_non_exhaustive()
    }
}
