//! What was asked, of a few requests.

mod wanted;

use std::fmt;

use arrow_array::RecordBatch;
use bytes::Bytes;
use jiff::Timestamp;
use tiltmeter_record::privacy::StoredMasker;
use tiltmeter_record::{ModelSpec, Value, ValueType};

use self::wanted::Wanted;
use crate::column::Column;
use crate::error::Error;
use crate::limits::Limits;
use crate::predictions::{PredictionTable, open};
use crate::problem::{FileProblem, Reason};

/// Features by name, and their values as text.
type Inputs = Vec<(String, String)>;

/// One instance of a request: what it is called, and when it was.
#[derive(Clone, PartialEq, Eq)]
pub struct InstanceKey {
    /// The client's name for the request.
    pub request_id: String,
    /// The place of the instance in it, from 0.
    pub instance_index: u32,
    /// Its event time, if it is known: files of other dates are not read then.
    pub event_time: Option<Timestamp>,
}

/// What was read of inputs.
#[derive(Clone)]
#[non_exhaustive]
pub struct InputsRead {
    /// What was asked, in the order of what was wanted: features by name, in the order of the spec, and their values as text.
    /// `None` where the table has no such row; a feature that is missing in its row is left out.
    pub inputs: Vec<Option<Vec<(String, String)>>>,
    /// How many files there are for those dates, with problems or without, and in folders of no date.
    pub files: u64,
    /// How many rows were looked through.
    pub rows: u64,
    /// The files that could not be read, in the order of their paths. What was asked may stand in one of them.
    pub problems: Vec<FileProblem>,
}

impl PredictionTable {
    /// Reads what was asked, of a few instances of requests: the features of `spec`. The raw input is not read.
    ///
    /// They have been through the privacy policy that the log had, and go through that of `spec`: what it hides is not
    /// returned, also where it is newer than the rows. What it drops is left out, a text that it hashes and the table has as it
    /// was is `***`; the others: [`StoredMasker`].
    ///
    /// A row is the one that is wanted if its request id and instance are, and, where the event time is known, if its own is
    /// not more than a second off: clients use ids again, and two who have watched a request may each have taken the time of
    /// its arrival. Of several such rows the nearest counts, and of those that are as near, such as copies, the
    /// first in the order of paths.
    ///
    /// Numbers are written so that they are read as the same number again. Files are used whole or not at all, as by
    /// [`read`](Self::read).
    ///
    /// ```no_run
    /// use tiltmeter_record::ModelSpec;
    /// use tiltmeter_store::{InstanceKey, PredictionTable};
    ///
    /// # async fn read() -> Result<(), Box<dyn std::error::Error>> {
    /// let spec = ModelSpec::read_file("model.yaml")?;
    /// let wanted = [InstanceKey {
    ///     request_id: "order-4711".to_owned(),
    ///     instance_index: 0,
    ///     event_time: Some("2026-01-31T12:00:00Z".parse()?),
    /// }];
    /// let read = PredictionTable::local("/var/lib/predictions").inputs_of(&spec, &wanted).await?;
    /// if let Some(inputs) = &read.inputs[0] {
    ///     println!("{inputs:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When nothing can be listed: [`Error::is_storage`]; when a pattern of a policy that was not read from a spec is no
    /// regular expression.
    ///
    /// # Cost
    /// Of the dates of what is wanted, or of all dates if one event time is not known, files are fetched whole, four ahead;
    /// of each the ids, times and features are decoded, some thousand rows at a time. Memory is the bytes of five files, such
    /// a batch of rows, and twice what is returned.
    pub async fn inputs_of(&self, spec: &ModelSpec, wanted: &[InstanceKey]) -> Result<InputsRead, Error> {
        if wanted.is_empty() {
            return Ok(InputsRead { inputs: Vec::new(), files: 0, rows: 0, problems: Vec::new() });
        }
        let wanted = Wanted::of(wanted);
        let mut masker = StoredMasker::new(spec).map_err(Error::policy)?;
        let listing = self.listing(&spec.name, |date| wanted.may_lie_on(date)).await?;
        let mut found = vec![None; wanted.len()];
        let mut rows = 0;
        let problems = listing
            .read_each(|_, bytes| {
                rows += read_file(bytes, listing.limits, spec, &mut masker, &wanted, &mut found)?;
                Ok(())
            })
            .await;
        let inputs = found.into_iter().map(|found| found.map(|found| found.inputs)).collect();
        Ok(InputsRead { inputs, files: listing.len(), rows, problems })
    }
}

/// A row that may be the wanted one.
#[derive(Clone)]
struct Found {
    /// How many microseconds it is off.
    off: u64,
    inputs: Inputs,
}

