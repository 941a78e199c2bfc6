//! Shadow runs that are made up.

use tiltmeter_monitor::shadow::promotion::{ArrivedLabels, CriterionName};
use tiltmeter_monitor::shadow::{
    ComparisonPolicy, PromotionDecision, PromotionInputs, PromotionVerdict, promotion_verdict,
};
use tiltmeter_record::ModelSpec;
use tiltmeter_record::PairBucket;
use tiltmeter_record::columns::{AnswerColumns, Categories, PairColumns, RequestColumns, Texts};
use tiltmeter_record::spec::Promotion;
use tiltmeter_stats::{normal_quantile, normal_sf};

const DAY: i64 = 86_400_000_000;

/// A champion with a ROC AUC of 0.93, and a challenger that says the same but for noise.
#[derive(Clone, Copy)]
pub(crate) struct World {
    pub(crate) requests_a_day: u32,
    pub(crate) days: u32,
    /// The challenger's AUC is less by so much.
    pub(crate) loss: f64,
    /// Which share of its answers takes longer than the 50 ms that are asked for, and which share it fails.
    pub(crate) slow: f64,
    pub(crate) failing: f64,
    /// With what probability requests of low scores are kept, and which share of those of high scores finds no permit.
    pub(crate) kept: f64,
    pub(crate) no_permit: f64,
}

/// Two models of which neither is better, both fast enough and hardly ever failing.
pub(crate) const ALIKE: World =
    World { requests_a_day: 50, days: 60, loss: 0.0, slow: 0.002, failing: 0.002, kept: 1.0, no_permit: 0.0 };

/// The share of requests that two models that are alike decide alike: of 120 million, by numpy, with a standard error of
/// 0.00002.
pub(crate) const SAME_DECISION: f64 = 0.956_687;

const BASE_RATE: f64 = 0.25;
const NOISE: f64 = 0.3;
const CHAMPIONS_AUC: f64 = 0.93;
/// Labels take three days.
const DELAY: i64 = 3;

pub(crate) fn asked(promotion: &str) -> Promotion {
    let text = format!(
        "{{spec_version: 1, name: churn, type: binary, owner: o, tier: 3, endpoint: {{path: /p}},
          response: {{score: /s}}, features: {{age: float}}, labels: {{path: l.parquet, maturity: 3d}},
          sla: {{latency_p99_ms: 50, error_rate: 0.01}}, promotion: {promotion}}}"
    );
    ModelSpec::from_yaml("test", &text).unwrap().promotion
}

