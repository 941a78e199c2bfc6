//! One statistic of a million rows against the sort that it contains, by the fastest sort there is.
//!
//! A rank statistic cannot be faster than the sort, and should not be much slower. Times of sorts depend on the machine
//! and on the values, ratios little: so each statistic is compared with the sorts of the same values in the same run.
//! Criterion times one thing after the other, so that whatever else the machine does in the meantime would be in the ratio.
//! Here the contenders take turns, and a ratio is the median of those within a round.

use std::cmp::Ordering;

use anyhow::{Result, ensure};
use clap::Parser;
use fastrand::Rng;
use tiltmeter_benches::samples::{Shape, scored};
use tiltmeter_benches::statistics::{Spread, quantile};
use tiltmeter_benches::table;
use tiltmeter_benches::turns::{Timed, take_turns};
use tiltmeter_stats::{NumericSpec, QuantileBins, ScoredLabels, ks_two_sample, roc_auc, sort_values};
use voracious_radix_sort::{RadixSort as _, Radixable};

/// Times the best sort of both samples.
const KS_GOAL: f64 = 1.3;

/// Times the best sort of pairs.
const ROC_AUC_GOAL: f64 = 1.5;

const SEED: u64 = 1;

#[derive(Debug, Parser)]
struct Cli {
    /// How many rows a sample has
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    rows: usize,

    /// How often everything is timed
    #[arg(long, value_name = "N", default_value_t = 11)]
    rounds: usize,

    /// Passed by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,

    /// A few rows and one round, to see that it runs
    #[arg(long)]
    test: bool,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let (rows, rounds) = if cli.test { (10_001, 1) } else { (cli.rows, cli.rounds) };
    let mut rng = Rng::with_seed(SEED);
    kolmogorov_smirnov(rows, rounds, &mut rng)?;
    area_under_the_curve(rows, rounds, &mut rng)?;
    profiles(rows, rounds, &mut rng)
}

type Sort<T> = fn(&mut [T]);

/// A reference and a current sample.
type Samples = (Vec<f64>, Vec<f64>);

/// The sorts of numbers that are known to be fast, and the standard library's.
const SORTS: [(&str, Sort<f64>); 3] = [
    ("voracious", |values| values.voracious_sort()),
    ("radsort", |values| radsort::sort(values)),
    ("std", |values| values.sort_unstable_by(f64::total_cmp)),
];

fn kolmogorov_smirnov(rows: usize, rounds: usize, rng: &mut Rng) -> Result<()> {
    let mut of = |shape: Shape, shift: f64| {
        let reference = shape.draws(rows, rng);
        let current = shape.draws(rows, rng).into_iter().map(|value| value + shift).collect();
        (reference, current)
    };
    let identical = of(Shape::Normal, 0.0).0;
    let samples: [(&str, Samples); 7] = [
        ("normal", of(Shape::Normal, 0.0)),
        ("normal, shifted by 0.01", of(Shape::Normal, 0.01)),
        ("normal, identical", (identical.clone(), identical)),
        ("uniform", of(Shape::Uniform, 0.0)),
        ("lognormal, σ = 3", of(Shape::Lognormal(3.0), 0.0)),
        ("integers, 100 levels", of(Shape::Levels(100), 0.0)),
        ("close together, with outliers", of(Shape::Outliers, 0.0)),
    ];
    let mut lines = Vec::new();
    for (name, (reference, current)) in &samples {
        check_distance(reference, current)?;
        let both = || [reference.clone(), current.clone()];
        let mut contenders: Vec<Timed<'_>> = SORTS
            .iter()
            .map(|&(name, sort)| {
                Timed::prepared(name, both, move |mut both| {
                    both.iter_mut().for_each(|values| sort(values));
                    both
                })
            })
            .collect();
        contenders.push(Timed::prepared("sort_values", both, |mut both| {
            let missing = both.each_mut().map(sort_values);
            (both, missing)
        }));
        contenders.push(Timed::new("ks_two_sample", || ks_two_sample(reference, current)));
        let seconds = take_turns(&mut contenders, rounds, rng);
        lines.push(line::<7>(name, &seconds, KS_GOAL));
    }
    table::print(
        &format!(
            "Kolmogorov–Smirnov of two samples of {rows}: ms to sort both, and for all; medians of {rounds}"
        ),
        ["", "voracious", "radsort", "std", "sort_values", "ks_two_sample", "/ best sort, goal 1.3"],
        lines,
    )
}

