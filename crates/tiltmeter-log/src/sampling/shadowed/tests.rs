use tiltmeter_record::{Observation, Pair, PairBucket, RankedItem, Value};
use tiltmeter_sample::{Adaptive, Policy};

use super::*;
use crate::conformance::row;
use crate::sampling::deciding::Met;
use crate::testing::spec;

const WAIT: Duration = Duration::from_secs(2);

fn rate(share: f64) -> SampleRate {
    SampleRate::new(share).unwrap()
}

fn name(text: &str) -> ModelName {
    text.parse().unwrap()
}

fn waiting(draw: Draw, count: u64) -> WaitingRows {
    let rows = (0..count).map(row).collect();
    let met = Met { table: Adaptive::new(Policy::tails().build(&[]).unwrap()).table(), found: Vec::new() };
    WaitingRows { rows, met, draw, keep: false, verdict: Verdict::default(), is_answered: false }
}

fn bounded(rows: usize, bytes: usize) -> Shadowed {
    let mut shadowed = Shadowed::bounded(Bounds { rows, bytes, time: WAIT });
    shadowed.pair(Draw::from_bits(0), &name("lr"), rate(1.0), false, Duration::ZERO);
    shadowed
}

impl Shadowed {
    fn wait_for_all(&mut self, rows: WaitingRows, now: Duration) -> Vec<WaitingRows> {
        let expected = self.expected(rows.draw, rows.verdict, now, |_| true).unwrap();
        self.wait(rows, expected, now)
    }
}

fn draws(rows: &[WaitingRows]) -> Vec<u64> {
    rows.iter().map(|rows| rows.draw.to_bits()).collect()
}

#[test]
fn rows_and_bytes_that_wait_are_bounded_and_the_oldest_go() {
    let one = bytes_of(&[row(0)]);
    for mut shadowed in [bounded(10, usize::MAX), bounded(usize::MAX, 10 * one)] {
        let mut out = Vec::new();
        for number in 1..=8 {
            out.extend(shadowed.wait_for_all(waiting(Draw::from_bits(number), 3), Duration::ZERO));
            assert!(shadowed.rows() <= 10);
        }
        assert_eq!(draws(&out), [1, 2, 3, 4, 5]);
        let large = shadowed.wait_for_all(waiting(Draw::from_bits(99), 11), Duration::ZERO);
        assert_eq!((draws(&large), shadowed.rows()), (vec![99], 9), "it would have no room at all");
        assert_eq!(draws(&shadowed.take(Duration::ZERO, true)), [6, 7, 8]);
        assert_eq!(shadowed.rows(), 0);
    }
}

#[test]
fn a_client_that_tries_again_waits_twice_and_is_answered_together() {
    let mut shadowed = bounded(100, usize::MAX);
    let draw = Draw::from_bits(7);
    for count in 1..=3 {
        assert!(shadowed.wait_for_all(waiting(draw, count), Duration::ZERO).is_empty());
    }
    shadowed.pair(draw, &name("lr"), rate(1.0), true, Duration::ZERO);
    let ready = shadowed.take(Duration::ZERO, false);
    assert_eq!(ready.iter().map(|rows| rows.rows.len()).sum::<usize>(), 6);
    assert!(
        ready.iter().all(|rows| rows.is_answered && rows.verdict.disagreement() == Some(SampleRate::ALL))
    );
    assert_eq!(shadowed.verdict(draw), Verdict::default(), "who was waited for is not remembered");
}

#[test]
fn of_requests_that_draw_the_same_one_that_goes_first_keeps_no_answer_from_others() {
    let mut shadowed = bounded(100, usize::MAX);
    let draw = Draw::from_bits(7);
    let tree = name("tree");
    shadowed.pair(Draw::from_bits(0), &tree, rate(0.5), false, Duration::ZERO);
    let of_all = |shown: SampleRate| shown == SampleRate::ALL;
    for (count, who) in [(1, None), (2, Some(of_all)), (3, None)] {
        let matters = |shown| who.is_none_or(|who| who(shown));
        let expected = shadowed.expected(draw, Verdict::default(), Duration::ZERO, matters).unwrap();
        assert!(shadowed.wait(waiting(draw, count), expected, Duration::ZERO).is_empty());
    }
    let mut ready = |challenger: &ModelName| {
        shadowed.pair(draw, challenger, rate(0.5), true, Duration::ZERO);
        let ready = shadowed.take(Duration::ZERO, false);
        let mut rows: Vec<usize> = ready.iter().map(|rows| rows.rows.len()).collect();
        rows.sort_unstable();
        rows
    };
    assert_eq!(ready(&name("lr")), [2]);
    assert_eq!(ready(&tree), [1, 3]);
}

