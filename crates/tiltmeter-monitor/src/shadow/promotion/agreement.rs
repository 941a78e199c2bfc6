//! Whether the challenger decides as the champion does, or better.

use super::criterion::{Criterion, CriterionName, CriterionState, Outlook};
use super::judge::FEW_ROWS;
use super::record::Record;
use super::seen::Seen;
use super::tally::{Tally, Vote};
use super::watch::{Better, Errors, Found, Watch};
use super::words::{between, percent, sentence};
use crate::shadow::rows::Classes;

/// The share of equal decisions, and, where there are labels, whether the challenger is right more often on the others.
pub(super) struct Agreement {
    same: Watch,
    /// Whether what the champion disagrees with itself, by a second instance of it, is subtracted.
    is_beyond_noise: bool,
    /// How much more often the challenger is right.
    right: Option<Watch>,
    /// Whether both decided the same, of those with both decisions; beyond noise, whether the challenger or the second champion
    /// did, of those with all three.
    is_same: Vec<Option<Vote>>,
    /// Which of the two is right, if decisions can be compared with labels.
    advantage: Option<Vec<Option<Vote>>>,
}

impl Agreement {
    /// Either way to be met has half of the error when there are two. Failing takes both, so each may have all of it.
    pub(super) fn new(
        least: f64,
        errors: Errors,
        min_pairs: u64,
        min_labels: Option<u64>,
        record: &Record<'_>,
    ) -> tiltmeter_stats::Result<Self> {
        let met = if min_labels.is_some() { errors.met / 2.0 } else { errors.met };
        let errors = Errors { met, ..errors };
        let tuned_for = |rows: u64| FEW_ROWS * rows.max(100) as f64;
        let right = min_labels.map(|rows| Watch::new(0.0, Better::Above, errors, tuned_for(rows)));
        let noise = record.material.table.second_champion();
        let second = noise.map(|second| record.material.classes.codes(second));
        let is_same = match &second {
            None => of_decisions(record, |_, champion, challenger| Some(Vote::from(champion == challenger))),
            Some(second) => of_decisions(record, |row, champion, challenger| {
                let is_noisy = second[row] != champion;
                let is_decided = second[row] != Classes::MISSING;
                is_decided.then(|| Vote::between(is_noisy, challenger != champion))
            }),
        };
        // by so much less often alike than the champion is with itself
        let threshold = if second.is_some() { least - 1.0 } else { least };
        Ok(Self {
            same: Watch::new(threshold, Better::Above, errors, tuned_for(min_pairs))?,
            is_beyond_noise: second.is_some(),
            right: right.transpose()?,
            is_same,
            advantage: advantages(record).ok(),
        })
    }

    pub(super) fn look(&mut self, seen: &Seen<'_>) -> Criterion {
        let name = CriterionName::Agreement;
        let same = Tally::of(&self.is_same, seen.pair_weight.iter().copied());
        if same.rows == 0 {
            let who = if self.is_beyond_noise { "the decisions of all three" } else { "both decisions" };
            return Criterion::not_applicable(name, &format!("no pair has {who}"));
        }
        let least = if self.is_beyond_noise { 1.0 + self.same.threshold } else { self.same.threshold };
        let found = Found { look: same.look(least * (1.0 - least)), rows: same.rows, days: seen.days };
        let moved = if self.is_beyond_noise { 1.0 } else { 0.0 };
        let mut criterion = self.same.criterion(name, found).moved(moved);
        let advantage = self.advantage.as_deref();
        let right = self.right.as_mut().map(|watch| watched(watch, advantage, seen));
        let value = percent(criterion.value.value().unwrap_or_default());
        let bounds = between(criterion.bounds.as_ref(), percent);
        let noise = if self.is_beyond_noise { ", but for what the champion differs from itself" } else { "" };
        let words =
            format!("both decide alike in {value} of the pairs{bounds}{noise}, {} asked for", percent(least));
        let differ = "where they differ, labels";
        let of_labels = match (criterion.state, right) {
            (CriterionState::Met, _) | (_, None) => None,
            (_, Some((state @ CriterionState::Met, _))) => {
                Some((state, None, format!("{differ} show that the challenger is right more often")))
            }
            // it takes both to fail
            (state @ CriterionState::Failed, Some((CriterionState::Failed, _))) => {
                Some((state, None, format!("{differ} show that the challenger is right less often")))
            }
            (CriterionState::Failed, Some((_, outlook))) => {
                let of_labels = format!("{differ} do not show yet which of the two is right");
                Some((CriterionState::NotYet, outlook, of_labels))
            }
            _ => None,
        };
        criterion.sentence = match of_labels {
            Some((state, outlook, of_labels)) => {
                (criterion.state, criterion.outlook) = (state, outlook);
                format!("{words}; {of_labels}")
            }
            None => sentence(&words, &criterion, "pairs"),
        };
        criterion
    }
}

/// How much more often the challenger is right, over labelled pairs with both decisions: what they differ by is what
/// they decided differently.
fn watched(
    watch: &mut Watch,
    advantage: Option<&[Option<Vote>]>,
    seen: &Seen<'_>,
) -> (CriterionState, Option<Outlook>) {
    let weights = seen.labelled_weights(&seen.record.label_day);
    let tally = advantage.map(|advantage| Tally::of(advantage, weights)).unwrap_or_default();
    let look = tally.look(0.0).ok();
    if let Some(look) = &look {
        watch.take(look);
    }
    let outlook = look.and_then(|look| watch.outlook(&look, tally.rows, seen.labelled_days));
    (watch.state(), outlook)
}

/// By place, what the classes of the two say; `None` where one of them has not decided, or nothing is said.
fn of_decisions(record: &Record<'_>, says: impl Fn(usize, u32, u32) -> Option<Vote>) -> Vec<Option<Vote>> {
    let sides = record.material.sides();
    record.by_place(|row| {
        let (champion, challenger) = (sides.champion_class[row], sides.challenger_class[row]);
        let are_decided = champion != Classes::MISSING && challenger != Classes::MISSING;
        if are_decided { says(row, champion, challenger) } else { None }
    })
}

/// By place, which of the two is right; or why decisions cannot be compared with labels.
pub(super) fn advantages(record: &Record<'_>) -> Result<Vec<Option<Vote>>, &'static str> {
    let truth = record.material.truth.as_ref().ok_or("there are no labels")?;
    if let Some(reason) = truth.incomparable() {
        return Err(reason);
    }
    Ok(of_decisions(record, |row, champion, challenger| {
        Some(Vote::between(truth.is_right(row, challenger), truth.is_right(row, champion)))
    }))
}
