//! Reads what monitoring works on from object storage: predictions, profiles, labels and reference data.
//!
//! Parquet files become the plain columns of [`tiltmeter_record::columns`]. Each reader takes what it can, and says
//! of each file that it could not read what is wrong: no file is half used, and one that is damaged, larger than the
//! [`Limits`] or not to be listed hides none of the others. Local files are read through `object_store` as well, so
//! that a laptop and a bucket are the same.
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
//! - [`read_pairs`]: what a champion and its challenger answered to the same requests. [`read_shadows`]: what became of all
//!   requests, those without a pair among them.
//! - [`PredictionTable::read_with_losses`]: the rows with probabilities that are corrected for what was lost, by the
//!   [gaps](read_gaps).
//! - [`read_profiles`]: what all predictions were like, kept or not, merged to minutes, hours or days;
//!   [`merge_profiles_of_day`] makes one file of a day's, and [`read_profile_accounts`] tells whether they are of all.
//! - [`read_rates`]: from when on rows were kept at what rate.
//! - [`PredictionTable::inputs_of`]: what was asked, of a few requests by their ids.
//! - [`Location`]: where labels and reference data lie.
//! - [`Limits`]: how large a file may be.
//! - [`FileProblem`]: one file that could not be read. [`Error`]: nothing could be.
//!
//! Inside: `location`, `listing` and `walk` find files, `fetch` gets their bytes, `file` decodes them, `column` makes
//! plain values of Arrow's, and `rows` puts predictions together.
//!
//! # Damage
//! A file that is cut off, overwritten or changed is a [`FileProblem`] as far as Parquet can tell. The files carry no
//! checksums of their pages: a changed byte inside of a value may be read as another value, as any reader would.
//!
//! Such a file does not end the program, within bounds:
//! - A panic of the decoder is caught and becomes a problem of the file; the program's panic hook still reports it.
//!   Where panics abort (`panic = "abort"`, or a hook that ends the process), nobody can catch them.
//! - Memory that cannot be had ends a program in any case, so it is not asked for: a file that stands for more than its
//!   [`Limits`] is refused by its footer and the headers of its pages, and what they did not say stops its decoding.
//!   The limits are for one file, and for what it stands for. Reading it takes about three times that, and what is read
//!   of many files has no limit: give [`read_between`](PredictionTable::read_between) fewer dates, or the program more
//!   memory.
//! - Sizes in the footer and in page headers that cannot be are refused as well, as are lengths of texts that are more
//!   than their page has values. They are those on which parquet 59 was seen to ask for any amount of memory; the fuzz
//!   target in `fuzz/` looks for others.
//!
//! # Executors
//! The futures are `Send` and need no runtime of their own. On tokio, local files are read on its blocking threads;
//! elsewhere on the caller's. Local folders are listed, and files decoded, on the caller's.

mod column;
mod error;
mod fetch;
mod file;
mod inputs;
mod journal;
mod labels;
mod limits;
mod listing;
mod location;
mod losses;
mod pairs;
mod predictions;
mod problem;
mod profiles;
mod reference;
mod rows;
mod shadows;
mod walk;

pub use error::Error;
pub use inputs::{InputsRead, InstanceKey};
pub use journal::{GapsRead, RatesRead, WriterGap, WriterRate, read_gaps, read_rates};
pub use labels::{LabelsRead, read_labels};
pub use limits::Limits;
pub use location::Location;
pub use losses::CorrectedRead;
pub use pairs::{PairsRead, read_pairs};
pub use predictions::{PredictionTable, PredictionsRead};
pub use problem::FileProblem;
pub use profiles::{
    BaselinesMerged, LeftOut, LostProfiles, MergedDay, ProfileAccount, ProfileAccountsRead, ProfileProblem,
    ProfileQuery, ProfileWindow, ProfilesRead, UnseenWindow, WindowCell, WindowColumn, WindowLosses,
    encode_days, merge_profiles_of_day, read_profile_accounts, read_profiles,
};
pub use reference::{ReferenceRead, read_reference};
pub use shadows::{ShadowsRead, read_shadows};
