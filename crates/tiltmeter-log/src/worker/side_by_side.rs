//! Which answer of a challenger belongs to which of the champion's.

use tiltmeter_record::{ErrorType, Prediction, Value};

/// The answers of both, one row for each instance.
#[derive(Debug)]
pub(super) struct SideBySide {
    pub(super) rows: Vec<(Prediction, Option<Prediction>)>,
    /// Whether the two do not speak of the same instances: then no answer of the challenger's is used.
    pub(super) is_mismatch: bool,
}

/// Puts answers side by side by their instances. Where one side failed it has one row, which is that of every instance.
pub(super) fn side_by_side(champions: Vec<Prediction>, challengers: Option<Vec<Prediction>>) -> SideBySide {
    let Some(challengers) = challengers else {
        let rows = champions.into_iter().map(|champion| (champion, None)).collect();
        return SideBySide { rows, is_mismatch: false };
    };
    let rows = match (&champions[..], &challengers[..]) {
        (_, [failed]) if champions.len() != 1 && failed.error_type.is_some() => {
            champions.iter().map(|champion| (champion.clone(), Some(failed.clone()))).collect()
        }
        ([failed], _) if challengers.len() != 1 && failed.error_type.is_some() => challengers
            .iter()
            .map(|answer| {
                let champion = Prediction { instance_index: answer.instance_index, ..failed.clone() };
                (champion, Some(answer.clone()))
            })
            .collect(),
        _ if champions.len() == challengers.len() => {
            champions.into_iter().zip(challengers.into_iter().map(Some)).collect()
        }
        _ => {
            let answer = challengers.first().map(without_answer);
            let rows = champions.into_iter().map(|champion| (champion, answer.clone())).collect();
            return SideBySide { rows, is_mismatch: true };
        }
    };
    SideBySide { rows, is_mismatch: false }
}

/// What is left of an answer that cannot be used.
fn without_answer(row: &Prediction) -> Prediction {
    Prediction {
        prediction: Value::Missing,
        score: None,
        confidence: None,
        class_probabilities: None,
        ranking: None,
        generated_text: None,
        error_type: row.error_type.or(Some(ErrorType::Unreadable)),
        rescued: Vec::new(),
        inclusion: tiltmeter_record::Inclusion::default(),
        ..row.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::conformance::row;

    fn answers(count: u32) -> Vec<Prediction> {
        let answer = |instance_index: u32| Prediction {
            instance_index,
            score: Some(f64::from(instance_index)),
            ..row(u64::from(instance_index))
        };
        (0..count).map(answer).collect()
    }

    fn failed() -> Vec<Prediction> {
        vec![Prediction { score: None, error_type: Some(ErrorType::Timeout), ..row(0) }]
    }

    /// Instance and score of the champion, score and error of the challenger.
    type Seen = (u32, Option<f64>, Option<f64>, Option<ErrorType>);

    fn seen(both: &SideBySide) -> Vec<Seen> {
        let of = |(champion, challenger): &(Prediction, Option<Prediction>)| {
            let challenger = challenger.as_ref();
            let score = challenger.and_then(|challenger| challenger.score);
            let error = challenger.and_then(|challenger| challenger.error_type);
            (champion.instance_index, champion.score, score, error)
        };
        both.rows.iter().map(of).collect()
    }

    #[test]
    fn instances_belong_together() {
        let both = side_by_side(answers(2), Some(answers(2)));
        assert_eq!(seen(&both), [(0, Some(0.0), Some(0.0), None), (1, Some(1.0), Some(1.0), None)]);
        assert_eq!(seen(&side_by_side(answers(1), None)), [(0, Some(0.0), None, None)]);
    }

    #[test]
    fn who_failed_has_failed_for_every_instance() {
        let timeout = Some(ErrorType::Timeout);
        let both = side_by_side(answers(2), Some(failed()));
        assert_eq!(seen(&both), [(0, Some(0.0), None, timeout), (1, Some(1.0), None, timeout)]);
        let both = side_by_side(failed(), Some(answers(2)));
        assert_eq!(seen(&both), [(0, None, Some(0.0), None), (1, None, Some(1.0), None)]);
        assert!(!both.is_mismatch);
        assert_eq!(side_by_side(failed(), Some(failed())).rows.len(), 1);
    }

    #[test]
    fn other_numbers_of_instances_are_not_guessed_at() {
        let unreadable = Some(ErrorType::Unreadable);
        for (champions, challengers) in [(3, 2), (2, 3), (2, 1)] {
            let both = side_by_side(answers(champions), Some(answers(challengers)));
            assert!(both.is_mismatch);
            let expected: Vec<_> =
                (0..champions).map(|place| (place, Some(f64::from(place)), None, unreadable)).collect();
            assert_eq!(seen(&both), expected);
        }
    }
}
