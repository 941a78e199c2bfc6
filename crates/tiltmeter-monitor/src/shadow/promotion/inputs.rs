//! What is judged.

use jiff::civil::Date;
use tiltmeter_record::ShadowAccount;
use tiltmeter_record::columns::PairColumns;
use tiltmeter_record::spec::Promotion;

use crate::labels::Joined;

/// What is judged, and by what.
#[derive(Clone, Copy, Debug)]
pub struct PromotionInputs<'a> {
    /// What is asked of the challenger.
    pub promotion: &'a Promotion,
    /// The requests, each once, whether they have a pair or not. Those without an event time are of no day, and are not
    /// looked at.
    pub pairs: &'a PairColumns,
    /// What turned out to be true; `None` when it is not known of any request.
    pub labels: Option<ArrivedLabels<'a>>,
    /// The decision that means label 1, where decisions are not numbers or `true` and `false`.
    pub positive_class: Option<&'a str>,
    /// What the shadow's books say of the time of the pairs: they know of requests that are in no row, because the log lost
    /// them, and coverage is no better than they say. `None` when there are none.
    pub books: Option<&'a ShadowAccount>,
    /// The last UTC day that is looked at, at its end; `None`: the last one of which there is something.
    pub as_of: Option<Date>,
}

impl<'a> PromotionInputs<'a> {
    /// Pairs without labels, until the last day that they have.
    #[must_use]
    pub fn new(promotion: &'a Promotion, pairs: &'a PairColumns) -> Self {
        Self { promotion, pairs, labels: None, positive_class: None, books: None, as_of: None }
    }
}

/// Labels, and since when they are known: one of each for each request, as [`join_labels`](crate::shadow::join_labels)
/// finds them among all labels that there are.
#[derive(Clone, Copy, Debug)]
pub struct ArrivedLabels<'a> {
    /// The label; NaN where there is none. Those that are not there are missing.
    pub label: &'a [f64],
    /// When it arrived, in microseconds since 1970-01-01T00:00:00Z. A label that was revised arrived with its last
    /// revision: before, it counts as not there.
    pub arrival_time: &'a [i64],
}

impl<'a> From<&'a Joined> for ArrivedLabels<'a> {
    fn from(joined: &'a Joined) -> Self {
        Self { label: joined.label(), arrival_time: joined.arrival_time() }
    }
}
