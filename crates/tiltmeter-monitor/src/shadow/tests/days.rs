//! That a day's look is what the rows until then give when they are looked at alone.

use tiltmeter_record::spec::Promotion;
use tiltmeter_record::{ModelSpec, PairBucket};
use tiltmeter_stats::{Ecdf, Psi, QuantileBins, hajek_mean, roc_auc_paired_weighted};

use super::made_up::{Row, pairs};
use crate::shadow::ComparisonPolicy;
use crate::shadow::coverage::Cells;
use crate::shadow::grouping::Grouping;
use crate::shadow::material::chosen;
use crate::shadow::promotion::{ArrivedLabels, CriterionName, PromotionInputs, promotion_verdict};
use crate::shadow::rows::{Rows, Weighted};

const DAY: i64 = 86_400_000_000;
const BOUND_MS: f64 = 12.0;
const DAYS: i64 = 30;

fn asked(metric: &str) -> Promotion {
    let text = format!(
        "{{spec_version: 1, name: churn, type: binary, owner: o, tier: 3, endpoint: {{path: /p}},
          response: {{score: /s}}, features: {{age: float}}, labels: {{path: l.parquet, maturity: 3d}},
          promotion: {{latency_p99_ms: {BOUND_MS}, error_rate: 0.02,
                       labelled: {{metric: {metric}, margin: 0.01, min_labels: 200, wait: 2d}}}}}}"
    );
    ModelSpec::from_yaml("test", &text).unwrap().promotion
}

/// Requests of all buckets, kept with different probabilities, in three segments, with ties among the scores and labels
/// that some never get.
fn world() -> (Vec<Row>, Vec<f64>, Vec<i64>) {
    let mut random = fastrand::Rng::with_seed(11);
    let (mut rows, mut label, mut arrival) = (Vec::new(), Vec::new(), Vec::new());
    for place in 0..3000_u32 {
        let score = (random.f64() * 200.0).round() / 200.0;
        let other = ((score + 0.2 * (random.f64() - 0.5)) * 200.0).round().clamp(0.0, 200.0) / 200.0;
        let bucket = match place % 29 {
            0 => PairBucket::Timeout,
            1 if score > 0.5 => PairBucket::NoPermit,
            2 => PairBucket::ChallengerError,
            3 => PairBucket::BreakerOpen,
            4 => PairBucket::SampledOut,
            _ => PairBucket::Paired,
        };
        let row = Row {
            scores: [score, other],
            latencies: [10.0, 14.0 * random.f64()],
            segment: [Some("UA"), Some("DL"), None][place as usize % 3],
            probability: [1.0, 0.3, 1.0 / 7.0][random.usize(..3)],
            time: i64::from(place) * DAYS / 3000 * DAY,
            status: Some(if place % 50 == 0 { 503 } else { 200 }),
            ..Row::paired(place)
        };
        arrival.push(row.time + i64::from(random.u8(..5)) * DAY);
        label.push(if place % 13 == 0 { f64::NAN } else { f64::from(u8::from(random.f64() < score)) });
        rows.push(if bucket == PairBucket::Paired { row } else { row.ends_in(bucket) });
    }
    (rows, label, arrival)
}

/// A figure, its standard error and its rows.
type Found = (f64, f64, u64);

fn mean(rows: &Rows, value: impl Fn(usize) -> f64, least_variance: f64) -> Found {
    let values: Vec<f64> = rows.iter().map(|weighted| value(weighted.row)).collect();
    let mean = hajek_mean(rows.sample(&values).unwrap()).unwrap();
    let least = (least_variance / rows.effective_size()).sqrt();
    (mean.value, mean.standard_error.unwrap().max(least), rows.len() as u64)
}

struct Until<'a> {
    rows: &'a [Row],
    label: &'a [f64],
    pairs: Rows,
    timed: Rows,
    wanted: Rows,
    labelled: Rows,
}

impl<'a> Until<'a> {
    fn new(rows: &'a [Row], label: &'a [f64], arrival: &[i64], day: i64) -> Self {
        let table = pairs(rows);
        let (mut chosen, _) = chosen(&table);
        chosen.retain(|weighted| rows[weighted.row].time / DAY <= day);
        let policy = ComparisonPolicy::default();
        let strata = Grouping::by_score(&table, &chosen, policy.score_strata);
        let cells = Cells::of(&table, strata.of_row(), strata.groups().len());
        let adjusted = |responded: &dyn Fn(usize) -> bool| {
            Rows::of(cells.adjust(&chosen, responded, policy.min_cell_pairs).rows)
        };
        let is_wanted =
            |row: usize| rows[row].bucket.was_asked() || rows[row].bucket == PairBucket::BreakerOpen;
        let pairs = adjusted(&|row| rows[row].bucket == PairBucket::Paired);
        let label_day = |row: usize| (arrival[row] / DAY).max(rows[row].time / DAY + 2);
        Self {
            labelled: pairs.filtered(|row| !label[row].is_nan() && label_day(row) <= day),
            timed: adjusted(&is_wanted),
            wanted: Rows::of(chosen.iter().copied().filter(|weighted: &Weighted| is_wanted(weighted.row))),
            pairs,
            rows,
            label,
        }
    }

