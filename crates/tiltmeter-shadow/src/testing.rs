//! What the unit tests share: a clock that follows tokio's paused time, bodies and services that follow a script, and a
//! shadow that the test drives itself.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Response};
use http_body::{Body, Frame, SizeHint};
use jiff::Timestamp;
use tiltmeter_log::Clock;
use tiltmeter_record::{PairBucket, ShadowLedger};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tower_service::Service;

use crate::copied::CopiedBody;
use crate::core::Core;
use crate::dispatch::{Dispatcher, Shared};
use crate::gate::Gate;
use crate::pair::Pair;

/// Tokio's time.
#[derive(Debug)]
pub(crate) struct TokioClock {
    start: Instant,
    jumped_millis: AtomicU64,
    is_broken: AtomicBool,
}

impl TokioClock {
    pub(crate) const START: &str = "2026-03-01T12:00:00Z";

    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), jumped_millis: AtomicU64::new(0), is_broken: AtomicBool::new(false) }
    }

    /// From now on it panics.
    pub(crate) fn break_down(&self) {
        self.is_broken.store(true, SeqCst);
    }

    /// Lets time pass without anybody's timer noticing, as where a thread is blocked.
    pub(crate) fn jump(&self, millis: u64) {
        self.jumped_millis.fetch_add(millis, SeqCst);
    }
}

impl Clock for TokioClock {
    fn monotonic(&self) -> Duration {
        assert!(!self.is_broken.load(SeqCst), "the clock is broken");
        self.start.elapsed() + Duration::from_millis(self.jumped_millis.load(SeqCst))
    }

    fn wall(&self) -> Timestamp {
        assert!(!self.is_broken.load(SeqCst), "the clock is broken");
        Self::START.parse::<Timestamp>().unwrap() + self.monotonic()
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Data(&'static [u8]),
    Bytes(Bytes),
    Trailers(&'static str, &'static str),
    Error,
    Pending,
    /// Pending for ever.
    Hang,
    Panic,
}

/// A body that plays a script.
#[derive(Debug)]
pub(crate) struct Scripted {
    steps: Mutex<VecDeque<Step>>,
    declared: Option<u64>,
    /// Whether `is_end_stream` tells that the script is over; a body need not.
    tells_end: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken;

impl Scripted {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: Mutex::new(steps.into_iter().collect()), declared: None, tells_end: true }
    }

    pub(crate) fn data(data: &'static [u8]) -> Self {
        Self::new([Step::Data(data)])
    }

    pub(crate) fn declaring(mut self, bytes: u64) -> Self {
        self.declared = Some(bytes);
        self
    }

    pub(crate) fn silent_about_its_end(mut self) -> Self {
        self.tells_end = false;
        self
    }
}

impl Body for Scripted {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let step = self.steps.lock().unwrap().pop_front();
        match step {
            Some(Step::Data(data)) => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(data))))),
            Some(Step::Bytes(data)) => Poll::Ready(Some(Ok(Frame::data(data)))),
            Some(Step::Trailers(name, value)) => {
                let mut trailers = HeaderMap::new();
                trailers.insert(HeaderName::from_static(name), value.parse().unwrap());
                Poll::Ready(Some(Ok(Frame::trailers(trailers))))
            }
            Some(Step::Error) => Poll::Ready(Some(Err(Broken))),
            Some(Step::Pending) => Poll::Pending,
            Some(Step::Hang) => {
                self.steps.lock().unwrap().push_front(Step::Hang);
                Poll::Pending
            }
            Some(Step::Panic) => panic!("the body is broken"),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.tells_end && self.steps.lock().unwrap().is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.declared.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// Polls `body` until it is pending or has ended; returns the data that came.
pub(crate) fn drain<B>(body: &mut B) -> Result<Vec<u8>, B::Error>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut data = Vec::new();
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(frame)) = Pin::new(&mut *body).poll_frame(&mut cx) {
        if let Ok(bytes) = frame?.into_data() {
            data.extend_from_slice(&bytes);
        }
    }
    Ok(data)
}

pub(crate) fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Readiness that the test hands out by count.
#[derive(Debug, Default)]
pub(crate) struct Turnstile {
    allowed: AtomicU32,
    polls: AtomicU32,
    wakers: Mutex<Vec<Waker>>,
}

impl Turnstile {
    pub(crate) fn allow(&self, count: u32) {
        self.allowed.fetch_add(count, SeqCst);
        self.wakers.lock().unwrap().drain(..).for_each(Waker::wake);
    }

