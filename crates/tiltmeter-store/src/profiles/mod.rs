//! Profiles of all predictions, merged.
//!
//! A table of deltas becomes windows in three steps: rows are `gathered`, each once by its key; sorted by it they are `merge`d;
//! and what was lost in a window is put beside it (`losses`). `days` writes a day's profiles as one file, `account` tells whether
//! there are profiles of all predictions.

mod account;
mod days;
mod gathered;
mod losses;
mod merge;
mod query;
mod window;

use tiltmeter_record::Gap;

use self::gathered::Gathered;
pub use account::{ProfileAccount, ProfileAccountsRead, read_profile_accounts};
pub use days::{MergedDay, encode_days, merge_profiles_of_day};
pub use merge::{BaselinesMerged, LeftOut};
pub use query::ProfileQuery;
pub use window::{
    LostProfiles, ProfileProblem, ProfileWindow, UnseenWindow, WindowCell, WindowColumn, WindowLosses,
};

use crate::error::Error;
use crate::journal::of_dates;
use crate::location::Location;
use crate::problem::FileProblem;

/// What was read of profiles.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProfilesRead {
    /// What was asked for.
    pub query: ProfileQuery,
    /// The windows of which there are profiles, by time and baseline: one for each baseline, since bins of two cannot be merged.
    /// See [`regardless_of_baseline`](Self::regardless_of_baseline).
    pub windows: Vec<ProfileWindow>,
    /// Windows of which exchanges were lost, and no profile is there: see [`with_losses`](Self::with_losses).
    pub unseen: Vec<UnseenWindow>,
    /// Profiles that sinks have lost, by minute and sink: see [`with_losses`](Self::with_losses).
    pub lost_profiles: Vec<LostProfiles>,
    /// How many rows were left out, because a row of their delta, cell and column was there already.
    pub copies: u64,
    /// How many files there are for that time, those with problems among them. What could not be listed counts as one.
    pub files: u64,
    /// The files that could not be read, in the order of their paths.
    pub problems: Vec<FileProblem>,
    /// Profiles of columns that could not be read or merged, the first hundred of them. All others are in `windows`.
    pub unreadable: Vec<ProfileProblem>,
    /// How many there are of these.
    pub unreadable_count: u64,
}

/// Reads the profiles of a model, and merges them up to the width that `query` asks for.
///
/// They are one Parquet file, or a folder of them, such as a log writes below `profiles`, with the columns
/// [`PROFILE_COLUMNS`](tiltmeter_record::schema::PROFILE_COLUMNS). Of files below folders `date=YYYY-MM-DD` those are read that
/// may have windows of that time, by their beginning (UTC); files in other folders are all read.
///
/// A delta is immutable, and its key is its writer, window, sequence and baseline: each of its cells and columns counts once, in
/// whatever files it stands, also if a file has a part of it. Should two copies differ, which no log writes, the one counts that
/// can be read, or else the one that sorts first: the result is the same, bit for bit, for any order of files and rows.
///
/// Minutes and hours are of the same predictions, and are never added: see [`ProfileQuery`]. Counts of windows and bins are exactly
/// those of one pass over all values; moments are so up to rounding, sketches within their error.
///
/// A file that is damaged, lacks a column, or has one of another type or without a value is not used at all, and stands in
/// [`ProfilesRead::problems`]. A profile inside of a good file that cannot be decoded, or merged with the others of its column,
/// is left out alone, and stands in [`ProfilesRead::unreadable`]. Without a folder there are no windows.
///
/// # Errors
/// When nothing can be listed: [`Error::is_storage`].
///
/// # Cost
/// Files are fetched whole, four ahead, and decoded on the caller's task. Memory is the encoded profiles of that time, at about 6 kB
/// for a column, and what is returned; the [`Limits`](crate::Limits) bound each file, nothing bounds how many there are: ask for
/// less time.
pub async fn read_profiles(location: &Location, query: &ProfileQuery) -> Result<ProfilesRead, Error> {
    let listing = of_dates(location, |date| query.may_have(date)).await?;
    let mut gathered = Gathered::new(query);
    let problems =
        listing.read_each(|file, bytes| gathered.read_file(&file.shown, bytes, listing.limits)).await;
    let copies = gathered.copies;
    let merged = merge::merge(gathered.rows);
    Ok(ProfilesRead {
        query: query.clone(),
        windows: merged.windows,
        unseen: Vec::new(),
        lost_profiles: Vec::new(),
        copies,
        files: listing.len(),
        problems,
        unreadable: merged.unreadable,
        unreadable_count: merged.unreadable_count,
    })
}

impl ProfilesRead {
    /// The same with what was lost of each window, from gaps of any models and sinks, each once: see
    /// [`read_gaps`](crate::read_gaps). Windows that have losses and no profile become [`unseen`](Self::unseen).
    ///
    /// Profiles that a sink has lost become [`lost_profiles`](Self::lost_profiles), of whatever time. They were of windows that
    /// ended before the minute of the gap, as a rule, and cannot be told by window: those of the time of the gap carry
    /// [a flag](WindowLosses::is_lossy), no number is corrected. Read gaps for some time beyond that of the windows,
    /// and where a log has several sinks, leave out those of the others.
    ///
    /// **Windows by event time**: a gap has the minute of the server's clock, since nothing is known of the event that was lost.
    /// Of a log that puts predictions into the windows of their events, as for replays, losses land on the windows of the
    /// time at which it ran: shares and flags are then on the wrong windows, most in `unseen`. Only their sums mean something.
    #[must_use]
    pub fn with_losses<'g>(mut self, gaps: impl IntoIterator<Item = &'g Gap>) -> Self {
        let beside = losses::add(&mut self.windows, &self.query, gaps);
        (self.unseen, self.lost_profiles) = (beside.unseen, beside.lost_profiles);
        self
    }

    /// The windows, each once whatever its baselines were: counts, moments and sketches of all predictions, without bins. Columns
    /// that cannot be merged, such as one that became a category, have the profile of the first baseline that has them; those of
    /// the others are [left out](BaselinesMerged::left_out).
    #[must_use]
    pub fn regardless_of_baseline(&self) -> BaselinesMerged {
        merge::regardless_of_baseline(&self.windows)
    }
}
