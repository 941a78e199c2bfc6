//! The client: sends the recorded requests, in the order of their events, over a few keep-alive connections.
//!
//! A reader thread decodes the record and hands requests out through a bounded queue; each connection takes one,
//! sends it, compares the answer with the recorded one, and takes the next. So at most one request per
//! connection is under way, and the order of events is kept up to that.
//!
//! A fault of one exchange is counted, not fatal. Only a service that cannot be reached, or a record that cannot
//! be read, ends the replay early.

mod connection;
mod pace;
mod tally;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
    time::Instant,
};

pub use pace::Pace;
pub use tally::{Latency, Replayed};

use crate::{
    progress::Progress,
    recorded::{Recorded, Recording},
    shutdown::Shutdown,
};
use connection::{Connection, Fault};
use tally::Tally;

/// Requests that wait for a connection, at most.
const HANDED_OUT: usize = 1024;

type Work = Arc<Mutex<mpsc::Receiver<Result<Recorded>>>>;

/// A replay that is ready to start.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Where the service answers.
    pub address: SocketAddr,
    /// How many connections send at the same time; at least one.
    pub connections: u16,
    /// When to hold back.
    pub pace: Pace,
    /// Told of each exchange.
    pub progress: Arc<Progress>,
    /// Ends the replay between two requests.
    pub shutdown: Shutdown,
}

impl Replay {
    /// Sends all of `recording`, or what is sent until the shutdown is requested. Dropping the future stops it.
    ///
    /// # Errors
    /// When the record cannot be read, or the service cannot be reached.
    pub async fn play(self, recording: Recording) -> Result<Replayed> {
        let recorded = recording.len();
        let connections = self.connections.max(1);
        let (hand_out, work) = mpsc::channel(HANDED_OUT);
        let reading = tokio::task::spawn_blocking(move || read(recording, &hand_out));

        let started = Instant::now();
        let work: Work = Arc::new(Mutex::new(work));
        let mut playing = JoinSet::new();
        for _ in 0..connections {
            playing.spawn(self.clone().send_all(work.clone()));
        }
        drop(work);
        let mut tally = Tally::default();
        while let Some(played) = playing.join_next().await {
            tally.add(played.context("a connection of the replay panicked")??);
        }
        let took = started.elapsed();
        // the queue is closed: the reader has ended or is about to
        reading.await.context("the reader of the recorded flights panicked")?;
        Ok(tally.finish(recorded, took, connections))
    }

    async fn send_all(self, work: Work) -> Result<Tally> {
        let Self { address, pace, progress, shutdown, .. } = self;
        let mut tally = Tally::default();
        let mut connection = Connection::open(address).await?;
        let mut sent = 0;
        while !shutdown.is_requested() {
            tally.paced += pace.hold_back(sent).await;
            let Some(recorded) = work.lock().await.recv().await else { break };
            let recorded = recorded?;
            sent += 1;

            let started = Instant::now();
            let answered = connection.send(&recorded).await;
            tally.latencies.push(nanoseconds(started.elapsed()));
            progress.advance(recorded.event_time);
            match answered {
                Ok(answer) if answer == recorded.answer => {}
                Ok(answer) => tally.mismatch(&recorded, &answer),
                Err(fault) => {
                    tally.fault(&recorded, &fault);
                    if let Fault::Connection(_) = fault {
                        connection = Connection::open(address).await?;
                    }
                }
            }
        }
        Ok(tally)
    }
}

/// Ends when all is handed out, at the first error, or when nobody takes any more.
fn read(recording: Recording, hand_out: &mpsc::Sender<Result<Recorded>>) {
    for recorded in recording {
        let last = recorded.is_err();
        if hand_out.blocking_send(recorded).is_err() || last {
            return;
        }
    }
}

/// Saturates at four seconds, far beyond what a quantile of a healthy replay reaches.
fn nanoseconds(time: Duration) -> u32 {
    u32::try_from(time.as_nanos()).unwrap_or(u32::MAX)
}
