//! Starting a log.

mod checks;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use http::HeaderName;
use tiltmeter_record::{Keyring, Masker, ModelName, ModelSpec, Observer, PredictionBatch, WriterId};
use tiltmeter_sample::{Policy, SampleKey};
use tokio::sync::mpsc;

use self::checks::{check_bounds, check_names, check_sink_names};
use crate::baseline::BaselineHandle;
use crate::books::{BooksOfSink, ExchangeBooks, SinkBooks};
use crate::clock::{Clock, SystemClock};
use crate::codec::Codec;
use crate::decode::Decoder;
use crate::error::BuildError;
use crate::guard::{self, LogGuard};
use crate::handle::LogHandle;
use crate::id::new_incarnation;
use crate::lane::{self, Lane, LaneBounds, LaneCommand, WhenFull};
use crate::layer::{Routes, Spares};
use crate::pair::{PairBooks, Shadows};
use crate::priorities::Priorities;
use crate::profiles::ProfilerBuilder;
use crate::queue::{QueueBounds, Shares, queue};
use crate::running::{Ends, Running};
use crate::sampling::SamplingSettings;
use crate::shared::{Item, Shared};
use crate::sink::Sink;
use crate::worker::{JournalKeeper, Model, Observers, PairDesk, Worker};

/// Starts a log: a queue, a worker that decodes what comes through it, and a lane to each sink.
///
/// | setting | default |
/// | --- | --- |
/// | exchanges queued, at most | 8,192 |
/// | bytes queued, at most | 64 MiB |
/// | bytes of a body that are captured, at most | 1 MiB |
/// | bytes of predictions that wait for a sink, at most | 64 MiB each |
/// | what happens to predictions for which a sink has no room | they are dropped for this sink |
/// | priorities | none: what is newest is dropped |
/// | gaps and heartbeats | every minute |
/// | canaries | none, unless asked for |
/// | sampling | what the spec says; else none: every row is kept |
/// | profiles | none, unless asked for |
/// | what requests are drawn by, where rows are sampled | [`SampleKey::PUBLIC`], which everybody knows |
/// | rows wait for a challenger's answer, at most | 2 s, where it matters |
/// | header with the request's id | `x-request-id` |
/// | name of the serving node | the host's name |
///
/// The memory of a log is bounded by what is queued; by the bodies of the exchanges that are under way, about twice the
/// body cap each at most; by the predictions that are decoded at a time, 4,096 or those of one exchange, which has 64 MiB
/// of them at most; by what waits for each sink; by the rows of each sampled model that wait for a challenger's answer, 16,384 and 32 MiB at most;
/// and by what the sinks hold.
#[derive(Debug)]
#[must_use]
pub struct LogBuilder {
    models: Vec<Arc<ModelSpec>>,
    codecs: Vec<Option<Box<dyn Codec>>>,
    sinks: Vec<(Option<String>, Box<dyn Sink>)>,
    observers: Vec<Box<dyn Observer>>,
    bounds: QueueBounds,
    lane: LaneBounds,
    priorities: Option<Priorities>,
    keyring: Option<Keyring>,
    sampling: SamplingSettings,
    profiles: Option<ProfilerBuilder>,
    body_cap: usize,
    journal_interval: Duration,
    canary_interval: Option<Duration>,
    id_header: HeaderName,
    serving_node: Option<String>,
    clock: Option<Arc<dyn Clock>>,
}

impl LogBuilder {
    /// A log with the default settings. It needs a model and a sink.
    pub fn new() -> Self {
        Self {
            models: Vec::new(),
            codecs: Vec::new(),
            sinks: Vec::new(),
            observers: Vec::new(),
            bounds: QueueBounds { items: 8_192, bytes: 64 << 20 },
            lane: LaneBounds { bytes: 64 << 20, when_full: WhenFull::DropNewest },
            priorities: None,
            keyring: None,
            sampling: SamplingSettings::default(),
            profiles: None,
            body_cap: 1 << 20,
            journal_interval: Duration::from_secs(60),
            canary_interval: None,
            id_header: HeaderName::from_static("x-request-id"),
            serving_node: None,
            clock: None,
        }
    }

    /// Watches the endpoint of `spec`. One log may watch several models.
    pub fn with_model(mut self, spec: ModelSpec) -> Self {
        self.models.push(Arc::new(spec));
        self.codecs.push(None);
        self
    }

    /// Watches the endpoint of `spec`, whose bodies are read by `codec` rather than as JSON.
    pub fn with_model_codec(mut self, spec: ModelSpec, codec: impl Codec + 'static) -> Self {
        self.models.push(Arc::new(spec));
        self.codecs.push(Some(Box::new(codec)));
        self
    }

