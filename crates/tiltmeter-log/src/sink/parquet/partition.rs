//! Where a row belongs: its table, and the UTC date of its event.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use object_store::path::Path;
use tiltmeter_record::ModelName;

/// The folder below the root that holds the table of every model.
const PREDICTIONS: &str = "predictions";

/// The folder below the root that holds the pairs of every model and challenger.
const PAIRS: &str = "pairs";

/// A partition of a table: a model, of its pairs a challenger, and the days since 1970-01-01 of the UTC date.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Partition {
    model: ModelName,
    challenger: Option<ModelName>,
    day: i32,
}

impl Partition {
    pub(super) fn of_predictions(model: &ModelName, day: i32) -> Self {
        Self { model: model.clone(), challenger: None, day }
    }

    pub(super) fn of_pairs(model: &ModelName, challenger: &ModelName, day: i32) -> Self {
        Self { model: model.clone(), challenger: Some(challenger.clone()), day }
    }

    /// Where the file `name` of the partition belongs, below `root`.
    pub(super) fn path(&self, root: &Path, name: &str) -> Path {
        // the name of a model is safe in a path: see `ModelName`
        let model = format!("model_name={}", self.model);
        let table = match &self.challenger {
            None => table(root, &model),
            Some(challenger) => root.clone().join(PAIRS).join(model).join(format!("challenger={challenger}")),
        };
        table.join(date_folder(self.day)).join(name)
    }
}

/// The table of the model whose folder is called `model`.
pub(super) fn table(root: &Path, model: &str) -> Path {
    root.clone().join(PREDICTIONS).join(model)
}

pub(super) fn date_folder(day: i32) -> String {
    format!("date={}", utc_date(day))
}

/// The days from 1970-01-01 to the UTC date of `time`.
pub(super) fn utc_day(time: Timestamp) -> i32 {
    const DAY: i64 = 86_400;
    // whole seconds are cut towards 1970
    let second = time.as_second() - i64::from(time.subsec_nanosecond() < 0);
    // a timestamp is within ten thousand years of 1970
    i32::try_from(second.div_euclid(DAY)).unwrap_or(i32::MAX)
}

/// The date of the day `day` since 1970-01-01.
fn utc_date(day: i32) -> Date {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.checked_add(day.days()).unwrap_or(epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates_before_and_after_1970() {
        assert_eq!(utc_date(0).to_string(), "1970-01-01");
        assert_eq!(utc_date(-1).to_string(), "1969-12-31");
        assert_eq!(utc_date(15_798).to_string(), "2013-04-03");
    }

    #[test]
    fn the_last_moment_before_a_day_is_not_in_it() {
        for (time, day) in [
            ("1969-12-31T23:59:59.999999999Z", -1),
            ("1969-12-31T00:00:00Z", -1),
            ("1969-12-30T23:59:59.999999999Z", -2),
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T23:59:59.9Z", 0),
            ("0001-01-01T00:00:00Z", -719_162),
        ] {
            assert_eq!(utc_day(time.parse().unwrap()), day, "{time}");
        }
    }
}
