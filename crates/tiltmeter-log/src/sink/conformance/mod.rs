//! What every sink must do, as checks that its tests run.
//!
//! A sink of your own is given to [`run`], with a way to read back what it has written. The suite writes to a new one in
//! each check and looks at the books and at what readers find: whatever counts as written is there, once, and as it was
//! given; a flush settles everything; what a sink leaves behind is abandoned, never written.
//!
//! It does not test what a sink does when its place fails: give it a place that does, and look at the
//! [`Books`]. For what an application does when its sink fails there are the sinks of [`faults`](crate::faults).
//!
//! ```
//! use tiltmeter_log::MemorySink;
//! use tiltmeter_log::conformance::{Found, FoundRow, Subject, run, values, writer};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
//! # runtime.block_on(async {
//! run(|| {
//!     let sink = MemorySink::default();
//!     let reading = sink.clone();
//!     let mut found = Found::default();
//!     let subject = Subject::new(sink, move || {
//!         for row in reading.take() {
//!             let (writer, sequence) = (writer().to_string(), row.sequence);
//!             found.rows.push(FoundRow { writer, sequence, text: values(&row) });
//!         }
//!         found.pairs.extend(reading.take_pairs().iter().map(|(_, pair)| pair.sequence));
//!         for journal in reading.take_journals() {
//!             found.gaps.extend(journal.gaps.iter().map(|gap| gap.sequence));
//!             found.heartbeats.extend(journal.heartbeats.iter().map(|heartbeat| heartbeat.sequence));
//!             found.shadows.extend(journal.shadows.iter().map(|shadow| shadow.sequence));
//!             found.profiles.extend(journal.profiles.iter().map(|delta| delta.sequence));
//!             found.rates.extend(journal.rates.iter().map(|rate| rate.sequence));
//!         }
//!         found.clone()
//!     });
//!     // this sink keeps no names of models; one of JSON lines needs nothing here
//!     subject.rendered_by(|_, row| values(row))
//! })
//! .await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Panics and cancellation
//! A sink that panics takes the suite with it. A check that takes longer than a minute of the runtime's time is a
//! violation.

mod books;
mod checks;
mod samples;
mod trial;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use tiltmeter_record::{Prediction, PredictionBatch};

use super::Sink;

pub use self::books::Books;
pub use self::samples::{line, model, row, values, writer};
use self::trial::Trial;

/// How long a check may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a reader finds, in any order, and as often as it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// All predictions.
    pub rows: Vec<FoundRow>,
    /// The sequences of all pairs of champion and challenger; none of a sink that has no place for them.
    pub pairs: Vec<u64>,
    /// The sequences of all gaps.
    pub gaps: Vec<u64>,
    /// The sequences of all heartbeats.
    pub heartbeats: Vec<u64>,
    /// The sequences of the books of shadows: of all, or, as they are cumulative, of the latest.
    pub shadows: Vec<u64>,
    /// The sequences of all profile deltas: one for each row of a table that has no `column`.
    pub profiles: Vec<u64>,
    /// The sequences of all changes of sampling rates.
    pub rates: Vec<u64>,
}

/// A prediction as a reader finds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundRow {
    /// Its `writer_id`.
    pub writer: String,
    /// Its `sequence`.
    pub sequence: u64,
    /// All that stands in it, in the form of [`Subject::rendered_by`].
    pub text: String,
}

type Reader = Box<dyn FnMut() -> Found + Send>;
type Rendering = Box<dyn FnMut(&PredictionBatch, &Prediction) -> String + Send>;

/// A new sink, and a way to read what it has written.
pub struct Subject {
    sink: Box<dyn Sink>,
    reader: Reader,
    rendering: Rendering,
    writes_journals: bool,
}

impl Subject {
    /// `sink` writes to a place that is empty; `reader` gives all that a reader finds there at that time. The text of a
    /// row is expected to be its [`line`](fn@line).
    #[must_use]
    pub fn new(sink: impl Sink, reader: impl FnMut() -> Found + Send + 'static) -> Self {
        let rendering = Box::new(line);
        Self { sink: Box::new(sink), reader: Box::new(reader), rendering, writes_journals: true }
    }

    /// The text of a row is expected to be what `rendering` makes of it: for a sink whose rows are no JSON lines. It should
    /// show all that the sink is to keep, and nothing that it may change.
    #[must_use]
    pub fn rendered_by(
        mut self,
        rendering: impl FnMut(&PredictionBatch, &Prediction) -> String + Send + 'static,
    ) -> Self {
        self.rendering = Box::new(rendering);
        self
    }

    /// The sink has no place for journals: it must not sign their receipts as written. It declines them.
    #[must_use]
    pub fn without_journals(mut self) -> Self {
        self.writes_journals = false;
        self
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("sink", &self.sink).finish_non_exhaustive()
    }
}

/// Runs all checks, each with a sink of `factory`. It needs a tokio runtime with timers, as sinks do.
///
/// # Errors
/// When the sink does not do what a sink must: everything that was found at once.
pub async fn run(mut factory: impl FnMut() -> Subject) -> Result<(), Violations> {
    let mut violations = Vec::new();
    for &(check, test) in checks::ALL {
        let outcome = match Trial::begin(factory()).await {
            Ok(mut trial) => tokio::time::timeout(PATIENCE, test(&mut trial)).await.unwrap_or_else(|_| {
                Err(format!("it has not come to an end within {} seconds", PATIENCE.as_secs()))
            }),
            Err(why) => Err(why),
        };
        violations.extend(outcome.err().map(|what| Violation { check, what }));
    }
    if violations.is_empty() { Ok(()) } else { Err(Violations(violations)) }
}

/// What a sink did wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The check that found it.
    pub check: &'static str,
    /// What was expected, and what was found.
    pub what: String,
}

/// Everything that a sink did wrong; its display has a line for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// All of them, in the order of the checks; at least one.
    #[must_use]
    pub fn as_slice(&self) -> &[Violation] {
        &self.0
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the sink does not do what a sink must")?;
        for Violation { check, what } in &self.0 {
            write!(f, "\n{check}: {what}")?;
        }
        Ok(())
    }
}

impl StdError for Violations {}

#[cfg(test)]
mod tests;
