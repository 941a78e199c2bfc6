//! What is looked at every day: how often it is wrong at least once.

use tiltmeter_stats::{
    AsymptoticConfidenceSequence, BoundedMean, Look, NonInferiority, NonInferiorityDecision, RunningMean,
    Sample, SequentialBounds, normal_quantile, roc_auc_paired, roc_auc_paired_weighted,
};

use crate::design::{Random, Weighting};

/// How many sequences of looks are drawn for each case.
const SEQUENCES: usize = if cfg!(feature = "long-simulations") { 10_000 } else { 100 };
/// The same of AUCs, which are computed anew each day.
const SEQUENCES_OF_MODELS: usize = if cfg!(feature = "long-simulations") { SEQUENCES } else { 25 };
/// A power is a matter of percents.
const SEQUENCES_FOR_POWER: usize = if cfg!(feature = "long-simulations") { 1_000 } else { 4 };

const ALPHA: f64 = 0.05;

/// What one looks at each day: bounds, and the ends of the plain interval with the same one-sided error.
struct Day {
    bounds: SequentialBounds,
    plain: [f64; 2],
}

impl Day {
    fn of(sequence: &AsymptoticConfidenceSequence, look: Look) -> Option<Self> {
        let half = -normal_quantile(ALPHA) * look.standard_error;
        let plain = [look.estimate - half, look.estimate + half];
        Some(Self { bounds: sequence.bounds(&look).ok()?, plain })
    }
}

struct Case {
    name: &'static str,
    truth: f64,
    sequences: usize,
    /// The most sequences in which either bound may be wrong, as a share.
    most: f64,
    /// The days of one sequence.
    days: fn(&mut Random) -> Vec<Day>,
}

/// `most`, and three standard deviations of it in so many sequences.
fn allowed(most: f64, sequences: usize) -> f64 {
    most + 3.0 * (most * (1.0 - most) / sequences as f64).sqrt()
}

/// Rates of some percent and differences, 50 rows a day for 60 days.
fn bounded(random: &mut Random, range: [f64; 2], draw: fn(&mut Random) -> f64) -> Vec<Day> {
    let (mut mean, mut plain) = (BoundedMean::new(range, ALPHA).unwrap(), RunningMean::default());
    let days = (0..60).map(|_| {
        for _ in 0..50 {
            let value = draw(random);
            mean.update(value).unwrap();
            plain.update(&[value]);
        }
        // a rate that has not been seen yet has no plain interval
        let of_day = plain.look().map_or([f64::NEG_INFINITY, f64::INFINITY], |look| {
            let half = -normal_quantile(ALPHA) * look.standard_error;
            [look.estimate - half, look.estimate + half]
        });
        Day { bounds: mean.bounds().unwrap(), plain: of_day }
    });
    days.collect()
}

/// A mean of which 100 rows came a day, kept with a probability that depends on something that goes with the value.
fn bounded_and_sampled(random: &mut Random) -> Vec<Day> {
    let (mut mean, mut plain) = (BoundedMean::new([0.0, 1.0], ALPHA).unwrap(), RunningMean::default());
    let days = (0..60).map(|_| {
        for _ in 0..100 {
            let is_easy = random.is(0.7);
            let value = f64::from(u8::from(random.is(if is_easy { 0.95 } else { 0.6 })));
            let probability = if is_easy { 0.2 } else { 0.8 };
            if random.is(probability) {
                mean.update_sampled(value, probability).unwrap();
                plain.update(Sample::weighted(&[value], &[1.0 / probability]).unwrap());
            } else {
                mean.left_out();
            }
        }
        let look = plain.look().unwrap();
        let half = -normal_quantile(ALPHA) * look.standard_error;
        Day { bounds: mean.bounds().unwrap(), plain: [look.estimate - half, look.estimate + half] }
    });
    days.collect()
}