/// How many values a profile is given at once, as a worker does that has a batch of predictions.
const BATCH: usize = 1_024;

/// Millions of values per second, with 64 frozen bins, and with the sketch besides.
const PROFILE_GOALS: [f64; 2] = [100.0, 40.0];

/// What folding values into a profile costs, beside the least that one can do with them.
fn profiles(rows: usize, rounds: usize, rng: &mut Rng) -> Result<()> {
    let mut lines = Vec::new();
    for (name, shape) in [("normal", Shape::Normal), ("mostly 0", Shape::MostlyZero)] {
        let values = shape.draws(rows, rng);
        let plain = NumericSpec::new().with_bins(QuantileBins::of(&values, 64)?);
        let sketched = plain.clone().with_sketch(200)?;
        let fold = |spec: &NumericSpec| {
            let mut profile = spec.profile();
            values.chunks(BATCH).try_for_each(|batch| profile.update(batch)).map(|()| profile)
        };
        let mut contenders = [
            Timed::new("sum", || values.iter().sum::<f64>()),
            Timed::new("uniform histogram", || uniform_histogram(&values)),
            Timed::new("profile", || fold(&plain)),
            Timed::new("profile with sketch", || fold(&sketched)),
        ];
        let seconds = take_turns(&mut contenders, rounds, rng);
        let per_second = |seconds: &Vec<f64>| rows as f64 / quantile(&mut seconds.clone(), 0.5) / 1e6;
        let speeds: Vec<f64> = seconds.iter().map(per_second).collect();
        let met = speeds[2] >= PROFILE_GOALS[0] && speeds[3] >= PROFILE_GOALS[1];
        let mut line = vec![name.to_owned()];
        line.extend(speeds.iter().map(|speed| format!("{speed:.0}")));
        line.push(if met { "met" } else { "missed" }.to_owned());
        lines.push(line);
    }
    table::print(
        &format!("{rows} values in batches of {BATCH}: millions per second; medians of {rounds}"),
        ["", "sum", "20 equal bins", "profile, 64 bins", "with sketch", "goals 100 and 40"],
        lines.into_iter().map(|line| <[String; 6]>::try_from(line).unwrap_or_default()),
    )
}

/// 20 bins from −4 to 4; those beyond are in the outer ones.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 19")]
fn uniform_histogram(values: &[f64]) -> [u32; 20] {
    let mut counts = [0; 20];
    for value in values {
        counts[((value + 4.0) * 2.5).clamp(0.0, 19.0) as usize] += 1;
    }
    counts
}

/// A score and what came of it, in the 16 bytes that pairs with a number of eight bytes have.
#[derive(Clone, Copy, Debug)]
struct Pair {
    score: f64,
    label: u32,
}

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.score.partial_cmp(&other.score)
    }
}

impl Radixable<f64> for Pair {
    type Key = f64;

    fn key(&self) -> f64 {
        self.score
    }
}

fn pairs(scores: &[f64], labels: &[bool]) -> Vec<Pair> {
    let pairs = scores.iter().zip(labels);
    pairs.map(|(&score, &label)| Pair { score, label: u32::from(label) }).collect()
}

const SORTS_OF_PAIRS: [(&str, Sort<Pair>); 3] = [
    ("voracious", |pairs| pairs.voracious_sort()),
    ("radsort", |pairs| radsort::sort_by_key(pairs, |pair| pair.score)),
    ("std", |pairs| pairs.sort_unstable_by(|one, other| one.score.total_cmp(&other.score))),
];

