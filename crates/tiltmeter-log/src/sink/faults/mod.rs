//! Sinks that fail, around a sink: for tests of what a log does then.
//!
//! | wrapper | what it does |
//! | --- | --- |
//! | [`Failing`] | drops every write, or every n-th |
//! | [`Slow`] | waits before each write |
//! | [`Hanging`] | never comes back, from the n-th write on |
//! | [`Panicking`] | panics, at the n-th write |
//! | [`Flapping`] | drops while a switch says so |
//!
//! Times are those of the tokio runtime, so that a test with paused time does not wait.
//!
//! ```
//! use std::time::Duration;
//! use tiltmeter_log::{LogBuilder, MemorySink, faults::Flapping};
//! # use tiltmeter_record::ModelSpec;
//! # let spec = ModelSpec::from_yaml("model.yaml", "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, \
//! #     endpoint: {path: /predict}, response: {score: /score}, features: {age: float}}")?;
//!
//! let (sink, switch) = Flapping::new(MemorySink::default());
//! let (log, guard) = LogBuilder::new().with_model(spec).with_sink(sink).build()?;
//! switch.turn_off();
//! // … requests whose predictions are lost, and counted
//! let report = guard.shutdown_blocking(Duration::from_secs(10));
//! assert!(report.ledgers.balance());
//! # drop(log);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod failing;
mod flapping;
mod hanging;
mod panicking;
mod slow;

pub use self::failing::Failing;
pub use self::flapping::{Flapping, Switch};
pub use self::hanging::Hanging;
pub use self::panicking::Panicking;
pub use self::slow::Slow;

/// The parts of [`Sink`](super::Sink) that a wrapper leaves to the sink inside.
macro_rules! pass_on {
    ($($method:ident),+) => {
        $($crate::sink::faults::pass_on!(@$method);)+
    };
    (@name) => {
        fn name(&self) -> &'static str {
            self.sink.name()
        }
    };
    (@start) => {
        fn start(
            &mut self,
            models: &[std::sync::Arc<tiltmeter_record::ModelSpec>],
        ) -> $crate::sink::SinkFuture<'_, Result<(), $crate::error::BuildError>> {
            self.sink.start(models)
        }
    };
    (@tick) => {
        fn tick(&mut self, now: std::time::Duration) -> $crate::sink::SinkFuture<'_> {
            self.sink.tick(now)
        }
    };
    (@flush) => {
        fn flush(&mut self) -> $crate::sink::SinkFuture<'_> {
            self.sink.flush()
        }
    };
    (@write_journal) => {
        fn write_journal(
            &mut self,
            journal: std::sync::Arc<tiltmeter_record::Journal>,
            receipt: $crate::books::Receipt,
        ) -> $crate::sink::SinkFuture<'_> {
            self.sink.write_journal(journal, receipt)
        }
    };
}

use pass_on;

#[cfg(test)]
mod tests;
