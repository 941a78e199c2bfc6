use tiltmeter_record::PairBucket;

use super::made_up::{Row, answers, pairs};
use super::quick;
use crate::shadow::{NoiseFloor, PairInputs, compare};

/// A champion that adds noise to its score, a second instance of it, and a challenger that does the same and shifts it.
fn noisy(shift: f64) -> NoiseFloor {
    let mut random = fastrand::Rng::with_seed(5);
    let mut seconds = Vec::new();
    let rows: Vec<Row> = (0..8000)
        .map(|place| {
            let truth = random.f64();
            let mut noisy = |shift: f64| truth + shift + 0.3 * (random.f64() - 0.5);
            let scores = [noisy(0.0), noisy(shift)];
            seconds.push(noisy(0.0));
            Row { scores, ..Row::paired(place) }
        })
        .collect();
    let second = answers(&rows, "v1", |row| (seconds[row.place as usize], None, 1.0));
    let table = pairs(&rows).with_second_champion(second).unwrap();
    compare(&PairInputs::new(&table), &quick()).noise_floor.unwrap()
}

#[test]
fn noise_alone_leaves_nothing_beyond_it() {
    let found = noisy(0.0);
    assert!(found.figures.agreement_rate.value().unwrap() < 0.95);
    for beyond in [&found.disagreement_beyond, &found.score_distance_beyond] {
        let (low, high) = beyond.estimate().unwrap().interval.unwrap();
        assert!(low <= 0.0 && 0.0 <= high, "{beyond:?}");
    }
}

#[test]
fn a_shift_is_what_is_beyond_the_noise() {
    let found = noisy(0.2);
    for beyond in [&found.disagreement_beyond, &found.score_distance_beyond] {
        assert!(beyond.estimate().unwrap().interval.unwrap().0 > 0.02, "{beyond:?}");
    }
}

/// What is decided is 0 or 1 by a coin; who answers decides the other with a probability of its own. The champion and its
/// second instance do so in 1 of 10 requests, the challenger in 1 of 4. The second instance has pairs of its own, in another
/// order, of most of the requests.
fn of_two_tables() -> (NoiseFloor, [u64; 3]) {
    let mut random = fastrand::Rng::with_seed(11);
    let mut rows = Vec::new();
    let mut of_second = Vec::new();
    for place in 0..20_000 {
        let truth = random.bool();
        let mut decides = |errs: f64| (truth != (random.f64() < errs)).into();
        let [champion, second, challenger] = [0.1, 0.1, 0.25].map(&mut decides);
        let row = |score: u8| Row { scores: [f64::from(champion), f64::from(score)], ..Row::paired(place) };
        rows.push(row(challenger));
        match place % 20 {
            0 => of_second.push(row(second).ends_in(PairBucket::Timeout)),
            1 => {}
            _ => of_second.push(row(second)),
        }
    }
    random.shuffle(&mut of_second);
    let joined = pairs(&rows).join_second_champion(&pairs(&of_second));
    let counts = [joined.answered, joined.unanswered, joined.unmatched];
    (compare(&PairInputs::new(&joined.pairs), &quick()).noise_floor.unwrap(), counts)
}

#[test]
fn the_floor_is_what_a_champion_is_made_to_disagree_with_itself() {
    let (found, counts) = of_two_tables();
    assert_eq!(counts, [18_000, 1_000, 1_000]);
    assert_eq!((found.figures.pairs, found.challenger.pairs), (18_000, 18_000));
    // both err and agree, or neither does
    let itself = 0.1 * 0.1 + 0.9 * 0.9;
    let challenger = 0.1 * 0.25 + 0.9 * 0.75;
    for (figure, truth) in [
        (&found.figures.agreement_rate, itself),
        (&found.challenger.agreement_rate, challenger),
        (&found.disagreement_beyond, itself - challenger),
        // the scores are the decisions
        (&found.figures.score_distance, 1.0 - itself),
        (&found.score_distance_beyond, itself - challenger),
    ] {
        let (low, high) = figure.estimate().unwrap().interval.unwrap();
        assert!(low <= truth && truth <= high && high - low < 0.03, "{truth}: {figure:?}");
    }
    let value = |figure: &crate::Measured| figure.value().unwrap();
    let beyond = value(&found.figures.agreement_rate) - value(&found.challenger.agreement_rate);
    assert!((beyond - value(&found.disagreement_beyond)).abs() < 1e-12, "they are of the same requests");
}

#[test]
fn a_champion_without_noise_has_no_floor() {
    let rows: Vec<Row> = (0..50).map(Row::paired).collect();
    let again: Vec<Row> = rows.iter().map(|row| Row { scores: [row.scores[0]; 2], ..row.clone() }).collect();
    let table = pairs(&rows).join_second_champion(&pairs(&again)).pairs;
    let found = compare(&PairInputs::new(&table), &quick()).noise_floor.unwrap();
    assert_eq!(found.figures.agreement_rate.value(), Some(1.0));
    assert_eq!(found.figures.score_distance.value(), Some(0.0));
    assert_eq!(found.disagreement_beyond.value(), Some(1.0));
}
