//! Predictions with probabilities that are corrected for losses.

use std::ops::{Bound, RangeBounds, RangeInclusive};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use tiltmeter_record::ModelSpec;
use tiltmeter_record::columns::{Categories, InclusionColumns, LossCorrection, LossReport};

use crate::error::Error;
use crate::journal::read_gaps_of;
use crate::predictions::{PredictionTable, PredictionsRead};
use crate::problem::FileProblem;

/// Predictions with probabilities that are corrected for losses, and what was lost.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CorrectedRead {
    /// The rows. Their [inclusion](tiltmeter_record::columns::PredictionColumns::inclusion) has the corrected probabilities.
    pub read: PredictionsRead,
    /// What was lost, and in which minutes.
    pub losses: LossReport,
    /// How many files of gaps there are for that time. 0: nothing was lost, or the root is another one.
    pub gap_files: u64,
    /// Files of gaps that could not be read: losses may be missing.
    pub gap_problems: Vec<FileProblem>,
}

impl PredictionTable {
    /// Reads the predictions of some dates as [`read_between`](Self::read_between) does, and corrects their probabilities for
    /// what was lost on the way to `sink`, the sink that wrote the table: by the gaps beside it, under the assumption of
    /// [`LossCorrection`].
    ///
    /// A loss is told by the minute in which it was observed, a row lies on the date of its event. Where these are far
    /// from each other, as after a replay, read all dates: rows of a minute with losses that are left out would make those that
    /// are read stand for all of its losses. To hours losses are collapsed on the dates that are asked for alone: on others, such
    /// as the next day, on which the last rows of a date were observed, only some rows of an hour are read.
    ///
    /// ```no_run
    /// use tiltmeter_record::ModelSpec;
    /// use tiltmeter_store::PredictionTable;
    ///
    /// # async fn read() -> Result<(), Box<dyn std::error::Error>> {
    /// let spec = ModelSpec::read_file("model.yaml")?;
    /// let corrected = PredictionTable::local("/var/lib/predictions").read_with_losses(&spec, .., "parquet").await?;
    /// println!("{} of {} minutes", corrected.losses.share(), corrected.losses.minutes.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`read`](Self::read); so are cost and cancellation.
    pub async fn read_with_losses(
        &self,
        spec: &ModelSpec,
        dates: impl RangeBounds<Date> + Send,
        sink: &str,
    ) -> Result<CorrectedRead, Error> {
        let dates: (Bound<Date>, Bound<Date>) = (dates.start_bound().cloned(), dates.end_bound().cloned());
        let mut read = self.read_between(spec, dates).await?;
        let observed = read.predictions.inclusion().and_then(observed);
        let is_wanted = |date: Date| {
            dates.contains(&date) || observed.as_ref().is_some_and(|observed| observed.contains(&date))
        };
        let gaps = read_gaps_of(&self.root.join("gaps"), is_wanted).await?;
        let inclusion = match read.predictions.take_inclusion() {
            Some(inclusion) => inclusion,
            // a table without rows
            None => InclusionColumns::new(Vec::new(), Vec::new(), Categories::new()).map_err(Error::fault)?,
        };
        let losses = gaps.gaps.iter().map(|gap| &gap.gap);
        let is_whole = |hour: Timestamp| dates.contains(&Offset::UTC.to_datetime(hour).date());
        let corrected = LossCorrection::of_hours(inclusion, &spec.name, sink, losses, is_whole);
        read.predictions = read.predictions.with_inclusion(corrected.inclusion).map_err(Error::fault)?;
        Ok(CorrectedRead {
            read,
            losses: corrected.report,
            gap_files: gaps.files,
            gap_problems: gaps.problems,
        })
    }
}

/// The dates (UTC) on which rows were observed.
fn observed(inclusion: &InclusionColumns) -> Option<RangeInclusive<Date>> {
    let times = &inclusion.loss_classes()?.observed_at;
    let date = |micros: i64| {
        Timestamp::from_microsecond(micros).ok().map(|time| Offset::UTC.to_datetime(time).date())
    };
    Some(date(*times.iter().min()?)?..=date(*times.iter().max()?)?)
}