/// Looks for what is wanted in a file: in all of it, or it counts for nothing. How many rows it has.
fn read_file(
    bytes: Bytes,
    limits: Limits,
    spec: &ModelSpec,
    masker: &mut StoredMasker,
    wanted: &Wanted<'_>,
    found: &mut [Option<Found>],
) -> Result<u64, Reason> {
    const KEYS: [&str; 3] = ["request_id", "instance_index", "event_time"];
    let file = open(bytes, limits, &spec.name)?;
    let is_there = |name: &str| file.schema().index_of(name).is_ok();
    if let Some(column) = KEYS.into_iter().find(|name| !is_there(name)) {
        return Err(Reason::missing(column));
    }
    let features = spec.features.iter().enumerate().filter(|(place, _)| !masker.drops(*place));
    let features: Vec<Feature<'_>> = features
        .map(|(place, feature)| Feature {
            place,
            name: feature.name.as_str(),
            value_type: feature.value_type,
            column: feature.column(),
        })
        .filter(|feature| is_there(&feature.column))
        .collect();
    let mut nearest: Vec<Option<Found>> = vec![None; wanted.len()];
    let mut rows = 0;
    let columns: Vec<&str> =
        KEYS.into_iter().chain(features.iter().map(|feature| &*feature.column)).collect();
    file.decode(columns, |batch| {
        rows += batch.num_rows() as u64;
        look(&batch, &features, masker, wanted, &mut nearest)
    })?;
    for (found, nearest) in found.iter_mut().zip(nearest) {
        if nearest.as_ref().is_some_and(|nearest| is_nearer(nearest.off, found.as_ref())) {
            *found = nearest;
        }
    }
    Ok(rows)
}

fn is_nearer(off: u64, than: Option<&Found>) -> bool {
    than.is_none_or(|found| off < found.off)
}

/// A feature of the spec that the file has.
struct Feature<'s> {
    /// In the spec.
    place: usize,
    name: &'s str,
    value_type: ValueType,
    column: String,
}

/// Looks for what is wanted in a batch.
fn look(
    batch: &RecordBatch,
    features: &[Feature<'_>],
    masker: &mut StoredMasker,
    wanted: &Wanted<'_>,
    nearest: &mut [Option<Found>],
) -> Result<(), Reason> {
    let request_id = Column::of(batch, "request_id")?.texts()?;
    let instance_index = Column::of(batch, "instance_index")?.places()?;
    let event_time = Column::of(batch, "event_time")?.times()?;
    // by place in what is wanted: the row, and how far it is off
    let mut hits: Vec<Option<(usize, u64)>> = vec![None; wanted.len()];
    for (row, id) in request_id.into_iter().enumerate() {
        let Some(id) = id else { continue };
        for (place, off) in wanted.matches(id, instance_index[row], event_time[row]) {
            let held = hits[place].is_none_or(|(_, held)| off < held);
            if held && is_nearer(off, nearest[place].as_ref()) {
                hits[place] = Some((row, off));
            }
        }
    }
    // values cost more than ids; of a batch without rows, which comes first, they are looked at for their types
    if batch.num_rows() > 0 && hits.iter().all(Option::is_none) {
        return Ok(());
    }
    let values = features.iter().map(|feature| feature.values(batch)).collect::<Result<Vec<_>, _>>()?;
    for (nearest, hit) in nearest.iter_mut().zip(hits) {
        let Some((row, off)) = hit else { continue };
        let inputs = features.iter().zip(&values);
        let inputs = inputs.filter_map(|(feature, values)| {
            let shown = masker.apply(feature.place, values.get(row));
            Some((feature.name.to_owned(), text(shown)?))
        });
        *nearest = Some(Found { off, inputs: inputs.collect() });
    }
    Ok(())
}

/// The values of a feature in a batch.
enum Values<'b> {
    Integers(Vec<Option<i64>>),
    Numbers(Vec<f64>),
    Texts(Vec<Option<&'b str>>),
}

impl Feature<'_> {
    fn values<'b>(&'b self, batch: &'b RecordBatch) -> Result<Values<'b>, Reason> {
        let column = Column::of(batch, &self.column)?;
        match self.value_type {
            // as numbers large ones would be rounded
            ValueType::Integer => {
                column.integers().map(Values::Integers).or_else(|_| column.numbers().map(Values::Numbers))
            }
            ValueType::Float => column.numbers().map(Values::Numbers),
            ValueType::String => column.texts().map(Values::Texts),
            ValueType::Boolean => column.flags().map(Values::Texts),
        }
    }
}

impl Values<'_> {
    fn get(&self, row: usize) -> Value {
        match self {
            Self::Integers(values) => values.get(row).copied().flatten().into(),
            Self::Numbers(values) => values.get(row).copied().filter(|value| !value.is_nan()).into(),
            Self::Texts(values) => values.get(row).copied().flatten().into(),
        }
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Missing => None,
        Value::Boolean(value) => Some(value.to_string()),
        Value::Integer(value) => Some(value.to_string()),
        Value::Float(value) => Some(value.to_string()),
        Value::Text(value) => Some(value.to_string()),
    }
}

/// Without its id, which may be personal data.
impl fmt::Debug for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstanceKey").field("instance_index", &self.instance_index).finish_non_exhaustive()
    }
}

/// Without values, which may be personal data.
impl fmt::Debug for InputsRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InputsRead")
            .field("wanted", &self.inputs.len())
            .field("found", &self.inputs.iter().flatten().count())
            .field("files", &self.files)
            .field("rows", &self.rows)
            .field("problems", &self.problems)
            .finish()
    }
}
