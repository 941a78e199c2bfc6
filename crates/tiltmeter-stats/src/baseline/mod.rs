//! What a model is compared with: frozen, and the same for everyone who has it.

mod column;
mod encoding;
mod id;
mod quality;
#[cfg(test)]
mod tests;

pub use column::{BaselineColumn, ColumnSummary, DayProfile};
pub use encoding::ENCODING_VERSION;
pub use id::BaselineId;
pub use quality::{BaselineQuality, Figures as BaselineFigures};

use crate::error::{Error, Result};

/// What a model is compared with: for each column the bins, frozen, and a profile for each day.
///
/// - *Frozen edges*: bins are chosen once, from the reference, and never move with the data that is compared. Two
///   windows that were measured against one baseline can be compared with each other, and windows can be merged by
///   adding counts.
/// - *Per-day profiles*: weekdays and weather move healthy models, and p-values that take rows for independent call
///   that drift. How the baseline's own days differ from each other is the yardstick for the days that come.
/// - *An id*: 32 hexadecimal digits, made from the content. The same reference gives the same id, any change another
///   one.
///
/// The reference's distribution functions are kept as well, so that Kolmogorov–Smirnov statistics are exact.
///
/// A baseline is made of checked parts, with [`Baseline::new`]; what builds them from predictions is not here.
///
/// ```
/// use tiltmeter_stats::{Baseline, BaselineColumn, ColumnSummary, DayProfile, Ecdf, Moments, QuantileBins};
///
/// let ages = [31.0, 45.0, 45.0, 52.0, 38.0, 27.0];
/// let bins = QuantileBins::of(&ages, 3)?;
/// let counts = bins.count(&ages).counts;
/// let days = vec![DayProfile { day: 15_706, missing: 0.0, counts, moments: Moments::of(&ages) }];
/// let column = BaselineColumn::new("age", ColumnSummary::Numeric { bins, ecdf: Ecdf::of(&ages)? }, days)?;
///
/// let baseline = Baseline::new("churn", vec![column], None)?;
/// let bytes = baseline.encode();
/// assert_eq!(Baseline::decode(&bytes)?.id(), baseline.id());
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    id: BaselineId,
    content: Content,
}

/// What is encoded, and what the id is made from.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Content {
    subject: String,
    columns: Vec<BaselineColumn>,
    quality: Option<BaselineQuality>,
}

impl Baseline {
    /// Freezes columns. `subject` is what they describe, such as the name of a model.
    ///
    /// # Errors
    /// When two columns have the same name.
    pub fn new(
        subject: impl Into<String>,
        columns: Vec<BaselineColumn>,
        quality: Option<BaselineQuality>,
    ) -> Result<Self> {
        Self::of_content(Content { subject: subject.into(), columns, quality })
    }

    fn of_content(content: Content) -> Result<Self> {
        let mut names: Vec<&str> = content.columns.iter().map(BaselineColumn::name).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::invalid(format!("the column {} stands twice in a baseline", pair[0])));
        }
        Ok(Self { id: BaselineId::of(&encoding::payload(&content)), content })
    }

    /// Its id, made from all that it holds.
    #[must_use]
    pub fn id(&self) -> BaselineId {
        self.id
    }

    /// What it describes, such as the name of a model.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.content.subject
    }

    /// Its columns, in the order in which they were given.
    #[must_use]
    pub fn columns(&self) -> &[BaselineColumn] {
        &self.content.columns
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&BaselineColumn> {
        self.content.columns.iter().find(|column| column.name() == name)
    }

    /// How good the model was on the reference, if its labels were known.
    #[must_use]
    pub fn quality(&self) -> Option<&BaselineQuality> {
        self.content.quality.as_ref()
    }

    /// The first and the last day of any column, in days since 1970-01-01; `None` when there are no days.
    #[must_use]
    pub fn days(&self) -> Option<(i32, i32)> {
        let days = || self.columns().iter().flat_map(BaselineColumn::days).map(|day| day.day);
        Some((days().min()?, days().max()?))
    }
}
