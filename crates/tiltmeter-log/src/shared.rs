//! What everything that captures for one log shares.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use tiltmeter_record::Priority;

use crate::books::Stratum;
use crate::clock::Clock;
use crate::layer::{Offered, Routes, Spares};
use crate::pair::{PairBooks, QueuedPair, Shadows};
use crate::priorities::Priorities;
use crate::queue::Queue;

/// What comes through the queue.
#[derive(Debug)]
pub(crate) enum Item {
    /// An exchange, undecoded.
    Exchange(Offered),
    /// What champion and challenger answered.
    Pair(Box<QueuedPair>),
    /// Nothing but the wish to see it arrive, and when it was sent by the monotonic clock.
    Canary(Duration),
}

/// What all that captures for one log shares.
pub(crate) struct Shared {
    pub(crate) queue: Queue<Item>,
    pub(crate) routes: Routes,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) id_header: HeaderName,
    pub(crate) body_cap: usize,
    pub(crate) pairs: PairBooks,
    pub(crate) shadows: Shadows,
    /// Exchanges for the request path to use again.
    pub(crate) spares: Spares,
    pub(crate) priorities: Option<Priorities>,
    /// What the priorities say of each model's endpoint.
    pub(crate) endpoint_priorities: Vec<Priority>,
}

impl Shared {
    /// Offers an exchange, and while there is no room asks `wait` whether to try again. Tells whether it was taken; what was
    /// refused is used again.
    pub(crate) fn offer(
        &self,
        exchange: Offered,
        weight: u64,
        stratum: Stratum,
        wait: impl FnMut() -> bool,
    ) -> bool {
        let refused = self.queue.offer(Item::Exchange(exchange), weight, stratum, wait);
        let is_taken = refused.is_none();
        if let Some(Item::Exchange(exchange)) = refused {
            self.spares.give_back(exchange);
        }
        is_taken
    }

    /// How important an exchange is of which the handler has said nothing.
    pub(crate) fn priority(&self, route: u16, has_failed: bool, header: Option<Priority>) -> Priority {
        if self.priorities.is_none() {
            return Priority::Normal;
        }
        if has_failed {
            return Priority::High;
        }
        header
            .or_else(|| self.endpoint_priorities.get(usize::from(route)).copied())
            .unwrap_or(Priority::Normal)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("queue", &self.queue).finish_non_exhaustive()
    }
}