/// One run, until its last label is there.
pub(crate) fn run(world: &World, asked: &Promotion, seed: u64) -> PromotionVerdict {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut normal =
        || (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos();
    // AUC = Φ(separation / √(2 (1 + noise²)))
    let separation = normal_quantile(CHAMPIONS_AUC) * (2.0 * (1.0 + NOISE * NOISE)).sqrt();
    let noise = (0.5 * (separation / normal_quantile(CHAMPIONS_AUC - world.loss)).powi(2) - 1.0).sqrt();
    let rows = usize::try_from(world.requests_a_day * world.days).unwrap();
    let (mut label, mut scores) = (Vec::with_capacity(rows), [Vec::new(), Vec::new()]);
    for _ in 0..rows {
        let is_positive = normal_sf(normal()) < BASE_RATE;
        let latent = normal() + if is_positive { separation } else { 0.0 };
        label.push(f64::from(u8::from(is_positive)));
        for (scores, noise) in scores.iter_mut().zip([NOISE, noise]) {
            // logistic, so that it is a probability
            scores.push((1.0 + (separation - (latent + noise * normal())).exp()).recip());
        }
    }
    // by the champion's score, so that weights are not the same, nor by chance
    let inclusion_probability: Vec<f64> =
        scores[0].iter().map(|score| if *score < 0.2 { world.kept } else { 1.0 }).collect();
    let bucket: Vec<PairBucket> = (0..rows)
        .map(|row| match random.f64() {
            _ if inclusion_probability[row] < 1.0 && random.f64() >= inclusion_probability[row] => {
                PairBucket::SampledOut
            }
            _ if scores[0][row] >= 0.5 && world.no_permit > 0.0 && random.f64() < world.no_permit => {
                PairBucket::NoPermit
            }
            part if part < world.failing => PairBucket::ChallengerError,
            _ => PairBucket::Paired,
        })
        .collect();
    let slow: Vec<f64> =
        (0..rows).map(|_| if random.f64() < world.slow { 80.0 } else { 5.0 + random.f64() }).collect();
    let noon = |day: u32| i64::from(day) * DAY + DAY / 2;
    let event_time: Vec<i64> =
        (0..world.days * world.requests_a_day).map(|row| noon(row / world.requests_a_day)).collect();
    let arrival_time: Vec<i64> = event_time.iter().map(|time| time + DELAY * DAY).collect();
    let nothing = || (0..rows).map(|_| None).collect::<Texts>();
    let requests = RequestColumns {
        request_id: nothing(),
        entity_id: nothing(),
        event_time,
        inclusion_probability,
        bucket: bucket.clone(),
        segments: vec![],
    };
    let [champion, challenger] = scores;
    let answers = |score: Vec<f64>, latency: Vec<f64>, version: &str| {
        let decision = score.iter().map(|score| Some(if *score >= 0.5 { "1" } else { "0" })).collect();
        let version = (0..rows).map(|_| Some(version)).collect::<Categories>();
        AnswerColumns::new(score, decision, latency, version, vec![None; rows]).unwrap()
    };
    let champion = answers(champion, vec![5.0; rows], "v1");
    let challenger = answers(challenger, slow, "v2");
    let pairs = PairColumns::new("churn".parse().unwrap(), requests, champion, challenger).unwrap();
    let labels = ArrivedLabels { label: &label, arrival_time: &arrival_time };
    let inputs = PromotionInputs { labels: Some(labels), ..PromotionInputs::new(asked, &pairs) };
    promotion_verdict(&inputs, &ComparisonPolicy::default())
}

/// What came of a run: the first decision with the number of its day from 1, and whether plain intervals of 95 %, looked
/// at daily, would have called the challenger not worse than the margin, or worse, at least once.
#[derive(Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) promoted: Option<usize>,
    pub(crate) rejected: Option<usize>,
    pub(crate) plain_not_worse: bool,
    pub(crate) plain_worse: bool,
}

impl Outcome {
    fn of(verdict: &PromotionVerdict) -> Self {
        let day_of = |decision: PromotionDecision| {
            verdict.history.iter().position(|daily| daily.decision == decision).map(|place| place + 1)
        };
        let labelled = verdict.criterion(CriterionName::Labelled).unwrap();
        let threshold = labelled.threshold.unwrap_or(f64::NAN);
        let half = -normal_quantile(0.05);
        let plain = |side: f64| {
            labelled.looks.iter().any(|look| {
                let found = look.value.zip(look.standard_error);
                found.is_some_and(|(value, error)| side * (value - threshold) > half * error)
            })
        };
        Self {
            promoted: day_of(PromotionDecision::Promote),
            rejected: day_of(PromotionDecision::Reject),
            plain_not_worse: plain(1.0),
            plain_worse: plain(-1.0),
        }
    }
}

/// So many runs, on all processors.
pub(crate) fn runs(world: &World, asked: &Promotion, count: usize) -> Vec<Outcome> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let of_thread = |thread: usize| {
            let seeds = (thread..count).step_by(threads);
            scope.spawn(move || {
                seeds.map(|seed| Outcome::of(&run(world, asked, seed as u64))).collect::<Vec<_>>()
            })
        };
        let threads: Vec<_> = (0..threads).map(of_thread).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

pub(crate) fn share(outcomes: &[Outcome], holds: impl Fn(&Outcome) -> bool) -> f64 {
    outcomes.iter().filter(|outcome| holds(outcome)).count() as f64 / outcomes.len() as f64
}

pub(crate) fn median(mut days: Vec<usize>) -> Option<usize> {
    days.sort_unstable();
    days.get(days.len() / 2).copied()
}
