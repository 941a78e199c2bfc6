//! Files into their place, whole or not at all.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use jiff::ToSpan;
use jiff::civil::Date;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};

use super::Partition;

/// The folder below the root that holds the table of every model.
pub(super) const PREDICTIONS: &str = "predictions";

/// Where a local file is until it is whole. The dot keeps readers out, whatever folder they are pointed at.
pub(super) const STAGING: &str = ".staging";

pub(super) struct Publisher {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) prefix: Path,
    /// The staging folder of a local store.
    pub(super) staging: Option<PathBuf>,
}

impl Publisher {
    /// Where the file `name` of `partition` belongs.
    pub(super) fn path(&self, partition: &Partition, name: &str) -> Path {
        let date = utc_date(partition.day);
        // the name of a model is safe in a path: see `ModelName`
        [PREDICTIONS, &format!("model_name={}", partition.model), &format!("date={date}"), name]
            .into_iter()
            .fold(self.prefix.clone(), Path::join)
    }

    /// Writes `bytes` to `path`.
    pub(super) async fn publish(&self, path: &Path, name: &str, bytes: Bytes) -> object_store::Result<()> {
        if self.staging.is_none() {
            return self.create(path, bytes).await;
        }
        let payload = PutPayload::from(bytes);
        let staged = Path::from(STAGING).join(name);
        self.store.put(&staged, payload).await?;
        let renamed = self.store.rename(&staged, path).await;
        if renamed.is_err() {
            // what cannot be cleaned up stays where no reader looks
            let _ = self.store.delete(&staged).await;
        }
        renamed
    }

    /// Creates the object at `path`. Where the store says that it is there already, it may have been created by a request
    /// of our own whose answer was lost: then it holds what we wrote.
    async fn create(&self, path: &Path, bytes: Bytes) -> object_store::Result<()> {
        let create = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.store.put_opts(path, PutPayload::from(bytes.clone()), create).await {
            Ok(_) => Ok(()),
            Err(error @ object_store::Error::AlreadyExists { .. }) => {
                let there = self.store.get(path).await?.bytes().await?;
                if there == bytes { Ok(()) } else { Err(error) }
            }
            Err(error) => Err(error),
        }
    }

    /// Removes the staging folder, unless another writer has files there.
    pub(super) fn tidy(&self) {
        if let Some(staging) = &self.staging {
            let _ = std::fs::remove_dir(staging);
        }
    }
}

/// The date of the day `day` since 1970-01-01.
fn utc_date(day: i32) -> Date {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.checked_add(day.days()).unwrap_or(epoch)
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher").field("store", &self.store.to_string()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates_before_and_after_1970() {
        assert_eq!(utc_date(0).to_string(), "1970-01-01");
        assert_eq!(utc_date(-1).to_string(), "1969-12-31");
        assert_eq!(utc_date(15_798).to_string(), "2013-04-03");
    }
}
