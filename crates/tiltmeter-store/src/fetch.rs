//! Whole files, a few at a time.

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use object_store::{ObjectStore, ObjectStoreExt};

use crate::listing::{Entry, Listing};
use crate::problem::Reason;

/// Files that are fetched ahead of the one that is decoded: enough to hide the latency of a store, few enough that
/// their bytes do not matter beside the columns.
const AHEAD: usize = 4;

impl Listing {
    /// The bytes of each file, in the order of the listing.
    pub(crate) fn fetch(&self) -> impl Stream<Item = (&Entry, Result<Bytes, Reason>)> + Send {
        let store = &self.store;
        let fetches = self.files.iter().map(move |file| async move { (file, fetch(&**store, file).await) });
        stream::iter(fetches).buffered(AHEAD)
    }
}

async fn fetch(store: &dyn ObjectStore, file: &Entry) -> Result<Bytes, Reason> {
    let object = store.get(&file.path).await.map_err(|error| Reason::fetch(&error))?;
    object.bytes().await.map_err(|error| Reason::fetch(&error))
}
