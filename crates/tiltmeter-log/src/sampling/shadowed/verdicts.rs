//! What pairs have said of requests whose rows have not come yet.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tiltmeter_sample::Draw;

use super::Verdict;

/// Verdicts, for a time.
#[derive(Debug)]
pub(super) struct Verdicts {
    by_draw: HashMap<Draw, (Verdict, Duration)>,
    /// In the order in which they came.
    in_order: VecDeque<(Draw, Duration)>,
    most: usize,
    time: Duration,
}

impl Verdicts {
    /// Remembers as many as `most`, for that `time`.
    pub(super) fn new(most: usize, time: Duration) -> Self {
        Self { by_draw: HashMap::new(), in_order: VecDeque::new(), most, time }
    }

    pub(super) fn note(&mut self, draw: Draw, verdict: Verdict, now: Duration) {
        if let Some((known, _)) = self.by_draw.get_mut(&draw) {
            known.join(verdict);
            return;
        }
        while self.in_order.len() >= self.most.max(1) {
            self.forget_oldest();
        }
        self.by_draw.insert(draw, (verdict, now));
        self.in_order.push_back((draw, now));
    }

    /// What is known of the request of that draw. It is forgotten.
    pub(super) fn take(&mut self, draw: Draw) -> Verdict {
        if self.by_draw.is_empty() {
            return Verdict::default();
        }
        self.by_draw.remove(&draw).map_or_else(Verdict::default, |(verdict, _)| verdict)
    }

    /// Forgets what is too old.
    pub(super) fn forget(&mut self, now: Duration) {
        while self.in_order.front().is_some_and(|(_, noted)| now.saturating_sub(*noted) >= self.time) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some((draw, noted)) = self.in_order.pop_front() else { return };
        // one that was taken, and noted anew, has its turn later
        if self.by_draw.get(&draw).is_some_and(|(_, since)| *since == noted) {
            self.by_draw.remove(&draw);
        }
    }
}
