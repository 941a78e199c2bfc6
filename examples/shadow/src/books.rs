//! What became of each request, as a person sees it.

use std::fmt::Write as _;
use std::time::Duration;

use example_flights::figures::counted;
use tiltmeter::PairBucket;

use crate::live::Live;

/// The books of a run: they add up, or it says that they do not.
#[must_use]
pub fn render(live: &Live) -> String {
    let Live { replayed, shadow, log, .. } = live;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "\nThe champion answered {} at {:.0} a second.",
        counted(replayed.requests, "request"),
        replayed.requests_per_second()
    );
    for challenger in &shadow.challengers {
        let ledger = &challenger.ledger;
        let coverage = ledger.coverage().unwrap_or_default() * 100.0;
        let _ = writeln!(
            text,
            "Of {} that {} was to see, {coverage:.2} % are paired:",
            counted(ledger.eligible, "request"),
            challenger.name
        );
        for (bucket, count) in
            ledger.iter().filter(|(bucket, count)| *count > 0 || *bucket == PairBucket::Paired)
        {
            let _ = writeln!(text, "  {count:>9}  {bucket}");
        }
        if !ledger.balances() {
            let _ = writeln!(text, "  They do not add up to {}.", ledger.eligible);
        }
    }
    let _ = writeln!(
        text,
        "The challenger's side took {:.1} s of CPU in this process, {:.0} µs a request.",
        shadow.cpu.as_secs_f64(),
        per_request(shadow.cpu, replayed.requests)
    );
    let _ = writeln!(
        text,
        "The log wrote {} and {}; its books {}.",
        counted(log.ledgers.predictions.written, "prediction"),
        counted(log.sinks.first().map_or(0, |sink| sink.pairs.written), "pair"),
        if log.balances() { "balance" } else { "do not balance" }
    );
    text
}

/// Microseconds.
fn per_request(time: Duration, requests: u64) -> f64 {
    time.as_secs_f64() * 1e6 / requests.max(1) as f64
}
