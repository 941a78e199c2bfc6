//! When champion and challenger disagree.

use tiltmeter_record::spec::ModelKind;
use tiltmeter_record::{ModelSpec, Pair, PairBucket, Prediction, Value};

/// By so much scores on [0, 1] differ that speak of different decisions where none is made, and by so great a part of the
/// greater one numbers of a regression.
const FAR_APART: f64 = 0.1;

/// Whether the answers to any instance of a request differ in what is decided.
///
/// Both must have answered: a challenger that failed does not disagree. Decisions that are no numbers are compared; where
/// there are none, scores, which differ when they are more than 0.1 apart. Numbers of a regression differ when they are a
/// tenth of the greater one apart, rankings in the first item. What else a text says is not compared.
pub(crate) fn disagree(spec: &ModelSpec, pairs: &[Pair]) -> bool {
    let differ = |pair: &Pair| {
        let challenger = pair.challenger.as_ref().filter(|_| pair.bucket == PairBucket::Paired);
        challenger.is_some_and(|challenger| differ(spec, &pair.champion, challenger))
    };
    pairs.iter().any(differ)
}

fn differ(spec: &ModelSpec, champion: &Prediction, challenger: &Prediction) -> bool {
    if [champion, challenger].iter().any(|side| side.error_type.is_some()) {
        return false;
    }
    match spec.kind {
        ModelKind::Regression => {
            let numbers = number(champion).zip(number(challenger));
            numbers.is_some_and(|(one, other)| (one - other).abs() > FAR_APART * one.abs().max(other.abs()))
        }
        ModelKind::Ranking => {
            let first = |row: &Prediction| row.ranking.as_ref()?.first().map(|item| item.item.clone());
            first(champion).zip(first(challenger)).is_some_and(|(one, other)| one != other)
        }
        _ => match (&champion.prediction, &challenger.prediction) {
            (Value::Missing | Value::Float(_), _) | (_, Value::Missing | Value::Float(_)) => {
                let scores = champion.score.zip(challenger.score);
                scores.is_some_and(|(one, other)| (one - other).abs() > FAR_APART)
            }
            (one, other) => one != other,
        },
    }
}

fn number(row: &Prediction) -> Option<f64> {
    match row.prediction {
        Value::Float(number) => Some(number),
        _ => row.score,
    }
}
