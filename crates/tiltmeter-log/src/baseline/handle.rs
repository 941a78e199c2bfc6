//! The baseline of now.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Acquire, Ordering::Release};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tiltmeter_stats::Baseline;

use super::BaselineWatch;
use super::file::FileSource;
use crate::error::BuildError;

/// The baseline that is used now, or none. Clones share it: who sets another one changes it for all.
///
/// It does not say of which model the baseline has to be: who uses it leaves one aside whose
/// [`subject`](Baseline::subject) is another model.
///
/// ```
/// use tiltmeter_log::BaselineHandle;
/// use tiltmeter_stats::Baseline;
///
/// let handle = BaselineHandle::new();
/// let before = handle.version();
/// handle.set(Baseline::new("churn", Vec::new(), None)?);
/// assert!(handle.version() > before);
/// assert_eq!(handle.current().as_deref().map(Baseline::subject), Some("churn"));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct BaselineHandle {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    version: AtomicU64,
    current: Mutex<Option<Arc<Baseline>>>,
}

impl BaselineHandle {
    /// Without a baseline.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With the baseline that the file has, and with whatever it has later on: a thread looks every `interval` whether its
    /// length or time of change are others, and reads it then.
    ///
    /// The file holds what [`Baseline::encode`] makes, up to 256 MiB. It is read for the first time before this returns. While
    /// it is not there, is damaged or of a later version of the encoding, the last good baseline stays, or none; that is logged
    /// once for each change, and [`BaselineWatch::last_error`] tells it. Replace the file by renaming another one to its
    /// name: of one that is written in place the half may be read, is refused, and read again when it has changed.
    ///
    /// # Errors
    /// A configuration error when `interval` is 0; when the thread cannot be started.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tiltmeter_log::BaselineHandle;
    /// use tiltmeter_stats::Baseline;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("churn.baseline");
    /// std::fs::write(&path, Baseline::new("churn", Vec::new(), None)?.encode())?;
    /// let (handle, watch) = BaselineHandle::watch_file(&path, Duration::from_secs(30))?;
    /// assert!(handle.current().is_some() && watch.last_error().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn watch_file(
        path: impl Into<PathBuf>,
        interval: Duration,
    ) -> Result<(Self, BaselineWatch), BuildError> {
        check(interval)?;
        let handle = Self::new();
        let watch = BaselineWatch::start(handle.clone(), FileSource::new(path.into()), interval, true)?;
        Ok((handle, watch))
    }

    /// The same of an object in a store. It is read for the first time by the thread, soon after this returns, and later on only
    /// when its entity tag has changed, or its size or time in a store without tags.
    ///
    /// # Errors
    /// A configuration error when `interval` is 0; when the thread cannot be started.
    #[cfg(feature = "parquet")]
    pub fn watch_object(
        store: Arc<dyn object_store::ObjectStore>,
        path: object_store::path::Path,
        interval: Duration,
    ) -> Result<(Self, BaselineWatch), BuildError> {
        check(interval)?;
        let handle = Self::new();
        let source = super::object::ObjectSource::new(store, path)?;
        let watch = BaselineWatch::start(handle.clone(), source, interval, false)?;
        Ok((handle, watch))
    }

    /// Sets the baseline; one with the id of the current one changes nothing.
    pub fn set(&self, baseline: impl Into<Arc<Baseline>>) {
        let baseline = baseline.into();
        let mut current = self.lock();
        if current.as_ref().is_none_or(|current| current.id() != baseline.id()) {
            *current = Some(baseline);
            self.shared.version.fetch_add(1, Release);
        }
    }

    /// The baseline; `None` until there is one.
    #[must_use]
    pub fn current(&self) -> Option<Arc<Baseline>> {
        self.lock().clone()
    }

    /// How often another baseline has been set: one atomic load, so that one may ask before each batch whether
    /// [`current`](Self::current) is another one. Take it before the baseline, not after.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.shared.version.load(Acquire)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<Baseline>>> {
        self.shared.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn check(interval: Duration) -> Result<(), BuildError> {
    if interval.is_zero() {
        return Err(BuildError::configuration("a baseline is to be looked for every 0 s, allowed: above 0"));
    }
    Ok(())
}

impl From<Baseline> for BaselineHandle {
    fn from(baseline: Baseline) -> Self {
        let handle = Self::new();
        handle.set(baseline);
        handle
    }
}

impl fmt::Debug for BaselineHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.current().map(|baseline| baseline.id());
        f.debug_struct("BaselineHandle").field("version", &self.version()).field("id", &id).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_baseline_is_a_change_and_clones_see_it() {
        let (churn, fraud) = (Baseline::new("churn", vec![], None), Baseline::new("fraud", vec![], None));
        let (churn, fraud) = (Arc::new(churn.unwrap()), Arc::new(fraud.unwrap()));
        let handle = BaselineHandle::new();
        let seen = handle.clone();
        assert_eq!((seen.version(), seen.current()), (0, None));
        handle.set(Arc::clone(&churn));
        handle.set(Arc::clone(&churn));
        assert_eq!((seen.version(), seen.current()), (1, Some(churn)));
        handle.set(Arc::clone(&fraud));
        assert_eq!((seen.version(), seen.current()), (2, Some(fraud)));
    }
}
