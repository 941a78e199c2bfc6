//! Which processors the parts run on.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use rustix::thread::{CpuSet, gettid, sched_getaffinity, sched_setaffinity};

/// Which processors the champion, the load and the challenger have.
///
/// Each function places the calling thread, and with it all threads and processes that it starts from then on. A thread is
/// placed once: it is given some of the processors that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Placement {
    /// The champion's threads have one half of the processors to themselves. The load, the challenger and the shadow's
    /// thread share the other half, and there the load goes first: as if each had a machine of its own. With a single
    /// processor nobody is pinned.
    Apart,
    /// Whatever the system gives them; only the challenger comes last.
    Shared,
}

impl Placement {
    /// The threads that serve.
    ///
    /// # Errors
    /// When the system refuses it.
    pub fn champion(self) -> Result<()> {
        self.pin(|processor, half| processor < half)
    }

    /// The shadow's thread.
    ///
    /// # Errors
    /// When the system refuses it.
    pub fn shadow(self) -> Result<()> {
        match self {
            Self::Apart => self.challenger(),
            Self::Shared => Ok(()),
        }
    }

    /// The load.
    ///
    /// # Errors
    /// When the system refuses it.
    pub fn load(self) -> Result<()> {
        self.pin(|processor, half| processor >= half)
    }

    /// The challenger, and what looks at the memory: both get what others leave.
    ///
    /// # Errors
    /// When the system refuses it.
    pub fn challenger(self) -> Result<()> {
        self.pin(|processor, half| processor >= half)?;
        let thread = gettid().to_string();
        let status = Command::new("chrt")
            .args(["--idle", "--pid", "0", &thread])
            .status()
            .context("cannot run chrt, of util-linux")?;
        ensure!(status.success(), "chrt ended with {status}");
        Ok(())
    }

    fn pin(self, has: impl Fn(usize, usize) -> bool) -> Result<()> {
        let all = sched_getaffinity(None)?;
        let processors: Vec<usize> =
            (0..CpuSet::MAX_CPU).filter(|&processor| all.is_set(processor)).collect();
        let half = processors.len() / 2;
        if self == Self::Shared || half == 0 {
            return Ok(());
        }
        let mut set = CpuSet::new();
        for (place, processor) in processors.into_iter().enumerate() {
            if has(place, half) {
                set.set(processor);
            }
        }
        Ok(sched_setaffinity(None, &set)?)
    }
}
