//! The instances of requests that are looked for.

use std::collections::HashMap;

use jiff::civil::Date;

use super::InstanceKey;
use crate::predictions::microseconds;

/// How far the event time of a row may be off, in microseconds.
const OFF: u64 = 1_000_000;

/// What is looked for: by the id of the request, their places.
pub(super) struct Wanted<'k> {
    keys: &'k [InstanceKey],
    places: HashMap<&'k str, Vec<usize>>,
}

impl<'k> Wanted<'k> {
    pub(super) fn of(keys: &'k [InstanceKey]) -> Self {
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, key) in keys.iter().enumerate() {
            places.entry(&key.request_id).or_default().push(place);
        }
        Self { keys, places }
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether a row of that date may be wanted.
    pub(super) fn may_lie_on(&self, date: Date) -> bool {
        let day = microseconds(date);
        let off = OFF.cast_signed();
        let (from, to) = (day.start.saturating_sub(off), day.end.saturating_add(off));
        self.keys
            .iter()
            .any(|key| key.event_time.is_none_or(|time| (from..to).contains(&time.as_microsecond())))
    }

    /// The places that a row is wanted for, each with how many microseconds it is off.
    pub(super) fn matches(
        &self,
        request_id: &str,
        instance_index: u32,
        event_time: Option<i64>,
    ) -> impl Iterator<Item = (usize, u64)> {
        let places = self.places.get(request_id).into_iter().flatten();
        places.filter_map(move |&place| {
            let key = self.keys.get(place).filter(|key| key.instance_index == instance_index)?;
            let off = match (key.event_time, event_time) {
                (Some(wanted), Some(time)) => wanted.as_microsecond().abs_diff(time),
                (Some(_), None) => return None,
                (None, _) => 0,
            };
            (off <= OFF).then_some((place, off))
        })
    }
}
