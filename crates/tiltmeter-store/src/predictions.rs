//! The prediction table, as the log writes it.

use std::ops::{Range, RangeBounds};
use std::path::Path as FsPath;
use std::sync::Arc;

use arrow_schema::Schema;
use bytes::Bytes;
use jiff::civil::{Date, date};
use object_store::ObjectStore;
use object_store::path::Path;
use tiltmeter_record::columns::{InclusionColumns, PredictionColumns};
use tiltmeter_record::{ModelName, ModelSpec};

use crate::error::Error;
use crate::file::ParquetFile;
use crate::limits::Limits;
use crate::listing::Listing;
use crate::location::Location;
use crate::problem::{FileProblem, Reason};
use crate::rows::{Gathered, InclusionRoles, Roles};

/// The prediction tables below one root, one for each model: what the log's `ParquetSink` writes.
///
/// ```text
/// <root>/predictions/model_name=flight-delay/date=2013-04-03/<incarnation>-000017.parquet
/// ```
///
/// The date is the UTC date of `event_time`. Of a date's folder and the folders in it, all files count whose name ends
/// with `.parquet`, unless a name on the way begins with `.` or `_`. Such a file in a folder that is not a date's is
/// not read, and is reported as a [`FileProblem`]; so is what cannot be listed, see [`Location`].
#[derive(Clone, Debug)]
pub struct PredictionTable {
    pub(crate) root: Location,
}

/// What was read of a prediction table.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PredictionsRead {
    /// The rows of the files that could be read, each once, in the order of the files' paths and of their rows.
    pub predictions: PredictionColumns,
    /// How many files there are for those dates, with problems or without, and in folders of no date. 0: nothing has
    /// been logged yet, or the root is another one. What could not be listed counts as one.
    pub files: u64,
    /// How many rows were read, copies among them.
    pub rows: u64,
    /// How many of them were left out, because a row with their writer and sequence was there already.
    pub copies: u64,
    /// How many rows of `predictions` have an `event_time` that does not lie on the date of their folder (UTC). The
    /// log makes the folder from the time, so that there are none in what it wrote: somebody moved or changed files.
    /// The rows are used all the same, also by [`read_between`](PredictionTable::read_between), which goes by the
    /// folders: it may miss rows of its dates, and return some of others. Tell a person.
    pub misplaced: u64,
    /// The files that could not be read, in the order of their paths. Their rows are missing in `predictions`.
    pub problems: Vec<FileProblem>,
}

impl PredictionTable {
    /// The tables below a local folder: the `root` of `ParquetSink::local`. Nothing is looked at until it is read.
    #[must_use]
    pub fn local(root: impl AsRef<FsPath>) -> Self {
        Self { root: Location::local(root) }
    }

    /// The tables below a prefix of an object store: the `prefix` of `ParquetSink::object_store`.
    #[must_use]
    pub fn object_store(store: Arc<dyn ObjectStore>, prefix: Path) -> Self {
        Self { root: Location::object_store(store, prefix) }
    }

