//! A store, and how an object comes to be in it whole or not at all.
//!
//! A cloud store's `put` is atomic by itself. A local file is written to a staging folder, outside of the table, and then
//! linked to its name, which fails where the name is taken; a rename would overwrite.

use std::error::Error as StdError;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bytes::Bytes;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, Result};

use super::calls::Calls;
use super::versions::Versions;

/// Where a local file is until it is whole. The dot keeps readers out, whatever folder they are pointed at.
pub(super) const STAGING: &str = ".staging";

/// Bytes that are read at a time when an object is compared with what was written.
const PIECE: u64 = 4 << 20;

/// What is found under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Ours,
    Another,
}

#[derive(Clone)]
pub(super) struct Place {
    pub(super) store: Arc<dyn ObjectStore>,
    /// What stands before every path.
    pub(super) root: Path,
    pub(super) kind: Kind,
}

#[derive(Clone)]
pub(super) enum Kind {
    Cloud(Versions),
    Disk(Disk),
}

/// A local folder.
#[derive(Clone)]
pub(super) struct Disk {
    root: PathBuf,
    /// Whether files and folders are synced before a file counts as written.
    fsync: bool,
    calls: Calls,
    /// Sets what this sink stages apart from what others do.
    sink: u64,
    staged: Arc<AtomicU64>,
}

impl Place {
    /// A store whose `put` is atomic, and what stands before every path.
    pub(super) fn cloud(store: Arc<dyn ObjectStore>, root: Path) -> Self {
        Self { store, root, kind: Kind::Cloud(Versions::default()) }
    }

    /// The local folder `root`, which is that of `store`.
    pub(super) fn disk(store: Arc<dyn ObjectStore>, root: PathBuf, fsync: bool) -> Self {
        let (calls, sink) = (Calls::default(), fastrand::u64(..));
        let disk = Disk { root, fsync, calls, sink, staged: Arc::default() };
        Self { store, root: Path::default(), kind: Kind::Disk(disk) }
    }

    /// Writes a new object; fails where there is one.
    pub(super) async fn create(&self, path: &Path, bytes: Bytes) -> Result<()> {
        let Kind::Disk(disk) = self.kind.clone() else {
            let create = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            return self.store.put_opts(path, PutPayload::from(bytes), create).await.map(drop);
        };
        let (this, to, calls) = (self.clone(), path.clone(), disk.calls.clone());
        let created = async move {
            let staged = this.stage(&disk, &to, bytes).await?;
            let moved = this.move_new(&staged, &to).await;
            this.ended(&disk, &staged, &to, moved).await
        };
        calls.make(path, created).await
    }

    /// Writes an object, in the place of an earlier one where there is one.
    pub(super) async fn replace(&self, path: &Path, bytes: Bytes) -> Result<()> {
        let disk = match self.kind.clone() {
            Kind::Cloud(versions) => return versions.replace(&*self.store, path, bytes).await,
            Kind::Disk(disk) => disk,
        };
        let (this, to, calls) = (self.clone(), path.clone(), disk.calls.clone());
        let replaced = async move {
            let staged = this.stage(&disk, &to, bytes).await?;
            let moved = this.store.rename(&staged, &to).await;
            this.ended(&disk, &staged, &to, moved).await
        };
        calls.make(path, replaced).await
    }

    /// Whether a write of the object has begun that has not ended, though nobody may wait for it any more.
    pub(super) fn is_writing(&self, path: &Path) -> bool {
        matches!(&self.kind, Kind::Disk(disk) if disk.calls.is_out(path))
    }

    async fn stage(&self, disk: &Disk, path: &Path, bytes: Bytes) -> Result<Path> {
        let number = disk.staged.fetch_add(1, Relaxed);
        // two paths may have one file name: that of the folder's kind and the writer
        let name = format!("{}~{:016x}-{number}", path.as_ref().replace('/', "~"), disk.sink);
        let staged = Path::from(STAGING).join(name);
        let written = self.store.put(&staged, PutPayload::from(bytes)).await.map(drop);
        let synced = match written {
            Ok(()) if disk.fsync => sync(disk.root.clone(), vec![staged.clone()]).await,
            other => other,
        };
        match synced {
            Ok(()) => Ok(staged),
            Err(error) => {
                self.discard(&staged).await;
                Err(error)
            }
        }
    }

