//! What a person sees of a comparison: a figure a line, with its interval.

use std::fmt::Write as _;

use example_flights::console::Style;
use tiltmeter_monitor::shadow::{Comparison, LabelledComparison, LatencyComparison, PairFigures};
use tiltmeter_monitor::{Measured, grouped};

/// Renders a comparison.
#[must_use]
pub fn render(comparison: &Comparison, style: Style) -> String {
    let mut text = String::new();
    let names = |versions: &[String]| if versions.is_empty() { "?".to_owned() } else { versions.join(", ") };
    let title = format!("{} beside {}", names(&comparison.challengers), names(&comparison.champions));
    line(&mut text, &style.bold(&title));
    let coverage = &comparison.coverage;
    let pairs = grouped(comparison.pairs);
    line(&mut text, &format!("{} requests, {pairs} pairs", grouped(coverage.eligible)));
    figure(&mut text, "coverage", &coverage.coverage);
    for count in coverage.buckets.iter().filter(|count| count.requests > 0) {
        line(&mut text, &format!("  {:<24}{:>10}", count.bucket.as_str(), grouped(count.requests)));
    }
    of_answers(&mut text, style, &comparison.overall);
    of_latencies(
        &mut text,
        style,
        "latency in ms, a timeout counts as the time waited",
        &comparison.latency_ms,
    );
    of_latencies(&mut text, style, "latency in ms, of pairs alone", &comparison.paired_latency_ms);
    figure(&mut text, "challenger's errors", &comparison.failures.error_rate);
    figure(&mut text, "challenger's timeouts", &comparison.failures.timeout_rate);
    if let Some(labelled) = &comparison.labelled {
        of_labels(&mut text, style, labelled);
    }
    for note in &comparison.notes {
        line(&mut text, &style.dim(&format!("note: {note}")));
    }
    text
}

fn of_answers(text: &mut String, style: Style, figures: &PairFigures) {
    line(text, &style.bold("answers"));
    figure(text, "agreement rate", &figures.agreement_rate);
    figure(text, "Cohen's kappa", &figures.cohen_kappa);
    figure(text, "Pearson", &figures.pearson);
    figure(text, "Spearman", &figures.spearman);
    figure(text, "Kolmogorov-Smirnov", &figures.ks);
    figure(text, "PSI", &figures.psi);
    figure(text, "Wasserstein", &figures.wasserstein);
    for flip in figures.flips.iter().filter(|flip| flip.is_flip()) {
        figure(text, &format!("{} becomes {}", flip.champion, flip.challenger), &flip.share);
    }
}

fn of_latencies(text: &mut String, style: Style, title: &str, latency: &LatencyComparison) {
    line(text, &style.bold(title));
    for (name, figures) in [
        ("champion", &latency.champion),
        ("challenger", &latency.challenger),
        ("difference", &latency.difference),
    ] {
        let quantiles =
            [("mean", &figures.mean), ("p50", &figures.p50), ("p95", &figures.p95), ("p99", &figures.p99)];
        for (quantile, latency) in quantiles {
            figure(text, &format!("{name} {quantile}"), latency);
        }
    }
}

fn of_labels(text: &mut String, style: Style, labelled: &LabelledComparison) {
    line(text, &style.bold("labels, challenger less champion"));
    let (known, without) = (grouped(labelled.labelled), grouped(labelled.without_label));
    line(text, &format!("  {known} pairs with a label, {without} without"));
    figure(text, "ROC AUC", &labelled.roc_auc_difference);
    figure(text, "Brier score", &labelled.brier_difference);
    figure(text, "log loss", &labelled.log_loss_difference);
    figure(text, "accuracy", &labelled.accuracy_difference);
    if let Some(test) = &labelled.mcnemar {
        let counts = [test.only_champion, test.only_challenger].map(grouped);
        line(
            text,
            &format!("  only the champion right in {}, only the challenger in {}", counts[0], counts[1]),
        );
    }
}

fn figure(text: &mut String, name: &str, figure: &Measured) {
    let said = match figure {
        Measured::Undefined(reason) => format!("undefined, because {reason}"),
        Measured::Known(estimate) => match estimate.interval {
            None => format!("{:>10.4}", estimate.value),
            Some((low, high)) => format!("{:>10.4}   {low:.4} to {high:.4}", estimate.value),
        },
    };
    line(text, &format!("  {name:<24}{said}"));
}

fn line(text: &mut String, said: &str) {
    // writing to a text does not fail
    let _ = writeln!(text, "{said}");
}
