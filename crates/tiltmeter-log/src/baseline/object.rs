//! A baseline in an object store.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use object_store::path::Path;
use object_store::{Error, GetOptions, ObjectMeta, ObjectStore};
use tokio::runtime::Runtime;

use super::MAX_LEN;
use super::watch::{Source, Stop};
use crate::error::BuildError;

/// After which a look is given up. The next one comes with the interval.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct ObjectSource {
    store: Arc<dyn ObjectStore>,
    path: Path,
    /// What the object was like when it was read.
    read: Option<ObjectMeta>,
    /// Until it is dropped.
    runtime: Option<Runtime>,
}

impl ObjectSource {
    pub(super) fn new(store: Arc<dyn ObjectStore>, path: Path) -> Result<Self, BuildError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .thread_name("tiltmeter-io")
            .enable_all()
            .build()
            .map_err(BuildError::thread)?;
        Ok(Self { store, path, read: None, runtime: Some(runtime) })
    }
}

/// The object, unless it is as it was.
async fn get(
    store: &dyn ObjectStore,
    path: &Path,
    read: &mut Option<ObjectMeta>,
) -> Result<Option<Vec<u8>>, String> {
    let tag = read.as_ref().and_then(|read| read.e_tag.clone());
    let result = match store.get_opts(path, GetOptions { if_none_match: tag, ..GetOptions::default() }).await
    {
        Ok(result) => result,
        Err(Error::NotModified { .. }) => return Ok(None),
        Err(error) => {
            // what comes back is read again, also where its tag is the old one
            *read = None;
            return Err(format!("cannot read the baseline: {error}"));
        }
    };
    let meta = result.meta.clone();
    if read.as_ref() == Some(&meta) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let mut parts = result.into_stream();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| format!("cannot read the baseline: {error}"))?;
        if bytes.len() as u64 + part.len() as u64 > MAX_LEN {
            *read = Some(meta);
            return Err("cannot read the baseline: it is larger than 256 MiB".to_owned());
        }
        bytes.extend_from_slice(&part);
    }
    *read = Some(meta);
    Ok(Some(bytes))
}

impl Source for ObjectSource {
    fn name(&self) -> String {
        self.path.to_string()
    }

    fn look(&mut self, stop: &Stop) -> Result<Option<Vec<u8>>, String> {
        let Self { store, path, read, runtime } = self;
        let Some(runtime) = runtime else { return Ok(None) };
        runtime.block_on(async {
            let look = tokio::time::timeout(PATIENCE, get(store.as_ref(), path, read));
            match select(pin!(look), pin!(stop.stopped())).await {
                Either::Left((Ok(found), _)) => found,
                Either::Left((Err(_), _)) => {
                    Err("cannot read the baseline: the store does not answer".to_owned())
                }
                Either::Right(_) => Ok(None),
            }
        })
    }
}

impl Drop for ObjectSource {
    fn drop(&mut self) {
        // it would wait for blocking calls to the disk, which may hang, and must not where another runtime runs
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
