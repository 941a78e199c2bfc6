//! What turned out to be true.

use arrow_array::RecordBatch;
use bytes::Bytes;
use tiltmeter_record::columns::{LabelColumns, Texts};
use tiltmeter_record::spec::LabelRule;

use crate::column::Column;
use crate::error::Error;
use crate::file::{ParquetFile, contain};
use crate::limits::Limits;
use crate::listing::Listing;
use crate::location::Location;
use crate::problem::{FileProblem, Reason};

/// What was read of labels.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LabelsRead {
    /// The rows of the files that could be read and have their times, in the order of the files' paths and of their
    /// rows.
    pub labels: LabelColumns,
    /// How many files there are, those with problems among them. What could not be listed counts as one.
    pub files: u64,
    /// How many rows were read, those without a time among them.
    pub rows: u64,
    /// How many of them were left out, because they do not say when the label arrived or when its event was.
    pub rows_without_time: u64,
    /// The files that could not be read, in the order of their paths. Their rows are missing in `labels`.
    pub problems: Vec<FileProblem>,
}

/// Reads labels: one Parquet file, or a folder of them, with the columns that `rule` names.
///
/// | column | types |
/// | --- | --- |
/// | `entity_id` | texts, plain or coded by a dictionary |
/// | `label` | booleans as 0 and 1, integers, floats; NULL becomes NaN |
/// | `arrival_time`, `event_time` | timestamps of any unit; without a timezone they are taken as UTC |
///
/// The path in the rule is not looked at: it is relative to the spec, and the caller knows where that lies. Which
/// revision counts is not decided here either; all rows are returned. A file that is damaged, lacks one of the
/// columns, or has one of another type is not used at all, and stands in [`LabelsRead::problems`].
///
/// ```no_run
/// use std::path::Path;
///
/// use tiltmeter_record::ModelSpec;
/// use tiltmeter_store::{Location, read_labels};
///
/// # async fn read() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = Path::new("models/flight-delay");
/// let spec = ModelSpec::read_file(folder.join("model.yaml"))?;
/// if let Some(rule) = &spec.labels {
///     let read = read_labels(&Location::local(folder.join(&rule.path)), rule).await?;
///     println!("{} labels", read.labels.len());
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When there is no file: [`Error::is_not_found`]. When nothing can be listed: [`Error::is_storage`].
///
/// # Cost
/// Files are fetched whole, four ahead, and decoded one after the other on the caller's task. Memory is the columns
/// that are returned, the bytes of five files, and the values of one file twice. The [`Limits`] of the location bound
/// each file; nothing bounds how many there are.
///
/// # Cancellation
/// Dropping the future stops the reading; there is nothing to undo.
pub async fn read_labels(location: &Location, rule: &LabelRule) -> Result<LabelsRead, Error> {
    let listing = Listing::needed(location, "labels").await?;
    let mut gathered = Gathered::default();
    let problems = listing.read_each(|_, bytes| gathered.read_file(bytes, listing.limits, rule)).await;
    let Gathered { rows, rows_without_time, entity_id, label, arrival_time, event_time } = gathered;
    let event_time = rule.event_time.is_some().then_some(event_time);
    let labels = LabelColumns::new(entity_id, label, arrival_time, event_time).map_err(Error::fault)?;
    Ok(LabelsRead { labels, files: listing.len(), rows, rows_without_time, problems })
}

/// The columns of all files.
#[derive(Debug, Default)]
struct Gathered {
    rows: u64,
    rows_without_time: u64,
    entity_id: Texts,
    label: Vec<f64>,
    arrival_time: Vec<i64>,
    /// Empty when the rule has none.
    event_time: Vec<i64>,
}

/// The values of one batch.
struct Values<'b> {
    entity_id: Vec<Option<&'b str>>,
    label: Vec<f64>,
    arrival_time: Vec<Option<i64>>,
    event_time: Option<Vec<Option<i64>>>,
}

impl<'b> Values<'b> {
    fn of(batch: &'b RecordBatch, rule: &'b LabelRule) -> Result<Self, Reason> {
        let event_time = rule.event_time.as_deref().map(|name| Column::of(batch, name)?.times());
        Ok(Self {
            entity_id: Column::of(batch, &rule.entity_id)?.texts()?,
            label: Column::of(batch, &rule.label)?.labels()?,
            arrival_time: Column::of(batch, &rule.arrival_time)?.times()?,
            event_time: event_time.transpose()?,
        })
    }
}

impl Gathered {
    /// Reads a file: all of it, or nothing.
    fn read_file(&mut self, bytes: Bytes, limits: Limits, rule: &LabelRule) -> Result<(), Reason> {
        let file = ParquetFile::open(bytes, limits)?;
        let own = [&rule.entity_id, &rule.label, &rule.arrival_time];
        let columns: Vec<&str> = own.into_iter().chain(&rule.event_time).map(String::as_str).collect();
        if let Some(column) = columns.iter().find(|column| file.schema().index_of(column).is_err()) {
            return Err(Reason::missing(column));
        }
        let mut good = Vec::new();
        file.decode(columns, |batch| {
            Values::of(&batch, rule)?;
            good.push(batch);
            Ok(())
        })?;
        // one batch after the other, because values take more memory than batches; none fails that did not before
        good.into_iter().try_for_each(|batch| {
            self.append(&contain(|| Values::of(&batch, rule))?);
            Ok(())
        })
    }

    fn append(&mut self, values: &Values<'_>) {
        let rows = values.entity_id.iter().zip(&values.label).zip(&values.arrival_time).enumerate();
        for (row, ((entity_id, label), arrival_time)) in rows {
            self.rows += 1;
            let event_time = values.event_time.as_ref().map(|times| times.get(row).copied().flatten());
            let (Some(arrival_time), None | Some(Some(_))) = (arrival_time, event_time) else {
                self.rows_without_time += 1;
                continue;
            };
            self.entity_id.push(*entity_id);
            self.label.push(*label);
            self.arrival_time.push(*arrival_time);
            self.event_time.extend(event_time.flatten());
        }
    }
}
