//! The thread that looks whether there is another baseline.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tiltmeter_stats::Baseline;
#[cfg(feature = "parquet")]
use tokio::sync::Notify;

use super::BaselineHandle;
use crate::error::BuildError;

/// Where a baseline is looked for.
pub(super) trait Source: Send + 'static {
    /// What it is called in messages.
    fn name(&self) -> String;

    /// The bytes of the baseline; `None` where they are those of the last look. What it says of a failure is a clause. It ends
    /// soon after `stop` says so.
    fn look(&mut self, stop: &Stop) -> Result<Option<Vec<u8>>, String>;
}

/// Tells the thread to end, and wakes it.
#[derive(Default)]
pub(super) struct Stop {
    is_told: Mutex<bool>,
    told: Condvar,
    #[cfg(feature = "parquet")]
    notify: Notify,
}

impl Stop {
    fn is_told(&self) -> MutexGuard<'_, bool> {
        self.is_told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) {
        *self.is_told() = true;
        self.told.notify_all();
        #[cfg(feature = "parquet")]
        self.notify.notify_one();
    }

    /// Waits; tells whether the thread is to go on.
    fn wait(&self, interval: Duration) -> bool {
        let waited = self.told.wait_timeout_while(self.is_told(), interval, |is_told| !*is_told);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Ready once it has been told.
    #[cfg(feature = "parquet")]
    pub(super) async fn stopped(&self) {
        self.notify.notified().await;
    }
}

#[derive(Default)]
struct Shared {
    stop: Stop,
    last_error: Mutex<Option<String>>,
}

impl Shared {
    fn last_error(&self) -> MutexGuard<'_, Option<String>> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the baseline of a [`BaselineHandle`] up to date for as long as it lives. The handle keeps its last baseline
/// afterwards.
#[must_use = "no other baseline is looked for once it is dropped"]
pub struct BaselineWatch {
    name: String,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl BaselineWatch {
    /// Starts the thread. `is_first_here`: the first look is made before this returns.
    pub(super) fn start(
        handle: BaselineHandle,
        source: impl Source,
        interval: Duration,
        is_first_here: bool,
    ) -> Result<Self, BuildError> {
        let (name, shared) = (source.name(), Arc::<Shared>::default());
        let mut watcher = Watcher { handle, source, shared: Arc::clone(&shared) };
        if is_first_here {
            watcher.look();
        }
        let work = move || {
            if is_first_here && !watcher.shared.stop.wait(interval) {
                return;
            }
            loop {
                if catch_unwind(AssertUnwindSafe(|| watcher.look())).is_err() {
                    tracing::error!("the watch of a baseline has panicked: no other baseline is looked for");
                    *watcher.shared.last_error() = Some("the watch has panicked".to_owned());
                    return;
                }
                if !watcher.shared.stop.wait(interval) {
                    return;
                }
            }
        };
        let thread = thread::Builder::new()
            .name("tiltmeter-base".to_owned())
            .spawn(work)
            .map_err(BuildError::thread)?;
        Ok(Self { name, shared, thread: Some(thread) })
    }

    /// Why the last look found no baseline, as one clause; `None` when it found one, or the one that is used already.
    #[must_use]
    pub fn last_error(&self) -> Option<String> {
        self.shared.last_error().clone()
    }

    /// Ends the watch, and waits until its thread has ended: at once, but for a read from a disk that hangs. Dropping it does
    /// not wait.
    pub fn stop(mut self) {
        self.shared.stop.tell();
        if let Some(thread) = self.thread.take() {
            // it catches its panics
            let _ = thread.join();
        }
    }
}

impl Drop for BaselineWatch {
    fn drop(&mut self) {
        self.shared.stop.tell();
    }
}

impl fmt::Debug for BaselineWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BaselineWatch")
            .field("source", &self.name)
            .field("last_error", &self.last_error())
            .finish_non_exhaustive()
    }
}

/// What the thread does.
struct Watcher<S> {
    handle: BaselineHandle,
    source: S,
    shared: Arc<Shared>,
}

