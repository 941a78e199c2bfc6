//! The benchmark's side of a server process: started, asked, ended.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum as _;

use super::child::Child;
use super::server::{Farewell, Reading};
use super::variant::Variant;

/// A server in a process of its own, which is this program with `--serve`. It ends when this is dropped.
#[derive(Debug)]
pub struct ServerProcess(Child<Reading, Farewell>);

impl ServerProcess {
    /// Starts a server, which listens when this returns.
    ///
    /// # Errors
    /// When it cannot be started, or does not say its port.
    pub fn start(variant: Variant) -> Result<Self> {
        let name = variant.to_possible_value().context("a variant without a name")?;
        Ok(Self(Child::start(&["--serve", name.get_name()])?))
    }

    /// Where it answers.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// What it has used so far.
    ///
    /// # Errors
    /// When it is gone.
    pub fn reading(&mut self) -> Result<Reading> {
        self.0.reading()
    }

    /// Ends it. All connections have to be closed.
    ///
    /// # Errors
    /// When it fails, or its ledgers do not balance.
    pub fn finish(self) -> Result<Farewell> {
        let farewell = self.0.end()?;
        ensure!(farewell.balanced, "the ledgers do not balance: {}", farewell.ledgers);
        Ok(farewell)
    }
}
