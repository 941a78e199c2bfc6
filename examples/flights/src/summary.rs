//! What a run tells at its end: the replay, the two ledgers, the files, and how to read them.

mod table;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use serde::Serialize;
use tiltmeter::record::{Dropped, ExchangeLedger, PredictionLedger, Reason};
use tiltmeter::{Ledgers, ShutdownOutcome};

use crate::{console::Style, figures, output::Files, replay::Replayed, shutdown::INTERRUPTED};
use table::Table;

/// What is less would be shown as 0.0 s.
const SHOWN_PACED_SECONDS: f64 = 0.05;

/// All that a run tells.
#[derive(Clone, Debug)]
pub struct Summary {
    /// What the client saw.
    pub replay: Replayed,
    /// What became of the exchanges and of the predictions.
    pub accounting: Ledgers,
    /// How the shutdown of the log went.
    pub outcome: ShutdownOutcome,
    /// Why the log last lost predictions, if it did.
    pub last_failure: Option<String>,
    /// What was written.
    pub files: Files,
    /// Where it was written.
    pub folder: PathBuf,
}

/// The same for programs: what `run.json` and the file of `--json` hold.
#[derive(Clone, Debug, Serialize)]
pub struct Figures<'a> {
    accounting: Ledgers,
    /// How the shutdown of the log went: "complete", "deadline passed" or "worker panicked".
    log_outcome: &'static str,
    http: Http<'a>,
    /// The Parquet files that were written.
    files: &'a [PathBuf],
    last_failure: Option<&'a str>,
}

#[derive(Clone, Debug, Serialize)]
struct Http<'a> {
    requests_per_second: f64,
    #[serde(flatten)]
    replayed: &'a Replayed,
}

impl Summary {
    /// 130 when interrupted, 0 when every answer was the recorded one and every prediction is on disk, else 1.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        if self.replay.interrupted {
            ExitCode::from(INTERRUPTED)
        } else if self.is_faithful() && self.is_logged_whole() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    /// The figures, for programs.
    #[must_use]
    pub fn figures(&self) -> Figures<'_> {
        let http = Http { requests_per_second: self.replay.requests_per_second(), replayed: &self.replay };
        let last_failure = self.last_failure.as_deref();
        let log_outcome = outcome_in_words(self.outcome);
        Figures { accounting: self.accounting, log_outcome, http, files: &self.files.paths, last_failure }
    }

    fn is_faithful(&self) -> bool {
        self.replay.failed == 0 && self.replay.mismatched == 0
    }

    /// Books that balance are not enough: they do, too, when something was lost and counted.
    fn is_logged_whole(&self) -> bool {
        let Ledgers { exchanges, predictions } = &self.accounting;
        let lost = exchanges.dropped.total()
            + exchanges.abandoned
            + predictions.dropped.total()
            + predictions.abandoned;
        lost == 0 && self.accounting.balance() && self.outcome == ShutdownOutcome::Complete
    }

    /// The summary for a terminal of 80 columns, folders relative to `here`.
    #[must_use]
    pub fn render(&self, style: Style, here: &Path) -> String {
        let mut table = Table::new(style);
        self.replay(&mut table);
        self.exchanges(&mut table);
        self.predictions(&mut table);
        self.files(&mut table, here);
        table.finish()
    }

    fn replay(&self, table: &mut Table) {
        let Replayed { recorded, requests, failed, mismatched, seconds, paced_seconds, latency, .. } =
            &self.replay;
        if self.replay.interrupted {
            let (sent, of) = (figures::count(*requests), figures::count(*recorded));
            table.title(&format!("interrupted after {sent} of {of} requests"));
        } else {
            table.title(&format!("replayed {}", figures::counted(*requests, "flight")));
        }
        let rate = figures::whole(self.replay.requests_per_second());
        let took = figures::waited(seconds_of(*seconds));
        let paced = if *paced_seconds >= SHOWN_PACED_SECONDS {
            format!(", {} of it held back", figures::waited(seconds_of(*paced_seconds)))
        } else {
            String::new()
        };
        table.row("time", &took, &format!("{rate} requests/s{paced}"));
        let [p50, p99] =
            [latency.p50_ms, latency.p99_ms].map(|ms| figures::milliseconds(seconds_of(ms / 1e3)));
        table.row("latency", &p50, &format!("median, 99 % within {p99}"));

        table.section("answers", *requests, "");
        table.part("as recorded", requests.saturating_sub(failed + mismatched));
        table.loss("different", *mismatched);
        table.loss("failed", *failed);
        if let Some(fault) = &self.replay.fault {
            table.warning(&format!("for example {fault}"));
        }
    }

    fn exchanges(&self, table: &mut Table) {
        let ledger = &self.accounting.exchanges;
        let ExchangeLedger { observed, decoded, dropped, abandoned } = ledger;
        table.section("exchanges", *observed, "observed by the log");
        table.part("decoded", *decoded);
        losses(table, dropped, *abandoned);
        table.verdict(ledger.balances());
    }

    fn predictions(&self, table: &mut Table) {
        let ledger = &self.accounting.predictions;
        let PredictionLedger { decoded, written, sampled_out, dropped, abandoned } = ledger;
        table.section("predictions", *decoded, "decoded");
        table.part("written", *written);
        table.part("sampled out", *sampled_out);
        losses(table, dropped, *abandoned);
        if let Some(failure) = &self.last_failure {
            table.warning(&format!("the last loss: {failure}"));
        }
        if self.outcome != ShutdownOutcome::Complete {
            table.warning(&format!("the end of the log: {}", outcome_in_words(self.outcome)));
        }
        table.verdict(ledger.balances());
    }

    fn files(&self, table: &mut Table, here: &Path) {
        let Files { bytes, .. } = self.files;
        let (count, partitions) = (self.files.count(), self.files.partitions());
        let folder = self.folder.strip_prefix(here).unwrap_or(&self.folder).display();
        let size = format!("{} in {}", figures::bytes(bytes), figures::counted(partitions, "partition"));
        table.section("files", count, &size);
        table.line(&format!("in {folder}"));
        if count > 0 {
            table.blank();
            table.line("to read them, for example with DuckDB:");
            table.line("  SELECT model_version, count(*), avg(score)");
            table.line(&format!("  FROM '{folder}/**/*.parquet' GROUP BY ALL"));
        }
    }
}

fn outcome_in_words(outcome: ShutdownOutcome) -> &'static str {
    match outcome {
        ShutdownOutcome::Complete => "complete",
        ShutdownOutcome::JournalUnwritten => "gaps and heartbeats not written",
        ShutdownOutcome::DeadlinePassed => "deadline passed",
        ShutdownOutcome::WorkerPanicked => "worker panicked",
        _ => "unknown",
    }
}

fn losses<R: Reason>(table: &mut Table, dropped: &Dropped<R>, abandoned: u64) {
    table.loss("dropped", dropped.total());
    for (reason, count) in dropped.iter() {
        table.loss(&format!("  {}", reason.as_str().replace('_', " ")), count);
    }
    table.loss("abandoned", abandoned);
}

fn seconds_of(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests;
