//! Where files lie.

use std::fmt;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::error::Error;
use crate::limits::Limits;

/// Where labels or reference data lie: one Parquet file, or a folder of them.
///
/// Of a folder, all files count whose name ends with `.parquet`, in its folders as well. Those whose name begins with
/// `.` or `_`, or the name of a folder on the way to them, are left alone: they are not finished, or not data.
///
/// Links are followed. What cannot be listed is a [`FileProblem`](crate::FileProblem), and the others are read: a folder
/// without permission, a link that leads nowhere or in a circle, a name that is not UTF-8 or has control characters, a
/// pipe or device called `.parquet`, or a folder of that name without files. In a store given as
/// [`LocalFileSystem`](object_store::local::LocalFileSystem) the listing ends at the first such thing instead.
///
/// ```
/// use tiltmeter_store::Location;
///
/// assert_eq!(Location::local("data/labels.parquet").to_string(), "data/labels.parquet");
/// ```
#[derive(Clone, Debug)]
pub struct Location {
    pub(crate) place: Place,
    pub(crate) limits: Limits,
}

#[derive(Clone, Debug)]
pub(crate) enum Place {
    Local(PathBuf),
    Store { store: Arc<dyn ObjectStore>, path: Path },
}

impl Location {
    /// A file or folder on a local disk. Nothing is looked at until it is read.
    #[must_use]
    pub fn local(path: impl AsRef<FsPath>) -> Self {
        Self { place: Place::Local(path.as_ref().to_owned()), limits: Limits::default() }
    }

    /// An object of `store`, or all objects below a prefix.
    #[must_use]
    pub fn object_store(store: Arc<dyn ObjectStore>, path: Path) -> Self {
        Self { place: Place::Store { store, path }, limits: Limits::default() }
    }

    /// How large a file may be.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// A folder inside of this one, or a file: of a log's root, `gaps`, `profiles` or `rates`.
    #[must_use]
    pub fn join(&self, folder: &str) -> Self {
        let place = match &self.place {
            Place::Local(path) => Place::Local(path.join(folder)),
            Place::Store { store, path } => {
                Place::Store { store: Arc::clone(store), path: path.clone().join(folder) }
            }
        };
        Self { place, limits: self.limits }
    }

    /// Writes a file into this folder, as a whole or not at all.
    pub(crate) async fn put(&self, name: &str, bytes: Bytes) -> Result<(), Error> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            Error::storage(
                format!("cannot write {name} to {self}: check the place and its permissions"),
                error,
            )
        };
        let (store, path): (Arc<dyn ObjectStore>, Path) = match &self.place {
            Place::Local(folder) => {
                std::fs::create_dir_all(folder).map_err(|error| failed(error.into()))?;
                let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| failed(error.into()))?;
                (Arc::new(store), Path::from(name))
            }
            Place::Store { store, path } => (Arc::clone(store), path.clone().join(name)),
        };
        store.put(&path, bytes.into()).await.map(drop).map_err(|error| failed(error.into()))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Local(path) => path.display().fmt(f),
            Place::Store { store, path } => write!(f, "{path} in {store}"),
        }
    }
}
