//! A flight as the trees see it: ten numbers and three category codes, found by position.

use std::collections::BTreeMap;

use crate::flight::Flight;

/// The features that hold a category, in the order of their codes in a [`Row`].
pub(super) const CATEGORICAL: [&str; 3] = ["carrier", "origin", "dest"];

/// The features that hold a number, in the order of a [`Row`].
pub(super) const NUMERIC: [&str; 10] = [
    "distance",
    "sched_hour",
    "day_of_week",
    "dep_delay",
    "temp",
    "humid",
    "wind_speed",
    "precip",
    "pressure",
    "visib",
];

/// How many categories a feature may list: a set of them is one 128-bit number.
pub(super) const MOST_CATEGORIES: usize = 128;

/// Per categorical feature: the code, below [`MOST_CATEGORIES`], of each category that the model lists.
pub(super) type Categories = [BTreeMap<String, u8>; CATEGORICAL.len()];

#[derive(Debug)]
pub(super) struct Row {
    numbers: [f64; NUMERIC.len()],
    categories: [Option<u8>; CATEGORICAL.len()],
}

impl Row {
    pub(super) fn new(flight: &Flight, listed: &Categories) -> Self {
        let missing = f64::NAN;
        let [carriers, origins, dests] = listed;
        Self {
            numbers: [
                flight.distance.into(),
                flight.sched_hour.into(),
                flight.day_of_week.into(),
                flight.dep_delay,
                flight.temp.unwrap_or(missing),
                flight.humid.unwrap_or(missing),
                flight.wind_speed.unwrap_or(missing),
                flight.precip.unwrap_or(missing),
                flight.pressure.unwrap_or(missing),
                flight.visib.unwrap_or(missing),
            ],
            categories: [
                carriers.get(&flight.carrier).copied(),
                origins.get(&flight.origin).copied(),
                dests.get(&flight.dest).copied(),
            ],
        }
    }

    /// NaN when missing.
    pub(super) fn number(&self, feature: u8) -> f64 {
        self.numbers[usize::from(feature)]
    }

    /// `None` when the model does not list the flight's category.
    pub(super) fn category(&self, feature: u8) -> Option<u8> {
        self.categories[usize::from(feature)]
    }
}
