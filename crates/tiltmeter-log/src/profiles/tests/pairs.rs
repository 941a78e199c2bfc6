//! What challengers answer.

use tiltmeter_record::{Pair, PairBatch, PairBucket};

use super::*;

fn pair(instance: u32, score: Option<f64>, probability: f64) -> Pair {
    let mut champion = plain(0);
    champion.instance_index = instance;
    champion.segments = vec![("carrier".into(), "UA".into())];
    champion.features = Vec::new();
    let mut challenger = champion.clone();
    challenger.score = score;
    challenger.status = if score.is_none() { Some(500) } else { Some(200) };
    Pair {
        sequence: 0,
        bucket: PairBucket::Paired,
        inclusion_probability: probability,
        champion,
        challenger: Some(challenger),
    }
}

fn pairs(challenger: &str, rows: Vec<Pair>) -> PairBatch {
    let mut batch = PairBatch::new(spec(), challenger.parse().unwrap(), writer(), "node".into());
    batch.rows = rows;
    batch
}

#[test]
fn answers_of_a_challenger_have_weights_and_counts_have_none() {
    let mut profiler = profiler(Profiler::builder());
    let mut unanswered = pair(0, Some(0.5), 1.0);
    unanswered.challenger = None;
    let rows = vec![
        pair(0, Some(0.2), 0.25),
        pair(1, Some(0.6), 0.25),
        pair(0, None, 1.0),
        unanswered,
        // no probability
        pair(0, Some(0.6), f64::NAN),
    ];
    profiler.observe(&batch(vec![plain(0)]));
    profiler.observe_pairs(&pairs("next", rows));
    let kept = merged(&profiler.take_profiles(true));
    let key = |width, segment: Option<(&str, &str)>| {
        let role = "next".into();
        (Window::of(start(), width), None, CellKey { role, ..champion(segment) })
    };
    for key in [
        key(WindowWidth::Minute, None),
        key(WindowWidth::Hour, None),
        key(WindowWidth::Hour, Some(("carrier", "UA"))),
    ] {
        let kept = &kept[&key];
        let counts = kept.counts;
        assert_eq!((counts.predictions, counts.requests, counts.failed_requests), (4, 3, 1));
        assert_eq!(counts.anomalous_requests, None);
        let score = numbers(kept, "score");
        assert_eq!((score.count(), score.missing(), score.weight()), (3, 1, 9.0));
        assert!((score.moments().mean().unwrap() - 3.8 / 9.0).abs() < 1e-12);
        assert!(!kept.columns.contains_key("delay"), "features are those of the champion's requests");
    }
    assert_eq!(kept[&whole(WindowWidth::Hour)].counts.predictions, 1, "the champion's are its own");
}

#[test]
fn a_challenger_cannot_pass_for_the_champion() {
    let mut profiler = profiler(Profiler::builder());
    profiler.observe_pairs(&pairs(CellKey::CHAMPION, vec![pair(0, Some(0.2), 1.0)]));
    assert!(profiler.take_profiles(true).is_empty());
}