    fn figure(&self, name: CriterionName, metric: &str) -> Found {
        let at = |row: usize| &self.rows[row];
        let is_paired = |row: usize| at(row).bucket == PairBucket::Paired;
        let one = |holds: bool| f64::from(u8::from(holds));
        let decides = |row: usize, side: usize| one(at(row).scores[side] >= 0.5);
        match name {
            CriterionName::Latency => {
                let is_late = |row: usize| one(!is_paired(row) || at(row).latencies[1] > BOUND_MS);
                mean(&self.timed, is_late, 0.01 * 0.99)
            }
            CriterionName::Failures => mean(&self.wanted, |row| one(!is_paired(row)), 0.02 * 0.98),
            CriterionName::Agreement => {
                let is_same = |row: usize| {
                    one(decides(row, 0) >= decides(row, 1) && decides(row, 0) <= decides(row, 1))
                };
                mean(&self.pairs, is_same, 0.9 * 0.1)
            }
            CriterionName::ScoreDistribution => {
                let [one, other] = [0, 1].map(|side| {
                    let scores: Vec<f64> =
                        self.pairs.iter().map(|weighted| at(weighted.row).scores[side]).collect();
                    Ecdf::of(self.pairs.sample(&scores).unwrap()).unwrap()
                });
                let bins = QuantileBins::of_ecdf(&one, 10).unwrap();
                let psi = Psi::between(&bins.count_ecdf(&one), &bins.count_ecdf(&other)).unwrap();
                (psi.value, f64::NAN, self.pairs.len() as u64)
            }
            _ => self.labelled(metric),
        }
    }

    fn labelled(&self, metric: &str) -> Found {
        let (rows, label) = (&self.labelled, self.label);
        let score = |row: usize, side: usize| self.rows[row].scores[side];
        let loss = |row: usize, side: usize| {
            let of_truth = 1.0 - (label[row] - score(row, side)).abs();
            match metric {
                "brier" => (1.0 - of_truth).powi(2),
                "log_loss" => -of_truth.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln(),
                _ => f64::from(u8::from((score(row, side) >= 0.5) != (label[row] > 0.5))),
            }
        };
        if metric != "roc_auc" {
            let least = if metric == "accuracy" { 0.01 } else { 0.0 };
            return mean(rows, |row| loss(row, 0) - loss(row, 1), least);
        }
        let of = |side: usize| rows.iter().map(|weighted| score(weighted.row, side)).collect::<Vec<f64>>();
        let labels: Vec<bool> = rows.iter().map(|weighted| label[weighted.row] > 0.5).collect();
        let weights = rows.weights().unwrap();
        let found = roc_auc_paired_weighted(&labels, &of(1), &of(0), weights).unwrap().difference().unwrap();
        (found.difference, found.standard_error, rows.len() as u64)
    }
}

#[test]
fn a_look_is_that_of_the_rows_until_then_alone() {
    let (rows, label, arrival) = world();
    let table = pairs(&rows);
    let labels = Some(ArrivedLabels { label: &label, arrival_time: &arrival });
    for metric in ["roc_auc", "brier", "log_loss", "accuracy"] {
        let promotion = asked(metric);
        let inputs = PromotionInputs { labels, ..PromotionInputs::new(&promotion, &table) };
        let verdict = promotion_verdict(&inputs, &ComparisonPolicy::default());
        let mut looked_at = 0;
        for day in (3..DAYS).step_by(4) {
            let until = Until::new(&rows, &label, &arrival, day);
            for name in [
                CriterionName::Latency,
                CriterionName::Failures,
                CriterionName::Agreement,
                CriterionName::ScoreDistribution,
                CriterionName::Labelled,
            ] {
                let look = &verdict.criterion(name).unwrap().looks[usize::try_from(day).unwrap()];
                let Some(found) = look.value else { continue };
                let (value, error, count) = until.figure(name, metric);
                let near = |one: f64, other: f64| (one - other).abs() <= 1e-12 * other.abs().max(1e-3);
                assert!(near(found, value), "{name} {metric} {day}: {found} {value}");
                assert_eq!(look.rows, count, "{name} {metric} {day}");
                if let Some(found) = look.standard_error {
                    assert!(near(found, error), "{name} {metric} {day}: {found} {error}");
                }
                looked_at += 1;
            }
        }
        assert!(looked_at > 30, "{metric}: {looked_at}");
    }
}
