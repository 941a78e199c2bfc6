//! What is counted, and has to reach a number. It is no estimate, and proves nothing against the challenger.

use tiltmeter_record::spec::Promotion;
use tiltmeter_stats::{Ecdf, Psi, QuantileBins, psi_categorical_weighted};

use super::criterion::{Criterion, CriterionName, CriterionState, Outlook};
use super::record::whole_days;
use super::seen::Seen;
use super::watch::outlook;
use super::words::{count, days, number, percent};
use crate::performance::measured;
use crate::shadow::rows::Classes;
use crate::{Estimate, Measured, grouped};

/// Bins of the population stability index, as in the comparison.
const PSI_BINS: usize = 10;

fn known(value: f64) -> Measured {
    Measured::Known(Estimate::new(value, None, None))
}

fn reached(criterion: Criterion, is_reached: bool, threshold: f64, more: Option<Outlook>) -> Criterion {
    let state = if is_reached { CriterionState::Met } else { CriterionState::NotYet };
    let outlook = more.filter(|_| !is_reached);
    Criterion { state, outlook, threshold: Some(threshold), ..criterion }
}

pub(super) fn duration(promotion: &Promotion, seen: &Seen<'_>) -> Criterion {
    let asked = u64::try_from(whole_days(promotion.min_duration)).unwrap_or(0);
    let found = seen.days_with_pairs;
    let left = asked.saturating_sub(found);
    let criterion = Criterion {
        sentence: format!("there are pairs of {}, {} asked for", days(found), grouped(asked)),
        ..Criterion::new(CriterionName::Duration, known(found as f64), found)
    };
    reached(criterion, left == 0, asked as f64, Some(Outlook { rows: left, days: left }))
}

pub(super) fn pairs(promotion: &Promotion, seen: &Seen<'_>) -> Criterion {
    let (asked, found) = (promotion.min_pairs, seen.pairs.len() as u64);
    let left = asked.saturating_sub(found);
    let criterion = Criterion {
        sentence: format!("there are {}, {} asked for", count(found, "pair", "pairs"), grouped(asked)),
        ..Criterion::new(CriterionName::Pairs, known(found as f64), found)
    };
    reached(criterion, left == 0, asked as f64, outlook(left as f64, found, seen.days))
}

pub(super) fn coverage(promotion: &Promotion, seen: &Seen<'_>) -> Criterion {
    let (asked, name) = (promotion.coverage, CriterionName::Coverage);
    if seen.chosen_weight <= 0.0 {
        let reason = "no request was chosen";
        let criterion = Criterion::new(name, Measured::Undefined(reason.to_owned()), 0);
        return Criterion { sentence: reason.to_owned(), threshold: Some(asked), ..criterion };
    }
    let share = (seen.paired_weight / seen.chosen_weight).min(1.0);
    let advice = if share < asked { ": permits, timeouts and errors of the shadow say why" } else { "" };
    let criterion = Criterion {
        sentence: format!(
            "{} of the chosen requests have a pair, {} asked for{advice}",
            percent(share),
            percent(asked)
        ),
        ..Criterion::new(name, known(share), seen.pairs.len() as u64)
    };
    // more of the same does not raise a share
    reached(criterion, share >= asked, asked, None)
}

pub(super) fn score_distribution(promotion: &Promotion, seen: &Seen<'_>) -> Criterion {
    let name = CriterionName::ScoreDistribution;
    let Some(most) = promotion.psi else {
        return Criterion::not_applicable(name, "the distributions are not asked about");
    };
    let sides = seen.record.material.sides();
    let scored = seen
        .pairs
        .filtered(|row| !sides.champion_score[row].is_nan() && !sides.challenger_score[row].is_nan());
    let (of, rows, psi) = if scored.len() > 0 {
        let (one, other) = (scored.gather(sides.champion_score), scored.gather(sides.challenger_score));
        let psi = scored.sample(&one).and_then(Ecdf::of).and_then(|reference| {
            let current = scored.sample(&other).and_then(Ecdf::of)?;
            let bins = QuantileBins::of_ecdf(&reference, PSI_BINS)?;
            Psi::between(&bins.count_ecdf(&reference), &bins.count_ecdf(&current))
        });
        ("scores", scored.len(), psi)
    } else {
        let decided = seen.pairs.filtered(|row| {
            sides.champion_class[row] != Classes::MISSING && sides.challenger_class[row] != Classes::MISSING
        });
        if decided.len() == 0 {
            return Criterion::not_applicable(name, "no pair has two scores or two decisions");
        }
        let (one, other) = (decided.gather(sides.champion_class), decided.gather(sides.challenger_class));
        let psi = psi_categorical_weighted(&one, decided.weights(), &other, decided.weights());
        ("decisions", decided.len(), psi)
    };
    let value = measured(psi.map(|psi| Estimate::new(psi.value, None, None)));
    let sentence = match (value.value(), value.reason()) {
        (Some(psi), _) if psi <= most => {
            format!("the index (PSI) of the {of} is {}, up to {} may be", number(psi), number(most))
        }
        (Some(psi), _) => format!(
            "the index (PSI) of the {of} is {}, up to {} may be: what depends on them has to be set anew",
            number(psi),
            number(most)
        ),
        (None, reason) => format!("there is no index of the {of}: {}", reason.unwrap_or_default()),
    };
    let is_reached = value.value().is_some_and(|psi| psi <= most);
    let criterion = Criterion { sentence, ..Criterion::new(name, value, rows as u64) };
    reached(criterion, is_reached, most, None)
}
