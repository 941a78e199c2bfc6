//! From criteria and pairs to a verdict.

use tiltmeter_record::spec::Promotion;

use super::PromotionInputs;
use super::agreement::Agreement;
use super::criterion::{Criterion, CriterionName, CriterionState};
use super::days::Days;
use super::failures::Failures;
use super::labelled::Labelled;
use super::latency::Latency;
use super::record::{Record, date};
use super::score_distribution::ScoreDistribution;
use super::seen::Seen;
use super::thresholds::{coverage, duration, pairs};
use super::verdict::{DailyDecision, PromotionDecision, PromotionVerdict};
use super::watch::Errors;
use super::words::days;
use crate::shadow::ComparisonPolicy;

/// Bounds are closest at so many times the fewest rows at which one looks.
pub(super) const FEW_ROWS: f64 = 5.0;

/// Judges a challenger by all that was known at the end of each day. See the [module](self) for what is promised.
///
/// `policy` is that of the comparison: the same strata and the same time that a timeout counts for.
///
/// Cost: some sorts of all requests, and for each day on which something is new, at most 400, some passes over those until
/// then: O(n log n + days · n). O(n) memory. Deterministic: the same rows give the same verdict, to the last bit; a later
/// call gives the same history for days that had all their data, as long as fewer than 400 are looked at.
#[must_use]
pub fn promotion_verdict(inputs: &PromotionInputs<'_>, policy: &ComparisonPolicy) -> PromotionVerdict {
    let promotion = inputs.promotion;
    let record = Record::of(inputs, policy);
    let mut watched = Watched::of(promotion, &record);
    let mut days = Days::of(&record);
    let mut history = Vec::with_capacity(record.looks.len());
    let mut looks: Vec<Vec<_>> = Vec::new();
    let mut last = None;
    for &day in &record.looks {
        let criteria = watched.look(promotion, &days.until(day));
        looks.resize_with(criteria.len(), Vec::new);
        for (looks, criterion) in looks.iter_mut().zip(&criteria) {
            looks.push(criterion.at(date(day)));
        }
        history.push(DailyDecision { day: date(day), decision: PromotionDecision::of(&criteria) });
        last = Some(criteria);
    }
    let mut criteria = last.unwrap_or_else(|| watched.look(promotion, &days.until(0)));
    for (criterion, looks) in criteria.iter_mut().zip(looks) {
        criterion.looks = looks;
    }
    let decision = PromotionDecision::of(&criteria);
    let expected_days = expected_days(&criteria, decision);
    PromotionVerdict {
        decision,
        as_of: history.last().map(|daily| daily.day),
        error: promotion.error,
        expected_days,
        first_decision: history.iter().find(|daily| daily.decision != PromotionDecision::NotYet).copied(),
        summary: summary(&criteria, decision, expected_days),
        history,
        criteria,
        notes: record.notes,
    }
}

/// The criteria that have bounds, which go on from look to look.
struct Watched {
    latency: tiltmeter_stats::Result<Latency>,
    failures: tiltmeter_stats::Result<Failures>,
    agreement: Option<tiltmeter_stats::Result<Agreement>>,
    labelled: Option<tiltmeter_stats::Result<Labelled>>,
    scores: ScoreDistribution,
}

impl Watched {
    fn of(promotion: &Promotion, record: &Record<'_>) -> Self {
        let labelled = promotion.labelled.as_ref();
        // latency and failures, and what is asked for besides: known before the first row
        let can_fail = 2 + usize::from(promotion.agreement.is_some()) + usize::from(labelled.is_some());
        let errors = Errors { met: promotion.error, failed: promotion.error / can_fail as f64 };
        let min_labels = labelled.map(|labelled| labelled.min_labels);
        let agreement = promotion
            .agreement
            .map(|least| Agreement::new(least, errors, promotion.min_pairs, min_labels, record));
        Self {
            latency: Latency::new(promotion.latency, errors, record),
            failures: Failures::new(promotion.failures, errors, record),
            agreement,
            labelled: labelled.map(|asked| Labelled::new(asked, errors, record)),
            scores: ScoreDistribution::of(record),
        }
    }

    fn look(&mut self, promotion: &Promotion, seen: &Seen<'_>) -> Vec<Criterion> {
        let latency = either(&mut self.latency, CriterionName::Latency, |watched| watched.look(seen));
        let failures = either(&mut self.failures, CriterionName::Failures, |watched| watched.look(seen));
        let name = CriterionName::Agreement;
        let agreement = match &mut self.agreement {
            Some(watched) => either(watched, name, |watched| watched.look(seen)),
            None => Criterion::not_applicable(name, "equal decisions are not asked for"),
        };
        let name = CriterionName::Labelled;
        let labelled = match &mut self.labelled {
            Some(watched) => either(watched, name, |watched| watched.look(seen)),
            None => Criterion::not_applicable(
                name,
                "labels are not asked for: it is not known which of the two is better",
            ),
        };
        vec![
            duration(promotion, seen),
            pairs(promotion, seen),
            coverage(promotion, seen),
            latency,
            failures,
            agreement,
            self.scores.look(promotion, seen),
            labelled,
        ]
    }
}

/// A criterion, or why it cannot be watched, which is an error that is too small for a number.
fn either<W>(
    watched: &mut tiltmeter_stats::Result<W>,
    name: CriterionName,
    look: impl FnOnce(&mut W) -> Criterion,
) -> Criterion {
    match watched {
        Ok(watched) => look(watched),
        Err(error) => {
            let value = crate::performance::measured(Err(error.clone()));
            Criterion { sentence: error.to_string(), ..Criterion::new(name, value, 0) }
        }
    }
}

fn expected_days(criteria: &[Criterion], decision: PromotionDecision) -> Option<u64> {
    let missing = criteria.iter().filter(|criterion| criterion.state == CriterionState::NotYet);
    let days: Option<Vec<u64>> = missing.map(|criterion| Some(criterion.outlook?.days)).collect();
    days.filter(|_| decision == PromotionDecision::NotYet)?.into_iter().max()
}

fn summary(criteria: &[Criterion], decision: PromotionDecision, expected: Option<u64>) -> String {
    let names = |state| {
        let in_state = criteria.iter().filter(|criterion| criterion.state == state);
        in_state.map(|criterion| criterion.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    match (decision, expected) {
        (PromotionDecision::Promote, _) => "promote: all criteria are met".to_owned(),
        (PromotionDecision::Reject, _) => format!("reject: {} failed", names(CriterionState::Failed)),
        (PromotionDecision::NotYet, Some(expected)) => {
            let missing = names(CriterionState::NotYet);
            format!("not yet: {missing} missing, expected to be decided in {}", days(expected))
        }
        (PromotionDecision::NotYet, None) => {
            format!("not yet: {} missing, and it cannot be told for how long", names(CriterionState::NotYet))
        }
    }
}
