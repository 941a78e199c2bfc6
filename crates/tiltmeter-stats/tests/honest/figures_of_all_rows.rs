//! How often an interval from a sample holds the figure of all rows that it was drawn from.

use tiltmeter_stats::{
    CalibrationBins, DesignEstimate, Inclusion, Interval, Result, ScoredLabels, brier, calibration,
    design_brier, design_calibration_error, design_count, design_log_loss, design_mean, design_roc_auc,
    design_share, hajek_mean, log_loss, roc_auc,
};

use crate::coverage::USUAL;
use crate::design::{RUNS, Random, Weighting};

/// All rows there are, a request each or four of one request.
const ROWS: usize = 5_000;

/// Rows with a score outside of these are kept for certain, as by the rule that keeps the tails.
const BODY: std::ops::Range<f64> = 0.05..0.95;

/// Scored rows with their labels.
#[derive(Default)]
struct Scored {
    labels: Vec<bool>,
    scores: Vec<f64>,
    probabilities: Vec<f64>,
    requests: Vec<usize>,
}

impl Scored {
    /// Scores of which half are in the tails, and which promise a little too much.
    fn population(random: &mut Random, batch: usize) -> Self {
        let mut all = Self::default();
        let mut shared = 0.0;
        for row in 0..ROWS {
            if row % batch == 0 {
                shared = random.normal();
            }
            let z = if batch == 1 { shared } else { 0.5 * shared + 0.75_f64.sqrt() * random.normal() };
            let score = 1.0 / (1.0 + (1.5 - 2.8 * z).exp());
            all.scores.push(score);
            all.labels.push(random.is(0.9 * score));
            all.requests.push(row / batch);
        }
        // a request is kept or not as a whole; with four rows its first one decides how probable that is
        let otherwise = if batch == 1 { 0.1 } else { 0.2 };
        for request in all.scores.chunks(batch) {
            let probability = if BODY.contains(&request[0]) { otherwise } else { 1.0 };
            all.probabilities.extend(request.iter().map(|_| probability));
        }
        all
    }

    fn sample(&self, random: &mut Random) -> Self {
        let mut kept = Self::default();
        let (mut request, mut draw) = (usize::MAX, 0.0);
        for row in 0..self.scores.len() {
            if self.requests[row] != request {
                (request, draw) = (self.requests[row], random.uniform());
            }
            if draw < self.probabilities[row] {
                kept.labels.push(self.labels[row]);
                kept.scores.push(self.scores[row]);
                kept.probabilities.push(self.probabilities[row]);
                kept.requests.push(request);
            }
        }
        kept
    }

    fn inclusion(&self) -> Inclusion {
        Inclusion::clustered(&self.probabilities, &self.requests).unwrap()
    }

    /// As if rows had been drawn whatever is in them, as many of all as these.
    fn simple(&self) -> Inclusion {
        Inclusion::new(&vec![self.scores.len() as f64 / ROWS as f64; self.scores.len()]).unwrap()
    }

