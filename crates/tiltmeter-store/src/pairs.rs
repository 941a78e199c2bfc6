//! What champion and challenger answered to the same requests.

mod layout;
mod values;

use arrow_schema::Schema;
use bytes::Bytes;
use tiltmeter_record::columns::{AnswerColumns, Categories, PairColumns, RequestColumns, SegmentColumn};
use tiltmeter_record::{FeatureName, ModelName};

use self::layout::Layout;
use self::values::{AnswerValues, Values};
use crate::error::Error;
use crate::file::{ParquetFile, contain};
use crate::limits::Limits;
use crate::listing::Listing;
use crate::location::Location;
use crate::problem::{FileProblem, Reason};
use crate::rows::SeenKeys;

/// What was read of pairs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PairsRead {
    /// The rows of the files that could be read, in the order of the files' paths and of their rows.
    pub pairs: PairColumns,
    /// Rows that were there more than once: they count once.
    pub copies: u64,
    /// How many files there are, those with problems among them. What could not be listed counts as one.
    pub files: u64,
    /// The files that could not be read, in the order of their paths. Their rows are missing in `pairs`.
    pub problems: Vec<FileProblem>,
}

/// Reads pairs: one Parquet file, or a folder of them, such as a log writes below `pairs/model_name=…/challenger=…`.
///
/// The columns are those of a log, [`PAIR_COLUMNS`](tiltmeter_record::schema::PAIR_COLUMNS), or these:
///
/// | column | types |
/// | --- | --- |
/// | `request_id`, `entity_id`, `champion`, `challenger` | texts; the last two are the versions that answered |
/// | `timestamp` | timestamps of any unit; without a timezone they are taken as UTC |
/// | `champion_score`, `challenger_score` | integers and floats |
/// | `champion_prediction`, `challenger_prediction` | the decisions: texts, booleans, integers, floats |
/// | `champion_latency_ms`, `challenger_latency_ms` | integers and floats |
/// | `inclusion_probability`, if it is there | integers and floats |
/// | `instance_index`, if it is there | integers and floats; missing is 0 |
/// | `bucket`, if it is there | texts: the words of [`PairBucket`](tiltmeter_record::PairBucket) |
/// | each of `segments`, if it is there | texts, booleans, integers, floats |
///
/// Of a log's rows with the same `writer_id` and `sequence` the first counts, in the order of paths; its segments are those
/// that it has by name. All values may be missing; a segment of which no row has a value is left out. A row without an inclusion probability was included for certain. Where there is no bucket
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
    let copies = gathered.copies;
    let pairs = gathered.finish(model).map_err(Error::fault)?;
    Ok(PairsRead { pairs, copies, files: listing.len(), problems })
}

/// The columns of all files.
struct Gathered {
    requests: RequestColumns,
    instance_index: Vec<u32>,
    sides: [Side; 2],
    seen: SeenKeys,
    copies: u64,
}

/// The columns of one side.
#[derive(Default)]
struct Side {
    score: Vec<f64>,
    decision: Categories,
    latency_ms: Vec<f64>,
    version: Categories,
    status: Vec<Option<u16>>,
}

impl Gathered {
    fn new(segments: &[FeatureName]) -> Self {
        let segment = |name: &FeatureName| SegmentColumn { name: name.clone(), values: Categories::new() };
        let segments = segments.iter().map(segment).collect();
        Self {
            requests: RequestColumns { segments, ..RequestColumns::default() },
            instance_index: Vec::new(),
            sides: Default::default(),
            seen: SeenKeys::default(),
            copies: 0,
        }
    }

    /// Reads a file: all of it, or nothing.
    fn read_file(&mut self, bytes: Bytes, limits: Limits, segments: &[FeatureName]) -> Result<(), Reason> {
        let file = ParquetFile::open(bytes, limits)?;
        let is_there = |name: &str| file.schema().index_of(name).is_ok();
        let layout = Layout::of(file.schema());
        if let Some((column, types)) = layout.needed().find(|(column, _)| !is_there(column)) {
            return Err(missing(column, types, file.schema()));
        }
        let wanted = layout.needed().map(|(column, _)| column).chain(layout.optional(segments));
        let mut columns: Vec<&str> = wanted.filter(|column| is_there(column)).collect();
        // a segment may be a column that is read anyway
        columns.sort_unstable();
        columns.dedup();
        let mut good = Vec::new();
        file.decode(columns, |batch| {
            Values::of(&batch, layout, segments)?;
            good.push(batch);
            Ok(())
        })?;
        // one batch after the other, because values take more memory than batches; none fails that did not before
        good.into_iter().try_for_each(|batch| {
            self.append(&contain(|| Values::of(&batch, layout, segments))?);
            Ok(())
        })
    }

    /// The places of the rows that are there for the first time.
    fn new_rows(&mut self, values: &Values<'_>) -> Vec<usize> {
        let rows = values.event_time.len();
        let Some(keys) = &values.keys else { return (0..rows).collect() };
        let is_new = |row: &usize| match keys[*row] {
            (Some(writer), Some(sequence)) => self.seen.insert(writer, sequence),
            // what has no key is no copy
            _ => true,
        };
        let kept: Vec<usize> = (0..rows).filter(is_new).collect();
        self.copies += (rows - kept.len()) as u64;
        kept
    }

    fn append(&mut self, values: &Values<'_>) {
        let kept = self.new_rows(values);
        let kept = || kept.iter().copied();
        self.instance_index.extend(kept().map(|row| values.instance_index[row]));
        let requests = &mut self.requests;
        requests.request_id.extend(kept().map(|row| values.request_id[row]));
        requests.entity_id.extend(kept().map(|row| values.entity_id[row]));
        requests.event_time.extend(kept().map(|row| values.event_time[row].unwrap_or(PairColumns::NO_TIME)));
        requests.inclusion_probability.extend(kept().map(|row| values.inclusion_probability[row]));
        requests.bucket.extend(kept().map(|row| values.bucket[row]));
        for (segment, values) in requests.segments.iter_mut().zip(&values.segments) {
            segment.values.extend(kept().map(|row| values[row].as_deref()));
        }
        for (side, AnswerValues { version, score, decision, latency_ms, status }) in
            self.sides.iter_mut().zip(&values.sides)
        {
            side.score.extend(kept().map(|row| score[row]));
            side.decision.extend(kept().map(|row| decision[row].as_deref()));
            side.latency_ms.extend(kept().map(|row| latency_ms[row]));
            side.version.extend(kept().map(|row| version[row]));
            side.status.extend(kept().map(|row| status[row]));
        }
    }

    fn finish(mut self, model: &ModelName) -> Result<PairColumns, tiltmeter_record::columns::UnequalLengths> {
        // a column that no file has says nothing of any row
        self.requests.segments.retain(|segment| !segment.values.names().is_empty());
        let [champion, challenger] = self.sides.map(|side| {
            AnswerColumns::new(side.score, side.decision, side.latency_ms, side.version, side.status)
        });
        PairColumns::new(model.clone(), self.requests, champion?, challenger?)?
            .with_instance_index(self.instance_index)
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
