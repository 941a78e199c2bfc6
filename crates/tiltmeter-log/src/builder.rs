//! Starting a log.

use std::sync::Arc;

use http::HeaderName;
use tiltmeter_record::{ModelSpec, PredictionBatch, WriterId};

use crate::books::Books;
use crate::clock::{Clock, SystemClock};
use crate::decode::Decoder;
use crate::error::BuildError;
use crate::guard::{LogGuard, spawn};
use crate::handle::LogHandle;
use crate::id::new_incarnation;
use crate::layer::{Captured, Routes, Shared};
use crate::queue::{QueueBounds, queue};
use crate::sink::Sink;
use crate::worker::{Model, Worker};

/// Starts a log: a queue, and a worker that decodes what comes through it and hands it to a sink.
///
/// | setting | default |
/// | --- | --- |
/// | exchanges queued, at most | 8,192 |
/// | bytes queued, at most | 64 MiB |
/// | bytes of a body that are captured, at most | 1 MiB |
/// | header with the request's id | `x-request-id` |
/// | name of the serving node | the host's name |
///
/// The memory of a log is bounded by what is queued; by the bodies of the exchanges that are under way, about twice the
/// body cap each at most; by the predictions that are decoded at a time, 4,096 or those of one exchange, which has 64 MiB
/// of them at most; and by what the sink holds.
#[derive(Debug)]
#[must_use]
pub struct LogBuilder {
    models: Vec<Arc<ModelSpec>>,
    sink: Option<Box<dyn Sink>>,
    bounds: QueueBounds,
    body_cap: usize,
    id_header: HeaderName,
    serving_node: Option<String>,
    clock: Option<Arc<dyn Clock>>,
}

impl LogBuilder {
    /// A log with the default settings. It needs a model and a sink.
    pub fn new() -> Self {
        Self {
            models: Vec::new(),
            sink: None,
            bounds: QueueBounds { items: 8_192, bytes: 64 << 20 },
            body_cap: 1 << 20,
            id_header: HeaderName::from_static("x-request-id"),
            serving_node: None,
            clock: None,
        }
    }

    /// Watches the endpoint of `spec`. One log may watch several models.
    pub fn with_model(mut self, spec: ModelSpec) -> Self {
        self.models.push(Arc::new(spec));
        self
    }

    /// Writes to `sink`.
    pub fn with_sink(mut self, sink: impl Sink) -> Self {
        self.sink = Some(Box::new(sink));
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

    /// Captures at most `bytes` of a request body, and as much of a response body. A body that is larger passes
    /// through as any other, but what it holds is not logged.
    pub fn with_body_cap(mut self, bytes: usize) -> Self {
        self.body_cap = bytes;
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

    /// Starts the worker. The [handle](LogHandle) makes layers, the [guard](LogGuard) ends the log.
    ///
    /// # Errors
    /// When there is no model or no sink, when two models share an endpoint, when a bound is out of its range, or when
    /// the operating system refuses a thread.
    pub fn build(self) -> Result<(LogHandle, LogGuard), BuildError> {
        let Self { models, sink, bounds, body_cap, id_header, serving_node, clock } = self;
        let missing = |what| BuildError::configuration(format!("the log has no {what}"));
        let sink = sink.ok_or_else(|| missing("sink: call `with_sink`"))?;
        if models.is_empty() {
            return Err(missing("model: call `with_model`"));
        }
        check_bounds(bounds, body_cap)?;
        check_names(&models)?;

        let routes = Routes::new(&models)?;
        let clock = clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let serving_node =
            serving_node.unwrap_or_else(|| gethostname::gethostname().to_string_lossy().into_owned());
        let writer_id = WriterId::new(&serving_node, new_incarnation(clock.wall()));
        let serving_node: Arc<str> = serving_node.into();
        let books = Books::new();
        let models = models
            .into_iter()
            .enumerate()
            .map(|(place, spec)| {
                let endpoint = routes.endpoint(place);
                let decoder = Decoder::new(Arc::clone(&spec), endpoint)?;
                let batch = PredictionBatch::new(spec, writer_id.clone(), Arc::clone(&serving_node));
                Ok(Model::new(decoder, batch, &books))
            })
            .collect::<Result<Vec<_>, BuildError>>()?;

        let (queue, intake) = queue::<Captured>(bounds, Arc::clone(&books));
        let shared = Arc::new(Shared { queue, routes, clock: Arc::clone(&clock), id_header, body_cap });
        let (send_command, commands) = tokio::sync::mpsc::channel(1);
        let worker = Worker { intake, commands, models, sink, books: Arc::clone(&books), clock, sequence: 0 };
        let guard = spawn(worker, send_command, Arc::clone(&shared), Arc::clone(&books))?;
        Ok((LogHandle::new(shared, books, writer_id), guard))
    }
}

impl Default for LogBuilder {
    fn default() -> Self {
        Self::new()
    }
}

/// Two specs of one name would write two schemas into one table.
fn check_names(models: &[Arc<ModelSpec>]) -> Result<(), BuildError> {
    for (place, spec) in models.iter().enumerate() {
        let name = spec.name.as_str();
        if models[..place].iter().any(|earlier| earlier.name.as_str().eq_ignore_ascii_case(name)) {
            return Err(BuildError::configuration(format!(
                "two specs are of the model {name}; a model has one spec, and names differ in more than case"
            )));
        }
    }
    Ok(())
}

fn check_bounds(bounds: QueueBounds, body_cap: usize) -> Result<(), BuildError> {
    /// What an exchange takes besides its bodies, generously.
    const OVERHEAD: u64 = 64 << 10;
    /// A text column of a batch holds at most 2 GiB.
    const LARGEST_BODY_CAP: usize = 256 << 20;
    if bounds.items == 0 {
        return Err(BuildError::configuration(
            "the queue has room for 0 exchanges, and must have some for one",
        ));
    }
    if bounds.items > 1 << 24 {
        return Err(BuildError::configuration(format!(
            "the queue is to have room for {} exchanges; at most 16,777,216 are possible",
            bounds.items
        )));
    }
    if body_cap > LARGEST_BODY_CAP {
        return Err(BuildError::configuration(format!(
            "bodies are to be captured up to {body_cap} bytes; at most {LARGEST_BODY_CAP} are possible"
        )));
    }
    let least = (body_cap as u64).saturating_mul(2).saturating_add(OVERHEAD);
    if bounds.bytes < least || bounds.bytes >= 1 << 48 {
        return Err(BuildError::configuration(format!(
            "the queue is to hold {} bytes; it must hold at least {least}, so that an exchange with two bodies of the \
             body cap fits, and less than 2^48",
            bounds.bytes
        )));
    }
    Ok(())
}