    fn with_weights<R>(&self, of: impl FnOnce(ScoredLabels<'_>) -> R) -> R {
        let inclusion = self.inclusion();
        of(ScoredLabels::weighted(&self.labels, &self.scores, inclusion.weights()).unwrap())
    }
}

/// A figure, and its interval of the model instead of that of all rows.
struct Figure {
    name: &'static str,
    of: fn(&Scored, &Inclusion) -> Result<DesignEstimate>,
    of_the_model: fn(&Scored) -> Option<Interval>,
}

const FIGURES: &[Figure] = &[
    Figure {
        name: "ROC AUC",
        of: |rows, inclusion| design_roc_auc(&rows.labels, &rows.scores, inclusion),
        of_the_model: |rows| rows.with_weights(roc_auc).ok()?.interval(0.95),
    },
    Figure {
        name: "Brier score",
        of: |rows, inclusion| design_brier(&rows.labels, &rows.scores, inclusion),
        of_the_model: |rows| rows.with_weights(brier).ok()?.interval(0.95),
    },
    Figure {
        name: "log loss",
        of: |rows, inclusion| design_log_loss(&rows.labels, &rows.scores, inclusion),
        of_the_model: |rows| rows.with_weights(log_loss).ok()?.interval(0.95),
    },
    Figure {
        name: "mean score",
        of: |rows, inclusion| design_mean(&rows.scores, inclusion),
        of_the_model: |rows| {
            let inclusion = rows.inclusion();
            let sample = tiltmeter_stats::Sample::weighted(&rows.scores, inclusion.weights()).ok()?;
            hajek_mean(sample).ok()?.interval(0.95)
        },
    },
    Figure {
        name: "base rate",
        of: |rows, inclusion| design_share(&rows.labels, inclusion),
        of_the_model: |rows| {
            let inclusion = rows.inclusion();
            let labels: Vec<f64> = rows.labels.iter().map(|label| f64::from(u8::from(*label))).collect();
            let sample = tiltmeter_stats::Sample::weighted(&labels, inclusion.weights()).ok()?;
            hajek_mean(sample).ok()?.interval(0.95)
        },
    },
    Figure {
        name: "count",
        of: |_, inclusion| design_count(inclusion),
        // there is no such thing
        of_the_model: |_| None,
    },
];

/// What became of one figure over all samples.
#[derive(Default)]
struct Tally {
    held: usize,
    /// By the figure of the sample as if it were all rows, and by its interval.
    unweighted: usize,
    model: usize,
    width: f64,
    simple_width: f64,
    bias: f64,
    value: f64,
    unweighted_value: f64,
}

fn tallies(batch: usize) -> Vec<Tally> {
    let mut random = Random::of("figures of all rows", Weighting::ByValue, batch);
    let mut tallies: Vec<Tally> = FIGURES.iter().map(|_| Tally::default()).collect();
    let all = Scored::population(&mut random, batch);
    let everything = Inclusion::new(&vec![1.0; ROWS]).unwrap();
    let truths: Vec<f64> =
        FIGURES.iter().map(|figure| (figure.of)(&all, &everything).unwrap().value).collect();
    for _ in 0..RUNS {
        let kept = all.sample(&mut random);
        let (inclusion, simple) = (kept.inclusion(), kept.simple());
        for ((figure, tally), &truth) in FIGURES.iter().zip(&mut tallies).zip(&truths) {
            let estimate = (figure.of)(&kept, &inclusion).unwrap();
            let interval = estimate.interval(0.95).unwrap();
            let unweighted = (figure.of)(&kept, &simple).unwrap();
            let plain = unweighted.interval(0.95).unwrap();
            tally.held += usize::from(interval.contains(truth));
            tally.unweighted += usize::from(plain.contains(truth));
            tally.model +=
                usize::from((figure.of_the_model)(&kept).is_some_and(|interval| interval.contains(truth)));
            tally.width += (interval.upper - interval.lower) / RUNS as f64;
            tally.simple_width += (plain.upper - plain.lower) / RUNS as f64;
            tally.bias += (estimate.value - truth) / RUNS as f64;
            tally.value = truth;
            tally.unweighted_value += unweighted.value / RUNS as f64;
        }
    }
    tallies
}

fn share(count: usize) -> f64 {
    count as f64 / RUNS as f64
}

fn print(batch: usize, tallies: &[Tally]) {
    println!("{RUNS} samples of {ROWS} rows, {batch} to a request");
    println!(
        "{:<12} {:>9} {:>8} {:>8} {:>7} {:>10} {:>8} {:>8}",
        "figure", "all rows", "coverage", "width", "/simple", "unweighted", "covers", "model's"
    );
    for (figure, tally) in FIGURES.iter().zip(tallies) {
        println!(
            "{:<12} {:>9.4} {:>8.3} {:>8.4} {:>7.2} {:>10.4} {:>8.3} {:>8.3}",
            figure.name,
            tally.value,
            share(tally.held),
            tally.width,
            tally.width / tally.simple_width,
            tally.unweighted_value,
            share(tally.unweighted),
            share(tally.model),
        );
    }
}

#[test]
fn are_held_where_the_tails_are_kept() {
    let tallies = tallies(1);
    print(1, &tallies);
    for (figure, tally) in FIGURES.iter().zip(&tallies) {
        let name = figure.name;
        let [least, most] = USUAL;
        assert!((least..=most).contains(&share(tally.held)), "{name}: {}", share(tally.held));
        assert!(tally.bias.abs() < 0.05 * tally.width, "{name}: {}", tally.bias);
        if name != "count" {
            // the sample as it is says something else, and what is uncertain about the model is more than this
            assert!(share(tally.unweighted) < 0.2, "{name}: {}", share(tally.unweighted));
            assert!(tally.model > tally.held, "{name}: {} {}", tally.model, tally.held);
        }
    }
}

#[test]
fn are_held_where_requests_are_kept_as_a_whole() {
    let tallies = tallies(4);
    print(4, &tallies);
    for (figure, tally) in FIGURES.iter().zip(&tallies) {
        let [least, most] = USUAL;
        assert!((least..=most).contains(&share(tally.held)), "{}: {}", figure.name, share(tally.held));
    }
}

#[test]
fn what_chance_adds_to_a_calibration_error_is_taken_out() {
    let bins = CalibrationBins::default();
    let mut random = Random::of("calibration of all rows", Weighting::ByValue, ROWS);
    let all = Scored::population(&mut random, 1);
    let rows = ScoredLabels::new(&all.labels, &all.scores).unwrap();
    let truth = calibration(rows, bins).unwrap().expected_calibration_error;
    let (mut raw, mut debiased, mut of_all) = (0.0, 0.0, 0.0);
    for _ in 0..RUNS {
        let kept = all.sample(&mut random);
        let found = kept.with_weights(|rows| calibration(rows, bins)).unwrap();
        let logged = design_calibration_error(&kept.labels, &kept.scores, &kept.inclusion(), bins).unwrap();
        raw += found.expected_calibration_error / RUNS as f64;
        debiased += found.debiased_calibration_error() / RUNS as f64;
        of_all += logged.value / RUNS as f64;
    }
    println!(
        "calibration error {truth:.4}: {raw:.4} of the sample, {of_all:.4} without chance, {debiased:.4} of the model"
    );
    assert!(raw > 1.1 * truth, "{raw} {truth}");
    assert!((of_all - truth).abs() < 0.5 * (raw - truth), "{of_all} {truth} {raw}");
    assert!((debiased - truth).abs() < 0.6 * (raw - truth), "{debiased} {truth} {raw}");
}
