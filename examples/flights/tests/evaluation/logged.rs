//! The recorded flights as a table of the log, without a service that has to be asked for each.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use example_flights::{cli::Cli, data::DataFolder};
use jiff::{Timestamp, tz::TimeZone};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tiltmeter::ModelSpec;

/// Everything of the example that lies in its package.
pub(crate) fn cli(arguments: &[&str]) -> Cli {
    clap::Parser::parse_from(std::iter::once(&"example-flights").chain(arguments))
}

/// The spec of the example.
pub(crate) fn spec() -> ModelSpec {
    ModelSpec::read_file(cli(&[]).spec).unwrap()
}

/// Rows that are written at once.
const BATCH_ROWS: usize = 8_192;

/// Flights of a [`LoggedRun::of_spring`].
pub(crate) const SPRING: usize = 4 * BATCH_ROWS;

/// A folder as a finished run leaves it.
pub(crate) struct LoggedRun {
    folder: tempfile::TempDir,
    /// The sequence of each request.
    sequences: HashMap<String, i64>,
}

impl LoggedRun {
    /// With all recorded flights.
    pub(crate) fn of_the_year() -> Self {
        Self::of(usize::MAX)
    }

    /// With the first of them, up to the beginning of May.
    pub(crate) fn of_spring() -> Self {
        Self::of(SPRING)
    }

    fn of(rows: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("run.json"), r#"{"example": "example-flights", "finished": true}"#)
            .unwrap();
        let mut run = Self { folder, sequences: HashMap::new() };
        let recorded = DataFolder::locate(&cli(&[]).data).unwrap().predictions;
        for (number, batch) in batches(&recorded).into_iter().take(rows.div_ceil(BATCH_ROWS)).enumerate() {
            let first = run.sequences.len();
            for id in batch.column_by_name("request_id").unwrap().as_string::<i32>() {
                let sequence = i64::try_from(run.sequences.len()).unwrap();
                run.sequences.insert(id.unwrap().to_owned(), sequence);
            }
            let rows = i64::try_from(first).unwrap()..i64::try_from(run.sequences.len()).unwrap();
            run.write(&format!("rows-{number:04}"), &batch, &rows.collect::<Vec<_>>());
        }
        run
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The file of some day, and how many rows it has.
    pub(crate) fn file_of(&self, date: &str) -> (PathBuf, u64) {
        let file = self.folder_of(date).join("rows-0000.parquet");
        let rows = batches(&file).iter().map(|batch| batch.num_rows() as u64).sum();
        (file, rows)
    }

    fn folder_of(&self, date: &str) -> PathBuf {
        self.path().join("predictions/model_name=flight-delay").join(format!("date={date}"))
    }

    /// Writes rows that are in the table already once more, with the keys that they have.
    pub(crate) fn deliver_again(&self, rows: &Path) -> usize {
        let mut count = 0;
        for (number, batch) in batches(rows).into_iter().enumerate() {
            let ids = batch.column_by_name("request_id").unwrap().as_string::<i32>();
            let sequences: Vec<i64> = ids.iter().map(|id| self.sequences[id.unwrap()]).collect();
            count += sequences.len();
            self.write(&format!("again-{number:04}"), &batch, &sequences);
        }
        count
    }

    /// Into the folders of their dates.
    fn write(&self, name: &str, recorded: &RecordBatch, sequences: &[i64]) {
        let times = recorded.column_by_name("timestamp").unwrap().as_primitive::<TimestampMillisecondType>();
        let date = |row: usize| {
            let time = Timestamp::from_millisecond(times.value(row)).unwrap();
            TimeZone::UTC.to_datetime(time).date()
        };
        let mut start = 0;
        while start < recorded.num_rows() {
            let end = (start..recorded.num_rows())
                .find(|&row| date(row) != date(start))
                .unwrap_or(recorded.num_rows());
            let folder = self.folder_of(&date(start).to_string());
            fs::create_dir_all(&folder).unwrap();
            // the first file of a day is called that, whichever batch its rows come from
            let first = folder.join("rows-0000.parquet");
            let is_first = name.starts_with("rows") && !first.exists();
            let file = if is_first { first } else { folder.join(format!("{name}-{start}.parquet")) };
            write(&file, &recorded.slice(start, end - start), &sequences[start..end]);
            start = end;
        }
    }
}

fn write(file: &Path, recorded: &RecordBatch, sequences: &[i64]) {
    let mut columns: Vec<(String, ArrayRef)> = vec![
        ("writer_id".to_owned(), Arc::new(StringArray::from(vec!["writer.1"; recorded.num_rows()]))),
        ("sequence".to_owned(), Arc::new(Int64Array::from(sequences.to_vec()))),
    ];
    for (field, column) in recorded.schema().fields().iter().zip(recorded.columns()) {
        let name = match field.name().as_str() {
            "timestamp" => "event_time".to_owned(),
            own @ ("entity_id" | "model_version" | "score") => own.to_owned(),
            "request_id" | "prediction" => continue,
            feature => format!("feature_{feature}"),
        };
        columns.push((name, column.clone()));
    }
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(file).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn batches(file: &Path) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(file).unwrap()).unwrap();
    reader.with_batch_size(BATCH_ROWS).build().unwrap().map(Result::unwrap).collect()
}
