//! Comparisons to be shown.

use std::sync::LazyLock;
use std::time::Duration;

use tiltmeter_monitor::shadow::cost::{ReplicaCapacity, RequestRate, ShadowCost, ShadowUse};
use tiltmeter_monitor::shadow::promotion::{ArrivedLabels, PromotionInputs, promotion_verdict};
use tiltmeter_monitor::shadow::{Comparison, ComparisonPolicy, PairInputs, PromotionVerdict, compare};
use tiltmeter_record::columns::{AnswerColumns, PairColumns, RequestColumns, SegmentColumn};
use tiltmeter_record::spec::{ModelKind, Promotion, Sla};
use tiltmeter_record::{PairBucket, ShadowAccounts, ShadowBooks, ShadowLedger};

/// A request, and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) time: i64,
    pub(super) bucket: PairBucket,
    pub(super) scores: [f64; 2],
    pub(super) decisions: [Option<String>; 2],
    pub(super) latencies: [f64; 2],
    pub(super) segment: Option<&'static str>,
    pub(super) label: f64,
}

const DAY: i64 = 86_400_000_000;
/// 1 March 2013.
const START: i64 = 1_362_096_000_000_000;
const ROWS: u32 = 720;
const DAYS: i64 = 12;

/// Twelve days, of which one has none; a challenger that is faster, hangs at times and scores a little lower.
pub(super) fn rows() -> Vec<Row> {
    (0..ROWS)
        .map(|place| {
            let part = |step: f64| (f64::from(place) * step).fract();
            let score = part(0.618_033_988_7).powi(2);
            let other = (score * 0.9 + 0.08 * (part(0.414_213_56) - 0.5)).clamp(0.0, 1.0);
            let is_timeout = place % 97 == 13;
            let decision = |score: f64| Some(if score >= 0.5 { "1" } else { "0" }.to_owned());
            let day = i64::from(place) * DAYS / i64::from(ROWS);
            Row {
                id: format!("r{place:04}"),
                time: START + (day + i64::from(day >= 5)) * DAY + i64::from(place % 60) * 1_000_000_000,
                bucket: if is_timeout { PairBucket::Timeout } else { PairBucket::Paired },
                scores: [score, if is_timeout { f64::NAN } else { other }],
                decisions: [decision(score), decision(other).filter(|_| !is_timeout)],
                latencies: [
                    9.0 + 6.0 * part(0.302_775_6),
                    if is_timeout { 250.0 } else { 2.0 + part(0.732_050_8) },
                ],
                segment: ["UA", "DL", "EV"].get(place as usize % 4).copied(),
                label: f64::from(u8::from(score > part(0.577_215_66))),
            }
        })
        .collect()
}

fn answers(rows: &[Row], side: usize, version: &str) -> AnswerColumns {
    AnswerColumns::new(
        rows.iter().map(|row| row.scores[side]).collect(),
        rows.iter().map(|row| row.decisions[side].as_deref()).collect(),
        rows.iter().map(|row| row.latencies[side]).collect(),
        rows.iter().map(|_| Some(version)).collect(),
        rows.iter().map(|_| Some(200)).collect(),
    )
    .unwrap()
}

pub(super) fn pairs(rows: &[Row]) -> PairColumns {
    let requests = RequestColumns {
        request_id: rows.iter().map(|row| Some(row.id.as_str())).collect(),
        entity_id: rows.iter().map(|row| Some(row.id.as_str())).collect(),
        event_time: rows.iter().map(|row| row.time).collect(),
        inclusion_probability: rows.iter().map(|_| 1.0).collect(),
        bucket: rows.iter().map(|row| row.bucket).collect(),
        segments: vec![SegmentColumn {
            name: "carrier".parse().unwrap(),
            values: rows.iter().map(|row| row.segment).collect(),
        }],
    };
    PairColumns::new(
        "flight-delay".parse().unwrap(),
        requests,
        answers(rows, 0, "gbm-1"),
        answers(rows, 1, "lr-1"),
    )
    .unwrap()
}

fn policy() -> ComparisonPolicy {
    let mut policy = ComparisonPolicy::default();
    (policy.replicates, policy.score_strata, policy.min_rows) = (40, 4, 20);
    policy.shadow_timeout = Duration::from_millis(250);
    policy
}

pub(super) fn sla() -> Sla {
    let mut sla = Sla::default();
    sla.latency_p99_ms = Some(20.0);
    sla
}

/// With labels and a promise.
pub(super) fn labelled(rows: &[Row]) -> Comparison {
    let labels: Vec<f64> = rows.iter().map(|row| row.label).collect();
    compare(&PairInputs { labels: Some(&labels), sla: sla(), ..PairInputs::new(&pairs(rows)) }, &policy())
}

/// Beside the books of the shadow, which has shown the challenger a half of its requests.
pub(super) fn with_books(rows: &[Row]) -> Comparison {
    let time = jiff::Timestamp::UNIX_EPOCH;
    let name = |text: &str| text.parse().unwrap();
    let mut books = ShadowBooks::new(name("shadow"), name("lr-1"), time, time);
    books.requests = ShadowLedger::new(1_500, |bucket| match bucket {
        PairBucket::Paired => 712,
        PairBucket::Timeout => 8,
        PairBucket::SampledOut => 770,
        _ => 0,
    });
    let mut accounts = ShadowAccounts::new();
    accounts.add("node.1", 0, &books);
    compare(&PairInputs { books: Some(&accounts.sum()), ..PairInputs::new(&pairs(rows)) }, &policy())
}

