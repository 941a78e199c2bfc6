//! The benchmark's side of a server process: started, asked, ended.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum as _;
use serde::de::DeserializeOwned;

use super::server::{Farewell, Hello, Reading};
use super::variant::Variant;

/// A server in a process of its own, which is this program with `--serve`. It ends when this is dropped.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    // the server ends when its stdin closes
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl ServerProcess {
    /// Starts a server, which listens when this returns.
    ///
    /// # Errors
    /// When it cannot be started, or does not say its port.
    pub fn start(variant: Variant) -> Result<Self> {
        let name = variant.to_possible_value().context("a variant without a name")?;
        let mut child = Command::new(env::current_exe()?)
            .args(["--serve", name.get_name()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the server")?;
        let asks = child.stdin.take().context("the server has no stdin")?;
        let mut answers = BufReader::new(child.stdout.take().context("the server has no stdout")?);
        let Hello { port } = hear(&mut answers)?;
        Ok(Self { child, asks, answers, address: (Ipv4Addr::LOCALHOST, port).into() })
    }

    /// Where it answers.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has used so far.
    ///
    /// # Errors
    /// When it is gone.
    pub fn reading(&mut self) -> Result<Reading> {
        self.asks.write_all(b"\n")?;
        self.asks.flush()?;
        hear(&mut self.answers)
    }

    /// Ends it. All connections have to be closed.
    ///
    /// # Errors
    /// When it fails, or its ledgers do not balance.
    pub fn finish(self) -> Result<Farewell> {
        let Self { mut child, asks, mut answers, .. } = self;
        drop(asks);
        let farewell: Farewell = hear(&mut answers)?;
        let status = child.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        ensure!(farewell.balanced, "the ledgers do not balance: {}", farewell.ledgers);
        Ok(farewell)
    }
}

fn hear<T: DeserializeOwned>(answers: &mut BufReader<ChildStdout>) -> Result<T> {
    let mut line = String::new();
    answers.read_line(&mut line)?;
    serde_json::from_str(&line).context("the server does not answer")
}
