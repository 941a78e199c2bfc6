//! Pairs that are made up.

use tiltmeter_record::PairBucket;
use tiltmeter_record::columns::{AnswerColumns, PairColumns, RequestColumns, SegmentColumn};

#[derive(Clone, Debug)]
pub(in crate::shadow) struct Row {
    pub(in crate::shadow) place: u32,
    /// Those of champion and challenger.
    pub(in crate::shadow) scores: [f64; 2],
    /// By the score when there are none.
    pub(in crate::shadow) decisions: Option<[&'static str; 2]>,
    pub(in crate::shadow) latencies: [f64; 2],
    pub(in crate::shadow) segment: Option<&'static str>,
    pub(in crate::shadow) probability: f64,
    pub(in crate::shadow) bucket: PairBucket,
    pub(in crate::shadow) time: i64,
    pub(in crate::shadow) status: Option<u16>,
}

impl Row {
    pub(in crate::shadow) fn paired(place: u32) -> Self {
        Self {
            place,
            scores: [0.4, 0.6],
            decisions: None,
            latencies: [10.0, 5.0],
            segment: Some("UA"),
            probability: 1.0,
            bucket: PairBucket::Paired,
            time: 0,
            status: Some(200),
        }
    }

    /// What the challenger would have said is not known.
    pub(in crate::shadow) fn ends_in(self, bucket: PairBucket) -> Self {
        let [champion, _] = self.scores;
        Self { bucket, scores: [champion, f64::NAN], ..self }
    }
}

pub(in crate::shadow) fn pairs(rows: &[Row]) -> PairColumns {
    let ids: Vec<String> = rows.iter().map(|row| format!("r{}", row.place)).collect();
    let ids = || ids.iter().map(|id| Some(id.as_str())).collect();
    let requests = RequestColumns {
        request_id: ids(),
        entity_id: ids(),
        event_time: rows.iter().map(|row| row.time).collect(),
        inclusion_probability: rows.iter().map(|row| row.probability).collect(),
        bucket: rows.iter().map(|row| row.bucket).collect(),
        segments: vec![SegmentColumn {
            name: "carrier".parse().unwrap(),
            values: rows.iter().map(|row| row.segment).collect(),
        }],
    };
    let champion =
        answers(rows, "v1", |row| (row.scores[0], row.decisions.map(|both| both[0]), row.latencies[0]));
    let challenger =
        answers(rows, "v2", |row| (row.scores[1], row.decisions.map(|both| both[1]), row.latencies[1]));
    PairColumns::new("churn".parse().unwrap(), requests, champion, challenger).unwrap()
}

pub(in crate::shadow) fn answers(
    rows: &[Row],
    version: &str,
    of: impl Fn(&Row) -> (f64, Option<&'static str>, f64),
) -> AnswerColumns {
    let decision = |row: &Row| {
        let (score, decision, _) = of(row);
        let by_score = if score >= 0.5 { "1" } else { "0" };
        decision.or_else(|| (!score.is_nan()).then_some(by_score))
    };
    AnswerColumns::new(
        rows.iter().map(|row| of(row).0).collect(),
        rows.iter().map(decision).collect(),
        rows.iter().map(|row| of(row).2).collect(),
        rows.iter().map(|_| Some(version)).collect(),
        rows.iter().map(|row| row.status).collect(),
    )
    .unwrap()
}
