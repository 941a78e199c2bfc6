//! The recorded flights as a table of the log, without a service that has to be asked for each.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use example_flights::{cli::Cli, data::DataFolder};
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

/// Rows of a file.
pub(crate) const FILE_ROWS: usize = 8_192;

/// Flights of a [`LoggedRun::of_spring`].
pub(crate) const SPRING: usize = 4 * FILE_ROWS;

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
        for (number, batch) in batches(&recorded).into_iter().take(rows.div_ceil(FILE_ROWS)).enumerate() {
            let first = run.sequences.len();
            for id in batch.column_by_name("request_id").unwrap().as_string::<i32>() {
                let sequence = i64::try_from(run.sequences.len()).unwrap();
                run.sequences.insert(id.unwrap().to_owned(), sequence);
            }
            let rows = i64::try_from(first).unwrap()..i64::try_from(run.sequences.len()).unwrap();
            run.write(&format!("{number:04}"), &batch, rows.collect());
        }
        run
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn table(&self) -> PathBuf {
        self.path().join("predictions/model_name=flight-delay/date=2013-03-01")
    }

    /// Writes rows that are in the table already once more, with the keys that they have.
    pub(crate) fn deliver_again(&self, rows: &Path) -> usize {
        let mut count = 0;
        for (number, batch) in batches(rows).into_iter().enumerate() {
            let ids = batch.column_by_name("request_id").unwrap().as_string::<i32>();
            let sequences: Vec<i64> = ids.iter().map(|id| self.sequences[id.unwrap()]).collect();
            count += sequences.len();
            self.write(&format!("again-{number:04}"), &batch, sequences);
        }
        count
    }

    fn write(&self, name: &str, recorded: &RecordBatch, sequences: Vec<i64>) {
        let mut columns: Vec<(String, ArrayRef)> = vec![
            ("writer_id".to_owned(), Arc::new(StringArray::from(vec!["writer.1"; recorded.num_rows()]))),
            ("sequence".to_owned(), Arc::new(Int64Array::from(sequences))),
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
        let batch = RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, column)| (name, column, true)),
        )
        .unwrap();
        fs::create_dir_all(self.table()).unwrap();
        let file = File::create(self.table().join(format!("{name}.parquet"))).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }
}

fn batches(file: &Path) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(file).unwrap()).unwrap();
    reader.with_batch_size(FILE_ROWS).build().unwrap().map(Result::unwrap).collect()
}
