//! CPU time, of this process and of its threads.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};

/// In user and kernel mode, of all threads, also of those that have ended.
#[must_use]
pub fn of_process() -> Duration {
    of(ClockId::ProcessCPUTime)
}

/// Of the calling thread.
#[must_use]
pub fn of_thread() -> Duration {
    of(ClockId::ThreadCPUTime)
}

fn of(clock: ClockId) -> Duration {
    Duration::try_from(clock_gettime(clock)).unwrap_or_default()
}

/// Of the threads whose names begin with `prefix`, and that still run. Names have 15 bytes at most.
///
/// # Errors
/// When the system does not tell.
pub fn of_threads(prefix: &str) -> Result<Duration> {
    let mut sum = Duration::ZERO;
    for thread in fs::read_dir("/proc/self/task")? {
        let thread = thread?.path();
        // a thread may end while this looks at it
        let Ok(name) = fs::read_to_string(thread.join("comm")) else { continue };
        if name.starts_with(prefix)
            && let Ok(figures) = fs::read_to_string(thread.join("schedstat"))
        {
            let nanos = figures.split(' ').next().context("schedstat is empty")?;
            sum += Duration::from_nanos(nanos.parse()?);
        }
    }
    Ok(sum)
}

/// Bytes of memory of this process that are resident.
///
/// # Errors
/// When the system does not tell.
pub fn resident_bytes() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    Ok(kib.context("the system does not tell the resident memory")?.parse::<u64>()? << 10)
}