/// The weighted mean of some 50 rows a day by effective size, for 60 days.
fn mean(random: &mut Random, weighting: Weighting, draw: fn(&mut Random) -> f64, sought: f64) -> Vec<Day> {
    let sequence = AsymptoticConfidenceSequence::new(ALPHA, 1_500.0).unwrap();
    let mut running = RunningMean::default();
    let days = (0..60).filter_map(|_| {
        let kept = random.kept(weighting, weighting.rows_for(50), draw, |&value| value > sought);
        running.update(kept.sample());
        Day::of(&sequence, running.look().ok()?)
    });
    days.collect()
}

/// A world of two models, of which the first is right as often as the second, or by one point of AUC more.
struct Models {
    rows_a_day: usize,
    days: usize,
    /// The share of positives.
    base_rate: f64,
    /// The second's AUC is less by so much.
    loss: f64,
    /// Which share of the rows has been kept by the first score: all above 1, and of the others this one.
    kept: f64,
    tuned_for: f64,
}

/// Of 0.81, correlated with what the second model says by 0.92 and less.
const SEPARATION: f64 = 1.3;
const NOISE: f64 = 0.3;

impl Models {
    /// The noise with which the second model is worse by the loss: AUC = Φ(separation / √(2 (1 + noise²))).
    fn noise(&self) -> f64 {
        let auc =
            1.0 - tiltmeter_stats::normal_sf(SEPARATION / (2.0 * (1.0 + NOISE * NOISE)).sqrt()) - self.loss;
        (0.5 * (SEPARATION / normal_quantile(auc)).powi(2) - 1.0).sqrt()
    }

    /// The looks of one sequence, second minus first, each by all labels that have arrived. A label takes a geometric
    /// number of days, four on average, and then is looked at with the others of its day.
    fn days(&self, random: &mut Random) -> impl Iterator<Item = Option<Day>> {
        let sequence = AsymptoticConfidenceSequence::new(ALPHA, self.tuned_for).unwrap();
        let noise = self.noise();
        let mut arriving = vec![Vec::new(); self.days];
        for day in 0..self.days {
            for _ in 0..self.rows_a_day {
                let is_positive = random.is(self.base_rate);
                let latent = random.normal() + if is_positive { SEPARATION } else { 0.0 };
                let first = latent + NOISE * random.normal();
                let second = latent + noise * random.normal();
                let delay = (0..60).take_while(|_| random.is(0.8)).count();
                let probability = if first > 1.0 { 1.0 } else { self.kept };
                if random.is(probability)
                    && let Some(day) = arriving.get_mut(day + delay)
                {
                    day.push((is_positive, first, second, 1.0 / probability));
                }
            }
        }
        let (mut labels, mut first, mut second, mut weights) = (vec![], vec![], vec![], vec![]);
        let is_weighted = self.kept < 1.0;
        arriving.into_iter().map(move |rows| {
            for (label, one, other, weight) in rows {
                labels.push(label);
                first.push(one);
                second.push(other);
                weights.push(weight);
            }
            let paired = if is_weighted {
                roc_auc_paired_weighted(&labels, &second, &first, &weights)
            } else {
                roc_auc_paired(&labels, &second, &first)
            };
            let difference = paired.ok()?.difference().ok()?;
            let size = tiltmeter_stats::effective_sample_size(weights.iter().copied());
            Day::of(&sequence, Look::new(difference.difference, difference.standard_error, size).ok()?)
        })
    }
}

const EQUAL: Models =
    Models { rows_a_day: 100, days: 42, base_rate: 0.2, loss: 0.0, kept: 1.0, tuned_for: 2_000.0 };

/// −ln u of a uniform u: skewed, with the mean 1.
fn exponential(random: &mut Random) -> f64 {
    -(1.0 - random.uniform()).ln()
}

fn lognormal(random: &mut Random) -> f64 {
    random.normal().exp()
}

/// 1 where only the first of two models is right, −1 where only the second is, else 0.
fn advantage(random: &mut Random) -> f64 {
    match random.uniform() {
        share if share < 0.04 => 1.0,
        share if share < 0.08 => -1.0,
        _ => 0.0,
    }
}

