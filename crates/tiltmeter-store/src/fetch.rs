//! Whole files, a few at a time.

use std::pin::pin;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use object_store::ObjectStoreExt;

use crate::listing::{Entry, Listing};
use crate::problem::{FileProblem, Reason};

/// Files that are fetched ahead of the one that is decoded: enough to hide the latency of a store, few enough that
/// their bytes do not matter beside the columns.
const AHEAD: usize = 4;

impl Listing {
    /// Hands the bytes of each file to `read`, in the order of the listing, and collects what is wrong.
    pub(crate) async fn read_each(
        &self,
        mut read: impl FnMut(&Entry, Bytes) -> Result<(), Reason> + Send,
    ) -> Vec<FileProblem> {
        let mut problems = Vec::new();
        let mut fetched = pin!(self.fetch());
        while let Some((file, bytes)) = fetched.next().await {
            if let Err(reason) = bytes.and_then(|bytes| read(file, bytes)) {
                problems.push(FileProblem::new(&file.shown, reason));
            }
        }
        problems
    }

    fn fetch(&self) -> impl Stream<Item = (&Entry, Result<Bytes, Reason>)> + Send {
        let fetches = self.files.iter().map(move |file| async move { (file, self.fetch_one(file).await) });
        stream::iter(fetches).buffered(AHEAD)
    }

    async fn fetch_one(&self, file: &Entry) -> Result<Bytes, Reason> {
        let path = file.object.as_ref().map_err(Clone::clone)?;
        let object = self.store.get(path).await.map_err(|error| Reason::fetch(&error))?;
        let at_most = self.limits.bytes_per_file();
        if object.meta.size > at_most {
            return Err(Reason::too_large(object.meta.size, at_most, "bytes"));
        }
        object.bytes().await.map_err(|error| Reason::fetch(&error))
    }
}
