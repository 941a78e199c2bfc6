//! Reads what monitoring works on from object storage: predictions, labels and reference data.
//!
//! Parquet files become the plain columns of [`tiltmeter_record::columns`]. Each reader takes what it can, and says
//! of each file that it could not read what is wrong: no file is half used, and a damaged one neither ends the
//! program nor hides the others. Local folders are read through `object_store` as well, so that a laptop and a bucket
//! are the same.
//!
//! It is not a query engine: it reads the columns that monitoring needs, of whole files, into memory. For anything
//! else point DuckDB, Polars or DataFusion at the table.
//!
//! ```
//! use std::fs::{self, File};
//!
//! use parquet::arrow::ArrowWriter;
//! use tiltmeter_record::{ModelSpec, RecordBatchBuilder, WriterId};
//! use tiltmeter_store::PredictionTable;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let spec = ModelSpec::from_yaml("model.yaml", "
//!     {spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict},
//!      response: {score: /score}, features: {age: float, plan: string}}")?;
//!
//! // what the log writes, here without any rows, and a file that was cut off
//! let root = tempfile::tempdir()?;
//! let folder = root.path().join("predictions/model_name=churn/date=2026-01-31");
//! fs::create_dir_all(&folder)?;
//! let batch = RecordBatchBuilder::new(&spec, WriterId::new("node", uuid::Uuid::nil()), "node".into()).finish()?;
//! let mut writer = ArrowWriter::try_new(File::create(folder.join("a-000001.parquet"))?, batch.schema(), None)?;
//! writer.write(&batch)?;
//! writer.close()?;
//! fs::write(folder.join("a-000002.parquet"), "PAR1")?;
//!
//! let read = PredictionTable::local(root.path()).read(&spec).await?;
//! assert_eq!((read.files, read.predictions.len(), read.problems.len()), (2, 0, 1));
//! assert!(read.problems[0].to_string().contains("a-000002.parquet: is damaged"));
//! # Ok(())
//! # }
//! ```
//!
//! # In reading order
//! - [`PredictionTable`]: the table of a model, as the log writes it; copies of a row count once.
//! - [`read_labels`]: what turned out to be true.
//! - [`read_reference`]: what a model is compared with.
//! - [`Location`]: where labels and reference data lie.
//! - [`FileProblem`]: one file that could not be read. [`Error`]: nothing could be.
//!
//! Inside: `location` and `listing` find files, `fetch` gets their bytes, `file` decodes them, `column` makes plain
//! values of Arrow's, and `rows` puts predictions together.
//!
//! # Damage
//! A file that is cut off, overwritten or changed is a [`FileProblem`] as far as Parquet can tell. The files carry no
//! checksums of their pages: a changed byte inside of a value may be read as another value, as any reader would.
//! A panic of the decoder is caught and becomes a problem of the file; the program's panic hook still reports it.
//!
//! # Executors
//! The futures are `Send` and need no runtime of their own. On tokio, local files are read on its blocking threads;
//! elsewhere on the caller's.

mod column;
mod error;
mod fetch;
mod file;
mod labels;
mod listing;
mod location;
mod predictions;
mod problem;
mod reference;
mod rows;

pub use error::Error;
pub use labels::{LabelsRead, read_labels};
pub use location::Location;
pub use predictions::{PredictionTable, PredictionsRead};
pub use problem::FileProblem;
pub use reference::{ReferenceRead, read_reference};
