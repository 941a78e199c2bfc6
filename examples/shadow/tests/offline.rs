//! The pairs of the example, against what scipy, scikit-learn and numpy find in them: `golden.json`, by `golden.py`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

use clap::Parser;
use example_shadow::{
    cli::Cli,
    figures::Figures,
    offline::{Offline, Sources},
};
use serde_json::Value;
use tiltmeter_monitor::shadow::Comparison;

const PAIRS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/champion_challenger.parquet");
const LABELS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../flights/data/labels.parquet");

async fn compared(options: &[&str]) -> Comparison {
    let cli = Cli::parse_from(["example-shadow", "--offline", PAIRS].iter().chain(options));
    Offline::read(&cli, &Sources::of(&cli).unwrap()).await.unwrap().compare()
}

fn golden() -> Value {
    serde_json::from_str(include_str!("golden.json")).unwrap()
}

/// Each number of `expected` is in `found`, to 1e-9 (of itself, where it is above 1); more may be found.
#[track_caller]
fn agrees(found: &Value, expected: &Value, name: &str) {
    match expected {
        Value::Object(fields) => {
            fields
                .iter()
                .for_each(|(field, expected)| agrees(&found[field], expected, &format!("{name}.{field}")));
        }
        expected => {
            let (found, expected) = (found.as_f64(), expected.as_f64().unwrap());
            let found = found.unwrap_or_else(|| panic!("{name} is not found"));
            assert!(
                (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                "{name}: {found}, {expected} by others"
            );
        }
    }
}

#[tokio::test]
async fn every_figure_is_that_of_scipy_and_scikit_learn() {
    let comparison = compared(&["--labels", LABELS]).await;
    let found = serde_json::to_value(Figures::of(&comparison)).unwrap();
    let mut expected = golden();
    let (flips, mut labels) = (expected["flips"].take(), expected["labels"].take());
    let (weighted, mut judged) = (expected["weighted_by_coverage"].take(), expected["judged"].take());
    for taken in ["flips", "labels", "weighted_by_coverage", "judged"] {
        expected.as_object_mut().unwrap().remove(taken);
    }
    agrees(&found, &expected, "pairs");
    for flip in &comparison.paired.flips {
        let expected = flips[format!("{} {}", flip.champion, flip.challenger)].as_u64();
        assert_eq!(Some(flip.pairs), expected, "{} {}", flip.champion, flip.challenger);
    }

    let of_labels = comparison.paired_labelled.as_ref().unwrap();
    let mut named = serde_json::to_value(of_labels).unwrap();
    let error = |figure: &tiltmeter_monitor::Measured| figure.estimate().unwrap().standard_error;
    named["brier_difference_error"] = error(&of_labels.brier_difference).into();
    named["log_loss_difference_error"] = error(&of_labels.log_loss_difference).into();
    named["champion_right_on_disagreements"] = of_labels.disagreements.champion_right.value().into();
    named["challenger_right_on_disagreements"] = of_labels.disagreements.challenger_right.value().into();
    let delong = labels["delong"].take();
    labels.as_object_mut().unwrap().remove("delong");
    agrees(&named, &labels, "labels");
    for field in ["champion_roc_auc", "challenger_roc_auc", "roc_auc_difference"] {
        agrees(&named[field], &delong[field], field);
    }
    agrees(&error(&of_labels.roc_auc_difference).into(), &delong["standard_error"], "DeLong's error");
    // as a part of itself: it is 4e-11
    let (p, expected) = (of_labels.roc_auc_p_value.unwrap(), delong["p_value"].as_f64().unwrap());
    assert!((p / expected - 1.0).abs() < 1e-6, "{p} {expected}");

    let mut by_coverage = serde_json::to_value(&comparison.overall).unwrap();
    by_coverage["largest_factor"] = comparison.coverage.largest_factor.into();
    agrees(&by_coverage, &weighted, "weighted by coverage");

    judged.as_object_mut().unwrap().remove("challenger_p99_5_ms");
    let latency = &comparison.latency_ms;
    agrees(&serde_json::to_value(&latency.champion).unwrap(), &judged["champion_latency_ms"], "champion");
    agrees(
        &serde_json::to_value(&latency.challenger).unwrap(),
        &judged["challenger_latency_ms"],
        "challenger",
    );
    agrees(&latency.difference.mean.value().into(), &judged["difference_of_means"], "difference of means");

    has_all_that_is_drawn(&comparison);
}

/// Looked at here as well, because the comparison takes a second.
#[track_caller]
fn has_all_that_is_drawn(comparison: &Comparison) {
    assert_eq!((comparison.strata.len(), comparison.days.len(), comparison.segments.len()), (10, 307, 0));
    assert_eq!(comparison.coverage.eligible, 150_000);
    assert_eq!(comparison.disagreements.rows.len(), 50);
    assert!(comparison.noise_floor.is_none());
    assert!(comparison.score_density.is_some() && comparison.latency_histogram.is_some());
    let intervals = Figures::of(comparison).intervals;
    for (name, interval) in &intervals {
        let (low, high) = interval.unwrap_or_else(|| panic!("{name} has no interval"));
        assert!(low < high, "{name}: {low} to {high}");
    }
}
