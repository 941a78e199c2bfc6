//! Objects that are written anew, each in the place of its own last version.
//!
//! A request whose answer was lost may be carried out late, after its successor. So each says which version it replaces, by
//! the store's tag of it, and one that comes too late is refused by the store.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use object_store::path::Path;
use object_store::{
    Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, Result, UpdateVersion,
};

/// Objects whose version is remembered; that of another one is asked for.
const MOST: usize = 64;

/// Looks at the version that is there, for one write.
const LOOKS: u32 = 3;

#[derive(Clone, Debug, Default)]
pub(super) struct Versions {
    known: Arc<Mutex<HashMap<Path, UpdateVersion>>>,
    /// The store cannot compare versions.
    is_blind: Arc<AtomicBool>,
}

impl Versions {
    /// Writes the object at `path`, in the place of the version that is there where there is one. A store that cannot
    /// compare versions overwrites what is there.
    pub(super) async fn replace(&self, store: &dyn ObjectStore, path: &Path, bytes: Bytes) -> Result<()> {
        // what became of the version that is written now is not known if nobody waits for the answer
        let known = self.known().remove(path);
        let mut mode = if self.is_blind.load(Relaxed) {
            PutMode::Overwrite
        } else {
            known.map_or(PutMode::Create, PutMode::Update)
        };
        let mut looks = 0;
        loop {
            let options = PutOptions { mode: mode.clone(), ..PutOptions::default() };
            let error = match store.put_opts(path, PutPayload::from(bytes.clone()), options).await {
                Ok(written) => {
                    self.remember(path, written.into());
                    return Ok(());
                }
                Err(error) => error,
            };
            mode = match &error {
                Error::AlreadyExists { .. } | Error::Precondition { .. } | Error::NotFound { .. }
                    if looks < LOOKS && !matches!(mode, PutMode::Overwrite) =>
                {
                    looks += 1;
                    there(store, path).await?
                }
                Error::NotImplemented { .. } | Error::NotSupported { .. }
                    if !matches!(mode, PutMode::Overwrite) =>
                {
                    self.is_blind.store(true, Relaxed);
                    PutMode::Overwrite
                }
                _ => return Err(error),
            };
        }
    }

    fn remember(&self, path: &Path, version: UpdateVersion) {
        let mut known = self.known();
        if known.len() >= MOST {
            known.clear();
        }
        if is_told(&version) {
            known.insert(path.clone(), version);
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Path, UpdateVersion>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the store has said which version it is.
fn is_told(version: &UpdateVersion) -> bool {
    version.e_tag.is_some() || version.version.is_some()
}

/// How to take the place of what is there.
async fn there(store: &dyn ObjectStore, path: &Path) -> Result<PutMode> {
    match store.head(path).await {
        Ok(meta) => {
            let version = UpdateVersion { e_tag: meta.e_tag, version: meta.version };
            Ok(if is_told(&version) { PutMode::Update(version) } else { PutMode::Overwrite })
        }
        Err(Error::NotFound { .. }) => Ok(PutMode::Create),
        Err(error) => Err(error),
    }
}
