//! A load: from several threads, each with a connection of its own.
//!
//! *Open loop*: the requests are due at times that are fixed beforehand, whether or not earlier ones are answered, and
//! the latency counts from when a request was due. So a server that stalls pays for all that it kept waiting.
//! *Closed loop*: each connection sends the next request when the last is answered, which finds the greatest rate.

use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use example_flights::data::DataFolder;
use example_flights::recorded::{Recorded, Recording};
use fastrand::Rng;

use super::connection::Connection;
use crate::flights_example;

/// Requests that are sent in turn, all of one day: so the log has one file open, as it would have with the flights of
/// the present.
const REQUESTS: u64 = 512;

/// When requests are due, from the beginning of the load on.
#[derive(Clone, Debug)]
pub struct Schedule {
    due: Vec<Duration>,
}

impl Schedule {
    /// Independent arrivals (Poisson) of `rate` per second. The same `seed` gives the same times.
    #[must_use]
    pub fn poisson(rate: f64, length: Duration, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut at = 0.0;
        let gaps = std::iter::repeat_with(|| {
            at -= (1.0 - rng.f64()).ln() / rate;
            at
        });
        let due = gaps.take_while(|&at| at < length.as_secs_f64()).map(Duration::from_secs_f64).collect();
        Self { due }
    }

    /// How many requests it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.due.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.due.is_empty()
    }
}

/// A client with a number of connections.
#[derive(Debug)]
pub struct Load {
    connections: usize,
    requests: Vec<Recorded>,
}

impl Load {
    /// A load of the example's flights.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn new(connections: usize) -> Result<Self> {
        let data = DataFolder::locate(&flights_example("data"))?;
        let requests: Vec<Recorded> =
            Recording::open(&data.predictions, Some(REQUESTS))?.collect::<Result<_>>()?;
        let date = |recorded: &Recorded| recorded.event_time.as_second().div_euclid(86_400);
        let first = requests.first().map(date).context("there are no flights")?;
        let requests = requests.into_iter().filter(|recorded| date(recorded) == first).collect();
        Ok(Self { connections, requests })
    }

    /// Sends what is due when it is due; returns each request's latency from then on, in seconds.
    ///
    /// # Errors
    /// When an exchange fails.
    pub fn open_loop(&self, address: SocketAddr, schedule: &Schedule) -> Result<Vec<f64>> {
        // no request is due before all threads are ready to sleep
        const LEAD: Duration = Duration::from_millis(5);
        let latencies = self.on_each_connection(address, |which, connection, began| {
            rustix::thread::set_current_timer_slack(NonZeroU64::new(1))?;
            let due = schedule.due.iter().zip(self.requests.iter().cycle());
            due.skip(which)
                .step_by(self.connections)
                .map(|(&due, request)| {
                    let due = began + LEAD + due;
                    thread::sleep(due.saturating_duration_since(now()));
                    connection.exchange(request)?;
                    Ok(now().saturating_duration_since(due).as_secs_f64())
                })
                .collect::<Result<Vec<f64>>>()
        })?;
        Ok(latencies.concat())
    }

    /// Sends as fast as answers come; returns how many came.
    ///
    /// # Errors
    /// When an exchange fails.
    pub fn closed_loop(&self, address: SocketAddr, length: Duration) -> Result<usize> {
        let answered = self.on_each_connection(address, |which, connection, began| {
            let mut answered = 0;
            for request in self.requests.iter().cycle().skip(which) {
                if now().saturating_duration_since(began) >= length {
                    break;
                }
                connection.exchange(request)?;
                answered += 1;
            }
            Ok(answered)
        })?;
        Ok(answered.into_iter().sum())
    }

    /// Runs `work` on a thread for each connection, with its number, from a common beginning on.
    fn on_each_connection<T: Send>(
        &self,
        address: SocketAddr,
        work: impl Fn(usize, &mut Connection, Instant) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let connected = Barrier::new(self.connections);
        let (work, connected) = (&work, &connected);
        thread::scope(|scope| {
            let threads: Vec<_> = (0..self.connections)
                .map(|which| {
                    scope.spawn(move || {
                        let connection = Connection::open(address);
                        connected.wait();
                        work(which, &mut connection?, now())
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().map_err(|_| anyhow!("a client panicked"))?)
                .collect()
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures the time that passes")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_has_its_rate_and_is_reproducible() {
        let schedule = || Schedule::poisson(1_000.0, Duration::from_secs(10), 7);
        assert!((9_500..10_500).contains(&schedule().len()));
        assert_eq!(schedule().due, schedule().due);
        assert!(schedule().due.is_sorted());
    }
}
