//! Whether the challenger decides as the champion does, or better.

use super::criterion::{Criterion, CriterionName, CriterionState, Outlook};
use super::judge::FEW_ROWS;
use super::seen::Seen;
use super::watch::{Better, Errors, Found, Watch, mean_look};
use super::words::{between, percent, sentence};
use crate::shadow::rows::{Classes, Rows};

/// The share of equal decisions, and, where there are labels, whether the challenger is right more often on the others.
pub(super) struct Agreement {
    same: Watch,
    /// How much more often the challenger is right.
    right: Option<Watch>,
}

impl Agreement {
    /// Either way to be met has half of the error when there are two. Failing takes both, so each may have all of it.
    pub(super) fn new(
        least: f64,
        errors: Errors,
        min_pairs: u64,
        min_labels: Option<u64>,
    ) -> tiltmeter_stats::Result<Self> {
        let met = if min_labels.is_some() { errors.met / 2.0 } else { errors.met };
        let errors = Errors { met, ..errors };
        let tuned_for = |rows: u64| FEW_ROWS * rows.max(100) as f64;
        let right = min_labels.map(|rows| Watch::new(0.0, Better::Above, errors, tuned_for(rows)));
        Ok(Self {
            same: Watch::new(least, Better::Above, errors, tuned_for(min_pairs))?,
            right: right.transpose()?,
        })
    }

    pub(super) fn look(&mut self, seen: &Seen<'_>) -> Criterion {
        let name = CriterionName::Agreement;
        let sides = seen.record.material.sides();
        let is_decided = |row: usize| {
            sides.champion_class[row] != Classes::MISSING && sides.challenger_class[row] != Classes::MISSING
        };
        let decided = seen.pairs.filtered(is_decided);
        if decided.len() == 0 {
            return Criterion::not_applicable(name, "no pair has both decisions");
        }
        let is_same =
            |row: usize| f64::from(u8::from(sides.champion_class[row] == sides.challenger_class[row]));
        let same: Vec<f64> = decided.iter().map(|weighted| is_same(weighted.row)).collect();
        let least = self.same.threshold;
        let found = Found {
            look: mean_look(&decided, &same, least * (1.0 - least)),
            rows: decided.len() as u64,
            days: seen.days,
        };
        let mut criterion = self.same.criterion(name, found);
        let right =
            self.right.as_mut().map(|watch| watched(watch, &seen.labelled.filtered(is_decided), seen));
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
fn watched(watch: &mut Watch, rows: &Rows, seen: &Seen<'_>) -> (CriterionState, Option<Outlook>) {
    let look = advantages(rows, seen).and_then(|values| mean_look(rows, &values, 0.0).ok());
    if let Some(look) = &look {
        watch.take(look);
    }
    let outlook = look.and_then(|look| watch.outlook(&look, rows.len() as u64, seen.labelled_days));
    (watch.state(), outlook)
}

/// 1 where only the challenger is right, −1 where only the champion is, else 0; `None` when decisions cannot be compared
/// with labels.
pub(super) fn advantages(rows: &Rows, seen: &Seen<'_>) -> Option<Vec<f64>> {
    let material = &seen.record.material;
    let truth = material.truth.as_ref().filter(|truth| truth.incomparable().is_none())?;
    let sides = material.sides();
    let right = |row: usize, side: &[u32]| f64::from(u8::from(truth.is_right(row, side[row])));
    let advantage = |row| right(row, sides.challenger_class) - right(row, sides.champion_class);
    Some(rows.iter().map(|weighted| advantage(weighted.row)).collect())
}
