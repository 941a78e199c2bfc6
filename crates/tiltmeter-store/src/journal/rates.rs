//! Changes of sampling rates.

use std::collections::BTreeMap;
use std::ops::RangeBounds;
use std::sync::Arc;

use jiff::civil::Date;
use tiltmeter_record::schema::RATES;
use tiltmeter_record::{InclusionProbability, RateChange};

use super::{of_dates, word};
use crate::column::{Names, OwnColumns};
use crate::error::Error;
use crate::location::Location;
use crate::problem::{FileProblem, Reason};

/// A change of a rate, and who sampled.
#[derive(Clone, Debug, PartialEq)]
pub struct WriterRate {
    /// The instance and incarnation of the process.
    pub writer_id: Arc<str>,
    /// What changed.
    pub change: RateChange,
}

/// What was read of changes of rates.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RatesRead {
    /// Each once, by time, writer and sequence. Words that this build does not know are `other`.
    pub rates: Vec<WriterRate>,
    /// How many rows were left out, because a row with their writer and sequence was there already.
    pub copies: u64,
    /// How many files there are for those dates, those with problems among them. What could not be listed counts as one.
    pub files: u64,
    /// The files that could not be read, in the order of their paths.
    pub problems: Vec<FileProblem>,
}

/// Reads changes of sampling rates, of all models: one Parquet file, or a folder of them, such as a log writes below `rates`,
/// with the columns [`RATE_COLUMNS`](tiltmeter_record::schema::RATE_COLUMNS).
///
/// They are for people and plots: estimates take the probability that stands in each row. Dates, copies and files with problems
/// are as for [`read_gaps`](crate::read_gaps); a rate that is not above 0 and up to 1 is such a problem.
///
/// # Errors
/// When nothing can be listed: [`Error::is_storage`].
pub async fn read_rates(
    location: &Location,
    dates: impl RangeBounds<Date> + Send,
) -> Result<RatesRead, Error> {
    const COLUMNS: [&str; 9] = [
        "sequence",
        "at",
        "model_name",
        "rate",
        "before",
        "after",
        "because",
        "fleet_predictions_per_day",
        "writer_id",
    ];
    let listing = of_dates(location, |date| dates.contains(&date)).await?;
    let mut names = Names::default();
    let mut rates: BTreeMap<(Arc<str>, u64), RateChange> = BTreeMap::new();
    let mut copies = 0;
    let problems = listing
        .read_each(|_, bytes| {
            let rows = OwnColumns::read(bytes, listing.limits, &RATES, &COLUMNS, |columns| {
                rows_of(columns, &mut names)
            })?;
            for WriterRate { writer_id, change } in rows {
                match rates.entry((writer_id, change.sequence)) {
                    std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(change)),
                    std::collections::btree_map::Entry::Occupied(_) => copies += 1,
                }
            }
            Ok(())
        })
        .await;
    let mut rates: Vec<WriterRate> =
        rates.into_iter().map(|((writer_id, _), change)| WriterRate { writer_id, change }).collect();
    rates.sort_by_key(|rate| rate.change.at);
    Ok(RatesRead { rates, copies, files: listing.len(), problems })
}

fn rows_of(columns: OwnColumns<'_>, names: &mut Names) -> Result<Vec<WriterRate>, Reason> {
    let (sequences, at) = (columns.counts("sequence")?, columns.times("at")?);
    let (models, rates) = (columns.texts("model_name")?, columns.texts("rate")?);
    let (before, after) = (columns.numbers("before")?, columns.numbers("after")?);
    let (because, writers) = (columns.texts("because")?, columns.texts("writer_id")?);
    let fleet = columns.numbers("fleet_predictions_per_day")?;
    let row = |row: usize| {
        let rate = word(rates[row], ["base", "thinning"]);
        if InclusionProbability::new(after[row]).is_none() {
            let found = after[row];
            return Err(Reason::new(format!(
                "has the rate {found} in column after, allowed: above 0 and up to 1"
            )));
        }
        let model = names.get(models[row]);
        let mut change = RateChange::at_start(sequences[row], at[row], model, rate, after[row]);
        change.before = Some(before[row]).filter(|before| before.is_finite());
        change.because = word(because[row], ["start", "volume", "budget"]);
        change.fleet_predictions_per_day = Some(fleet[row]).filter(|fleet| fleet.is_finite());
        Ok(WriterRate { writer_id: names.get(writers[row]), change })
    };
    (0..columns.rows()).map(row).collect()
}
