//! Ctrl-C and SIGTERM: the first asks for a clean end, the second ends the process at once.

use anyhow::{Context, Result};
use tokio::sync::watch;

/// The exit code of a run that was interrupted: that of a process which SIGINT ended.
pub const INTERRUPTED: u8 = 130;

/// Tells whether the run has been asked to end. Clones hear the same request.
#[derive(Clone, Debug)]
pub struct Shutdown {
    requested: watch::Receiver<bool>,
}

impl Shutdown {
    /// A shutdown and the sender that requests it by sending `true`.
    #[must_use]
    pub fn new() -> (watch::Sender<bool>, Self) {
        let (request, requested) = watch::channel(false);
        (request, Self { requested })
    }

    /// A shutdown that Ctrl-C or SIGTERM requests.
    ///
    /// # Errors
    /// When the process cannot listen to signals.
    pub fn on_signals() -> Result<Self> {
        let (request, shutdown) = Self::new();
        let mut signals = Signals::listen().context("cannot listen to signals")?;
        tokio::spawn(async move {
            signals.next().await;
            request.send_replace(true);
            signals.next().await;
            std::process::exit(INTERRUPTED.into());
        });
        Ok(shutdown)
    }

    /// Whether it has been requested.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.requested.borrow()
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
