use super::made_up::{Row, answers, pairs};
use super::quick;
use crate::shadow::{PairInputs, compare};

/// A champion that adds noise to its score, a second instance of it, and a challenger that does the same and shifts it.
fn noisy(shift: f64) -> crate::shadow::NoiseFloor {
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