    /// How large a file may be.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { root: self.root.with_limits(limits) }
    }

    /// The folder of a model's table.
    #[must_use]
    pub fn folder(&self, model: &ModelName) -> Location {
        // the name of a model is safe in a path: see `ModelName`
        self.root.join("predictions").join(&format!("model_name={model}"))
    }

    /// Reads all predictions of a model.
    ///
    /// What is read of each row is when, of what and by which version it was made, its score, the features of `spec`, and
    /// [how it came to be there](PredictionColumns::inclusion). Without an inclusion probability a row was kept for certain;
    /// one that is not above 0 and up to 1 makes the file a problem. Rows with one request id are one request, by a hash
    /// (SipHash-1-3 with a fixed key); where the privacy policy of `spec` may make ids alike (it drops, masks or cuts them, or
    /// looks through texts), the instances of an exchange are, by writer and sequence. A row that does not say when it was observed
    /// has its event time. Rows with the same `writer_id` and `sequence` are copies: the first in the order of paths counts,
    /// whatever the others hold. Numbers may have any integer or float type; an integer beyond 2^53 is rounded.
    ///
    /// Files of all versions of the [schema](tiltmeter_record::schema) are read as one table: what a file does not have is
    /// missing in its rows. A feature is read from its [column](tiltmeter_record::spec::FeatureSpec::column) alone: where the
    /// spec gives it a new one, it is missing in rows that were written before.
    ///
    /// A file that is damaged, lacks a column that each version of the schema has (`writer_id`, `sequence`,
    /// `event_time`), has a column of another type or is of another model is not used at all, and stands in
    /// [`PredictionsRead::problems`]. A table without files, or without a folder, is not an error: `files` is 0.
    ///
    /// # Errors
    /// When nothing can be listed: [`Error::is_storage`].
    ///
    /// # Cost
    /// Files are fetched whole, four ahead, and decoded one after the other on the caller's task, which is kept from
    /// its executor for as long as one file takes. Memory is the columns that are returned, the bytes of five files,
    /// the values of one file twice, and less than a byte for each row to recognise copies. The [`Limits`] bound each
    /// file; nothing bounds how many there are.
    ///
    /// # Cancellation
    /// Dropping the future stops the reading; nothing is written, and there is nothing to undo.
    pub async fn read(&self, spec: &ModelSpec) -> Result<PredictionsRead, Error> {
        self.read_between(spec, ..).await
    }

    /// Reads the predictions of a model whose `event_time` lies on one of those dates (UTC), by the folders that the
    /// log puts them in. Files of other dates are not fetched.
    ///
    /// ```no_run
    /// use jiff::civil::date;
    /// use tiltmeter_record::ModelSpec;
    /// use tiltmeter_store::PredictionTable;
    ///
    /// # async fn read() -> Result<(), Box<dyn std::error::Error>> {
    /// let spec = ModelSpec::read_file("model.yaml")?;
    /// let april = date(2013, 4, 1)..date(2013, 5, 1);
    /// let read = PredictionTable::local("/var/lib/predictions").read_between(&spec, april).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`read`](Self::read); so are cost and cancellation.
    pub async fn read_between(
        &self,
        spec: &ModelSpec,
        dates: impl RangeBounds<Date> + Send,
    ) -> Result<PredictionsRead, Error> {
        let listing = self.listing(&spec.name, |date| dates.contains(&date)).await?;
        let mut rows = Gathered::new(spec);
        let mut misplaced = 0;
        let problems = listing
            .read_each(|file, bytes| {
                let before = rows.event_time().len();
                read_file(bytes, listing.limits, spec, &mut rows)?;
                if let Some(date) = date_of(file.first_folder.as_deref()) {
                    let day = microseconds(date);
                    let added = rows.event_time().iter().skip(before);
                    misplaced += added.map(|&time| u64::from(!day.contains(&time))).sum::<u64>();
                }
                Ok(())
            })
            .await;
        let (all, copies) = (rows.rows, rows.copies);
        let (predictions, _) = rows.finish().map_err(Error::fault)?;
        Ok(PredictionsRead { predictions, files: listing.len(), rows: all, copies, misplaced, problems })
    }

    /// How the rows of some dates came to be there, without their values; `None` without rows. And the files of these dates that
    /// could not be read.
    pub(crate) async fn read_inclusion(
        &self,
        spec: &ModelSpec,
        is_wanted: impl Fn(Date) -> bool,
    ) -> Result<(Option<InclusionColumns>, Vec<FileProblem>), Error> {
        let mut listing = self.listing(&spec.name, is_wanted).await?;
        // files of no date are a problem of the dates that are wanted
        listing.files.retain(|file| date_of(file.first_folder.as_deref()).is_some());
        let mut without_values = spec.clone();
        without_values.features.clear();
        let mut rows = Gathered::new(&without_values);
        let problems = listing
            .read_each(|_, bytes| {
                let file = open(bytes, listing.limits, &spec.name)?;
                let roles = roles(file.schema(), &without_values)?;
                let roles = Roles { entity_id: None, model_version: None, score: None, ..roles };
                rows.read(file, &roles, &without_values)
            })
            .await;
        let (mut columns, _) = rows.finish().map_err(Error::fault)?;
        Ok((columns.take_inclusion(), problems))
    }

    /// The files of the dates that are wanted, and those of no date, which cannot be read.
    pub(crate) async fn listing(
        &self,
        model: &ModelName,
        is_wanted: impl Fn(Date) -> bool,
    ) -> Result<Listing, Error> {
        let mut listing = Listing::folder(&self.folder(model)).await?;
        listing.files.retain_mut(|file| match date_of(file.first_folder.as_deref()) {
            Some(date) => is_wanted(date),
            None => {
                let reason = "lies in no folder date=YYYY-MM-DD, so its date is unknown";
                file.object = file.object.clone().and_then(|_| Err(Reason::new(reason)));
                true
            }
        });
        Ok(listing)
    }
}

/// Opens a file of the table of a model.
pub(crate) fn open(bytes: Bytes, limits: Limits, model: &ModelName) -> Result<ParquetFile, Reason> {
    let file = ParquetFile::open(bytes, limits)?;
    match file.metadata("tiltmeter.model_name") {
        Some(found) if found != model.as_str() => Err(Reason::other_model(found, model.as_str())),
        _ => Ok(file),
    }
}

/// The date of a partition.
pub(crate) fn date_of(folder: Option<&str>) -> Option<Date> {
    folder?.strip_prefix("date=")?.parse().ok()
}

/// The event times of a date.
pub(crate) fn microseconds(day: Date) -> Range<i64> {
    const DAY: i64 = 86_400_000_000;
    let days = day.duration_since(date(1970, 1, 1)).as_hours() / 24;
    days * DAY..(days + 1) * DAY
}

/// Reads a file into `rows`: all of it, or nothing.
fn read_file(bytes: Bytes, limits: Limits, spec: &ModelSpec, rows: &mut Gathered) -> Result<(), Reason> {
    let file = open(bytes, limits, &spec.name)?;
    let roles = roles(file.schema(), spec)?;
    rows.read(file, &roles, spec)
}

/// The columns by the names that the log gives them. Those that may be NULL may be absent.
fn roles(schema: &Schema, spec: &ModelSpec) -> Result<Roles, Reason> {
    let find = |name: &str| schema.index_of(name).ok().map(|_| name.to_owned());
    let need = |name: &str| find(name).ok_or_else(|| Reason::missing(name));
    Ok(Roles {
        key: Some((need("writer_id")?, need("sequence")?)),
        event_time: Some(need("event_time")?),
        entity_id: find("entity_id"),
        model_version: find("model_version"),
        score: find("score"),
        label: None,
        inclusion: Some(InclusionRoles {
            probability: find("inclusion_probability"),
            stratum: find("stratum"),
            request_id: find("request_id"),
            instance_index: find("instance_index"),
            observed_at: find("observed_at"),
            endpoint: find("endpoint"),
            size_class: find("size_class"),
            priority: find("priority"),
        }),
        features: spec.features.iter().map(|feature| find(&feature.column())).collect(),
    })
}