const CASES: &[Case] = &[
    Case {
        name: "bounded mean, rate of 90 %",
        truth: 0.9,
        sequences: SEQUENCES,
        most: ALPHA,
        days: |random| bounded(random, [0.0, 1.0], |random| f64::from(u8::from(random.is(0.9)))),
    },
    Case {
        name: "bounded mean, rate of 0.5 %",
        truth: 0.005,
        sequences: SEQUENCES,
        most: ALPHA,
        days: |random| bounded(random, [0.0, 1.0], |random| f64::from(u8::from(random.is(0.005)))),
    },
    Case {
        name: "bounded mean, difference of accuracies",
        truth: 0.0,
        sequences: SEQUENCES,
        most: ALPHA,
        days: |random| bounded(random, [-1.0, 1.0], advantage),
    },
    Case {
        name: "bounded mean, sampled",
        truth: 0.7 * 0.95 + 0.3 * 0.6,
        sequences: SEQUENCES,
        most: ALPHA,
        days: bounded_and_sampled,
    },
    Case {
        name: "mean, normal",
        truth: 0.0,
        sequences: SEQUENCES,
        most: ALPHA,
        days: |random| mean(random, Weighting::None, Random::normal, 0.0),
    },
    Case {
        name: "mean, exponential",
        truth: 1.0,
        sequences: SEQUENCES,
        most: ALPHA,
        days: |random| mean(random, Weighting::None, exponential, 1.0),
    },
    Case {
        name: "mean, exponential, sampled",
        truth: 1.0,
        sequences: SEQUENCES,
        most: ALPHA,
        days: |random| mean(random, Weighting::Sampled, exponential, 1.0),
    },
    Case {
        name: "mean, exponential, by value",
        truth: 1.0,
        sequences: SEQUENCES,
        most: ALPHA,
        days: |random| mean(random, Weighting::ByValue, exponential, 1.0),
    },
    Case {
        name: "mean, lognormal",
        truth: 1.648_721_270_700_128,
        sequences: SEQUENCES,
        // a skewness of 6, and the first look at 100 rows: documented as 6.3 %
        most: 0.065,
        days: |random| mean(random, Weighting::None, lognormal, 1.0),
    },
    Case {
        name: "mean, difference of accuracies",
        truth: 0.0,
        sequences: SEQUENCES,
        most: ALPHA,
        days: |random| mean(random, Weighting::None, advantage, 0.0),
    },
    Case {
        name: "difference of ROC AUCs",
        truth: 0.0,
        sequences: SEQUENCES_OF_MODELS,
        most: ALPHA,
        days: |random| EQUAL.days(random).flatten().collect(),
    },
    Case {
        name: "difference of ROC AUCs, by score",
        truth: 0.0,
        sequences: SEQUENCES_OF_MODELS,
        most: ALPHA,
        days: |random| Models { kept: 0.4, ..EQUAL }.days(random).flatten().collect(),
    },
];

#[test]
fn bounds_are_hardly_ever_wrong_on_any_day() {
    println!("{SEQUENCES} sequences for each case, {SEQUENCES_OF_MODELS} of AUCs; wrong at least once:");
    println!("{:<40} {:>7} {:>7} {:>7} {:>9}", "estimate", "lower", "upper", "either", "plain 90 %");
    let mut off = Vec::new();
    for case in CASES {
        let mut random = Random::of(case.name, Weighting::None, 0);
        let mut wrong = [0; 4];
        for _ in 0..case.sequences {
            let days = (case.days)(&mut random);
            let lower = days.iter().any(|day| day.bounds.lower > case.truth);
            let upper = days.iter().any(|day| day.bounds.upper < case.truth);
            let plain = days.iter().any(|day| !(day.plain[0]..=day.plain[1]).contains(&case.truth));
            for (count, is_wrong) in wrong.iter_mut().zip([lower, upper, lower || upper, plain]) {
                *count += usize::from(is_wrong);
            }
        }
        let [lower, upper, either, plain] = wrong.map(|count| count as f64 / case.sequences as f64);
        let line = format!("{:<40} {lower:>7.4} {upper:>7.4} {either:>7.4} {plain:>9.3}", case.name);
        println!("{line}");
        if lower.max(upper) > allowed(case.most, case.sequences) {
            off.push(line);
        } else if plain < 3.0 * ALPHA {
            off.push(format!("{line}: nothing to be gained over plain intervals"));
        }
    }
    assert!(off.is_empty(), "off are:\n{}", off.join("\n"));
}

