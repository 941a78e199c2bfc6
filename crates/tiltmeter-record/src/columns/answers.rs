//! What one side of pairs answered, column by column.

use super::{Categories, UnequalLengths};

/// What one side of pairs answered: the champion, or a challenger. One row for each pair; a row without an answer is
/// missing in all columns.
#[derive(Clone, Debug, Default)]
pub struct AnswerColumns {
    score: Vec<f64>,
    decision: Categories,
    latency_ms: Vec<f64>,
    version: Categories,
    status: Vec<Option<u16>>,
}

impl AnswerColumns {
    /// Puts columns together. A score or latency of NaN is missing, a latency is in milliseconds, a decision is the name
    /// of a class, and a status one of HTTP (of gRPC the one that its own is mapped to).
    ///
    /// # Errors
    /// When the columns have different numbers of rows.
    pub fn new(
        score: Vec<f64>,
        decision: Categories,
        latency_ms: Vec<f64>,
        version: Categories,
        status: Vec<Option<u16>>,
    ) -> Result<Self, UnequalLengths> {
        let rows = score.len();
        UnequalLengths::check("decision", decision.len(), rows)?;
        UnequalLengths::check("latency_ms", latency_ms.len(), rows)?;
        UnequalLengths::check("version", version.len(), rows)?;
        UnequalLengths::check("status", status.len(), rows)?;
        Ok(Self { score, decision, latency_ms, version, status })
    }

    /// Those rows, in that order; `None` is one without an answer.
    pub(super) fn gathered(&self, rows: &[Option<usize>]) -> Self {
        fn of<T: Copy>(column: &[T], row: Option<usize>, missing: T) -> T {
            row.and_then(|row| column.get(row)).copied().unwrap_or(missing)
        }
        let rows = || rows.iter().copied();
        Self {
            score: rows().map(|row| of(&self.score, row, f64::NAN)).collect(),
            decision: rows().map(|row| row.and_then(|row| self.decision.get(row))).collect(),
            latency_ms: rows().map(|row| of(&self.latency_ms, row, f64::NAN)).collect(),
            version: rows().map(|row| row.and_then(|row| self.version.get(row))).collect(),
            status: rows().map(|row| of(&self.status, row, None)).collect(),
        }
    }

    /// The scores; NaN where there is none.
    #[must_use]
    pub fn score(&self) -> &[f64] {
        &self.score
    }

    /// The decisions, as names of classes.
    #[must_use]
    pub fn decision(&self) -> &Categories {
        &self.decision
    }

    /// Milliseconds until the answer had ended, or until it was given up; NaN where it is not known.
    #[must_use]
    pub fn latency_ms(&self) -> &[f64] {
        &self.latency_ms
    }

    /// The version of the model that answered.
    #[must_use]
    pub fn version(&self) -> &Categories {
        &self.version
    }

    /// The HTTP status; `None` when no response was begun, or none was kept.
    #[must_use]
    pub fn status(&self) -> &[Option<u16>] {
        &self.status
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.score.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.score.is_empty()
    }
}
