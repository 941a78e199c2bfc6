//! The data that a model is compared with.

mod columns;

use std::collections::BTreeSet;

use bytes::Bytes;
use tiltmeter_record::columns::PredictionColumns;
use tiltmeter_record::{FeatureName, ModelSpec};

use crate::error::Error;
use crate::file::ParquetFile;
use crate::limits::Limits;
use crate::listing::Listing;
use crate::location::Location;
use crate::problem::{FileProblem, Reason};
use crate::rows::{Gathered, Roles};

/// What was read of reference data, and what it does not have.
///
/// What is said of all files is said of those that could be read; when none could, nothing was found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReferenceRead {
    /// The rows of the files that could be read, in the order of the files' paths and of their rows.
    pub predictions: PredictionColumns,
    /// The label of each row, NaN where it is missing; `None` when no file has the column.
    pub labels: Option<Vec<f64>>,
    /// The features of the spec that no file has, in its order: all of their values are missing.
    pub missing_features: Vec<FeatureName>,
    /// Whether a file has scores; if not, all of them are missing.
    pub has_score: bool,
    /// Whether each file has event times; where one has none, its rows have 1970-01-01T00:00:00Z.
    pub has_event_time: bool,
    /// Whether a file has entity ids; if not, all of them are missing.
    pub has_entity_id: bool,
    /// Whether a file has versions of the model; if not, all of them are missing.
    pub has_model_version: bool,
    /// The models that files say they are of, in alphabetical order: files of the log do, others need not. Whether it
    /// is the model of the spec is for the caller to compare.
    pub model_names: Vec<String>,
    /// How many files there are, those with problems among them. What could not be listed counts as one.
    pub files: u64,
    /// How many rows were read, copies among them.
    pub rows: u64,
    /// How many of them were left out, because a row with their `writer_id` and `sequence` was there already. A file
    /// without these two columns has no copies.
    pub copies: u64,
    /// The files that could not be read, in the order of their paths. Their rows are missing in `predictions`.
    pub problems: Vec<FileProblem>,
}

/// Reads reference data: one Parquet file, or a folder of them, such as some dates of a prediction table.
///
/// | column | what it is |
/// | --- | --- |
/// | `<feature>`, or its [column](tiltmeter_record::spec::FeatureSpec::column) in the log such as `feature_<feature>` | a feature of the spec; the second counts when there are both |
/// | `score` | the model's score |
/// | `event_time`, or else `timestamp` | when the event was: a timestamp of any unit; UTC if it has no timezone |
/// | `entity_id` | what the row is about |
/// | `model_version` | the version of the model that made the score |
/// | the spec's `labels.label`, `label` by default | what turned out to be true: booleans, integers or floats |
///
/// None of them is needed: what is absent is said in the result. Where a feature has the name of one of the others,
/// its column needs the prefix. Numbers may have any integer or float type. A file that is damaged, or has one of
/// these columns with another type, is not used at all, and stands in [`ReferenceRead::problems`].
///
/// ```no_run
/// use tiltmeter_record::ModelSpec;
/// use tiltmeter_store::{Location, read_reference};
///
/// # async fn read() -> Result<(), Box<dyn std::error::Error>> {
/// let spec = ModelSpec::read_file("model.yaml")?;
/// let read = read_reference(&Location::local("data/reference.parquet"), &spec).await?;
/// if !read.missing_features.is_empty() {
///     println!("the reference data lack {:?}", read.missing_features);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When there is no file: [`Error::is_not_found`]. When nothing can be listed: [`Error::is_storage`].
///
/// # Cost
/// As [`PredictionTable::read`](crate::PredictionTable::read), and so is cancellation.
pub async fn read_reference(location: &Location, spec: &ModelSpec) -> Result<ReferenceRead, Error> {
    let listing = Listing::needed(location, "reference data").await?;
    let mut rows = Gathered::new(spec);
    let mut found = Found::nothing(spec);
    let problems = listing
        .read_each(|_, bytes| {
            found.add(read_file(bytes, listing.limits, spec, &mut rows)?);
            Ok(())
        })
        .await;
    let (all, copies) = (rows.rows, rows.copies);
    let (predictions, labels) = rows.finish().map_err(Error::fault)?;
    let features = spec.features.iter().zip(&found.features);
    Ok(ReferenceRead {
        predictions,
        labels: found.label.then(|| labels.unwrap_or_default()),
        missing_features: features.filter(|(_, is_there)| !**is_there).map(|(f, _)| f.name.clone()).collect(),
        has_score: found.score,
        has_event_time: found.files > 0 && found.files == found.files_with_event_time,
        has_entity_id: found.entity_id,
        has_model_version: found.model_version,
        model_names: found.model_names.into_iter().collect(),
        files: listing.len(),
        rows: all,
        copies,
        problems,
    })
}

/// A file that was read.
struct ReadFile {
    roles: Roles,
    model_name: Option<String>,
}

/// Reads a file into `rows`: all of it, or nothing.
fn read_file(
    bytes: Bytes,
    limits: Limits,
    spec: &ModelSpec,
    rows: &mut Gathered,
) -> Result<ReadFile, Reason> {
    let file = ParquetFile::open(bytes, limits)?;
    let roles = columns::roles(file.schema(), spec);
    let model_name = file.metadata("tiltmeter.model_name").map(str::to_owned);
    rows.read(file, &roles, spec)?;
    Ok(ReadFile { roles, model_name })
}

/// What the files have.
struct Found {
    files: u64,
    files_with_event_time: u64,
    entity_id: bool,
    model_version: bool,
    score: bool,
    label: bool,
    /// One for each feature of the spec.
    features: Vec<bool>,
    model_names: BTreeSet<String>,
}

impl Found {
    fn nothing(spec: &ModelSpec) -> Self {
        Self {
            files: 0,
            files_with_event_time: 0,
            entity_id: false,
            model_version: false,
            score: false,
            label: false,
            features: vec![false; spec.features.len()],
            model_names: BTreeSet::new(),
        }
    }

    fn add(&mut self, file: ReadFile) {
        let ReadFile { roles, model_name } = file;
        self.files += 1;
        self.files_with_event_time += u64::from(roles.event_time.is_some());
        self.entity_id |= roles.entity_id.is_some();
        self.model_version |= roles.model_version.is_some();
        self.score |= roles.score.is_some();
        self.label |= roles.label.is_some();
        for (is_there, column) in self.features.iter_mut().zip(&roles.features) {
            *is_there |= column.is_some();
        }
        self.model_names.extend(model_name);
    }
}