/// The test of non-inferiority over the days until it decides, or all of them.
fn verdict(models: &Models, margin: f64, random: &mut Random) -> (NonInferiorityDecision, Option<usize>) {
    let test = NonInferiority::new(margin).unwrap();
    for (day, look) in models.days(random).enumerate() {
        let decision = look.map_or(NonInferiorityDecision::Undecided, |look| test.decide(&look.bounds));
        if decision != NonInferiorityDecision::Undecided {
            return (decision, Some(day));
        }
    }
    (NonInferiorityDecision::Undecided, None)
}

/// Shares of non-inferior and inferior verdicts, and the median day, from 1, of those that were decided.
fn verdicts(name: &str, sequences: usize, models: &Models, margin: f64) -> ([f64; 2], Option<usize>) {
    let mut random = Random::of(name, Weighting::None, 0);
    let all: Vec<_> = (0..sequences).map(|_| verdict(models, margin, &mut random)).collect();
    let share =
        |sought| all.iter().filter(|(decision, _)| *decision == sought).count() as f64 / sequences as f64;
    let shares = [share(NonInferiorityDecision::NonInferior), share(NonInferiorityDecision::Inferior)];
    let mut days: Vec<usize> = all.iter().filter_map(|(_, day)| day.map(|day| day + 1)).collect();
    days.sort_unstable();
    let median = days.get(days.len() / 2).copied();
    println!("{name:<52} {:>9.4} {:>9.4} {median:>10?}", shares[0], shares[1]);
    (shares, median)
}

#[test]
fn verdicts_on_models_that_are_watched_daily() {
    println!("{:<52} {:>9} {:>9} {:>10}", "models, AUC 0.81", "not worse", "worse", "median day");
    // two equal models: worse is wrong, with a margin or without; without, so is better
    let ([_, worse], _) = verdicts("equal, 100 rows a day, margin 0.01", SEQUENCES_OF_MODELS, &EQUAL, 0.01);
    assert!(worse <= allowed(ALPHA, SEQUENCES_OF_MODELS));
    let ([better, worse], _) = verdicts("equal, 100 rows a day, margin 0", SEQUENCES_OF_MODELS, &EQUAL, 0.0);
    assert!(worse.max(better) <= allowed(ALPHA, SEQUENCES_OF_MODELS));
    // as bad as the margin allows: not worse is wrong
    let at_margin = Models { loss: 0.01, ..EQUAL };
    let ([not_worse, _], _) =
        verdicts("1 point worse, 100 rows a day, margin 0.01", SEQUENCES_OF_MODELS, &at_margin, 0.01);
    assert!(not_worse <= allowed(ALPHA, SEQUENCES_OF_MODELS));

    let many = Models { rows_a_day: 500, days: 56, tuned_for: 10_000.0, ..EQUAL };
    let worse = Models { loss: 0.01, ..many };
    let ([_, found], _) =
        verdicts("1 point worse, 500 rows a day, margin 0", SEQUENCES_FOR_POWER, &worse, 0.0);
    assert!(found >= 0.9, "{found}");
    let ([_, found], _) =
        verdicts("1 point worse, 500 rows a day, margin 0.005", SEQUENCES_FOR_POWER, &worse, 0.005);
    assert!(found >= 0.5, "{found}");
    let ([found, _], _) = verdicts("equal, 500 rows a day, margin 0.01", SEQUENCES_FOR_POWER, &many, 0.01);
    assert!(found >= 0.9, "{found}");
}
