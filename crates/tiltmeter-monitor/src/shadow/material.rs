//! The rows that figures are computed of, and their weights.

use tiltmeter_record::PairBucket;
use tiltmeter_record::columns::PairColumns;

use super::coverage::{Cells, Coverage, CoverageByBooks, coverage};
use super::grouping::Grouping;
use super::labelled::Truth;
use super::latency::Latencies;
use super::resample::Resample;
use super::rows::{Classes, Rows, Sides, Weighted};
use super::{ComparisonPolicy, PairInputs};

/// What all figures are computed of.
pub(super) struct Material<'a> {
    pub(super) table: &'a PairColumns,
    pub(super) classes: Classes,
    champion_class: Vec<u32>,
    challenger_class: Vec<u32>,
    /// The challenger's latencies; a timeout counts as the time that was waited, or longer.
    challenger_latency: Vec<f64>,
    is_timeout: Vec<bool>,
    /// Pairs, each standing for the chosen requests of its cell as well.
    pub(super) pairs: Vec<Weighted>,
    /// Pairs with the weight of their inclusion probability alone.
    pub(super) unadjusted: Vec<Weighted>,
    /// Requests whose two latencies are known, likewise with the weights of their cells.
    pub(super) timed: Vec<Weighted>,
    /// Requests whose challenger was asked, with the weight of their inclusion probability.
    pub(super) asked: Vec<Weighted>,
    /// The same, and those for which it was not asked since its breaker was open.
    pub(super) wanted: Vec<Weighted>,
    pub(super) coverage: Coverage,
    pub(super) strata: Grouping,
    pub(super) segments: Vec<Grouping>,
    pub(super) truth: Option<Truth<'a>>,
    pub(super) resample: Resample,
    /// Rows whose inclusion probability is none.
    pub(super) without_probability: u64,
}

impl<'a> Material<'a> {
    pub(super) fn of(inputs: &PairInputs<'a>, policy: &ComparisonPolicy) -> Self {
        let table = inputs.pairs;
        let bucket = &table.requests().bucket;
        let (chosen, without_probability) = chosen(table);
        let classes =
            Classes::of([table.champion(), table.challenger()].into_iter().chain(table.second_champion()));
        let waited_ms = policy.shadow_timeout.as_secs_f64() * 1e3;
        let is_timeout: Vec<bool> = bucket.iter().map(|bucket| *bucket == PairBucket::Timeout).collect();
        let latencies = table.challenger().latency_ms().iter().zip(&is_timeout);
        let challenger_latency: Vec<f64> = latencies
            // max ignores a latency that is NaN
            .map(|(&latency, &is_timeout)| if is_timeout { latency.max(waited_ms) } else { latency })
            .collect();

        let strata = Grouping::by_score(table, &chosen, policy.score_strata);
        let cells = Cells::of(table, strata.of_row(), strata.groups().len());
        let is_paired = |row: usize| bucket[row] == PairBucket::Paired;
        let adjusted = cells.adjust(&chosen, is_paired, policy.min_cell_pairs);
        let champion_latency = table.champion().latency_ms();
        let is_timed = |row: usize| {
            // how long it takes to fail says nothing of how long an answer takes
            bucket[row].was_asked()
                && bucket[row] != PairBucket::ChallengerError
                && champion_latency[row].is_finite()
                && challenger_latency[row].is_finite()
        };
        let timed = cells.adjust(&chosen, is_timed, policy.min_cell_pairs).rows;
        let only = |keep: &dyn Fn(usize) -> bool| -> Vec<Weighted> {
            chosen.iter().copied().filter(|weighted| keep(weighted.row)).collect()
        };
        let unadjusted = only(&is_paired);
        let of_pairs = Rows::of(unadjusted.iter().copied());
        let by_segment = |segment| Grouping::by_segment(segment, &of_pairs, policy.min_rows);
        let segments: Vec<Grouping> = table.requests().segments.iter().map(by_segment).collect();
        let truth = inputs.labels.map(|labels| Truth::of(labels, &classes, inputs.positive_class));
        Self {
            champion_class: classes.codes(table.champion()),
            challenger_class: classes.codes(table.challenger()),
            coverage: Coverage {
                books: inputs.books.map(CoverageByBooks::of),
                ..coverage(bucket, &chosen, &adjusted, &strata, &segments)
            },
            asked: only(&|row| bucket[row].was_asked()),
            wanted: only(&|row| bucket[row].was_asked() || bucket[row] == PairBucket::BreakerOpen),
            pairs: adjusted.rows,
            resample: Resample { replicates: policy.replicates, seed: policy.seed },
            table,
            classes,
            challenger_latency,
            is_timeout,
            unadjusted,
            timed,
            strata,
            segments,
            truth,
            without_probability,
        }
    }

    pub(super) fn sides(&self) -> Sides<'_> {
        Sides {
            classes: &self.classes,
            champion_class: &self.champion_class,
            challenger_class: &self.challenger_class,
            champion_score: self.table.champion().score(),
            challenger_score: self.table.challenger().score(),
        }
    }

    /// Whether both sides decide, and never the same.
    pub(super) fn have_no_class_in_common(&self) -> bool {
        let seen = |side: &[u32]| {
            let mut seen = side.to_vec();
            seen.retain(|class| *class != Classes::MISSING);
            seen.sort_unstable();
            seen.dedup();
            seen
        };
        let [one, other] = [&self.champion_class, &self.challenger_class].map(|side| seen(side));
        !one.is_empty() && !other.is_empty() && one.iter().all(|class| other.binary_search(class).is_err())
    }

    pub(super) fn latencies(&self) -> Latencies<'_> {
        Latencies {
            champion: self.table.champion().latency_ms(),
            challenger: &self.challenger_latency,
            is_timeout: &self.is_timeout,
        }
    }
}

/// A request that was kept with less than this would outweigh all others, and sums of such weights overflow.
const LEAST_PROBABILITY: f64 = 1e-12;

/// The rows that the sample took, each with one over its inclusion probability; and how many have none.
pub(super) fn chosen(table: &PairColumns) -> (Vec<Weighted>, u64) {
    let requests = table.requests();
    let mut without = 0;
    let rows = requests.bucket.iter().zip(&requests.inclusion_probability).enumerate();
    let chosen = rows.filter(|(_, (bucket, _))| **bucket != PairBucket::SampledOut);
    let weighted = chosen.filter_map(|(row, (_, &probability))| {
        let weight = (LEAST_PROBABILITY..=1.0).contains(&probability).then(|| 1.0 / probability);
        without += u64::from(weight.is_none());
        Some(Weighted { row, weight: weight? })
    });
    (weighted.collect(), without)
}
