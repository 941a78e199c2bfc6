//! The sampling of one model, on the worker's thread.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tiltmeter_record::{ModelName, ModelSpec, Prediction, RateChange};
use tiltmeter_sample::{
    Adaptive, Because, CommonRate, Draw, IntervalEnd, Policy, Rule, SampleKey, SampleRate, Totals,
};

use super::deciding::{Deciding, Known, Met};
use super::facts::FactFinder;
use super::shadowed::{Expected, Shadowed, Verdict, WaitingRows};
use super::state::{RuleTotals, SamplingDesk, SamplingState};
use crate::baseline::BaselineHandle;

/// A request whose rows have been decoded, and not decided about.
#[derive(Debug)]
struct Asked {
    rows: usize,
    draw: Draw,
    keep: bool,
    fate: Fate,
}

/// What becomes of the rows of a request.
#[derive(Debug)]
enum Fate {
    Kept,
    Out,
    Waiting { met: Met, verdict: Verdict, expected: Expected },
}

/// What was decided of rows.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// Rows that are kept, in the order of their sequence; each knows its probability and its stratum.
    pub(crate) kept: Vec<Prediction>,
    /// How many are not.
    pub(crate) sampled_out: u64,
}

/// Which of the rows that wait for a challenger are decided about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Release {
    /// Those whose time has come.
    Due,
    /// All of them.
    All,
}

/// Decides which rows of one model are kept.
#[derive(Debug)]
pub(crate) struct ModelSampler {
    key: SampleKey,
    adaptive: Adaptive,
    deciding: Deciding,
    interval: Duration,
    /// When the interval ends.
    next: Duration,
    asked: Vec<Asked>,
    shadowed: Shadowed,
    /// Up to the end of the last interval.
    state: SamplingState,
    desk: Arc<SamplingDesk>,
    /// Not noted yet.
    changes: Vec<RateChange>,
}

impl ModelSampler {
    pub(super) fn new(
        spec: Arc<ModelSpec>,
        policy: Policy,
        key: SampleKey,
        wait: Duration,
        baseline: Option<BaselineHandle>,
        now: Duration,
        wall: Timestamp,
    ) -> Self {
        let model: Arc<str> = spec.name.as_str().into();
        let interval = policy.interval();
        let finder = FactFinder::new(spec, policy.segment(), baseline);
        let adaptive = Adaptive::new(policy);
        let state = SamplingState {
            base_rate: adaptive.common_rate(CommonRate::Base),
            thinning: adaptive.common_rate(CommonRate::Thinning),
            totals: Totals::default(),
            kept_by_rules_share: None,
            rules: Rule::ALL.into_iter().map(RuleTotals::none).collect(),
            fleet_predictions_per_day: None,
            waiting: 0,
            unanswered: 0,
            warning: None,
            model,
        };
        let started = |of| {
            let model = Arc::clone(&state.model);
            // sequences are the journal's to give
            RateChange::at_start(0, wall, model, name_of(of), adaptive.common_rate(of))
        };
        let changes = [CommonRate::Base, CommonRate::Thinning].map(started).into();
        Self {
            key,
            deciding: Deciding::new(adaptive.table(), finder),
            interval,
            next: now.saturating_add(interval),
            asked: Vec::new(),
            shadowed: Shadowed::new(wait),
            desk: Arc::new(SamplingDesk::new(state.clone())),
            state,
            changes,
            adaptive,
        }
    }

    pub(crate) fn desk(&self) -> &Arc<SamplingDesk> {
        &self.desk
    }

    /// What the request draws. Its id must be the one that all others have, from before anything was masked.
    pub(crate) fn draw(&self, request_id: &str) -> Draw {
        self.key.draw(request_id.as_bytes())
    }

    /// The next `rows` rows are those of one request.
    pub(crate) fn ask(&mut self, draw: Draw, keep: bool, rows: usize) {
        self.asked.push(Asked { rows, draw, keep, fate: Fate::Out });
    }

    /// A pair has come of the request that draws so.
    pub(crate) fn pair(
        &mut self,
        draw: Draw,
        challenger: &ModelName,
        inclusion_probability: f64,
        disagrees: bool,
        now: Duration,
    ) {
        if self.deciding.rule_rate(Rule::Disagreement).is_some()
            && let Ok(shown) = SampleRate::new(inclusion_probability)
        {
            self.shadowed.pair(draw, challenger, shown, disagrees, now);
        }
    }

    /// Ends the interval, if it is over. After a pause one ends at each turn until it is made up for: how many rows fall
    /// into one says something about rates, not about probabilities.
    pub(crate) fn turn(&mut self, now: Duration, wall: Timestamp) {
        if now < self.next {
            return;
        }
        self.next = self.next.saturating_add(self.interval);
        if let Some(predictions) = self.desk.take_fleet() {
            // checked when it was told
            let _ = self.adaptive.set_fleet_predictions_per_day(predictions);
        }
        let end = self.adaptive.end_interval(self.deciding.counts());
        self.note_end(&end, wall);
        self.deciding.begin(end.table);
        self.note();
    }

