//! Which of the two is right, where the truth is known.

mod losses;
mod truth;

use serde::Serialize;
use tiltmeter_stats::{
    RocAucPaired, accuracy_difference, accuracy_difference_weighted, mcnemar, roc_auc_paired,
    roc_auc_paired_weighted,
};

pub(super) use self::truth::Truth;
use super::known::{share, undefined};
use super::rows::{Classes, Rows, Sides};
use crate::performance::{LEVEL, bounds, measured};
use crate::{Estimate, Measured};

/// Which of the two is right, over pairs whose label is known.
///
/// Differences are the challenger's less the champion's, of the same rows: positive is better for the areas and
/// accuracies, worse for losses.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LabelledComparison {
    /// Pairs with a label.
    pub labelled: u64,
    /// Pairs without one.
    pub without_label: u64,
    /// Those of the labelled whose label is 1.
    pub positives: u64,
    /// The champion's area under the ROC curve, DeLong's interval. Of labels 0 and 1 and pairs with both scores, as are
    /// the figures of scores below.
    pub champion_roc_auc: Measured,
    /// The challenger's.
    pub challenger_roc_auc: Measured,
    /// Their difference, by DeLong's paired variance.
    pub roc_auc_difference: Measured,
    /// How probable so large a difference is when there is none; `None` when it cannot be told.
    pub roc_auc_p_value: Option<f64>,
    /// The champion's mean squared error of probabilities.
    pub champion_brier: Measured,
    /// The challenger's.
    pub challenger_brier: Measured,
    /// Their difference, pair by pair; Student's interval, as below.
    pub brier_difference: Measured,
    /// The champion's log loss, in nats.
    pub champion_log_loss: Measured,
    /// The challenger's.
    pub challenger_log_loss: Measured,
    /// Their difference, pair by pair.
    pub log_loss_difference: Measured,
    /// By how much the champion's mean score is above the frequency of label 1.
    pub champion_bias: Measured,
    /// The challenger's.
    pub challenger_bias: Measured,
    /// Their difference, pair by pair.
    pub bias_difference: Measured,
    /// The champion's expected calibration error over ten bins of equal width, and an interval that allows for the chance
    /// in it; see [`calibration_difference`](tiltmeter_stats::calibration_difference), as below.
    pub champion_calibration_error: Measured,
    /// The challenger's.
    pub challenger_calibration_error: Measured,
    /// What the champion's would be on average if it were perfectly calibrated.
    pub champion_calibration_error_by_chance: Option<f64>,
    /// What the challenger's would be.
    pub challenger_calibration_error_by_chance: Option<f64>,
    /// Their difference. It is that of the errors as they are seen, chance and all; its interval is wide, and covers.
    pub calibration_error_difference: Measured,
    /// How often the champion's decisions are right.
    pub champion_accuracy: Measured,
    /// How often the challenger's are.
    pub challenger_accuracy: Measured,
    /// Their difference, pair by pair.
    pub accuracy_difference: Measured,
    /// McNemar's test of the decisions; `None` when no pair has both decisions and a label.
    pub mcnemar: Option<McNemar>,
    /// Which of the two was right where they decided differently.
    pub disagreements: RightOnDisagreements,
}

/// McNemar's test that both are right equally often.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct McNemar {
    /// Pairs that only the champion decided rightly.
    pub only_champion: u64,
    /// Pairs that only the challenger decided rightly.
    pub only_challenger: u64,
    /// The binomial p-value of these counts: of the rows as they are, whatever their weights.
    pub p_exact: f64,
    /// The mid-p-value, likewise.
    pub p_mid: f64,
    /// The p-value of the weighted difference of accuracies.
    pub p_weighted: f64,
}

/// Which of the two was right where they decided differently.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RightOnDisagreements {
    /// Pairs with different decisions.
    pub disagreements: u64,
    /// Those of them with a label.
    pub labelled: u64,
    /// The share of the labelled that the champion alone decided rightly; Wilson's interval, as below.
    pub champion_right: Measured,
    /// The share that the challenger alone decided rightly.
    pub challenger_right: Measured,
    /// The share that neither did: 0 when there are two classes.
    pub neither_right: Measured,
    /// The share that both did: decisions may differ and mean the same label. With the three above it is all of them.
    pub both_right: Measured,
}

/// Of the rows, which are pairs.
pub(super) fn labelled(rows: &Rows, sides: Sides<'_>, truth: &Truth<'_>) -> LabelledComparison {
    let known = rows.filtered(|row| truth.is_known(row));
    let mut found = of_scores(&known, sides, truth);
    found.labelled = known.len() as u64;
    found.without_label = (rows.len() - known.len()) as u64;
    found.positives = known.iter().filter(|weighted| truth.label(weighted.row) > 0.5).count() as u64;
    of_decisions(&known, sides, truth, &mut found);
    found.disagreements = on_disagreements(rows, &known, sides, truth);
    found
}

