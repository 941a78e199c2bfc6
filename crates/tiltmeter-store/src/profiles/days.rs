//! The profiles of a day as one file.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::Offset;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use tiltmeter_record::{
    ColumnProfile, Journal, ModelName, ProfileCell, ProfileDelta, WindowWidth, WriterId, profiles_batch,
};
use tiltmeter_stats::Profile;
use uuid::Uuid;

use super::window::{ProfileWindow, WindowColumn};
use super::{ProfileQuery, ProfilesRead, read_profiles};
use crate::error::Error;
use crate::location::Location;

/// Profiles are compressed once and kept for ever.
const ZSTD_LEVEL: i32 = 9;

/// Whose rows those of a merge are. No log has this name: its incarnation is never nil.
pub(super) fn merged_writer() -> WriterId {
    WriterId::new("merged", Uuid::nil())
}

/// A day that was merged.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MergedDay {
    /// What was read: the windows are what was written. With a file or a profile that could not be read nothing was.
    pub read: ProfilesRead,
    /// How large the file is; 0 if no file was written.
    pub bytes: u64,
}

/// Merges the profiles that a log wrote of a day (UTC) into one file of rows of that day, beside them:
/// `date=2026-03-01/merged-churn.parquet` in the folder of profiles.
///
/// Hours are merged, and the days of a log that writes features by the day. The file has the columns of the others, and one delta for each baseline, of the writer `merged` with the sequence 0. Whoever asks for
/// days gets it in place of the rows of all other writers, and whoever asks for hours or minutes does not see it: the deltas may be removed then, but
/// need not. Merging a day again writes the same bytes, unless there are more deltas now: merge a day once its writers have
/// ended it, and again if some came late, as long as none was removed. A day of which there are no deltas any more is left
/// as it is.
///
/// What was merged is taken for all there is of the day. So if anything could not be read, be it a file that was not fetched,
/// one that is damaged (that of an earlier merge too), or a profile in one, nothing is written, and what was wrong is
/// returned: [`MergedDay::is_refused`]. Merge again, or remove what is damaged and accept that it is missing.
///
/// # Errors
/// When nothing can be listed, or the file cannot be written: [`Error::is_storage`].
pub async fn merge_profiles_of_day(
    location: &Location,
    model: &ModelName,
    date: Date,
) -> Result<MergedDay, Error> {
    let start = |date: Date| Offset::UTC.to_timestamp(date.at(0, 0, 0, 0));
    let (Ok(from), Ok(until)) = (start(date), date.tomorrow().and_then(start)) else {
        return Err(Error::not_found(format!("there are no profiles of {date}, which has no end")));
    };
    let query = ProfileQuery::new(model.clone(), WindowWidth::Day).of_deltas().between(from, until);
    let read = read_profiles(location, &query).await?;
    let unwritten = MergedDay { read, bytes: 0 };
    if unwritten.read.windows.is_empty() || unwritten.is_refused() {
        return Ok(unwritten);
    }
    let read = unwritten.read;
    let encoded = encode_days(model, &read.windows)?;
    let bytes = encoded.len() as u64;
    // the name of a model is safe in a path
    location.join(&format!("date={date}")).put(&format!("merged-{model}.parquet"), encoded.into()).await?;
    Ok(MergedDay { read, bytes })
}

impl MergedDay {
    /// Whether nothing was written because not all of the day could be read: see [`ProfilesRead::problems`] and
    /// [`ProfilesRead::unreadable`].
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !self.read.problems.is_empty() || self.read.unreadable_count > 0
    }
}

/// Windows of profiles as the bytes of a Parquet file, with the columns of
/// [`PROFILE_COLUMNS`](tiltmeter_record::schema::PROFILE_COLUMNS): the same for the same windows.
///
/// # Errors
/// When they cannot be put together, which is a fault of this crate.
pub fn encode_days(model: &ModelName, windows: &[ProfileWindow]) -> Result<Vec<u8>, Error> {
    let mut journal = Journal::new(merged_writer(), "merged".into());
    let model: Arc<str> = model.as_str().into();
    journal.profiles = windows.iter().map(|window| Arc::new(delta(Arc::clone(&model), window))).collect();
    let batch = profiles_batch(&[journal]).map_err(Error::fault)?;
    let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(Error::fault)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        // no two are alike
        .set_column_dictionary_enabled(ColumnPath::from("profile"), false)
        .build();
    let mut writer =
        ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).map_err(Error::fault)?;
    writer.write(&batch).map_err(Error::fault)?;
    writer.into_inner().map_err(Error::fault)
}

fn delta(model: Arc<str>, window: &ProfileWindow) -> ProfileDelta {
    let mut delta = ProfileDelta::new(model, window.window, window.baseline_id.clone());
    delta.cells = window
        .cells
        .iter()
        .map(|cell| {
            let mut made = ProfileCell::new(cell.key.clone(), cell.counts);
            made.columns = cell.columns.iter().map(column).collect();
            made
        })
        .collect();
    delta
}

fn column(column: &WindowColumn) -> ColumnProfile {
    let WindowColumn { name, profile } = column;
    let mut made = ColumnProfile::new(Arc::clone(name), profile.encode().into());
    made.present = profile.count();
    made.missing = profile.missing();
    match profile {
        Profile::Numeric(numbers) => {
            let moments = numbers.moments();
            made.mean = moments.mean().ok();
            made.variance = moments.sample_variance().ok();
            made.min = moments.min().ok();
            made.max = moments.max().ok();
            made.bin_counts = numbers.bin_counts().map(|counts| counts.counts.clone());
        }
        Profile::Categorical(categories) => {
            made.bin_counts = categories.bin_counts().map(|counts| counts.counts);
        }
        _ => {}
    }
    made
}
