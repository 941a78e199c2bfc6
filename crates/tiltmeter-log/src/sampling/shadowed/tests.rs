use proptest::prelude::*;
use tiltmeter_record::{Observation, Pair, PairBucket, RankedItem, Value};
use tiltmeter_sample::{Adaptive, Facts, Flags, Policy, SampleKey, VolumeTiers};

use super::*;
use crate::conformance::row;
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
    WaitingRows { rows, draw, keep: false, verdict: Verdict::default(), is_answered: false }
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

/// What a challenger says of a request, if it is shown the request and answers in time.
#[derive(Clone, Copy, Debug)]
struct Behaviour {
    shown: f64,
    /// Whether the shadow draws with the log's key.
    same_key: bool,
    /// Of ten pairs so many are lost.
    lost: u64,
    /// Of ten pairs so many come before their row.
    early: u64,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the shadow shows, and with whatever key: the rows that disagree, and those that do not, are estimated without
    /// bias.
    #[test]
    fn a_shadow_that_samples_makes_no_bias(
        challengers in prop::collection::vec(
            (prop::sample::select(vec![0.05, 0.3, 0.7, 1.0]), any::<bool>(), 0..4_u64, 0..10_u64), 1..3,
        ),
        base in prop::sample::select(vec![0.02, 0.2, 0.5]),
        seed in any::<u64>(),
    ) {
        const REQUESTS: u64 = 4_000;
        let challengers: Vec<Behaviour> = challengers
            .into_iter()
            .map(|(shown, same_key, lost, early)| Behaviour { shown, same_key, lost, early })
            .collect();
        let table = Adaptive::new(
            Policy::tails().with_tiers(VolumeTiers::constant(base)).build(&[]).unwrap(),
        ).table();
        let hash = |what: &str, number: u64| {
            SampleKey::PUBLIC.draw(format!("{what}-{seed}-{number}").as_bytes()).as_f64()
        };
        let mut shadowed = Shadowed::new(WAIT);
        let now = Duration::ZERO;
        for (place, challenger) in challengers.iter().enumerate() {
            shadowed.pair(Draw::from_bits(0), &name(&format!("c{place}")), rate(challenger.shown), false, now);
        }
        let key = SampleKey::PUBLIC;
        // by whether they disagree: the estimate, its variance, the truth
        let mut sums = [(0.0, 0.0, 0.0); 2];
        for number in 0..REQUESTS {
            let id = format!("{seed}-{number}");
            let draw = key.draw(id.as_bytes());
            let disagrees = hash("disagrees", number) < 0.3;
            let pair = |shadowed: &mut Shadowed, is_early: bool| {
                for (place, challenger) in challengers.iter().enumerate() {
                    let what = |text: &str| hash(&format!("{text}{place}"), number);
                    let of_shadow = if challenger.same_key { draw.as_f64() } else { what("key") };
                    let is_its = (what("early") * 10.0) < challenger.early as f64;
                    let is_lost = (what("lost") * 10.0) < challenger.lost as f64;
                    if of_shadow < challenger.shown && !is_lost && is_its == is_early {
                        shadowed.pair(draw, &name(&format!("c{place}")), rate(challenger.shown), disagrees, now);
                    }
                }
            };
            let decide = |verdict: Verdict| {
                let flags = Flags { disagreement: verdict.disagreement().is_some(), ..Flags::default() };
                let facts = Facts { score: Some(0.5), flags, ..Facts::default() };
                table.decide_shown(draw, &facts, verdict.disagreement().unwrap_or(SampleRate::ALL))
            };
            pair(&mut shadowed, true);
            let verdict = shadowed.verdict(draw);
            let probability = decide(verdict).inclusion_probability;
            let expected = shadowed.expected(draw, verdict, now, |shown| shown.as_f64() > probability);
            let verdict = match expected {
                Some(expected) => {
                    let rows = WaitingRows { verdict, ..waiting(draw, 1) };
                    prop_assert!(shadowed.wait(rows, expected, now).is_empty());
                    pair(&mut shadowed, false);
                    shadowed.take(now, true).pop().unwrap().verdict
                }
                None => verdict,
            };
            let decision = decide(verdict);
            let sums = &mut sums[usize::from(disagrees)];
            sums.2 += 1.0;
            if decision.is_kept {
                let weight = 1.0 / decision.inclusion_probability;
                *sums = (sums.0 + weight, sums.1 + weight * (weight - 1.0), sums.2);
            }
        }
        for (estimated, variance, truth) in sums {
            // 48 of them: 4 sigma
            let bound = 4.0 * f64::sqrt(variance + truth / base);
            prop_assert!((estimated - truth).abs() < bound, "{estimated} of {truth}, {challengers:?} at {base}");
        }
    }
}