    /// Decides about the rows of the requests that were [asked](Self::ask) about, which are all of `rows`, and about rows that
    /// have waited.
    pub(crate) fn decide(&mut self, rows: &mut Vec<Prediction>, release: Release, now: Duration) -> Decided {
        self.deciding.look();
        let mut decided = Decided::default();
        for waited in self.shadowed.take(now, release == Release::All) {
            self.decide_waited(waited, &mut decided);
        }
        let mut asked = std::mem::take(&mut self.asked);
        let mut rest = &mut rows[..];
        let mut kept = 0;
        for asked in &mut asked {
            let (of_request, after) = rest.split_at_mut(asked.rows.min(rest.len()));
            asked.fate = self.fate(asked, of_request, release, now);
            kept += if matches!(asked.fate, Fate::Kept) { of_request.len() } else { 0 };
            rest = after;
        }
        decided.kept.reserve_exact(kept);
        let mut rows = rows.drain(..);
        for Asked { rows: count, draw, keep, fate } in asked.drain(..) {
            let of_request = rows.by_ref().take(count);
            match fate {
                Fate::Kept => decided.kept.extend(of_request),
                Fate::Out => decided.sampled_out += of_request.count() as u64,
                Fate::Waiting { met, verdict, expected } => {
                    let rows = of_request.collect();
                    let waiting = WaitingRows { rows, met, draw, keep, verdict, is_answered: false };
                    for out in self.shadowed.wait(waiting, expected, now) {
                        self.decide_waited(out, &mut decided);
                    }
                }
            }
        }
        self.asked = asked;
        // rows that have waited come after others that they came before
        if !decided.kept.is_sorted_by_key(|row| row.sequence) {
            decided.kept.sort_unstable_by_key(|row| row.sequence);
        }
        decided
    }

    /// What becomes of the rows of a request that have just come.
    fn fate(&mut self, asked: &Asked, rows: &mut [Prediction], release: Release, now: Duration) -> Fate {
        let Asked { draw, keep, .. } = *asked;
        let Some(rate) = self.deciding.rule_rate(Rule::Disagreement) else {
            self.deciding.decide(rows, Known { draw, keep, disagreement: None });
            return self.settle(rows);
        };
        let verdict = self.shadowed.verdict(draw);
        let known = Known { draw, keep, disagreement: verdict.disagreement() };
        let probability = self.deciding.decide(rows, known);
        let matters = |shown: SampleRate| rate.as_f64() * shown.as_f64() > probability;
        match self.shadowed.expected(draw, verdict, now, matters) {
            Some(expected) if release == Release::Due => {
                Fate::Waiting { met: self.deciding.met(), verdict, expected }
            }
            _ => self.settle(rows),
        }
    }

    fn settle(&mut self, rows: &mut [Prediction]) -> Fate {
        if self.deciding.settle(rows) { Fate::Kept } else { Fate::Out }
    }

    fn decide_waited(&mut self, waited: WaitingRows, decided: &mut Decided) {
        let WaitingRows { mut rows, met, draw, keep, verdict, is_answered } = waited;
        self.state.unanswered += if is_answered { 0 } else { rows.len() as u64 };
        let known = Known { draw, keep, disagreement: verdict.disagreement() };
        if self.deciding.settle_waited(&mut rows, met, known) {
            decided.kept.append(&mut rows);
        } else {
            decided.sampled_out += rows.len() as u64;
        }
    }

    /// Kept rows take so many bytes.
    pub(crate) fn weigh(&mut self, rows: u64, bytes: u64) {
        self.deciding.add_bytes(rows, bytes);
    }

    /// How many rows wait.
    pub(crate) fn waiting(&self) -> u64 {
        self.shadowed.rows() as u64
    }

    /// The changes of rates since the last time.
    pub(crate) fn take_changes(&mut self) -> Vec<RateChange> {
        std::mem::take(&mut self.changes)
    }

    /// Shows how it stands to whoever looks from outside.
    pub(crate) fn note(&self) {
        let mut state = self.state.clone();
        self.add_counts(&mut state);
        state.waiting = self.waiting();
        self.desk.note(state);
    }

    /// Adds what the interval that runs has come to.
    fn add_counts(&self, state: &mut SamplingState) {
        let (counts, totals) = (self.deciding.counts(), &mut state.totals);
        let of_interval = counts.totals();
        totals.predictions += of_interval.predictions;
        totals.kept += of_interval.kept;
        totals.kept_by_rules_only += of_interval.kept_by_rules_only;
        for rule in &mut state.rules {
            *rule = rule.plus(counts.rule(rule.rule));
        }
    }

    /// Notes the end of the interval that runs.
    fn note_end(&mut self, end: &IntervalEnd, wall: Timestamp) {
        let mut state = self.state.clone();
        self.add_counts(&mut state);
        state.base_rate = self.adaptive.common_rate(CommonRate::Base);
        state.thinning = self.adaptive.common_rate(CommonRate::Thinning);
        state.kept_by_rules_share = share(end.totals);
        state.fleet_predictions_per_day = end.fleet_predictions_per_day;
        if let (Some(warning), None) = (&end.warning, &state.warning) {
            tracing::warn!(model = %state.model, "{warning}");
        }
        state.warning.clone_from(&end.warning);
        for change in &end.changes {
            let (model, name) = (Arc::clone(&state.model), name_of(change.of));
            let mut noted = RateChange::at_start(0, wall, model, name, change.to);
            noted.before = Some(change.from);
            noted.because = match change.because {
                Because::Volume => "volume",
                _ => "budget",
            };
            noted.fleet_predictions_per_day = end.fleet_predictions_per_day;
            self.changes.push(noted);
        }
        self.state = state;
    }
}

/// What a rate is called in the data.
fn name_of(rate: CommonRate) -> &'static str {
    match rate {
        CommonRate::Base => "base",
        _ => "thinning",
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share")]
fn share(totals: Totals) -> Option<f64> {
    (totals.predictions > 0).then(|| totals.kept_by_rules_only as f64 / totals.predictions as f64)
}