    /// Writes to `sink`. Each sink that is added gets all predictions, and has a queue, a thread and a ledger of its own.
    pub fn with_sink(mut self, sink: impl Sink) -> Self {
        self.sinks.push((None, Box::new(sink)));
        self
    }

    /// Writes to `sink`, and calls it `name` in metrics, reports and gaps: 1 to 32 lower-case letters, digits, `_` and
    /// `-`. Without a name it has its own, and a number if there are several of a kind.
    pub fn with_named_sink(mut self, name: impl Into<String>, sink: impl Sink) -> Self {
        self.sinks.push((Some(name.into()), Box::new(sink)));
        self
    }

    /// Shows every decoded prediction to `observer`, in the order in which observers are added.
    pub fn with_observer(mut self, observer: impl Observer) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Queues at most `exchanges`: what comes while the worker is behind by so many is dropped and counted.
    pub fn with_queue_items(mut self, exchanges: usize) -> Self {
        self.bounds.items = exchanges;
        self
    }

    /// Queues at most `bytes` of captured bodies.
    pub fn with_queue_bytes(mut self, bytes: usize) -> Self {
        self.bounds.bytes = bytes as u64;
        self
    }

    /// Keeps at most `bytes` of decoded predictions for each sink that is behind.
    pub fn with_sink_queue_bytes(mut self, bytes: usize) -> Self {
        self.lane.bytes = bytes as u64;
        self
    }

    /// Does so with predictions for which a sink has no room.
    pub fn with_when_full(mut self, when_full: WhenFull) -> Self {
        self.lane.when_full = when_full;
        self
    }

    /// Drops what is less important first, when the worker falls behind.
    pub fn with_priorities(mut self, priorities: Priorities) -> Self {
        self.priorities = Some(priorities);
        self
    }

    /// Hashes with `keys` what the privacy policies of the specs hash, instead of the keys that they name: for keys that
    /// come from a vault.
    pub fn with_keyring(mut self, keys: Keyring) -> Self {
        self.keyring = Some(keys);
        self
    }

    /// Keeps of the rows of `model` what `policy` says, each with its probability: see [`sampling`](crate::sampling). It stands in
    /// place of what the spec says under `sampling`; a model without a policy keeps all rows.
    pub fn with_sampling(mut self, model: ModelName, policy: Policy) -> Self {
        self.sampling.policies.push((model, policy));
        self
    }

    /// Draws requests by `key`, of all models that are sampled, in place of the keys that their specs name.
    ///
    /// All that are to keep the same requests have the same key: a shadow, a gateway, other instances, a job that joins labels.
    /// Where nobody says one, it is [`SampleKey::PUBLIC`]: everybody knows it, so that a client who chooses its request ids can
    /// choose whether they are kept, where that is worth something to it.
    pub fn with_sample_key(mut self, key: SampleKey) -> Self {
        self.sampling.key = Some(key);
        self
    }

    /// Compares the rows of `model` with the baseline of `handle`: profiles have its bins, and where rows are sampled, it is
    /// looked at whether a feature is outside of its range, and of a regression where its score lies. Another baseline is
    /// noticed with the next batch; one whose [subject](tiltmeter_stats::Baseline::subject) is another model is left aside.
    pub fn with_baseline(mut self, model: ModelName, handle: BaselineHandle) -> Self {
        self.sampling.baselines.push((model, handle));
        self
    }

    /// Folds every prediction into profiles before rows are sampled, and writes them through the sinks: see
    /// [`Profiler`](crate::Profiler). The baselines of [`with_baseline`](Self::with_baseline) are theirs as well, but where
    /// `profiles` names another one.
    pub fn with_profiles(mut self, profiles: ProfilerBuilder) -> Self {
        self.profiles = Some(profiles);
        self
    }

    /// Has rows wait for a challenger's answer so long at most, where it matters: see
    /// [`sampling`](crate::sampling#disagreements). Zero: not at all, and then only pairs count that come before their
    /// exchanges.
    pub fn with_disagreement_wait(mut self, wait: Duration) -> Self {
        self.sampling.wait = wait;
        self
    }

    /// Captures at most `bytes` of a request body, and as much of a response body; a body that is compressed may be as
    /// large again when it is inflated. A body that is larger passes
    /// through as any other, but what it holds is not logged.
    pub fn with_body_cap(mut self, bytes: usize) -> Self {
        self.body_cap = bytes;
        self
    }

    /// Writes gaps and heartbeats every `interval`, which is as long as the tail is of which nothing is known after a
    /// `kill -9`.
    pub fn with_journal_interval(mut self, interval: Duration) -> Self {
        self.journal_interval = interval;
        self
    }

    /// Sends a canary every `interval`: see [`LogHandle::send_canary`].
    pub fn with_canary_interval(mut self, interval: Duration) -> Self {
        self.canary_interval = Some(interval);
        self
    }

