use tiltmeter::record::{ExchangeDrop, PredictionDrop};

use super::*;
use crate::replay::Latency;

fn whole() -> Summary {
    Summary {
        replay: Replayed {
            recorded: 150_000,
            requests: 150_000,
            seconds: 6.17,
            paced_seconds: 0.42,
            latency: Latency { p50_ms: 0.214, p99_ms: 0.883 },
            ..Replayed::default()
        },
        accounting: Ledgers {
            exchanges: ExchangeLedger { observed: 150_000, decoded: 150_000, ..ExchangeLedger::default() },
            predictions: PredictionLedger {
                decoded: 150_000,
                written: 150_000,
                ..PredictionLedger::default()
            },
        },
        outcome: ShutdownOutcome::Complete,
        last_failure: None,
        files: Files {
            paths: (1..=307).map(|day| format!("{day}/1.parquet").into()).collect(),
            bytes: 18_240_000,
        },
        folder: "/home/me/tiltmeter/target/flights/predictions".into(),
    }
}

fn rendered(summary: &Summary) -> String {
    let text = summary.render(Style::PLAIN, Path::new("/home/me/tiltmeter"));
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "wider than a terminal: {line}");
    }
    text
}

#[test]
fn a_whole_replay() {
    let summary = whole();
    insta::assert_snapshot!(rendered(&summary));
    assert_eq!(summary.exit_code(), ExitCode::SUCCESS);
}

#[test]
fn an_interrupted_replay_with_faults_and_losses() {
    let mut summary = whole();
    summary.replay = Replayed {
        requests: 93_210,
        failed: 3,
        mismatched: 12,
        fault: Some("r0000123: gbm-1 answered 0.25, recorded is 0.252 of gbm-1".into()),
        seconds: 125.0,
        paced_seconds: 0.0,
        interrupted: true,
        ..summary.replay
    };
    let Ledgers { exchanges, predictions } = &mut summary.accounting;
    *exchanges = ExchangeLedger { observed: 93_210, decoded: 92_000, abandoned: 10, ..Default::default() };
    exchanges.dropped.add(ExchangeDrop::QueueFull, 1_200);
    *predictions =
        PredictionLedger { decoded: 92_000, written: 91_000, sampled_out: 500, ..Default::default() };
    summary.outcome = ShutdownOutcome::DeadlinePassed;
    summary.last_failure = Some("cannot write date=2013-08-12/1.parquet: no space left".into());
    insta::assert_snapshot!(rendered(&summary));
    assert_eq!(summary.exit_code(), ExitCode::from(INTERRUPTED));
}

#[test]
fn a_ledger_that_does_not_balance_fails_the_run() {
    let mut summary = whole();
    summary.accounting.predictions.written -= 1;
    assert_eq!(summary.exit_code(), ExitCode::FAILURE);
    assert!(rendered(&summary).contains("does not add up"));
}

#[test]
fn a_loss_fails_the_run_although_the_ledgers_balance() {
    let losses: [fn(&mut Ledgers); 4] = [
        |books| {
            books.exchanges.decoded -= 1;
            books.exchanges.dropped.add(ExchangeDrop::QueueFull, 1);
        },
        |books| {
            books.exchanges.decoded -= 1;
            books.exchanges.abandoned += 1;
        },
        |books| {
            books.predictions.written -= 1;
            books.predictions.dropped.add(PredictionDrop::SinkFailed, 1);
        },
        |books| {
            books.predictions.written -= 1;
            books.predictions.abandoned += 1;
        },
    ];
    for lose in losses {
        let mut summary = whole();
        lose(&mut summary.accounting);
        assert!(summary.accounting.balance());
        assert_eq!(summary.exit_code(), ExitCode::FAILURE, "{:?}", summary.accounting);
    }
}

#[test]
fn a_log_that_did_not_end_well_fails_the_run_and_is_told() {
    for (outcome, words) in [
        (ShutdownOutcome::DeadlinePassed, "deadline passed"),
        (ShutdownOutcome::WorkerPanicked, "worker panicked"),
    ] {
        let summary = Summary { outcome, ..whole() };
        assert_eq!(summary.exit_code(), ExitCode::FAILURE);
        assert!(rendered(&summary).contains(&format!("the end of the log: {words}")));
        assert_eq!(serde_json::to_value(summary.figures()).unwrap()["log_outcome"], words);
    }
}

#[test]
fn a_pause_too_short_to_show_is_not_shown() {
    for (paced_seconds, shown) in [(0.0, None), (0.049, None), (0.05, Some("0.1 s of it held back"))] {
        let mut summary = whole();
        summary.replay.paced_seconds = paced_seconds;
        let text = rendered(&summary);
        assert_eq!(text.contains("held back"), shown.is_some(), "{paced_seconds}");
        assert!(text.contains(shown.unwrap_or_default()), "{text}");
    }
}

#[test]
fn programs_find_the_figures_where_they_are_promised() {
    let json = serde_json::to_value(whole().figures()).unwrap();
    assert_eq!(json["accounting"]["exchanges"]["observed"], 150_000);
    assert_eq!(json["accounting"]["predictions"]["dropped"], 0);
    assert_eq!(json["log_outcome"], "complete");
    assert_eq!(json["http"]["requests"], 150_000);
    assert!(json["http"]["requests_per_second"].as_f64().unwrap() > 24_000.0);
    assert_eq!(json["files"].as_array().unwrap().len(), 307);
}
