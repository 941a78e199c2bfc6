//! What writers tell beside their rows: gaps, changes of rates, how far they came.

mod gaps;
mod rates;
mod writers;

use jiff::civil::Date;

pub(crate) use gaps::read_gaps_of;
pub use gaps::{GapsRead, WriterGap, read_gaps};
pub use rates::{RatesRead, WriterRate, read_rates};
pub(crate) use writers::{WriterBooks, read_writers};

use crate::error::Error;
use crate::listing::Listing;
use crate::location::Location;
use crate::predictions::date_of;

/// The files of those dates, and those in folders of no date. None where there is no folder: nothing was written.
pub(crate) async fn of_dates(
    location: &Location,
    is_wanted: impl Fn(Date) -> bool,
) -> Result<Listing, Error> {
    let mut listing = Listing::folder(location).await?;
    listing.files.retain(|file| date_of(file.first_folder.as_deref()).is_none_or(&is_wanted));
    Ok(listing)
}

/// The word of ours that stands in the data; `other` for one of a later build.
fn word(found: &str, words: impl IntoIterator<Item = &'static str>) -> &'static str {
    words.into_iter().find(|word| *word == found).unwrap_or("other")
}
