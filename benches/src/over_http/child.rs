//! A child process that serves, and what it and its parent say to each other.
//!
//! The child says its port, then what it has used so far each time a line comes, and in the end, when its stdin closes,
//! what became of everything. Each is one line of JSON.

use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::marker::PhantomData;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{self, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A process that serves, which is this program with other arguments. It ends when this is dropped.
///
/// `R` is what it tells of itself when it is asked, `F` what it says in the end.
#[derive(Debug)]
pub struct Child<R, F> {
    process: process::Child,
    // the child ends when its stdin closes
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    address: SocketAddr,
    says: PhantomData<fn() -> (R, F)>,
}

/// Where the child says its port.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Hello {
    port: u16,
}

impl<R: DeserializeOwned, F: DeserializeOwned> Child<R, F> {
    /// Starts a child, which listens when this returns.
    ///
    /// # Errors
    /// When it cannot be started, or does not say its port.
    pub fn start(arguments: &[&str]) -> Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the server")?;
        let asks = process.stdin.take().context("the server has no stdin")?;
        let mut answers = BufReader::new(process.stdout.take().context("the server has no stdout")?);
        let Hello { port } = hear(&mut answers)?;
        Ok(Self { process, asks, answers, address: (Ipv4Addr::LOCALHOST, port).into(), says: PhantomData })
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
    pub fn reading(&mut self) -> Result<R> {
        self.asks.write_all(b"\n")?;
        self.asks.flush()?;
        hear(&mut self.answers)
    }

    /// Ends it, and hears what became of everything.
    ///
    /// # Errors
    /// When it fails.
    pub fn end(self) -> Result<F> {
        let Self { mut process, asks, mut answers, .. } = self;
        drop(asks);
        let farewell = hear(&mut answers)?;
        let status = process.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(farewell)
    }
}

/// The child's side: says its port, and what `reading` tells each time that it is asked. Returns when it is to end.
pub(crate) fn attend<R: Serialize>(port: u16, mut reading: impl FnMut() -> Result<R>) -> Result<()> {
    say(&Hello { port })?;
    for line in io::stdin().lines() {
        line?;
        say(&reading()?)?;
    }
    Ok(())
}

/// The child's side: says something.
pub(crate) fn say(message: &impl Serialize) -> Result<()> {
    let mut stdout = io::stdout().lock();
    serde_json::to_writer(&mut stdout, message)?;
    stdout.write_all(b"\n")?;
    Ok(stdout.flush()?)
}

fn hear<T: DeserializeOwned>(answers: &mut BufReader<ChildStdout>) -> Result<T> {
    let mut line = String::new();
    answers.read_line(&mut line)?;
    serde_json::from_str(&line).context("the server does not answer")
}
