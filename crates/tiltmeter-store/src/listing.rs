//! Which files there are.

use std::fs;
use std::path::Path as FsPath;
use std::sync::Arc;

use futures_util::StreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::error::Error;
use crate::limits::Limits;
use crate::location::{Location, Place};
use crate::problem::Reason;
use crate::walk;

/// The Parquet files of a location, in the order of their paths.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) files: Vec<Entry>,
    pub(crate) limits: Limits,
}

/// A file, or what cannot be listed.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Where its bytes are, or why they cannot be had.
    pub(crate) object: Result<Path, Reason>,
    /// Its path, as people know it.
    pub(crate) shown: String,
    /// The folder that comes first on the way from the location to it; of a folder that cannot be listed, itself.
    pub(crate) first_folder: Option<String>,
}

impl Listing {
    /// The files of a folder; none when there is no such folder.
    pub(crate) async fn folder(location: &Location) -> Result<Self, Error> {
        let (store, mut files) = match &location.place {
            Place::Local(path) => local(location, path)?,
            Place::Store { store, path } => (Arc::clone(store), below(location, store, path).await?),
        };
        files.sort_by(|one, other| one.shown.cmp(&other.shown));
        Ok(Self { store, files, limits: location.limits })
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
                Ok(_) => listing.files.push(one(Ok(path.clone()), path.to_string())),
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
}

/// A file that lies at the location itself.
fn one(object: Result<Path, Reason>, shown: String) -> Entry {
    Entry { object, shown, first_folder: None }
}

fn local(location: &Location, path: &FsPath) -> Result<(Arc<dyn ObjectStore>, Vec<Entry>), Error> {
    let nothing = || Arc::new(LocalFileSystem::new());
    let open = |folder: &FsPath| match LocalFileSystem::new_with_prefix(folder) {
        Ok(store) => Ok(Arc::new(store)),
        Err(error) => Err(cannot_list(location, error)),
    };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if walk::is_absent(&error) => return Ok((nothing(), Vec::new())),
        Err(error) => return Err(cannot_list(location, error)),
    };
    if metadata.is_dir() {
        let files = walk::files(path).map_err(|error| cannot_list(location, error))?;
        return Ok((open(path)?, files));
    }
    let shown = path.display().to_string();
    if !metadata.is_file() {
        return Ok((nothing(), vec![one(Err(walk::not_a_file()), shown)]));
    }
    // the name is taken from the real path: that of `data/..` is none
    let real = fs::canonicalize(path).map_err(|error| cannot_list(location, error))?;
    let (Some(folder), Some(name)) = (real.parent(), real.file_name()) else {
        return Ok((nothing(), Vec::new()));
    };
    Ok((open(folder)?, vec![one(walk::object(FsPath::new(name)), shown)]))
}

async fn below(
    location: &Location,
    store: &Arc<dyn ObjectStore>,
    folder: &Path,
) -> Result<Vec<Entry>, Error> {
    let mut files = Vec::new();
    let mut objects = store.list(Some(folder));
    while let Some(object) = objects.next().await {
        match object {
            Ok(object) => {
                let path = object.location;
                if let Some(first_folder) = data_file(&path, folder) {
                    files.push(Entry { shown: path.to_string(), object: Ok(path), first_folder });
                }
            }
            // one bad name or folder, but the end of the listing: others of the store would fail as a whole
            Err(error @ object_store::Error::Generic { store: "LocalFileSystem", .. }) => {
                files.push(one(Err(Reason::cut_listing(&error)), folder.to_string()));
                break;
            }
            Err(error) => return Err(cannot_list(location, error)),
        }
    }
    Ok(files)
}

/// Whether `path` is a data file below `folder`; if so, the first folder on the way to it.
fn data_file(path: &Path, folder: &Path) -> Option<Option<String>> {
    let mut parts: Vec<_> = path.prefix_match(folder)?.collect();
    if parts.iter().any(|part| walk::is_left_alone(part.as_ref())) {
        return None;
    }
    let name = parts.pop()?;
    walk::is_data(name.as_ref()).then(|| parts.first().map(|part| part.as_ref().to_owned()))
}

fn cannot_list(location: &Location, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::storage(format!("cannot list the files of {location}: check the place and its permissions"), error)
}
