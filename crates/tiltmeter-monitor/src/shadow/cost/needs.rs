//! How many of the requests have to be copied for a verdict.

use serde::Serialize;

use super::replicas::share;
use crate::grouped;
use crate::shadow::PromotionVerdict;
use crate::shadow::promotion::words::rounded;
use crate::shadow::promotion::{Criterion, CriterionName, CriterionState, PromotionDecision};

/// What a criterion needs, and what it gets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RowNeed {
    /// The criterion.
    pub criterion: CriterionName,
    /// How many rows of its kind it needs.
    pub rows: u64,
    /// How many it gets a day, at the present rate, from the first day with some on.
    pub rows_a_day: f64,
    /// Days until the rows of a request are there: those after which labels count.
    pub delay_days: u64,
}

/// The least share of the requests that has to be copied for a verdict in a wanted time, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RateRecommendation {
    /// The share, above 0 and up to 1; `None` when there is none: the time is too short for any, or it cannot be told.
    pub sample_rate: Option<f64>,
    /// The criteria that need rows, in the order of their names.
    pub needs: Vec<RowNeed>,
    /// All of it in a sentence.
    pub sentence: String,
}

/// The least share of the requests that has to be copied from now on, so that what is missing is expected to be decided in
/// so many days; where all is decided, that a shadow like this one would have needed from its first day.
///
/// It takes what the criteria expect ([`Criterion::outlook`]), and holds as they do if what comes is like what was; in about
/// half of all cases it takes longer. `present` is the share that is copied now, above 0 and up to 1. Rows are taken to
/// come in proportion to it, and labels of requests that were already copied come whatever is copied from now on. Days
/// that are asked for, and criteria of which nothing can be told, are no matter of the rate: the sentence names them.
#[must_use]
pub fn recommended_rate(verdict: &PromotionVerdict, present: f64, days: u64) -> RateRecommendation {
    let is_open = verdict.decision == PromotionDecision::NotYet;
    let needs: Vec<RowNeed> =
        verdict.criteria.iter().filter_map(|criterion| need(criterion, verdict.decision)).collect();
    let refuse = |needs: &[RowNeed], sentence: String| RateRecommendation {
        sample_rate: None,
        needs: needs.to_vec(),
        sentence,
    };
    if !(present > 0.0 && present <= 1.0) || days == 0 {
        return refuse(
            &needs,
            "the present share is to be above 0 and up to 1, and the time a day at least".to_owned(),
        );
    }
    let is_unknown = |criterion: &&Criterion| criterion.outlook.is_none() || criterion.rows == 0;
    let unknown = verdict.in_state(CriterionState::NotYet).find(is_unknown);
    if let Some(unknown) = unknown.filter(|_| is_open) {
        return refuse(&needs, format!("no share can be told: how long {} takes is not known", unknown.name));
    }
    let left = verdict
        .criterion(CriterionName::Duration)
        .filter(|criterion| criterion.state == CriterionState::NotYet);
    if let Some(left) =
        left.and_then(|criterion| criterion.outlook).filter(|left| is_open && left.days > days)
    {
        let more = grouped(left.days);
        return refuse(
            &needs,
            format!("no share is enough: {more} more days with pairs are asked for, at any rate"),
        );
    }
    let Some((rate, need)) = greatest(&needs, present, days, is_open) else {
        return refuse(&needs, "no criterion waits for rows".to_owned());
    };
    let time = counted_days(days);
    let reason = if is_open {
        format!("{} is expected to need some {} more rows", need.criterion, grouped(rounded(need.rows)))
    } else {
        format!("{} took {} rows until it was decided", need.criterion, grouped(need.rows))
    };
    if !rate.is_finite() {
        let delay = counted_days(need.delay_days);
        return refuse(
            &needs,
            format!("no share is enough in {time}: {reason}, and each comes after {delay}"),
        );
    }
    if rate > 1.0 {
        return refuse(&needs, format!("all of the requests are not enough in {time}: {reason}"));
    }
    // a thousandth is what one sets, and never less than is needed
    let rate = (rate * 1e3).ceil().max(1.0) / 1e3;
    let sentence = format!("{} of the requests are enough in {time}: {reason}", share(rate));
    RateRecommendation { sample_rate: Some(rate), needs, sentence }
}

/// The need that asks for the greatest share; ∞ where none is enough.
fn greatest(needs: &[RowNeed], present: f64, days: u64, is_open: bool) -> Option<(f64, &RowNeed)> {
    let share = |need: &RowNeed| {
        let (days, delay) = (days as f64, need.delay_days.min(days) as f64);
        // while one waits, rows of requests come that were copied before
        let before = if is_open { need.rows_a_day * delay } else { 0.0 };
        let rows = (need.rows as f64 - before).max(0.0);
        if rows > 0.0 { present * rows / (need.rows_a_day * (days - delay)) } else { 0.0 }
    };
    needs.iter().map(|need| (share(need), need)).max_by(|one, other| one.0.total_cmp(&other.0))
}

/// Of a criterion that is missing what it still needs; where all is decided, of those that decided it what each took.
fn need(criterion: &Criterion, decision: PromotionDecision) -> Option<RowNeed> {
    let is_watched = matches!(
        criterion.name,
        CriterionName::Pairs
            | CriterionName::Latency
            | CriterionName::Failures
            | CriterionName::Agreement
            | CriterionName::Labelled
    );
    let (first, last) = (criterion.looks.first()?.day, criterion.looks.last()?.day);
    let begin = criterion.looks.iter().find(|look| look.rows > 0)?.day;
    let rows = match (decision, criterion.state) {
        (PromotionDecision::NotYet, CriterionState::NotYet) => criterion.outlook?.rows,
        (PromotionDecision::Promote, CriterionState::Met)
        | (PromotionDecision::Reject, CriterionState::Failed) => {
            let settled =
                criterion.looks.iter().rev().take_while(|look| look.state == criterion.state).last();
            settled?.rows
        }
        _ => return None,
    };
    let between = |from: jiff::civil::Date, to: jiff::civil::Date| {
        let days = from.until(to).map_or(0, |passed| passed.get_days());
        u64::try_from(days).unwrap_or(0)
    };
    let rows_a_day = criterion.rows as f64 / (between(begin, last) + 1) as f64;
    (is_watched && rows > 0).then(|| RowNeed {
        criterion: criterion.name,
        rows,
        rows_a_day,
        delay_days: between(first, begin),
    })
}

fn counted_days(days: u64) -> String {
    format!("{} {}", grouped(days), if days == 1 { "day" } else { "days" })
}
