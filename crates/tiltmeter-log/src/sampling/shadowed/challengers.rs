//! The challengers whose pairs come.

use std::time::Duration;

use tiltmeter_record::ModelName;
use tiltmeter_sample::{Draw, SampleRate};

use super::Expected;

/// How long a challenger is waited for after its last pair.
const ACTIVE: Duration = Duration::from_secs(60);

/// Challengers that are told apart, at most: a bit for each.
const MOST: usize = 64;

/// Some of the challengers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Few(u64);

impl Few {
    fn one(place: usize) -> Self {
        Self(1 << (place % MOST))
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// The challengers of one model.
#[derive(Debug, Default)]
pub(super) struct Challengers(Vec<Challenger>);

#[derive(Debug)]
struct Challenger {
    name: ModelName,
    last_pair: Duration,
    /// With what probability it was shown the request of its last pair.
    shown: SampleRate,
}

impl Challengers {
    /// A pair of `name` has come.
    pub(super) fn seen(&mut self, name: &ModelName, shown: SampleRate, now: Duration) -> Few {
        let place = match self.0.iter().position(|challenger| challenger.name == *name) {
            Some(place) => place,
            None => self.room_for(name),
        };
        if let Some(challenger) = self.0.get_mut(place) {
            (challenger.last_pair, challenger.shown) = (now, shown);
        }
        Few::one(place)
    }

    /// A place for one that is not known: that of the one which was heard of longest ago, if there is no other.
    fn room_for(&mut self, name: &ModelName) -> usize {
        let new = Challenger { name: name.clone(), last_pair: Duration::ZERO, shown: SampleRate::ALL };
        if self.0.len() < MOST {
            self.0.push(new);
            return self.0.len() - 1;
        }
        let oldest = self.0.iter_mut().enumerate().min_by_key(|(_, challenger)| challenger.last_pair);
        oldest.map_or(0, |(place, oldest)| {
            *oldest = new;
            place
        })
    }

    /// Who may still answer about a request of that draw, beside those that have `answered`.
    pub(super) fn expected(
        &self,
        draw: Draw,
        answered: Few,
        now: Duration,
        matters: impl Fn(SampleRate) -> bool,
    ) -> Option<Expected> {
        let mut expected: Option<Expected> = None;
        for (place, challenger) in self.0.iter().enumerate() {
            let is_active = now.saturating_sub(challenger.last_pair) <= ACTIVE;
            let one = Few::one(place);
            if !is_active
                || answered.contains(one)
                || !challenger.shown.keeps(draw)
                || !matters(challenger.shown)
            {
                continue;
            }
            let before = expected.get_or_insert(Expected { challengers: one, shown: challenger.shown });
            *before = Expected {
                challengers: before.challengers.with(one),
                shown: before.shown.max(challenger.shown),
            };
        }
        expected
    }
}
