//! A store that does what a test says to some of its writes.

use std::fmt;
use std::future::pending;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};

use super::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// 503, and nothing was written.
    Fail,
    /// 503, though it was written.
    FailAfter,
    /// No answer.
    Hang,
    /// No answer, and what was to be written is held, though nobody waits any more: as a disk that hangs does.
    Stuck,
    /// No answer, though it was written.
    HangAfter,
    /// No answer, and it is written when nobody waits any more.
    Late,
    /// It was written, and the store's own retry found it.
    ExistsAfter,
    /// Another create is under way: nothing was written.
    Conflict,
    /// Nobody listens.
    Refused,
    NoBucket,
    Full,
    Slow,
}

type Plan = Box<dyn FnMut(u64) -> Fault + Send>;

pub(super) struct FaultyStore {
    pub(super) inner: Arc<dyn ObjectStore>,
    plan: Mutex<Plan>,
    /// What becomes of gaps and heartbeats.
    pub(super) journals: Mutex<Fault>,
    /// Writes to the tables so far.
    pub(super) writes: AtomicU64,
    /// Bytes that are held for good.
    pub(super) stuck: AtomicUsize,
    /// Reads fail.
    pub(super) is_blind: AtomicBool,
    /// All else fails, too.
    pub(super) is_dead: AtomicBool,
}

impl FaultyStore {
    /// `plan` says what becomes of the nth write, from 0. Only those to the tables count.
    pub(super) fn new(plan: impl FnMut(u64) -> Fault + Send + 'static) -> Arc<Self> {
        Self::around(Arc::new(InMemory::new()), plan)
    }

    pub(super) fn around(
        inner: Arc<dyn ObjectStore>,
        plan: impl FnMut(u64) -> Fault + Send + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            inner,
            plan: Mutex::new(Box::new(plan)),
            journals: Mutex::new(Fault::None),
            writes: AtomicU64::new(0),
            stuck: AtomicUsize::new(0),
            is_blind: AtomicBool::new(false),
            is_dead: AtomicBool::new(false),
        })
    }

    pub(super) fn plan(&self, plan: impl FnMut(u64) -> Fault + Send + 'static) {
        *self.plan.lock().unwrap() = Box::new(plan);
    }

    pub(super) fn writes(&self) -> u64 {
        self.writes.load(SeqCst)
    }

    /// Paths and contents below `folder`.
    pub(super) async fn objects(&self, folder: &str) -> Vec<(String, bytes::Bytes)> {
        let listed: Vec<ObjectMeta> = self.inner.list(Some(&Path::from(folder))).try_collect().await.unwrap();
        let mut objects = Vec::new();
        for meta in listed {
            let bytes = self.inner.get(&meta.location).await.unwrap().bytes().await.unwrap();
            objects.push((meta.location.to_string(), bytes));
        }
        objects.sort();
        objects
    }

    /// The sequences in all files of the tables, each of which must be whole.
    pub(super) async fn sequences(&self) -> Vec<i64> {
        use arrow_array::cast::AsArray;
        use arrow_array::types::Int64Type;
        let mut sequences = Vec::new();
        for (_, bytes) in self.objects("predictions").await {
            let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap();
            for batch in reader {
                let batch = batch.unwrap();
                let column = batch.column_by_name("sequence").unwrap().as_primitive::<Int64Type>().clone();
                sequences.extend(column.values().iter());
            }
        }
        sequences.sort_unstable();
        sequences
    }

    fn read(&self) -> Result<()> {
        if self.is_blind.load(SeqCst) || self.is_dead.load(SeqCst) { Err(generic("503")) } else { Ok(()) }
    }
}

fn generic(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Generic { store: "faulty", source: source.into() }
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaultyStore")
    }
}

impl fmt::Display for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("faulty")
    }
}

#[async_trait::async_trait]
impl ObjectStore for FaultyStore {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        if self.is_dead.load(SeqCst) {
            return Err(generic("503"));
        }
        let fault = if path.as_ref().contains("predictions") {
            (self.plan.lock().unwrap())(self.writes.fetch_add(1, SeqCst))
        } else if path.as_ref().contains("schemas") {
            Fault::None
        } else {
            *self.journals.lock().unwrap()
        };
        let write = self.inner.put_opts(path, payload.clone(), options.clone());
        match fault {
            Fault::None => write.await,
            Fault::Fail => Err(generic("503")),
            Fault::FailAfter => {
                write.await?;
                Err(generic("503"))
            }
            Fault::Hang => pending().await,
            Fault::Stuck => {
                self.stuck.fetch_add(payload.content_length(), SeqCst);
                tokio::spawn(async move {
                    let _payload = payload;
                    pending::<()>().await;
                });
                pending().await
            }
            Fault::HangAfter => {
                write.await?;
                pending().await
            }
            Fault::Late => {
                let (inner, path) = (Arc::clone(&self.inner), path.clone());
                tokio::spawn(async move {
                    // beyond the attempt and the reading back, and before the next attempt
                    tokio::time::sleep(Duration::from_millis(25_100)).await;
                    let _ = inner.put_opts(&path, payload, options).await;
                });
                pending().await
            }
            Fault::ExistsAfter => {
                write.await?;
                Err(Error::AlreadyExists { path: path.to_string(), source: "a retry found it".into() })
            }
            Fault::Conflict => Err(Error::AlreadyExists { path: path.to_string(), source: "409".into() }),
            Fault::Refused => Err(generic(io::Error::from(io::ErrorKind::ConnectionRefused))),
            Fault::NoBucket => {
                Err(Error::NotFound { path: path.to_string(), source: "no such bucket".into() })
            }
            Fault::Full => Err(generic(io::Error::from(io::ErrorKind::StorageFull))),
            Fault::Slow => {
                tokio::time::sleep(Duration::from_secs(20)).await;
                write.await
            }
        }
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.read()?;
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.read() {
            Ok(()) => self.inner.list(prefix),
            Err(error) => futures_util::stream::once(async move { Err(error) }).boxed(),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.read()?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.inner.rename_opts(from, to, options).await
    }
}