#[test]
fn verdicts_are_bounded_and_forgotten() {
    let mut verdicts = Verdicts::new(3, WAIT);
    let verdict = Verdict { disagreement: Some(SampleRate::ALL), ..Verdict::default() };
    let known = |verdicts: &mut Verdicts| {
        (1..=5).filter(|bits| verdicts.take(Draw::from_bits(*bits)) == verdict).collect::<Vec<_>>()
    };
    (1..=5).for_each(|bits| verdicts.note(Draw::from_bits(bits), verdict, Duration::ZERO));
    assert_eq!(known(&mut verdicts), [3, 4, 5]);
    assert_eq!(known(&mut verdicts), [0_u64; 0], "once");
    verdicts.note(Draw::from_bits(1), verdict, Duration::ZERO);
    verdicts.note(Draw::from_bits(2), verdict, Duration::from_millis(1));
    verdicts.forget(WAIT);
    assert_eq!(known(&mut verdicts), [2]);
}

#[test]
fn challengers_are_told_apart_up_to_a_bound() {
    let mut challengers = Challengers::default();
    for number in 0..200_u32 {
        challengers.seen(&name(&format!("c{number}")), rate(1.0), Duration::from_secs(number.into()));
    }
    let now = Duration::from_secs(199);
    let expected = challengers.expected(Draw::from_bits(0), Few::default(), now, |_| true).unwrap();
    let latest = (139..200).map(|number| challengers.seen(&name(&format!("c{number}")), rate(1.0), now));
    let latest = latest.fold(Few::default(), Few::with);
    assert_eq!(expected.challengers, latest, "those of the last minute");
}

/// A pair of `champion` and `challenger`, of a model of `kind`.
fn differ(kind: &str, champion: Observation, challenger: Observation) -> bool {
    let response = match kind {
        "ranking" => "ranking: /r",
        "text" => "generated_text: /t",
        _ => "score: /s",
    };
    let spec = spec(&format!(
        "{{spec_version: 1, name: churn, type: {kind}, owner: crm, tier: 2, endpoint: {{path: /p}}, \
         response: {{{response}}}, features: {{age: float}}}}"
    ));
    let side = |said: Observation| Prediction {
        prediction: said.prediction,
        score: said.score,
        ranking: said.ranking,
        ..row(0)
    };
    let pair = Pair {
        sequence: 0,
        bucket: PairBucket::Paired,
        inclusion_probability: 1.0,
        champion: side(champion),
        challenger: Some(side(challenger)),
    };
    let mut failed = pair.clone();
    failed.bucket = PairBucket::ChallengerError;
    let unasked = Pair { challenger: None, ..pair.clone() };
    assert!(!disagree(&spec, &[failed, unasked.clone()]));
    disagree(&spec, &[unasked, pair])
}

#[test]
fn decisions_are_compared_and_scores_where_there_are_none() {
    let said = || Observation::new();
    let scored = |score| said().with_score(score);
    assert!(differ("binary", scored(0.5).with_prediction(true), scored(0.5).with_prediction(false)));
    assert!(!differ("binary", scored(0.1).with_prediction(true), scored(0.9).with_prediction(true)));
    assert!(differ("binary", scored(0.1), scored(0.21)) && !differ("binary", scored(0.1), scored(0.19)));
    assert!(!differ("binary", scored(f64::NAN), scored(0.19)) && !differ("binary", said(), said()));
    assert!(differ("multiclass", said().with_prediction("a"), said().with_prediction("b")));
    let number = |value: f64| said().with_prediction(value);
    assert!(differ("regression", number(100.0), number(111.2)));
    assert!(
        !differ("regression", number(100.0), number(109.0))
            && !differ("regression", number(0.0), number(0.0))
    );
    let ranked = |items: [&str; 2]| {
        said().with_ranking(items.map(|item| RankedItem { item: item.into(), score: None }))
    };
    assert!(differ("ranking", ranked(["a", "b"]), ranked(["b", "a"])));
    assert!(!differ("ranking", ranked(["a", "b"]), ranked(["a", "c"])));
    assert!(!differ("text", said().with_prediction(Value::Missing), said()));
}
