//! What is counted, and has to reach a number. It is no estimate, and proves nothing against the challenger.

use tiltmeter_record::spec::Promotion;

use super::criterion::{Criterion, CriterionName, CriterionState, Outlook};
use super::record::whole_days;
use super::seen::Seen;
use super::watch::outlook;
use super::words::{count, days, percent};
use crate::{Estimate, Measured, grouped};

fn known(value: f64) -> Measured {
    Measured::Known(Estimate::new(value, None, None))
}

pub(super) fn reached(
    criterion: Criterion,
    is_reached: bool,
    threshold: f64,
    more: Option<Outlook>,
) -> Criterion {
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
    let (asked, found) = (promotion.min_pairs, seen.pairs);
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
    let of_rows = (seen.paired_weight / seen.chosen_weight).min(1.0);
    // known of all days together
    let by_books = seen.record.paired_by_books.filter(|by_books| *by_books < of_rows);
    let share = by_books.unwrap_or(of_rows);
    let advice = if share < asked { ": permits, timeouts and errors of the shadow say why" } else { "" };
    let by_books = match by_books {
        Some(_) => format!(" by the shadow's books ({} of those with a row)", percent(of_rows)),
        None => String::new(),
    };
    let criterion = Criterion {
        sentence: format!(
            "{} of the chosen requests have a pair{by_books}, {} asked for{advice}",
            percent(share),
            percent(asked)
        ),
        ..Criterion::new(name, known(share), seen.pairs)
    };
    // more of the same does not raise a share
    reached(criterion, share >= asked, asked, None)
}
