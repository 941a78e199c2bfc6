//! Exchanges that the worker gives back to the request path.
//!
//! What one thread allocates and another one frees costs the first one several times as much: the allocator has to fetch it
//! from afar. So the worker returns what it has decoded, with its buffer where that is small, and the request path takes
//! it up again: in the steady state it allocates nothing.

use std::fmt;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::exchange::Offered;

/// How many are kept: as many exchanges as come between two looks of the worker. With their buffers, of at most 4 KiB, they
/// hold about 5 MiB, and what handlers have said of room for 16 segments each.
const KEPT: usize = 1_024;

pub(crate) struct Spares {
    give: Sender<Offered>,
    take: Receiver<Offered>,
}

impl Spares {
    pub(crate) fn new() -> Self {
        let (give, take) = bounded(KEPT);
        Self { give, take }
    }

    /// One that was given back, if there is one.
    pub(crate) fn take(&self) -> Option<Offered> {
        self.take.try_recv().ok()
    }

    /// Gives one back. One too many is freed.
    pub(crate) fn give_back(&self, mut exchange: Offered) {
        exchange.release();
        let _ = self.give.try_send(exchange);
    }
}

impl fmt::Debug for Spares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spares").field("kept", &self.take.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tiltmeter_record::{ErrorType, Observation};

    use super::*;
    use crate::layer::format::Format;
    use crate::layer::tape::Tape;
    use crate::layer::{Captured, Encoding, Media, Observations, RequestId, Said};

    fn with_buffer(bytes: usize) -> Offered {
        let mut exchange = Offered::default();
        exchange.captured().tape = Tape::blank(Vec::with_capacity(bytes));
        exchange
    }

    #[test]
    fn what_is_given_back_is_taken_again_with_its_buffer_and_nothing_else() {
        let spares = Spares::new();
        let mut exchange = with_buffer(100);
        *exchange.captured() = Captured {
            route: 7,
            request_id: RequestId::Made(uuid::Uuid::nil()),
            tape: std::mem::take(&mut exchange.captured().tape),
            status: Some(http::StatusCode::BAD_GATEWAY),
            error: Some(ErrorType::Panic),
            started: Duration::from_secs(1),
            latency: Duration::from_secs(2),
            request_format: Format { encoding: Encoding::Gzip, media: Media::Plain },
            response_format: Format { encoding: Encoding::Zstd, media: Media::Grpc },
            said: Some(Box::new(Said {
                observations: Observations::One(Observation::new().with_score(0.5)),
                segments: vec![("tenant".into(), "acme".into())],
                model_version: Some("v1".parse().unwrap()),
                path_version: Some("v2".parse().unwrap()),
                keep: true,
            })),
        };
        spares.give_back(exchange);
        let mut again = spares.take().unwrap();
        assert_eq!(again.captured().tape.capacity(), 100);
        // the room for what is said comes back as well, and is empty
        let said = again.recorded(Observations::None, b"", false).said.take().unwrap();
        assert!(said.observations.as_slice().is_empty() && said.segments.is_empty());
        assert!(said.segments.capacity() > 0);
        assert_eq!((&said.model_version, &said.path_version, said.keep), (&None, &None, false));
        let mut fresh = Offered::default();
        fresh.recorded(Observations::None, b"", false).said = None;
        for exchange in [&mut again, &mut fresh] {
            exchange.captured().tape = Tape::default();
        }
        assert_eq!(format!("{:?}", again.captured()), format!("{:?}", fresh.captured()));
        assert!(spares.take().is_none());
    }

    #[test]
    fn what_is_kept_is_bounded_in_number_and_size() {
        let spares = Spares::new();
        spares.give_back(with_buffer((4 << 10) + 1));
        assert_eq!(spares.take().unwrap().captured().tape.capacity(), 0);
        for _ in 0..2 * KEPT {
            spares.give_back(with_buffer(1));
        }
        assert_eq!(spares.take.len(), KEPT);
    }
}