impl<S: Source> Watcher<S> {
    fn look(&mut self) {
        let found = match self.source.look(&self.shared.stop) {
            Ok(None) => return,
            Ok(Some(bytes)) => {
                Baseline::decode(&bytes).map_err(|error| format!("the baseline is refused: {error}"))
            }
            Err(error) => Err(error),
        };
        match found {
            Ok(baseline) => {
                let is_other = self.handle.current().is_none_or(|current| current.id() != baseline.id());
                if is_other {
                    let (id, subject) = (baseline.id(), baseline.subject());
                    tracing::info!(source = %self.source.name(), %id, subject, "a baseline has been read");
                }
                self.handle.set(baseline);
                *self.shared.last_error() = None;
            }
            Err(error) => {
                let mut last = self.shared.last_error();
                if last.as_ref() != Some(&error) {
                    tracing::warn!(source = %self.source.name(), %error, "no other baseline: the last one is kept");
                    *last = Some(error);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::baseline::file::FileSource;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn encoded(subject: &str) -> Vec<u8> {
        Baseline::new(subject, vec![], None).unwrap().encode()
    }

    fn watcher(source: impl Source) -> Watcher<impl Source> {
        Watcher { handle: BaselineHandle::new(), source, shared: Arc::default() }
    }

    impl<S: Source> Watcher<S> {
        /// The subject after another look, and whether there is an error.
        fn found(&mut self) -> (Option<String>, bool) {
            self.look();
            let subject = self.handle.current().map(|baseline| baseline.subject().to_owned());
            (subject, self.shared.last_error().is_some())
        }
    }

    /// As a deployment does it: the old one is there until the new one is.
    fn replace(path: &Path, bytes: &[u8]) {
        let next = path.with_extension("next");
        fs::write(&next, bytes).unwrap();
        fs::rename(next, path).unwrap();
    }

    #[test]
    fn the_last_good_baseline_stays_whatever_becomes_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baseline");
        let mut watcher = watcher(FileSource::new(path.clone()));
        assert_eq!(watcher.found(), (None, true), "there is none yet");
        replace(&path, &encoded("a"));
        assert_eq!(watcher.found(), (Some("a".into()), false));
        assert_eq!(watcher.found(), (Some("a".into()), false), "it is as it was");
        let mut damaged = encoded("bb");
        damaged[20] ^= 1;
        replace(&path, &damaged);
        assert_eq!(watcher.found(), (Some("a".into()), true));
        assert_eq!(watcher.found(), (Some("a".into()), true), "it still is, and is not read again");
        replace(&path, &encoded("ccc"));
        assert_eq!(watcher.found(), (Some("ccc".into()), false));
        fs::remove_file(&path).unwrap();
        assert_eq!(watcher.found(), (Some("ccc".into()), true));
        replace(&path, &encoded("ccc"));
        assert_eq!(watcher.found(), (Some("ccc".into()), false));
        assert_eq!(watcher.handle.version(), 2);
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baseline");
        // sparse: it takes no room
        fs::File::create(&path).unwrap().set_len(super::super::MAX_LEN + 1).unwrap();
        let mut watcher = watcher(FileSource::new(path));
        assert_eq!(watcher.found(), (None, true));
        assert!(watcher.shared.last_error().clone().unwrap().contains("256 MiB"));
    }

    #[test]
    fn it_ends_when_it_is_told_and_not_when_its_interval_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baseline");
        fs::write(&path, encoded("a")).unwrap();
        let (handle, watch) = BaselineHandle::watch_file(&path, HOUR).unwrap();
        assert!(handle.current().is_some(), "it is there from the beginning");
        watch.stop();
        assert!(BaselineHandle::watch_file(&path, Duration::ZERO).unwrap_err().is_configuration());
    }

    #[cfg(feature = "parquet")]
    #[test]
    fn an_object_is_read_when_its_tag_has_changed() {
        use object_store::memory::InMemory;
        use object_store::{ObjectStore, ObjectStoreExt as _};

        use crate::baseline::object::ObjectSource;

        let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let path = object_store::path::Path::from("baselines/a");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let put = |bytes: Vec<u8>| runtime.block_on(store.put(&path, bytes.into())).unwrap();
        let mut watcher = watcher(ObjectSource::new(Arc::clone(&store), path.clone()).unwrap());
        assert_eq!(watcher.found(), (None, true), "there is none yet");
        put(encoded("a"));
        assert_eq!(watcher.found(), (Some("a".into()), false));
        assert_eq!(watcher.source.look(&Stop::default()), Ok(None), "it is as it was");
        put(b"damaged".to_vec());
        assert_eq!(watcher.found(), (Some("a".into()), true));
        put(encoded("b"));
        assert_eq!(watcher.found(), (Some("b".into()), false));
        runtime.block_on(store.delete(&path)).unwrap();
        assert_eq!(watcher.found(), (Some("b".into()), true));
        let (_, watch) = BaselineHandle::watch_object(store, path, HOUR).unwrap();
        watch.stop();
    }

    /// A runtime must not be dropped where another one runs.
    #[cfg(feature = "parquet")]
    #[tokio::test]
    async fn an_object_may_be_watched_and_refused_within_a_runtime() {
        let store = || Arc::new(object_store::memory::InMemory::new());
        let path = object_store::path::Path::from("baselines/a");
        let refused = BaselineHandle::watch_object(store(), path.clone(), Duration::ZERO);
        assert!(refused.unwrap_err().is_configuration());
        drop(crate::baseline::object::ObjectSource::new(store(), path.clone()).unwrap());
        let (_, watch) = BaselineHandle::watch_object(store(), path, HOUR).unwrap();
        watch.stop();
    }
}
