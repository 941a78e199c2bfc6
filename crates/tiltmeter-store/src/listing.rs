//! Which files there are.

use std::fs;
use std::io;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;

use futures_util::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::error::Error;
use crate::location::{Location, Place};

/// The Parquet files of a location, in the order of their paths.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) files: Vec<Entry>,
}

/// A file.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) path: Path,
    /// Its path, as people know it.
    pub(crate) shown: String,
    /// The folder between the location and the file that comes first.
    pub(crate) first_folder: Option<String>,
}

impl Listing {
    /// The files of a folder; none when there is no such folder.
    pub(crate) async fn folder(location: &Location) -> Result<Self, Error> {
        match &location.place {
            Place::Local(path) => Self::local(location, path).await,
            Place::Store { store, path } => {
                Self::below(location, Arc::clone(store), path, ToString::to_string).await
            }
        }
    }

    /// The files of a folder, or the one file that lies there: at least one. `what` is what they hold.
    pub(crate) async fn needed(location: &Location, what: &str) -> Result<Self, Error> {
        let mut listing = Self::folder(location).await?;
        // only when nothing is below it: some stores answer for a folder as for an object
        if listing.files.is_empty()
            && let Place::Store { store, path } = &location.place
            && !path.is_root()
        {
            match store.head(path).await {
                Ok(_) => listing = Self::one(Arc::clone(store), path.clone(), path.to_string()),
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(cannot_list(location, error)),
            }
        }
        if listing.files.is_empty() {
            return Err(Error::not_found(format!(
                "there are no {what} at {location}: check the path, which must be that of a parquet file, or of a \
                 folder with files that end with .parquet"
            )));
        }
        Ok(listing)
    }

    pub(crate) fn len(&self) -> u64 {
        u64::try_from(self.files.len()).unwrap_or(u64::MAX)
    }

    async fn local(location: &Location, path: &FsPath) -> Result<Self, Error> {
        let is_folder = match fs::metadata(path) {
            Ok(metadata) => metadata.is_dir(),
            Err(error) if is_absent(&error) => return Ok(Self::nothing()),
            Err(error) => return Err(cannot_list(location, error)),
        };
        let open = |folder: &FsPath| match LocalFileSystem::new_with_prefix(folder) {
            Ok(store) => Ok(Arc::new(store) as Arc<dyn ObjectStore>),
            Err(error) => Err(cannot_list(location, error)),
        };
        if is_folder {
            let shown = |found: &Path| path.join(found.as_ref()).display().to_string();
            return Self::below(location, open(path)?, &Path::default(), shown).await;
        }
        // the name is taken from the real path: that of `data/..` is none
        let real: PathBuf = fs::canonicalize(path).map_err(|error| cannot_list(location, error))?;
        let (Some(folder), Some(name)) = (real.parent(), real.file_name()) else {
            return Ok(Self::nothing());
        };
        let name = Path::parse(name.to_string_lossy()).map_err(|error| cannot_list(location, error))?;
        Ok(Self::one(open(folder)?, name, path.display().to_string()))
    }

    fn nothing() -> Self {
        Self { store: Arc::new(LocalFileSystem::new()), files: Vec::new() }
    }

    fn one(store: Arc<dyn ObjectStore>, path: Path, shown: String) -> Self {
        Self { store, files: vec![Entry { path, shown, first_folder: None }] }
    }

    async fn below(
        location: &Location,
        store: Arc<dyn ObjectStore>,
        folder: &Path,
        shown: impl Fn(&Path) -> String,
    ) -> Result<Self, Error> {
        let mut objects: Vec<_> =
            store.list(Some(folder)).try_collect().await.map_err(|error| cannot_list(location, error))?;
        objects.sort_unstable_by(|one, other| one.location.cmp(&other.location));
        let files = objects
            .into_iter()
            .filter_map(|object| {
                let first_folder = data_file(&object.location, folder)?;
                Some(Entry { shown: shown(&object.location), path: object.location, first_folder })
            })
            .collect();
        Ok(Self { store, files })
    }
}

/// Whether `path` is a data file below `folder`; if so, the first folder on the way to it.
fn data_file(path: &Path, folder: &Path) -> Option<Option<String>> {
    let mut parts: Vec<_> = path.prefix_match(folder)?.collect();
    if parts.iter().any(|part| part.as_ref().starts_with(['.', '_'])) {
        return None;
    }
    let name = parts.pop()?;
    name.as_ref().ends_with(".parquet").then(|| parts.first().map(|part| part.as_ref().to_owned()))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn cannot_list(location: &Location, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::storage(format!("cannot list the files of {location}: check the place and its permissions"), error)
}