    /// Moves a staged file to a name that must be free.
    async fn move_new(&self, staged: &Path, path: &Path) -> Result<()> {
        match self.store.rename_if_not_exists(staged, path).await {
            // file systems without hard links; the names of our files are unique
            Err(error) if is_without_links(&error) => match self.store.head(path).await {
                Err(Error::NotFound { .. }) => self.store.rename(staged, path).await,
                Ok(_) => Err(Error::AlreadyExists { path: path.to_string(), source: error.into() }),
                Err(error) => Err(error),
            },
            other => other,
        }
    }

    async fn ended(&self, disk: &Disk, staged: &Path, path: &Path, moved: Result<()>) -> Result<()> {
        match moved {
            Ok(()) if disk.fsync => sync(disk.root.clone(), folders_of(path)).await,
            Ok(()) => Ok(()),
            Err(error) => {
                self.discard(staged).await;
                Err(error)
            }
        }
    }

    /// What cannot be cleaned up stays where no reader looks.
    async fn discard(&self, staged: &Path) {
        let _ = self.store.delete(staged).await;
    }

    /// Compares the object at `path` with `bytes`, piece by piece.
    pub(super) async fn find(&self, path: &Path, bytes: &Bytes) -> Result<Found> {
        let size = match self.store.head(path).await {
            Ok(meta) => meta.size,
            Err(Error::NotFound { .. }) => return Ok(Found::Nothing),
            Err(error) => return Err(error),
        };
        if size != bytes.len() as u64 {
            return Ok(Found::Another);
        }
        let mut at = 0;
        while at < size {
            let end = (at + PIECE).min(size);
            let piece = self.store.get_range(path, at..end).await?;
            let ours = usize::try_from(at).ok().zip(usize::try_from(end).ok());
            if ours.and_then(|(at, end)| bytes.get(at..end)) != Some(&*piece) {
                return Ok(Found::Another);
            }
            at = end;
        }
        if let Kind::Disk(disk) = &self.kind
            && disk.fsync
        {
            let mut paths = folders_of(path);
            paths.insert(0, path.clone());
            sync(disk.root.clone(), paths).await?;
        }
        Ok(Found::Ours)
    }

    /// Removes the staging folder, unless another writer has files there.
    pub(super) async fn tidy(&self) {
        let Kind::Disk(disk) = &self.kind else { return };
        let staging = disk.root.join(STAGING);
        let remove = async move {
            // what cannot be removed is still needed, or stays where no reader looks
            let _ = tokio::task::spawn_blocking(move || std::fs::remove_dir(staging)).await?;
            Ok(())
        };
        let _ = disk.calls.make(&Path::from(STAGING), remove).await;
    }
}

/// The folders above `path`, the nearest first, up to the root: any of them may have just been created.
fn folders_of(path: &Path) -> Vec<Path> {
    let mut parts: Vec<_> = path.parts().collect();
    let mut folders = Vec::new();
    while parts.pop().is_some() {
        folders.push(parts.iter().cloned().collect());
    }
    folders
}

/// Syncs files and folders below `root`, in their order.
async fn sync(root: PathBuf, paths: Vec<Path>) -> Result<()> {
    let sync_all = move || -> io::Result<()> {
        for path in paths {
            let path: PathBuf = path.parts().fold(root.clone(), |folder, part| folder.join(part.as_ref()));
            sync_one(&path)?;
        }
        Ok(())
    };
    tokio::task::spawn_blocking(sync_all)
        .await?
        .map_err(|error| Error::Generic { store: "local", source: error.into() })
}

/// Windows has no way to sync a folder; its file systems keep their own journal.
fn sync_one(path: &FsPath) -> io::Result<()> {
    if cfg!(unix) || path.is_file() { std::fs::File::open(path)?.sync_all() } else { Ok(()) }
}

fn is_without_links(error: &Error) -> bool {
    let causes = std::iter::successors(StdError::source(error), |&cause| cause.source());
    causes
        .take(8)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied))
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("store", &self.store.to_string()).finish_non_exhaustive()
    }
}
