//! Starting a shadow.

use std::fmt;
use std::sync::Arc;

use http::{HeaderName, Method};
use tiltmeter_log::{Clock, SystemClock};
use tiltmeter_sample::SampleKey;

use crate::books::Books;
use crate::breaker::Breaker;
use crate::budget::{CpuAccount, CpuBudget, ThreadCpu};
use crate::challenger::Challenger;
use crate::core::{Core, Settings, Standing};
use crate::dispatch::{Challenge, Dispatcher, Shared, Watch};
use crate::error::ShadowError;
use crate::exchange::Spares;
use crate::gate::{Bounds, Gate};
use crate::guard::ShadowGuard;
use crate::handle::ShadowHandle;
use crate::layer::{CopiedRequest, HeaderRules, HttpRules, SHADOW_HEADER, SafeRoutes};
use crate::pair::{Pair, Recorder};
use crate::queue::Queue;
use crate::running::{Ends, Running, start};
use crate::shedding::{Latencies, Shedder, Shedding};
use crate::values::CopiedValue;

/// Exchanges that wait to be completed, at most: a look of the threads comes every millisecond under load.
const MOST_FINISHED: usize = 1_024;

/// Starts a shadow: what is copied to whom, and what it may cost.
///
/// `R` is what the challengers are asked: see [`http`](ShadowBuilder::http) and [`values`](ShadowBuilder::values). The
/// crate's page shows one.
#[must_use]
pub struct ShadowBuilder<R> {
    name: String,
    challengers: Vec<Challenger<R>>,
    recorder: Box<dyn Recorder>,
    clock: Arc<dyn Clock>,
    key: SampleKey,
    body_cap: usize,
    bystanders: Bounds,
    shedding: Option<Shedding>,
    budget: Option<CpuBudget>,
    threads: usize,
    http: HttpSettings,
}

/// What a shadow of HTTP has besides.
#[derive(Debug, Default)]
struct HttpSettings {
    routes: Vec<(Method, String)>,
    id_header: Option<HeaderName>,
    stripped: Vec<HeaderName>,
    allowed: Vec<HeaderName>,
}

/// A shadow that has not started.
struct Parts<R> {
    shared: Arc<Shared<R>>,
    dispatchers: Vec<Dispatcher<R>>,
}

impl ShadowBuilder<CopiedRequest> {
    /// A shadow of an HTTP or gRPC service.
    pub fn http() -> Self {
        Self::new()
    }

    /// Requests of this method and path may be copied: that a challenger answers them as well, and late, does no harm. The
    /// path is a template as axum has it, such as `/models/{model}/score`. Nothing is copied that was not listed. The path
    /// is that which the layer sees: behind `nest`, which strips its prefix, without the prefix.
    pub fn with_route(mut self, method: Method, path: &str) -> Self {
        self.http.routes.push((method, path.to_owned()));
        self
    }

    /// The header that names a request: `x-request-id` without. The log should have the same.
    pub fn with_id_header(mut self, name: HeaderName) -> Self {
        self.http.id_header = Some(name);
        self
    }

    /// Challengers get this header though it may hold a credential. [The layer](crate::layer#credentials) says which do not
    /// need it.
    pub fn with_allowed_header(mut self, name: HeaderName) -> Self {
        self.http.allowed.push(name);
        self
    }

    /// Challengers do not get this header. For credentials whose header does not
    /// [say so](crate::layer#credentials).
    pub fn with_stripped_header(mut self, name: HeaderName) -> Self {
        self.http.stripped.push(name);
        self
    }

    /// Starts the shadow.
    ///
    /// # Errors
    /// When settings are wrong, all that are; or when a thread cannot be started.
    pub fn build(mut self) -> Result<(ShadowHandle<CopiedRequest>, ShadowGuard), ShadowError> {
        let mut faults = Vec::new();
        if self.http.routes.is_empty() {
            faults.push("nothing would be copied: list the safe routes by `with_route`".to_owned());
        }
        let rules = self.http.take_rules(&mut faults);
        self.start(rules, faults)
    }
}

impl<Req: Send + 'static> ShadowBuilder<CopiedValue<Req>> {
    /// A shadow of a service that gets values. All of its requests may be copied.
    pub fn values() -> Self {
        Self::new()
    }

    /// Starts the shadow.
    ///
    /// # Errors
    /// When settings are wrong, all that are; or when a thread cannot be started.
    pub fn build(mut self) -> Result<(ShadowHandle<CopiedValue<Req>>, ShadowGuard), ShadowError> {
        let mut faults = Vec::new();
        let rules = self.http.take_rules(&mut faults);
        self.start(rules, faults)
    }
}