    /// Takes the id of a request from the header `name`, and echoes it there.
    pub fn with_request_id_header(mut self, name: HeaderName) -> Self {
        self.id_header = name;
        self
    }

    /// Names the host or pod that serves the model.
    pub fn with_serving_node(mut self, name: impl Into<String>) -> Self {
        self.serving_node = Some(name.into());
        self
    }

    /// Takes the time from `clock`.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Starts the threads. The [handle](LogHandle) makes layers, the [guard](LogGuard) ends the log.
    ///
    /// Each sink first looks at what is written already, for ten seconds at most: it blocks so long.
    ///
    /// # Errors
    /// When there is no model or no sink, when two models share an endpoint, when a bound is out of its range, when a model
    /// is to be sampled, or has a baseline, that is not there, or has two policies or baselines, when a sink
    /// refuses a model because it contradicts what is written already, or when the operating system refuses a thread.
    pub fn build(self) -> Result<(LogHandle, LogGuard), BuildError> {
        self.check()?;
        let profiler = self.profiler()?;
        let Self { models, sinks, mut observers, bounds, lane, priorities, .. } = self;
        observers.extend(profiler);
        let routes = Routes::new(&models)?;
        let endpoint_priorities =
            priorities.iter().flat_map(|rules| rules.by_endpoint(routes.endpoints())).collect();
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let serving_node =
            self.serving_node.unwrap_or_else(|| gethostname::gethostname().to_string_lossy().into_owned());
        let writer_id = WriterId::new(&serving_node, new_incarnation(clock.wall()));
        let serving_node: Arc<str> = serving_node.into();

        let count = u16::try_from(models.len()).unwrap_or(u16::MAX);
        let books = ExchangeBooks::new(count);
        let (names, sinks): (Vec<_>, Vec<_>) = sinks.into_iter().unzip();
        let sink_books: Vec<_> = sink_names(names, &sinks)
            .into_iter()
            .map(|name| SinkBooks::timed(name.into(), count, Arc::clone(&clock)))
            .collect();
        let pair_books: Vec<_> = sink_books
            .iter()
            .map(|books| SinkBooks::timed(Arc::clone(books.name()), count, Arc::clone(&clock)))
            .collect();
        let (now, wall) = (clock.monotonic(), clock.wall());
        let decoding = models
            .iter()
            .zip(self.codecs)
            .enumerate()
            .map(|(place, (spec, codec))| {
                let place = u16::try_from(place).unwrap_or(u16::MAX);
                let decoder = Decoder::new(Arc::clone(spec), routes.endpoint(place))?;
                let decoder = decoder.with_inflate_limit(self.body_cap);
                let decoder = match codec {
                    Some(codec) => decoder.with_codec(codec),
                    None => decoder,
                };
                let batch =
                    PredictionBatch::new(Arc::clone(spec), writer_id.clone(), Arc::clone(&serving_node));
                let masker = masker(spec, self.keyring.as_ref())?;
                let pairs = PairDesk::new(
                    place,
                    Arc::clone(spec),
                    writer_id.clone(),
                    Arc::clone(&serving_node),
                    &pair_books,
                );
                let sampler = self.sampling.sampler(spec, now, wall)?;
                Ok(Model::new(place, decoder, masker, batch, pairs, sampler, &sink_books))
            })
            .collect::<Result<Vec<_>, BuildError>>()?;
        let sampling = decoding.iter().map(Model::sampling).collect();

        let shares = if priorities.is_some() { Shares::by_priority(bounds) } else { Shares::equal(bounds) };
        let (queue, intake) = queue::<Item>(shares, Arc::clone(&books));
        let shared = Arc::new(Shared {
            queue,
            routes,
            clock: Arc::clone(&clock),
            id_header: self.id_header,
            body_cap: self.body_cap,
            pairs: PairBooks::default(),
            shadows: Shadows::default(),
            spares: Spares::new(),
            priorities,
            endpoint_priorities,
        });
        let ends = Ends::new(sinks.len());
        let (lanes, lane_commands) = open_lanes(sinks, &sink_books, &models, lane, &clock, &ends)?;
        let (send_command, commands) = crossbeam_channel::bounded(16);
        let observers_panicked = Arc::new(AtomicU64::new(0));
        let books_of_sinks: Vec<_> = sink_books
            .into_iter()
            .zip(pair_books)
            .map(|(predictions, pairs)| BooksOfSink { predictions, pairs })
            .collect();
        let running = Running::new(
            Arc::clone(&shared),
            send_command,
            lane_commands,
            Arc::clone(&ends),
            Arc::clone(&books),
            books_of_sinks.clone(),
            Arc::clone(&observers_panicked),
        );
        let running = Arc::new(running.with_sampling(sampling));
        let journal = JournalKeeper::new(
            shared,
            writer_id.clone(),
            serving_node,
            books_of_sinks,
            self.journal_interval,
            self.canary_interval,
        );
        let worker = Worker {
            intake,
            commands,
            models: decoding,
            lanes,
            observers: Observers::new(observers, observers_panicked),
            journal,
            books,
            clock,
            sequence: 0,
            pair_sequence: 0,
            next_routine: Duration::ZERO,
            running: Arc::clone(&running),
        };
        guard::start(worker, ends)?;
        Ok((LogHandle::new(Arc::clone(&running), writer_id), LogGuard::new(running)))
    }

