//! Shows a [`Progress`] on stderr until it is told to end.

use std::{
    io::{self, IsTerminal},
    sync::Arc,
    time::Duration,
};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, interval},
};

use super::{Progress, Snapshot};
use crate::console;

/// How often the progress is looked at.
const TICK: Duration = Duration::from_millis(100);

const LABEL: &str = "replaying flights";

/// A display that runs beside the replay. Dropping it ends it.
#[derive(Debug)]
#[must_use = "a display that is dropped ends"]
pub struct Display {
    end: oneshot::Sender<()>,
    showing: JoinHandle<()>,
}

impl Display {
    /// Starts to show `progress`.
    ///
    /// # Errors
    /// When the bar's layout is malformed, which is a fault of this program.
    pub fn start(progress: Arc<Progress>) -> Result<Self> {
        let mut face = Face::of_stderr(progress.total)?;
        let (end, mut ended) = oneshot::channel();
        let showing = tokio::spawn(async move {
            let started = Instant::now();
            let mut ticks = interval(TICK);
            loop {
                tokio::select! {
                    _ = &mut ended => break,
                    _ = ticks.tick() => face.show(&progress.snapshot(started.elapsed())),
                }
            }
            face.end(&progress.snapshot(started.elapsed()));
        });
        Ok(Self { end, showing })
    }

    /// Takes the bar away, or writes the last line.
    pub async fn end(self) {
        drop(self.end);
        // a display that panicked has said so, and the replay does not depend on it
        let _ = self.showing.await;
    }
}

enum Face {
    Bar(ProgressBar),
    Lines { tenths_shown: u64 },
}

impl Face {
    fn of_stderr(total: u64) -> Result<Self> {
        if !io::stderr().is_terminal() {
            return Ok(Self::Lines { tenths_shown: 0 });
        }
        let style = ProgressStyle::with_template("{prefix}  {bar:12}  {msg}")?.progress_chars("█▉▊▋▌▍▎▏ ");
        Ok(Self::Bar(ProgressBar::new(total).with_style(style).with_prefix(LABEL)))
    }

    fn show(&mut self, snapshot: &Snapshot) {
        match self {
            Self::Bar(bar) => {
                bar.set_message(snapshot.to_string());
                bar.set_position(snapshot.done);
            }
            Self::Lines { tenths_shown } if snapshot.tenths() > *tenths_shown => {
                *tenths_shown = snapshot.tenths();
                console::note(&format!("{LABEL}  {:>3} %  {snapshot}", *tenths_shown * 10));
            }
            Self::Lines { .. } => {}
        }
    }

    fn end(&mut self, snapshot: &Snapshot) {
        match self {
            Self::Bar(bar) => bar.finish_and_clear(),
            Self::Lines { .. } => self.show(snapshot),
        }
    }
}
