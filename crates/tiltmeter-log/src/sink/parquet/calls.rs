//! Calls to a local disk, which nobody can take back.
//!
//! A thread that waits for a disk that hangs goes on waiting, and holds what it was given, also when nobody waits for it
//! any more. So a call runs to its end by itself, and as long as it does no other one of its name begins: an older write
//! cannot come after a newer one, and what hangs is bounded.

use std::collections::HashSet;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use object_store::path::Path;
use object_store::{Error, Result};

/// Calls that may be out at a time: far more than there are while a disk answers, and fewer than there are threads.
const MOST: usize = 256;

#[derive(Clone, Debug, Default)]
pub(super) struct Calls(Arc<Mutex<HashSet<Path>>>);

/// A call that is out, until it is dropped.
struct Call {
    calls: Calls,
    path: Path,
}

impl Calls {
    /// Makes the call for `path`. Whoever stops waiting for it does not end it.
    ///
    /// # Errors
    /// Those of the call, and one that has timed out where an earlier one of that name, or too many of all, are out.
    pub(super) async fn make<T: Send + 'static>(
        &self,
        path: &Path,
        call: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let Some(out) = self.begin(path) else {
            let source = io::Error::new(ErrorKind::TimedOut, "earlier calls to the disk hang").into();
            return Err(Error::Generic { store: "local", source });
        };
        let ended = tokio::spawn(async move {
            let ended = call.await;
            drop(out);
            ended
        });
        ended.await?
    }

    /// Whether a call for `path` is out.
    pub(super) fn is_out(&self, path: &Path) -> bool {
        self.paths().contains(path)
    }

    fn begin(&self, path: &Path) -> Option<Call> {
        let mut paths = self.paths();
        let may_go = paths.len() < MOST && paths.insert(path.clone());
        may_go.then(|| Call { calls: self.clone(), path: path.clone() })
    }

    fn paths(&self) -> MutexGuard<'_, HashSet<Path>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.calls.paths().remove(&self.path);
    }
}