fn of_scores(known: &Rows, sides: Sides<'_>, truth: &Truth<'_>) -> LabelledComparison {
    let Sides { champion_score: champion, challenger_score: challenger, .. } = sides;
    let scored = known.filtered(|row| !champion[row].is_nan() && !challenger[row].is_nan());
    let mut found = without("no pair has a label and both scores");
    if scored.len() == 0 {
        return found;
    }
    let labels: Vec<f64> = scored.iter().map(|weighted| truth.label(weighted.row)).collect();
    if !labels.iter().all(|label| label.abs() < f64::EPSILON || (label - 1.0).abs() < f64::EPSILON) {
        return without("labels are not 0 and 1");
    }
    let labels: Vec<bool> = labels.into_iter().map(|label| label > 0.5).collect();
    let (champion, challenger) = (scored.gather(champion), scored.gather(challenger));
    let paired = match scored.weights() {
        None => roc_auc_paired(&labels, &challenger, &champion),
        Some(weights) => roc_auc_paired_weighted(&labels, &challenger, &champion, weights),
    };
    found.champion_roc_auc = measured(paired.clone().map(|paired| area(&paired.b)));
    found.challenger_roc_auc = measured(paired.clone().map(|paired| area(&paired.a)));
    let difference = paired.and_then(|paired: RocAucPaired| paired.difference());
    found.roc_auc_p_value = difference.as_ref().ok().map(|difference| difference.p_value);
    found.roc_auc_difference = measured(difference.map(|found| {
        Estimate::new(found.difference, found.interval(LEVEL).map(bounds), Some(found.standard_error))
    }));
    losses::compare(&scored, &labels, [&champion, &challenger], &mut found);
    found
}

fn area(auc: &tiltmeter_stats::RocAuc) -> Estimate {
    Estimate::new(auc.value, auc.interval(LEVEL).map(bounds), auc.standard_error())
}

fn of_decisions(known: &Rows, sides: Sides<'_>, truth: &Truth<'_>, found: &mut LabelledComparison) {
    let Sides { champion_class: champion, challenger_class: challenger, .. } = sides;
    if let Some(reason) = truth.incomparable() {
        (found.champion_accuracy, found.challenger_accuracy) = (undefined(reason), undefined(reason));
        found.accuracy_difference = undefined(reason);
        return;
    }
    let decided =
        known.filtered(|row| champion[row] != Classes::MISSING && challenger[row] != Classes::MISSING);
    let right = |side: &[u32]| -> Vec<bool> {
        decided.iter().map(|weighted| truth.is_right(weighted.row, side[weighted.row])).collect()
    };
    let (champion, challenger) = (right(champion), right(challenger));
    let no_pair = "no pair has a label and both decisions";
    found.champion_accuracy = share(&decided, &champion, no_pair);
    found.challenger_accuracy = share(&decided, &challenger, no_pair);
    // a decision that is right is what it should be
    let truth = vec![true; decided.len()];
    let difference = match decided.weights() {
        None => accuracy_difference(&truth, &challenger, &champion),
        Some(weights) => accuracy_difference_weighted(&truth, &challenger, &champion, weights),
    };
    let test = mcnemar(&truth, &champion, &challenger);
    found.mcnemar = test.ok().zip(difference.as_ref().ok()).map(|(test, difference)| McNemar {
        only_champion: test.only_first,
        only_challenger: test.only_second,
        p_exact: test.p_exact,
        p_mid: test.p_mid,
        p_weighted: difference.p_value,
    });
    found.accuracy_difference = match difference {
        Err(error) if error.is_undefined() => undefined(no_pair),
        difference => measured(difference.map(|found| {
            Estimate::new(found.difference, found.interval(LEVEL).map(bounds), found.standard_error)
        })),
    };
}

fn on_disagreements(rows: &Rows, known: &Rows, sides: Sides<'_>, truth: &Truth<'_>) -> RightOnDisagreements {
    let Sides { champion_class: champion, challenger_class: challenger, .. } = sides;
    let differ = |row: usize| {
        champion[row] != Classes::MISSING
            && challenger[row] != Classes::MISSING
            && champion[row] != challenger[row]
    };
    let (all, labelled) = (rows.filtered(differ), known.filtered(differ));
    let share_right = |is_so: &dyn Fn(bool, bool) -> bool| {
        if let Some(reason) = truth.incomparable() {
            return undefined(reason);
        }
        let right = |side: &[u32], row: usize| truth.is_right(row, side[row]);
        let holds: Vec<bool> = labelled
            .iter()
            .map(|weighted| is_so(right(champion, weighted.row), right(challenger, weighted.row)))
            .collect();
        share(&labelled, &holds, "no disagreement has a label")
    };
    RightOnDisagreements {
        disagreements: all.len() as u64,
        labelled: labelled.len() as u64,
        champion_right: share_right(&|champion, challenger| champion && !challenger),
        challenger_right: share_right(&|champion, challenger| challenger && !champion),
        neither_right: share_right(&|champion, challenger| !champion && !challenger),
        both_right: share_right(&|champion, challenger| champion && challenger),
    }
}

fn without(reason: &str) -> LabelledComparison {
    let none = || undefined(reason);
    LabelledComparison {
        labelled: 0,
        without_label: 0,
        positives: 0,
        champion_roc_auc: none(),
        challenger_roc_auc: none(),
        roc_auc_difference: none(),
        roc_auc_p_value: None,
        champion_brier: none(),
        challenger_brier: none(),
        brier_difference: none(),
        champion_log_loss: none(),
        challenger_log_loss: none(),
        log_loss_difference: none(),
        champion_bias: none(),
        challenger_bias: none(),
        bias_difference: none(),
        champion_calibration_error: none(),
        challenger_calibration_error: none(),
        champion_calibration_error_by_chance: None,
        challenger_calibration_error_by_chance: None,
        calibration_error_difference: none(),
        champion_accuracy: none(),
        challenger_accuracy: none(),
        accuracy_difference: none(),
        mcnemar: None,
        disagreements: RightOnDisagreements {
            disagreements: 0,
            labelled: 0,
            champion_right: none(),
            challenger_right: none(),
            neither_right: none(),
            both_right: none(),
        },
    }
}