    /// How often readiness was asked for.
    pub(crate) fn polls(&self) -> u32 {
        self.polls.load(SeqCst)
    }
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Script = Arc<dyn Fn(Request<CopiedBody>) -> BoxFuture<Result<Response<Scripted>, Broken>> + Send + Sync>;

/// A challenger that does what the test says. Each clone has a readiness of its own, as tower allows.
pub(crate) struct Mock {
    script: Script,
    turnstile: Option<Arc<Turnstile>>,
    is_ready: bool,
    clone_panics: Arc<AtomicBool>,
}

impl Mock {
    pub(crate) fn new<F>(script: impl Fn(Request<CopiedBody>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Response<Scripted>, Broken>> + Send + 'static,
    {
        let script: Script = Arc::new(move |request| Box::pin(script(request)));
        Self { script, turnstile: None, is_ready: false, clone_panics: Arc::default() }
    }

    /// Answers with this body.
    pub(crate) fn answering(body: &'static [u8]) -> Self {
        Self::new(move |_| async move { Ok(Response::new(Scripted::data(body))) })
    }

    pub(crate) fn behind(mut self, turnstile: &Arc<Turnstile>) -> Self {
        self.turnstile = Some(Arc::clone(turnstile));
        self
    }

    pub(crate) fn clone_panics(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.clone_panics)
    }
}

impl Clone for Mock {
    fn clone(&self) -> Self {
        assert!(!self.clone_panics.load(SeqCst), "the challenger cannot be cloned");
        let Self { script, turnstile, clone_panics, .. } = self;
        Self {
            script: Arc::clone(script),
            turnstile: turnstile.clone(),
            is_ready: false,
            clone_panics: Arc::clone(clone_panics),
        }
    }
}

impl Service<Request<CopiedBody>> for Mock {
    type Response = Response<Scripted>;
    type Error = Broken;
    type Future = BoxFuture<Result<Response<Scripted>, Broken>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        if let Some(turnstile) = &self.turnstile {
            turnstile.polls.fetch_add(1, SeqCst);
            if turnstile.allowed.fetch_update(SeqCst, SeqCst, |allowed| allowed.checked_sub(1)).is_err() {
                turnstile.wakers.lock().unwrap().push(cx.waker().clone());
                return Poll::Pending;
            }
        }
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<CopiedBody>) -> Self::Future {
        assert!(std::mem::take(&mut self.is_ready), "an instance is called that was not ready");
        (self.script)(request)
    }
}

/// How many pairs of a challenger and a bucket were offered to the recorder, and how many it took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Offers {
    pub(crate) all: u64,
    pub(crate) taken: u64,
}

/// What was recorded.
#[derive(Clone, Default)]
pub(crate) struct Recorded {
    pairs: Arc<Mutex<Vec<Pair>>>,
    offers: Arc<Mutex<BTreeMap<(String, PairBucket), Offers>>>,
    pub(crate) refuses: Arc<AtomicBool>,
    pub(crate) panics: Arc<AtomicBool>,
}

impl Recorded {
    pub(crate) fn recorder(&self) -> impl crate::Recorder {
        let this = self.clone();
        move |pair: Pair| {
            let is_taken = !this.panics.load(SeqCst) && !this.refuses.load(SeqCst);
            let key = (pair.challenger.to_string(), pair.bucket);
            let mut offers = this.offers.lock().unwrap();
            let count = offers.entry(key).or_default();
            (count.all, count.taken) = (count.all + 1, count.taken + u64::from(is_taken));
            drop(offers);
            assert!(!this.panics.load(SeqCst), "the recorder is broken");
            this.pairs.lock().unwrap().push(pair);
            is_taken
        }
    }

    pub(crate) fn take(&self) -> Vec<Pair> {
        std::mem::take(&mut self.pairs.lock().unwrap())
    }

    pub(crate) fn len(&self) -> usize {
        self.pairs.lock().unwrap().len()
    }

    /// The one pair that was recorded.
    pub(crate) fn the_pair(&self) -> Pair {
        let mut pairs = self.take();
        assert_eq!(pairs.len(), 1, "a request is recorded once for each challenger");
        pairs.remove(0)
    }
}

/// A shadow whose dispatcher runs as a task of the test.
pub(crate) struct Bench<R> {
    pub(crate) shared: Arc<Shared<R>>,
    pub(crate) recorded: Recorded,
    dispatcher: Option<Dispatcher<R>>,
    driver: Option<JoinHandle<bool>>,
}

impl<R: Send + 'static> Bench<R> {
    pub(crate) fn new((shared, dispatcher): (Arc<Shared<R>>, Dispatcher<R>), recorded: Recorded) -> Self {
        Self { shared, recorded, dispatcher: Some(dispatcher), driver: None }
    }

    pub(crate) fn core(&self) -> &Core {
        &self.shared.core
    }

    /// Lets the challengers' side run for so long, of paused time.
    pub(crate) async fn run(&mut self, millis: u64) {
        if let Some(dispatcher) = self.dispatcher.take() {
            self.driver = Some(tokio::spawn(dispatcher.run()));
        }
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }

    /// Shuts down; tells whether all came to its end.
    pub(crate) async fn end(&mut self, patience: Duration) -> bool {
        self.core().close(self.core().clock.monotonic().saturating_add(patience));
        self.run(0).await;
        let is_drained = self.driver.take().unwrap().await.unwrap();
        self.core().end();
        is_drained
    }

    pub(crate) fn ledger(&self, challenger: usize) -> ShadowLedger {
        self.core().standings[challenger].books.read()
    }

    /// Nothing is held any more.
    pub(crate) fn assert_empty(&self) {
        let held = |of: fn(&Gate) -> u64| self.core().gates().map(of).sum::<u64>();
        assert_eq!((held(Gate::items), held(Gate::bytes)), (0, 0), "permits and bytes that nobody holds");
    }
}

impl Recorded {
    /// What was offered of a challenger's pairs in `bucket`, taken or not.
    pub(crate) fn offers(&self, challenger: &tiltmeter_record::ModelName, bucket: PairBucket) -> Offers {
        let offers = self.offers.lock().unwrap();
        offers.get(&(challenger.to_string(), bucket)).copied().unwrap_or_default()
    }
}
