//! How the service is watched.

use std::time::Duration;

use clap::ValueEnum;

/// How the service is wrapped, and what its sink does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Variant {
    /// Not at all.
    Bare,
    /// By a layer that wraps both bodies and the future, and only forwards.
    PassThrough,
    /// By the logging layer, which captures bodies and writes Parquet.
    Log,
    /// By the logging layer, behind which the handler says what it predicted.
    Handler,
    /// As `log`, but each write waits for a fifth of a second: most predictions find the sink's queue full.
    SlowSink,
    /// As `log`, but the sink never finishes a write, and its queue is full after the first.
    DeadSink,
    /// As `log`, but the sink refuses everything every other half second.
    FlappingSink,
    /// As `dead-sink`, with the default bounds: the queue of the sink fills first.
    Outage,
    /// By nothing, but the handler emits an event, which `tracing-appender` writes as a line of JSON.
    TracingAppender,
    /// By nothing, but the handler emits an event, which the bridge of OpenTelemetry hands to an exporter that forgets it.
    OpenTelemetry,
}

impl Variant {
    pub(super) const SLOWNESS: Duration = Duration::from_millis(200);

    pub(super) const FLAPPING: Duration = Duration::from_millis(500);

    /// Whether the log cannot be expected to settle what it holds.
    pub(super) fn is_stuck(self) -> bool {
        matches!(self, Self::SlowSink | Self::DeadSink | Self::Outage)
    }
}