pub(super) fn unlabelled(rows: &[Row]) -> Comparison {
    compare(&PairInputs::new(&pairs(rows)), &policy())
}

pub(super) fn flights() -> Comparison {
    let mut comparison = labelled(&rows());
    comparison.disagreements.join_inputs(|row| {
        Some(vec![("origin".to_owned(), "EWR".to_owned()), ("flight".to_owned(), row.request_id.clone()?)])
    });
    comparison
}

/// A second instance of the champion, which answers as the challenger does.
pub(super) fn noisy() -> Comparison {
    let rows = rows();
    let pairs = pairs(&rows).with_second_champion(answers(&rows, 1, "gbm-1")).unwrap();
    compare(&PairInputs::new(&pairs), &policy())
}

/// Numbers at the ends of what there is.
pub(super) fn vast() -> Comparison {
    let mut rows = rows();
    for (place, row) in rows.iter_mut().enumerate() {
        row.scores =
            [[1e308, -1e308], [1e-300, 0.0], [f64::INFINITY, 5.0], [3.0, f64::NEG_INFINITY]][place % 4];
        row.latencies = [[1e300, 0.0], [1e-9, 1e9], [5.0, f64::MAX]][place % 3];
        row.time = if place == 7 { 0 } else { row.time };
    }
    labelled(&rows)
}

/// More classes than a matrix has room for.
pub(super) fn classes() -> Comparison {
    let mut rows = rows();
    for (place, row) in rows.iter_mut().enumerate() {
        row.decisions = [Some(format!("class {}", place % 17)), Some(format!("class {}", place % 19))];
    }
    unlabelled(&rows)
}

/// Names that are markup, and steer.
pub(super) fn hostile() -> Comparison {
    const NAME: &str = "<script>alert(\"x\")</script>&amp;'\u{202e}\u{1b}[2J";
    let mut rows = rows();
    for row in &mut rows {
        row.id = format!("{NAME}{}", row.id);
        row.segment = row.segment.map(|_| "</text><b onclick=alert(1)>");
        row.decisions =
            row.decisions.clone().map(|decision| decision.map(|decision| format!("{NAME}{decision}")));
    }
    let mut comparison = unlabelled(&rows);
    comparison.model = NAME.to_owned();
    comparison.champions = vec![NAME.to_owned(), "\u{feff}".to_owned(), String::new()];
    comparison.challengers = vec![NAME.to_owned()];
    comparison.notes.push(NAME.to_owned());
    comparison.disagreements.join_inputs(|_| Some(vec![(NAME.to_owned(), NAME.repeat(9)); 40]));
    comparison
}

/// All fixtures, each with its name; made once, because the bootstrap takes its time.
pub(super) fn all() -> &'static [(&'static str, Comparison)] {
    static ALL: LazyLock<Vec<(&str, Comparison)>> = LazyLock::new(make_all);
    &ALL
}

fn make_all() -> Vec<(&'static str, Comparison)> {
    let never =
        || rows().into_iter().map(|row| Row { bucket: PairBucket::NoPermit, scores: [0.3, f64::NAN], ..row });
    vec![
        ("flights", flights()),
        ("nothing", unlabelled(&[])),
        ("one", labelled(&rows()[..1])),
        ("never", labelled(&never().collect::<Vec<_>>())),
        ("unlabelled", unlabelled(&rows())),
        ("noisy", noisy()),
        ("vast", vast()),
        ("classes", classes()),
        ("hostile", hostile()),
    ]
}

/// By the defaults of a binary model, with labels that are there at once.
pub(super) fn verdict(rows: &[Row]) -> PromotionVerdict {
    let label: Vec<f64> = rows.iter().map(|row| row.label).collect();
    let arrival_time: Vec<i64> = rows.iter().map(|row| row.time).collect();
    let asked = Promotion::defaults(ModelKind::Binary, sla(), None);
    let pairs = pairs(rows);
    let labels = Some(ArrivedLabels { label: &label, arrival_time: &arrival_time });
    promotion_verdict(&PromotionInputs { labels, ..PromotionInputs::new(&asked, &pairs) }, &policy())
}

/// What the shadow of these pairs could have used, in a minute; the champion is compared with nothing, as all are copied.
pub(super) fn cost(rows: &[Row], verdict: &PromotionVerdict) -> ShadowCost {
    let used = ShadowUse {
        wall: Some(Duration::from_secs(60)),
        cpu: Some(Duration::from_millis(90)),
        bytes_copied: Some(189_360),
        bytes_answered: Some(40_280),
        bytes_written: Some(75_000),
        rate: Some(RequestRate { mean: 120.0, peak: 900.0 }),
        ..ShadowUse::of_pairs(&pairs(rows), Duration::from_millis(250))
    };
    ShadowCost::of(&used)
        .with_rates(&[0.1, 0.01])
        .with_replicas(ReplicaCapacity::new(2.0))
        .with_recommended_rate(verdict, 14)
}
