//! Whether intervals hold the truth as often as they say, and where a challenger is its champion as well.

use super::made_up::{Row, answers, pairs};
use super::quick;
use crate::Measured;
use crate::shadow::figures::{PairFigures, figures};
use crate::shadow::labelled::{LabelledComparison, Truth, labelled};
use crate::shadow::resample::Resample;
use crate::shadow::rows::{Classes, Rows, Sides, Weighted};
use crate::shadow::{PairInputs, compare};

const RUNS: u64 = 100;
/// 95 % less three standard errors of so many runs.
const LEAST: u64 = 88;

/// A row of the run's own stream.
type Draw = fn(&mut fastrand::Rng) -> [f64; 2];

/// Two instances of one model that adds noise to its score.
fn same_but_for_noise(random: &mut fastrand::Rng) -> [f64; 2] {
    let truth = random.f64();
    [(); 2].map(|()| (truth + 0.3 * (random.f64() - 0.5)).clamp(0.0, 1.0))
}

fn near(random: &mut fastrand::Rng) -> [f64; 2] {
    let champion = random.f64();
    [champion, (champion + 0.2 * (random.f64() - 0.5)).clamp(0.0, 1.0)]
}

/// A challenger that scores one row in twenty by itself.
fn same_but_for_some(random: &mut fastrand::Rng) -> [f64; 2] {
    let (champion, own) = (random.f64(), random.f64());
    [champion, if random.f64() < 0.05 { own } else { champion }]
}

fn shifted(random: &mut fastrand::Rng) -> [f64; 2] {
    let [champion, challenger] = near(random);
    [champion, 0.05 + 0.95 * challenger]
}

fn with_sides<T>(scores: &[[f64; 2]], of: impl FnOnce(&Rows, Sides<'_>, &Classes) -> T) -> T {
    let rows: Vec<Row> = scores.iter().map(|scores| Row { scores: *scores, ..Row::paired(0) }).collect();
    let table = pairs(&rows);
    let classes = Classes::of([table.champion(), table.challenger()].into_iter());
    let sides = Sides {
        classes: &classes,
        champion_class: &classes.codes(table.champion()),
        challenger_class: &classes.codes(table.challenger()),
        champion_score: table.champion().score(),
        challenger_score: table.challenger().score(),
    };
    of(&Rows::of((0..rows.len()).map(|row| Weighted { row, weight: 1.0 })), sides, &classes)
}

fn drawn(draw: Draw, count: usize, seed: u64, replicates: usize) -> PairFigures {
    let mut random = fastrand::Rng::with_seed(seed);
    let scores: Vec<[f64; 2]> = (0..count).map(|_| draw(&mut random)).collect();
    with_sides(&scores, |rows, sides, _| figures(rows, sides, Resample { replicates, seed }))
}

fn of(figures: &PairFigures) -> [(&'static str, &Measured); 8] {
    [
        ("ks", &figures.ks),
        ("psi", &figures.psi),
        ("wasserstein", &figures.wasserstein),
        ("pearson", &figures.pearson),
        ("spearman", &figures.spearman),
        ("kappa", &figures.cohen_kappa),
        ("agreement", &figures.agreement_rate),
        ("distance", &figures.score_distance),
    ]
}

fn holds(found: &Measured, truth: f64) -> bool {
    let estimate = found.estimate().unwrap();
    let (low, high) = estimate.interval.unwrap();
    assert!(low <= estimate.value && estimate.value <= high, "{estimate:?}");
    low <= truth && truth <= high
}

#[test]
fn intervals_of_figures_hold_the_truth() {
    for (draw, is_same) in
        [(same_but_for_noise as Draw, true), (near, false), (same_but_for_some, true), (shifted, false)]
    {
        let truth = drawn(draw, 100_000, 0, 0);
        let mut held = [0; 8];
        for seed in 1..=RUNS {
            let found = drawn(draw, 400, seed, 80);
            for (held, ((name, found), (_, truth))) in
                held.iter_mut().zip(of(&found).into_iter().zip(of(&truth)))
            {
                let is_zero = is_same && ["ks", "psi", "wasserstein"].contains(&name);
                let truth = if is_zero { 0.0 } else { truth.value().unwrap() };
                *held += u64::from(holds(found, truth));
            }
        }
        assert!(held.iter().all(|held| *held >= LEAST), "{held:?}");
    }
}

#[test]
fn intervals_of_calibration_errors_hold_the_truth_of_a_calibrated_champion() {
    let mut held = [0; 3];
    for seed in 1..=RUNS {
        let mut random = fastrand::Rng::with_seed(seed);
        let scores: Vec<[f64; 2]> =
            (0..1000).map(|_| random.f64()).map(|score| [score, 0.1 + 0.9 * score]).collect();
        let labels: Vec<f64> =
            scores.iter().map(|[score, _]| f64::from(u8::from(random.f64() < *score))).collect();
        let found: LabelledComparison = with_sides(&scores, |rows, sides, classes| {
            labelled(rows, sides, &Truth::of(&labels, classes, None))
        });
        assert!(found.champion_calibration_error_by_chance.unwrap() > 0.02);
        // the mean of a tenth of 1 − s
        for (held, (found, truth)) in held.iter_mut().zip([
            (&found.champion_calibration_error, 0.0),
            (&found.challenger_calibration_error, 0.05),
            (&found.calibration_error_difference, 0.05),
        ]) {
            *held += u64::from(holds(found, truth));
        }
    }
    assert!(held.iter().all(|held| *held >= LEAST), "{held:?}");
}

#[test]
fn nothing_is_beyond_the_noise_of_a_challenger_that_is_the_champion() {
    let mut held = [0; 2];
    for seed in 1..=RUNS {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut seconds = Vec::new();
        let rows: Vec<Row> = (0..200)
            .map(|place| {
                let truth = random.f64();
                let mut noisy = || truth + 0.3 * (random.f64() - 0.5);
                seconds.push(noisy());
                Row { scores: [noisy(), noisy()], ..Row::paired(place) }
            })
            .collect();
        let second = answers(&rows, "v1", |row| (seconds[row.place as usize], None, 1.0));
        let table = pairs(&rows).with_second_champion(second).unwrap();
        let found = compare(&PairInputs::new(&table), &quick()).noise_floor.unwrap();
        held[0] += u64::from(holds(&found.disagreement_beyond, 0.0));
        held[1] += u64::from(holds(&found.score_distance_beyond, 0.0));
    }
    assert!(held.iter().all(|held| *held >= LEAST), "{held:?}");
}

#[test]
fn rows_that_do_not_tell_have_no_interval_of_a_correlation() {
    let of_rows = |scores: &[[f64; 2]]| {
        with_sides(scores, |rows, sides, _| figures(rows, sides, Resample { replicates: 0, seed: 1 }))
    };
    // as in one line, and too few
    for scores in
        [vec![[0.1, 0.2], [0.2, 0.3], [0.3, 0.4], [0.4, 0.5]], vec![[0.1, 0.2], [0.5, 0.3], [0.2, 0.3]]]
    {
        let found = of_rows(&scores);
        assert_eq!(found.spearman.estimate().unwrap().interval, None);
    }
    let found = drawn(near, 300, 1, 0);
    assert!(found.spearman.estimate().unwrap().standard_error.unwrap() < 0.01);
}