    fn profiler(&self) -> Result<Option<Box<dyn Observer>>, BuildError> {
        let Some(profiles) = self.profiles.clone() else { return Ok(None) };
        let baselines = self.sampling.baselines.iter().cloned();
        let profiles = baselines
            .fold(profiles, |profiles, (model, handle)| profiles.with_default_baseline(model, handle));
        Ok(Some(Box::new(profiles.build()?)))
    }

    fn check(&self) -> Result<(), BuildError> {
        let missing = |what| BuildError::configuration(format!("the log has no {what}"));
        if self.sinks.is_empty() {
            return Err(missing("sink: call `with_sink`"));
        }
        if self.models.is_empty() {
            return Err(missing("model: call `with_model`"));
        }
        check_bounds(self.bounds, self.body_cap)?;
        check_names(&self.models)?;
        self.sampling.check(&self.models)?;
        check_sink_names(self.sinks.iter().filter_map(|(name, _)| name.as_deref()))?;
        if self.lane.bytes == 0 {
            return Err(BuildError::configuration("a sink's queue has room for 0 bytes, and must have some"));
        }
        if self.journal_interval < Duration::from_secs(1) {
            return Err(BuildError::configuration(
                "gaps and heartbeats are to be written more often than every second, which is the most often that is \
                 possible",
            ));
        }
        if self.canary_interval.is_some_and(|interval| interval < Duration::from_secs(1)) {
            return Err(BuildError::configuration(
                "canaries are to be sent more often than every second, which is the most often that is possible",
            ));
        }
        for path in self.priorities.iter().flat_map(Priorities::endpoints) {
            if !self.models.iter().any(|spec| spec.endpoint.path == *path) {
                return Err(BuildError::configuration(format!(
                    "the priorities name the endpoint {path:?}, which no model has"
                )));
            }
        }
        Ok(())
    }
}

/// What applies the privacy policy of `spec`, with the application's keys or those that the spec names.
fn masker(spec: &ModelSpec, keys: Option<&Keyring>) -> Result<Masker, BuildError> {
    let refused = |error: &dyn std::fmt::Display| {
        BuildError::configuration(format!(
            "the privacy policy of model {} cannot be applied: {error}",
            spec.name
        ))
    };
    let policy = spec.privacy.as_ref();
    let named = match policy.and_then(|policy| policy.hash_key.as_ref()) {
        Some(source) if keys.is_none() => Some(source.load().map_err(|error| refused(&error))?),
        _ => None,
    };
    Masker::new(spec, keys.or(named.as_ref())).map_err(|error| refused(&error))
}

type Lanes = (Vec<Lane>, Vec<mpsc::Sender<LaneCommand>>);

/// Opens a lane to each sink. Where one cannot be opened, those before it end again.
fn open_lanes(
    sinks: Vec<Box<dyn Sink>>,
    books: &[Arc<SinkBooks>],
    models: &[Arc<ModelSpec>],
    bounds: LaneBounds,
    clock: &Arc<dyn Clock>,
    ends: &Arc<Ends>,
) -> Result<Lanes, BuildError> {
    let (mut lanes, mut commands) = (Vec::new(), Vec::new());
    for (place, (sink, books)) in sinks.into_iter().zip(books).enumerate() {
        let ends = Arc::clone(ends);
        let ended = move |end| ends.lane(place, end);
        let (lane, command) =
            lane::open(sink, models.to_vec(), bounds, Arc::clone(books), Arc::clone(clock), ended)?;
        lanes.push(lane);
        commands.push(command);
    }
    Ok((lanes, commands))
}

/// The name of each sink: the one it was given, or its own, with a number where another one has it already.
fn sink_names(given: Vec<Option<String>>, sinks: &[Box<dyn Sink>]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let taken: Vec<String> = given.iter().flatten().cloned().collect();
    for (given, sink) in given.into_iter().zip(sinks) {
        let name = given.unwrap_or_else(|| {
            let own = sink.name();
            let is_free = |name: &String| !taken.contains(name) && !names.contains(name);
            std::iter::once(own.to_owned())
                .chain((2..).map(|number| format!("{own}-{number}")))
                .find(is_free)
                .unwrap_or_else(|| own.to_owned())
        });
        names.push(name);
    }
    names
}

impl Default for LogBuilder {
    fn default() -> Self {
        Self::new()
    }
}
