//! What champion and challenger answered to the same requests.

mod values;

use arrow_schema::Schema;
use bytes::Bytes;
use tiltmeter_record::columns::{AnswerColumns, Categories, PairColumns, RequestColumns, SegmentColumn};
use tiltmeter_record::{FeatureName, ModelName};

use self::values::{AnswerValues, Values};
use crate::error::Error;
use crate::file::{ParquetFile, contain};
use crate::limits::Limits;
use crate::listing::Listing;
use crate::location::Location;
use crate::problem::{FileProblem, Reason};

/// What was read of pairs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PairsRead {
    /// The rows of the files that could be read, in the order of the files' paths and of their rows.
    pub pairs: PairColumns,
    /// How many files there are, those with problems among them. What could not be listed counts as one.
    pub files: u64,
    /// The files that could not be read, in the order of their paths. Their rows are missing in `pairs`.
    pub problems: Vec<FileProblem>,
}

/// Reads pairs: one Parquet file, or a folder of them.
///
/// | column | types |
/// | --- | --- |
/// | `request_id`, `entity_id`, `champion`, `challenger` | texts; the last two are the versions that answered |
/// | `timestamp` | timestamps of any unit; without a timezone they are taken as UTC |
/// | `champion_score`, `challenger_score` | integers and floats |
/// | `champion_prediction`, `challenger_prediction` | the decisions: texts, booleans, integers, floats |
/// | `champion_latency_ms`, `challenger_latency_ms` | integers and floats |
/// | `inclusion_probability`, if it is there | integers and floats |
/// | `bucket`, if it is there | texts: the words of [`PairBucket`](tiltmeter_record::columns::PairBucket) |
/// | each of `segments`, if it is there | texts, booleans, integers, floats |
///
/// All values may be missing; a segment of which no row has a value is left out. A row without an inclusion probability was included for certain. Where there is no bucket
/// it follows from the answer: a challenger with neither score nor decision did not answer in time, and the others are
/// pairs. A file that is damaged, lacks a column, or has one of another type or with another word is not used at all, and
/// stands in [`PairsRead::problems`].
///
/// # Errors
/// When there is no file: [`Error::is_not_found`]. When nothing can be listed: [`Error::is_storage`].
///
/// # Cost
/// As [`read_labels`](crate::read_labels), and so is what the [`Limits`] bound.
pub async fn read_pairs(
    location: &Location,
    model: &ModelName,
    segments: &[FeatureName],
) -> Result<PairsRead, Error> {
    let listing = Listing::needed(location, "pairs").await?;
    let mut gathered = Gathered::new(segments);
    let problems = listing.read_each(|_, bytes| gathered.read_file(bytes, listing.limits, segments)).await;
    let pairs = gathered.finish(model).map_err(Error::fault)?;
    Ok(PairsRead { pairs, files: listing.len(), problems })
}

/// The columns that a file must have, each with the types that it may have.
const NEEDED: [(&str, &str); 11] = [
    ("request_id", "texts"),
    ("entity_id", "texts"),
    ("timestamp", "timestamps"),
    ("champion", "texts"),
    ("champion_score", "integers and floats"),
    ("champion_prediction", "texts, booleans, integers and floats"),
    ("champion_latency_ms", "integers and floats"),
    ("challenger", "texts"),
    ("challenger_score", "integers and floats"),
    ("challenger_prediction", "texts, booleans, integers and floats"),
    ("challenger_latency_ms", "integers and floats"),
];
const INCLUSION_PROBABILITY: &str = "inclusion_probability";
const BUCKET: &str = "bucket";

/// The columns of all files.
struct Gathered {
    requests: RequestColumns,
    sides: [Side; 2],
}

/// The columns of one side.
#[derive(Default)]
struct Side {
    score: Vec<f64>,
    decision: Categories,
    latency_ms: Vec<f64>,
    version: Categories,
}

impl Gathered {
    fn new(segments: &[FeatureName]) -> Self {
        let segment = |name: &FeatureName| SegmentColumn { name: name.clone(), values: Categories::new() };
        let segments = segments.iter().map(segment).collect();
        Self { requests: RequestColumns { segments, ..RequestColumns::default() }, sides: Default::default() }
    }

    /// Reads a file: all of it, or nothing.
    fn read_file(&mut self, bytes: Bytes, limits: Limits, segments: &[FeatureName]) -> Result<(), Reason> {
        let file = ParquetFile::open(bytes, limits)?;
        let is_there = |name: &str| file.schema().index_of(name).is_ok();
        if let Some((column, types)) = NEEDED.iter().find(|(column, _)| !is_there(column)) {
            return Err(missing(column, types, file.schema()));
        }
        let wanted =
            [INCLUSION_PROBABILITY, BUCKET].into_iter().chain(segments.iter().map(FeatureName::as_str));
        let wanted = NEEDED.iter().map(|(column, _)| *column).chain(wanted);
        let mut columns: Vec<&str> = wanted.filter(|column| is_there(column)).collect();
        // a segment may be a column that is read anyway
        columns.sort_unstable();
        columns.dedup();
        let mut good = Vec::new();
        file.decode(columns, |batch| {
            Values::of(&batch, segments)?;
            good.push(batch);
            Ok(())
        })?;
        // one batch after the other, because values take more memory than batches; none fails that did not before
        good.into_iter().try_for_each(|batch| {
            self.append(&contain(|| Values::of(&batch, segments))?);
            Ok(())
        })
    }

    fn append(&mut self, values: &Values<'_>) {
        let requests = &mut self.requests;
        requests.request_id.extend(values.request_id.iter().copied());
        requests.entity_id.extend(values.entity_id.iter().copied());
        let times = values.event_time.iter().map(|time| time.unwrap_or(PairColumns::NO_TIME));
        requests.event_time.extend(times);
        requests.inclusion_probability.extend(&values.inclusion_probability);
        requests.bucket.extend(&values.bucket);
        for (segment, values) in requests.segments.iter_mut().zip(&values.segments) {
            segment.values.extend(values.iter().map(Option::as_deref));
        }
        for (side, AnswerValues { version, score, decision, latency_ms }) in
            self.sides.iter_mut().zip(&values.sides)
        {
            side.score.extend(score);
            side.decision.extend(decision.iter().map(Option::as_deref));
            side.latency_ms.extend(latency_ms);
            side.version.extend(version.iter().copied());
        }
    }

    fn finish(mut self, model: &ModelName) -> Result<PairColumns, tiltmeter_record::columns::UnequalLengths> {
        // a column that no file has says nothing of any row
        self.requests.segments.retain(|segment| !segment.values.names().is_empty());
        let [champion, challenger] = self.sides.map(|side| {
            let status = vec![None; side.score.len()];
            AnswerColumns::new(side.score, side.decision, side.latency_ms, side.version, status)
        });
        PairColumns::new(model.clone(), self.requests, champion?, challenger?)
    }
}

/// What is missing, and what is there instead.
fn missing(column: &str, types: &str, schema: &Schema) -> Reason {
    const SHOWN: usize = 20;
    let names: Vec<&str> = schema.fields().iter().take(SHOWN).map(|field| field.name().as_str()).collect();
    let more = if schema.fields().len() > SHOWN { ", …" } else { "" };
    let found = match names.as_slice() {
        [] => "none".to_owned(),
        names => format!("{}{more}", names.join(", ")),
    };
    Reason::new(format!("has no column {column} (allowed: {types}); found: {found}"))
}
