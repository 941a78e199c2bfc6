//! Predictions with probabilities that are corrected for losses.

use std::collections::{BTreeSet, HashSet};
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use tiltmeter_record::columns::{Categories, InclusionColumns, LossClassColumns, LossCorrection, LossReport};
use tiltmeter_record::{Gap, GapUnit, ModelSpec, Window, WindowWidth};

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
    /// What was lost, and in which minutes: those on the dates, and those in which one of the rows was observed. What was lost in
    /// a minute with rows of two dates stands in the reports of both.
    pub losses: LossReport,
    /// How many files of gaps there are for that time. 0: nothing was lost, or the root is another one.
    pub gap_files: u64,
    /// Files of gaps that could not be read: losses may be missing.
    pub gap_problems: Vec<FileProblem>,
    /// The sinks that lost rows, of any model, by the gaps of that time, each once and sorted. The sink that was asked for lost
    /// none if it is not among them, or it has another name: rows that it lost are not corrected for then.
    pub sinks: Vec<Arc<str>>,
    /// Files of the dates around those that could not be read: rows of theirs may be missing where minutes have rows of two dates,
    /// so that what was lost in these counts for too few rows.
    pub neighbour_problems: Vec<FileProblem>,
}

type Dates = (Bound<Date>, Bound<Date>);

impl PredictionTable {
    /// Reads the predictions of some dates as [`read_between`](Self::read_between) does, and corrects their probabilities for
    /// what was lost on the way to `sink`, the sink that wrote the table: by the gaps beside it, under the assumption of
    /// [`LossCorrection`]. See [`CorrectedRead::sinks`] for whether that name is one.
    ///
    /// A loss is told by the minute in which it was observed, a row lies on the date of its event. So that all rows of a minute
    /// share what was lost in it, those of one more date on either side are read as well, without their values, where there are
    /// gaps. The weights of two dates are the same whether they are read one by one or both at once, as long as events lie less
    /// than twelve hours from when they were observed. Where these are far from each other, as after a replay, read all
    /// dates: rows of a minute with losses that are left out would make those that are read stand for all of its losses.
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
    /// As [`read`](Self::read); so are cost and cancellation. Where there are gaps, the files of two more dates are fetched, whole.
    pub async fn read_with_losses(
        &self,
        spec: &ModelSpec,
        dates: impl RangeBounds<Date> + Send,
        sink: &str,
    ) -> Result<CorrectedRead, Error> {
        let dates: Dates = (dates.start_bound().cloned(), dates.end_bound().cloned());
        let mut read = self.read_between(spec, dates).await?;
        let inclusion = read.predictions.take_inclusion().map_or_else(no_rows, Ok)?;
        let minutes = observed(&inclusion);
        let observed_on: HashSet<Date> = minutes.iter().copied().map(date_of_time).collect();
        let is_wanted = |date: Date| dates.contains(&date) || observed_on.contains(&date);
        let mut gaps = read_gaps_of(&self.root.join("gaps"), is_wanted).await?;
        let of_sinks = gaps.gaps.iter().filter(|gap| gap.gap.unit == GapUnit::Prediction);
        let sinks: BTreeSet<Arc<str>> = of_sinks.filter_map(|gap| gap.gap.sink.clone()).collect();
        gaps.gaps.retain(|gap| {
            let minute = Window::of(gap.gap.minute, WindowWidth::Minute).start();
            dates.contains(&date_of_time(minute)) || minutes.contains(&minute)
        });
        let of_these = gaps.gaps.iter().map(|gap| &gap.gap);
        let may_matter = |gap: &Gap| {
            gap.model_name.as_deref() == Some(spec.name.as_str())
                && (gap.unit == GapUnit::Exchange || gap.sink.as_deref() == Some(sink))
        };
        let (neighbours, neighbour_problems) = if of_these.clone().any(may_matter) {
            let is_neighbour = |date| !dates.contains(&date) && is_beside(&dates, date);
            self.read_inclusion(spec, is_neighbour).await?
        } else {
            (None, Vec::new())
        };
        let is_whole = |hour: Timestamp| {
            let date = date_of_time(hour);
            dates.contains(&date) || is_beside(&dates, date)
        };
        let corrected = match neighbours {
            None => LossCorrection::of_hours(inclusion, &spec.name, sink, of_these, is_whole),
            Some(neighbours) => {
                let all = joined(&inclusion, &neighbours)?;
                let corrected = LossCorrection::of_hours(all, &spec.name, sink, of_these, is_whole);
                corrected.of_first(inclusion).map_err(Error::fault)?
            }
        };
        read.predictions = read.predictions.with_inclusion(corrected.inclusion).map_err(Error::fault)?;
        Ok(CorrectedRead {
            read,
            losses: corrected.report,
            gap_files: gaps.files,
            gap_problems: gaps.problems,
            sinks: sinks.into_iter().collect(),
            neighbour_problems,
        })
    }
}

/// Of a table without rows.
fn no_rows() -> Result<InclusionColumns, Error> {
    let no_classes = LossClassColumns {
        observed_at: Vec::new(),
        endpoint: Categories::new(),
        size_class: Categories::new(),
        priority: Categories::new(),
    };
    let none = InclusionColumns::new(Vec::new(), Vec::new(), Categories::new()).map_err(Error::fault)?;
    none.with_loss_classes(no_classes).map_err(Error::fault)
}

/// Whether the day before or the day after is among the dates.
fn is_beside(dates: &Dates, date: Date) -> bool {
    [date.yesterday(), date.tomorrow()].into_iter().flatten().any(|date| dates.contains(&date))
}

fn date_of_time(time: Timestamp) -> Date {
    Offset::UTC.to_datetime(time).date()
}

/// The minutes in which rows were observed.
fn observed(inclusion: &InclusionColumns) -> HashSet<Timestamp> {
    let times = inclusion.loss_classes().map(|classes| &*classes.observed_at).unwrap_or_default();
    let times = times.iter().filter_map(|&micros| Timestamp::from_microsecond(micros).ok());
    times.map(|time| Window::of(time, WindowWidth::Minute).start()).collect()
}

/// The rows of both, those of the first first.
fn joined(first: &InclusionColumns, second: &InclusionColumns) -> Result<InclusionColumns, Error> {
    let texts = |first: &Categories, second: &Categories| -> Categories {
        let rows = (0..first.len()).map(|row| first.get(row));
        rows.chain((0..second.len()).map(|row| second.get(row))).collect()
    };
    let joined = InclusionColumns::new(
        [first.probability(), second.probability()].concat(),
        [first.request(), second.request()].concat(),
        texts(first.stratum(), second.stratum()),
    );
    let joined = joined.map_err(Error::fault)?;
    // rows without classes are not corrected, whatever the others have
    let (Some(first), Some(second)) = (first.loss_classes(), second.loss_classes()) else {
        return Ok(joined);
    };
    let classes = LossClassColumns {
        observed_at: [&*first.observed_at, &*second.observed_at].concat(),
        endpoint: texts(&first.endpoint, &second.endpoint),
        size_class: texts(&first.size_class, &second.size_class),
        priority: texts(&first.priority, &second.priority),
    };
    joined.with_loss_classes(classes).map_err(Error::fault)
}
