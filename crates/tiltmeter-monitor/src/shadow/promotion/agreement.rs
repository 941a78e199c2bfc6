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
    /// How much more often the challenger is right.
    right: Option<Watch>,
    /// Whether both decided the same, of those with both decisions.
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
        Ok(Self {
            same: Watch::new(least, Better::Above, errors, tuned_for(min_pairs))?,
            right: right.transpose()?,
            is_same: of_decisions(record, |_, champion, challenger| Vote::from(champion == challenger)),
            advantage: advantages(record).ok(),
        })
    }

    pub(super) fn look(&mut self, seen: &Seen<'_>) -> Criterion {
        let name = CriterionName::Agreement;
        let same = Tally::of(&self.is_same, seen.pair_weight.iter().copied());
        if same.rows == 0 {
            return Criterion::not_applicable(name, "no pair has both decisions");
        }
        let least = self.same.threshold;
        let found = Found { look: same.look(least * (1.0 - least)), rows: same.rows, days: seen.days };
        let mut criterion = self.same.criterion(name, found);
        let advantage = self.advantage.as_deref();
        let right = self.right.as_mut().map(|watch| watched(watch, advantage, seen));
        let words = format!(
            "both decide alike in {} of the pairs{}, {} asked for",
            percent(criterion.value.value().unwrap_or_default()),
            between(criterion.bounds.as_ref(), percent),
            percent(least)
        );
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

/// By place, what the classes of the two say; `None` where one of them has not decided.
fn of_decisions(record: &Record<'_>, says: impl Fn(usize, u32, u32) -> Vote) -> Vec<Option<Vote>> {
    let sides = record.material.sides();
    record.by_place(|row| {
        let (champion, challenger) = (sides.champion_class[row], sides.challenger_class[row]);
        let are_decided = champion != Classes::MISSING && challenger != Classes::MISSING;
        are_decided.then(|| says(row, champion, challenger))
    })
}

/// By place, which of the two is right; or why decisions cannot be compared with labels.
pub(super) fn advantages(record: &Record<'_>) -> Result<Vec<Option<Vote>>, &'static str> {
    let truth = record.material.truth.as_ref().ok_or("there are no labels")?;
    if let Some(reason) = truth.incomparable() {
        return Err(reason);
    }
    Ok(of_decisions(record, |row, champion, challenger| {
        Vote::between(truth.is_right(row, challenger), truth.is_right(row, champion))
    }))
}