impl HttpSettings {
    fn take_rules(&mut self, faults: &mut Vec<String>) -> HttpRules {
        let routes = SafeRoutes::new(&self.routes).unwrap_or_else(|fault| {
            faults.push(fault);
            SafeRoutes::default()
        });
        if self.allowed.iter().chain(&self.stripped).any(|name| *name == SHADOW_HEADER) {
            faults.push(format!("the header {SHADOW_HEADER} is the shadow's own"));
        }
        for name in self.allowed.iter().filter(|name| self.stripped.contains(name)) {
            faults.push(format!("the header {name} is both allowed and stripped"));
        }
        let id_header = self.id_header.take().unwrap_or(HeaderName::from_static("x-request-id"));
        let headers = HeaderRules::new(&self.stripped, &self.allowed, &id_header);
        HttpRules { routes, headers, id_header }
    }
}

impl<R: Send + 'static> ShadowBuilder<R> {
    /// The most challengers.
    pub const MAX_CHALLENGERS: usize = 16;
    /// The most threads.
    pub const MAX_THREADS: usize = 64;

    fn new() -> Self {
        Self {
            name: "shadow".to_owned(),
            challengers: Vec::new(),
            recorder: Box::new(|_: Pair| true),
            clock: Arc::new(SystemClock::new()),
            key: SampleKey::PUBLIC,
            body_cap: 1 << 20,
            bystanders: Bounds { items: 1_024, bytes: 64 << 20 },
            shedding: Some(Shedding::new()),
            budget: None,
            threads: 1,
            http: HttpSettings::default(),
        }
    }

    /// What the shadow is called in its metrics, as [`ModelName`](tiltmeter_record::ModelName) has it: `shadow` without. Each of several in one process
    /// needs a name of its own, such as that of its model, or their counts are one another's.
    pub fn with_name(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    /// Adds a challenger: up to 16, each with permits, a breaker and books of its own. They share the copy of a request.
    pub fn with_challenger(mut self, challenger: Challenger<R>) -> Self {
        self.challengers.push(challenger);
        self
    }

    /// Where pairs go. Without, they are counted and forgotten.
    pub fn with_recorder(mut self, recorder: impl Recorder) -> Self {
        self.recorder = Box::new(recorder);
        self
    }

    /// Where time comes from.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// What samples are drawn by: all who have the same key keep the same requests. Without, [`SampleKey::PUBLIC`].
    pub fn with_sample_key(mut self, key: SampleKey) -> Self {
        self.key = key;
        self
    }

    /// The longest body that is copied, in bytes, of a request and of an answer: up to 1 GiB, 1 MiB without. A request
    /// with a longer one is counted, and not cut.
    pub fn with_body_cap(mut self, bytes: usize) -> Self {
        self.body_cap = bytes;
        self
    }

    /// So many requests that no challenger gets, for want of a permit and the like, may be watched at a time for the sake of
    /// the champion's answer, until a thread of the shadow has recorded it, and hold so many bytes: as the permits of a
    /// challenger.
    pub fn with_bystanders(mut self, permits: u32, bytes: u64) -> Self {
        self.bystanders = Bounds { items: permits.into(), bytes };
        self
    }

    /// When challengers yield to the champion; `None`: never.
    pub fn with_shedding(mut self, shedding: impl Into<Option<Shedding>>) -> Self {
        self.shedding = shedding.into();
        self
    }

    /// How much CPU time all challengers together may take on the shadow's threads; `None`, and without: as much as they
    /// need. What they do on threads of their own is not seen: [`CpuBudget`].
    pub fn with_cpu_budget(mut self, budget: impl Into<Option<CpuBudget>>) -> Self {
        self.budget = budget.into();
        self
    }

    /// So many threads drive the challengers: 1 to 64, one without. Each has a runtime of its own; more are for challengers
    /// in this process that compute. They share a queue of requests and one of exchanges that are over: where a thread is
    /// taken off its processor in the very moment of taking one out, and all the other places are filled meanwhile, a
    /// champion spins until it is back.
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    fn start(
        self,
        rules: HttpRules,
        faults: Vec<String>,
    ) -> Result<(ShadowHandle<R>, ShadowGuard), ShadowError> {
        let threads = self.threads;
        let Parts { shared, dispatchers } = self.parts(rules, faults)?;
        let running = Arc::new(Running::new(Arc::clone(&shared.core), Ends::new(threads)));
        // from here on what has been started ends when the guard goes
        let guard = ShadowGuard::new(Arc::clone(&running));
        for (started, dispatcher) in dispatchers.into_iter().enumerate() {
            start(dispatcher, &running).map_err(|error| {
                running.never_had(threads - started);
                ShadowError::thread(error)
            })?;
        }
        Ok((ShadowHandle::new(running, shared), guard))
    }

    /// A shadow without threads: tests drive it themselves.
    #[cfg(test)]
    pub(crate) fn unstarted(mut self) -> (Arc<Shared<R>>, Dispatcher<R>) {
        let rules = self.http.take_rules(&mut Vec::new());
        let Parts { shared, mut dispatchers } = self.parts(rules, Vec::new()).unwrap();
        (shared, dispatchers.remove(0))
    }

    fn parts(self, rules: HttpRules, mut faults: Vec<String>) -> Result<Parts<R>, ShadowError> {
        self.check(&mut faults);
        let name = self.name.parse().map_err(|error| faults.push(format!("the shadow's name: {error}"))).ok();
        let names: Vec<_> = self.challengers.iter().map(|challenger| challenger.check(&mut faults)).collect();
        let Some(name) = name.filter(|_| faults.is_empty()) else {
            return Err(ShadowError::settings(faults));
        };
        let permits: u64 = self.challengers.iter().map(|challenger| challenger.bounds.items).sum();
        let queue = Queue::new(usize::try_from(permits).unwrap_or(usize::MAX));
        let (mut standings, mut challenges) = (Vec::new(), Vec::new());
        for (name, challenger) in names.into_iter().flatten().zip(self.challengers) {
            let Challenger { challenge, rate, bounds, timeout, breaker, .. } = challenger;
            let breaker = breaker.map(|policy| Breaker::new(policy, fastrand::Rng::new()));
            let (gate, books) = (Gate::new(bounds), Books::default());
            standings.push(Standing { name, rate, gate, breaker, books, timeout });
            challenges.push(challenge);
        }
        // not for all of the bystanders: where the threads are blocked, the champion completes what has no place, and others
        // can go on to be watched
        let places = if self.bystanders.items == 0 { permits } else { self.bystanders.items / 2 };
        let finished = Queue::new(usize::try_from(places).unwrap_or(usize::MAX).clamp(1, MOST_FINISHED));
        let (now, started_at) = (self.clock.monotonic(), self.clock.wall());
        let cpu = CpuAccount::new(self.budget, now);
        let core = Arc::new(Core::new(
            Settings {
                name,
                started_at,
                bystanders: Gate::new(self.bystanders),
                clock: self.clock,
                recorder: self.recorder,
                key: self.key,
                body_cap: self.body_cap,
                latencies: self.shedding.map(|policy| Latencies::new(&policy, now)),
                cpu,
                finished: Arc::clone(&finished),
                spares: Spares::new(),
            },
            standings,
        ));
        let fork = |challenges: &[Box<dyn Challenge<R>>]| challenges.iter().map(|one| one.fork()).collect();
        let mut all: Vec<Vec<Box<dyn Challenge<R>>>> = (1..self.threads).map(|_| fork(&challenges)).collect();
        all.insert(0, challenges);
        let mut watch = Some(Watch::new(self.shedding.map(Shedder::new)));
        let dispatchers = all.into_iter().map(|challengers| Dispatcher {
            core: Arc::clone(&core),
            intake: queue.taker(),
            finished: finished.taker(),
            challengers,
            cpu: Box::new(ThreadCpu),
            watch: watch.take(),
        });
        let dispatchers = dispatchers.collect();
        Ok(Parts { shared: Arc::new(Shared::new(core, rules, queue)), dispatchers })
    }

    fn check(&self, faults: &mut Vec<String>) {
        let mut fault = |what: &str| faults.push(what.to_owned());
        if !(1..=Self::MAX_CHALLENGERS).contains(&self.challengers.len()) {
            fault("a shadow has 1 to 16 challengers: add them by `with_challenger`");
        }
        if !(1..=Self::MAX_THREADS).contains(&self.threads) {
            fault("a shadow has 1 to 64 threads");
        }
        if !(1..=1 << 30).contains(&self.body_cap) {
            fault("the longest body is not from 1 byte to 1 GiB");
        }
        if self.bystanders.items > Bounds::MOST.items || self.bystanders.bytes > Bounds::MOST.bytes {
            fault("more than 2^20 requests, or 2^36 bytes, would be watched without a challenger");
        }
        let policies = [self.shedding.and_then(|one| one.fault()), self.budget.and_then(|one| one.fault())];
        policies.into_iter().flatten().for_each(&mut fault);
        for (place, challenger) in self.challengers.iter().enumerate() {
            if self.challengers[..place].iter().any(|other| other.name == challenger.name) {
                fault(&format!("two challengers are called {:?}", challenger.name));
            }
        }
    }
}

impl<R> fmt::Debug for ShadowBuilder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShadowBuilder").field("challengers", &self.challengers).finish_non_exhaustive()
    }
}