fn area_under_the_curve(rows: usize, rounds: usize, rng: &mut Rng) -> Result<()> {
    let (scores, labels) = scored(rows, rng);
    #[expect(clippy::cast_possible_truncation, reason = "as models do that return numbers of four bytes")]
    let of_four_bytes = scores.iter().map(|&score| f64::from(score as f32)).collect();
    let levels = scores.iter().map(|score| (score * 1_000.0).round() / 1_000.0).collect();
    let samples: [(&str, Vec<f64>); 3] = [
        ("scores of 8 bytes", scores),
        ("scores of 4 bytes", of_four_bytes),
        ("scores of 1000 levels", levels),
    ];
    let mut lines = Vec::new();
    for (name, scores) in &samples {
        check_area(scores, &labels)?;
        let mut contenders: Vec<Timed<'_>> = SORTS_OF_PAIRS
            .iter()
            .map(|&(name, sort)| {
                Timed::prepared(
                    name,
                    || pairs(scores, &labels),
                    move |mut pairs| {
                        sort(&mut pairs);
                        pairs
                    },
                )
            })
            .collect();
        contenders.push(Timed::new("roc_auc", || roc_auc(ScoredLabels::new(&labels, scores)?)));
        let seconds = take_turns(&mut contenders, rounds, rng);
        lines.push(line::<6>(name, &seconds, ROC_AUC_GOAL));
    }
    table::print(
        &format!(
            "ROC AUC with its variance of {rows} rows: ms to sort pairs, and for all; medians of {rounds}"
        ),
        ["", "voracious", "radsort", "std", "roc_auc", "/ best sort, goal 1.5"],
        lines,
    )
}

/// The name, the medians in ms, and what the last is to the best of [`SORTS`], which come first.
fn line<const CELLS: usize>(name: &str, seconds: &[Vec<f64>], goal: f64) -> [String; CELLS] {
    let medians: Vec<f64> = seconds.iter().map(|of| Spread::of(of.iter().copied()).median).collect();
    let sorts = medians.iter().take(SORTS.len()).zip(seconds);
    let best = sorts.min_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, seconds)| seconds);
    let ratio = match (seconds.last(), best) {
        (Some(all), Some(best)) => {
            let mut ratios: Vec<f64> = all.iter().zip(best).map(|(all, best)| all / best).collect();
            quantile(&mut ratios, 0.5)
        }
        _ => f64::NAN,
    };
    let verdict = if ratio <= goal { "met" } else { "missed" };
    let mut cells = medians.iter().map(|median| format!("{:.1}", median * 1e3));
    std::array::from_fn(|cell| match cell {
        0 => name.to_owned(),
        cell if cell + 1 == CELLS => format!("{ratio:.2}, {verdict}"),
        _ => cells.next().unwrap_or_default(),
    })
}

/// That the sorts sort, and that the distance is the one that the definition gives.
fn check_distance(reference: &[f64], current: &[f64]) -> Result<()> {
    let sorted = SORTS.map(|(_, sort)| {
        [reference, current].map(|values| {
            let mut values = values.to_vec();
            sort(&mut values);
            values
        })
    });
    ensure!(sorted.iter().all(|both| *both == sorted[0]), "the sorts differ");
    let [reference_sorted, current_sorted] = &sorted[0];
    ensure!(reference_sorted.is_sorted() && current_sorted.is_sorted(), "the sorts do not sort");

    let share =
        |sorted: &[f64], x: f64| sorted.partition_point(|&value| value <= x) as f64 / sorted.len() as f64;
    let values = reference_sorted.iter().chain(current_sorted);
    let distance = values.fold(0.0_f64, |largest, &x| {
        largest.max((share(reference_sorted, x) - share(current_sorted, x)).abs())
    });
    let found = ks_two_sample(reference, current)?.statistic;
    ensure!((found - distance).abs() <= 1e-12, "the distance is {found}, by its definition {distance}");
    Ok(())
}

/// That the area is the share of pairs of a positive and a negative row in the right order, ties one half, whatever sorts
/// the rows.
fn check_area(scores: &[f64], labels: &[bool]) -> Result<()> {
    let found = roc_auc(ScoredLabels::new(labels, scores)?)?.value;
    for (name, sort) in SORTS_OF_PAIRS {
        let mut sorted = pairs(scores, labels);
        sort(&mut sorted);
        let (mut positives, mut negatives, mut won) = (0.0, 0.0, 0.0);
        for tied in sorted.chunk_by(|one, other| one == other) {
            let positive = tied.iter().map(|pair| f64::from(pair.label)).sum::<f64>();
            let negative = tied.len() as f64 - positive;
            won += positive * (negatives + negative / 2.0);
            positives += positive;
            negatives += negative;
        }
        let area = won / (positives * negatives);
        ensure!(
            (found - area).abs() <= 1e-9,
            "the area is {found}, {area} by the rows that {name} has sorted"
        );
    }
    Ok(())
}
