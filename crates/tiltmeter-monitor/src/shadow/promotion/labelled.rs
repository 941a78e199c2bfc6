//! Whether the challenger is right as often, or as nearly.

use tiltmeter_record::spec::{LabelledCriterion, LabelledMetric};
use tiltmeter_stats::{Look, roc_auc_paired, roc_auc_paired_weighted};

use super::agreement::advantages;
use super::criterion::{Criterion, CriterionName, CriterionState, Outlook};
use super::judge::FEW_ROWS;
use super::record::whole_days;
use super::seen::Seen;
use super::watch::{Better, Errors, Found, Watch, mean_look, outlook};
use super::words::{between, count, days, number, percent, sentence};
use crate::Measured;
use crate::shadow::rows::{Classes, Rows};

/// DeLong's variance of fewer labels of a class is not to be relied on.
const FEWEST_OF_A_CLASS: usize = 50;
/// As log loss clips probabilities: the double next to 0 and 1, as in scikit-learn.
const NEAREST: f64 = f64::EPSILON;

/// By how much the challenger is better, against minus the margin.
pub(super) struct Labelled {
    watch: Watch,
    asked: LabelledCriterion,
}

impl Labelled {
    pub(super) fn new(asked: &LabelledCriterion, errors: Errors) -> tiltmeter_stats::Result<Self> {
        let tuned_for = FEW_ROWS * asked.min_labels.max(100) as f64;
        let watch = Watch::new(-asked.margin, Better::Above, errors, tuned_for)?;
        Ok(Self { watch, asked: asked.clone() })
    }

    pub(super) fn look(&mut self, seen: &Seen<'_>) -> Criterion {
        let rows = self.rows(seen);
        let found = rows.len() as u64;
        if found < self.asked.min_labels {
            return self.too_few(found, seen);
        }
        let look = match self.figure(&rows, seen) {
            Ok(look) => look,
            Err(reason) => return self.without(found, &reason),
        };
        let of_look = Found { look: Ok(look), rows: found, days: seen.labelled_days };
        let mut criterion = self.watch.criterion(CriterionName::Labelled, of_look);
        // labels of days to come are waited for as well
        if let Some(outlook) = &mut criterion.outlook {
            outlook.days = outlook.days.max(self.wait_left(seen));
        }
        let words = self.words(&criterion, found);
        let sentence = sentence(&words, &criterion, "labels");
        Criterion { sentence, ..criterion }
    }

    /// The labelled pairs that have what the metric looks at.
    fn rows(&self, seen: &Seen<'_>) -> Rows {
        let sides = seen.record.material.sides();
        match self.asked.metric {
            LabelledMetric::Accuracy => seen.labelled.filtered(|row| {
                sides.champion_class[row] != Classes::MISSING
                    && sides.challenger_class[row] != Classes::MISSING
            }),
            _ => seen
                .labelled
                .filtered(|row| !sides.champion_score[row].is_nan() && !sides.challenger_score[row].is_nan()),
        }
    }

    /// Or why there is none.
    fn figure(&self, rows: &Rows, seen: &Seen<'_>) -> Result<Look, String> {
        let material = &seen.record.material;
        let Some(truth) = material.truth.as_ref() else {
            return Err("there are no labels".to_owned());
        };
        if self.asked.metric == LabelledMetric::Accuracy {
            let reason = truth.incomparable().unwrap_or("decisions cannot be compared with labels");
            let values = advantages(rows, seen).ok_or(reason)?;
            // a challenger that is worse by the margin is wrong by itself at least as often
            return reasoned(mean_look(rows, &values, self.asked.margin));
        }
        let labels: Vec<f64> = rows.iter().map(|weighted| truth.label(weighted.row)).collect();
        if !labels.iter().all(|label| label.abs() < f64::EPSILON || (label - 1.0).abs() < f64::EPSILON) {
            return Err("labels are not 0 and 1".to_owned());
        }
        let labels: Vec<bool> = labels.into_iter().map(|label| label > 0.5).collect();
        let sides = material.sides();
        let (champion, challenger) = (rows.gather(sides.champion_score), rows.gather(sides.challenger_score));
        if champion.iter().zip(&challenger).all(|(one, other)| one.total_cmp(other).is_eq()) {
            // the same scores without exception: as if every pair had been decided alike
            return reasoned(mean_look(rows, &vec![0.0; rows.len()], self.asked.margin));
        }
        let loss: fn(bool, f64) -> f64 = match self.asked.metric {
            LabelledMetric::RocAuc => return roc_auc(rows, &labels, &champion, &challenger),
            LabelledMetric::Brier => |label, score| (score - f64::from(u8::from(label))).powi(2),
            LabelledMetric::LogLoss | LabelledMetric::Accuracy => |label, score| {
                let of_truth = if label { score } else { 1.0 - score };
                -of_truth.clamp(NEAREST, 1.0 - NEAREST).ln()
            },
        };
        if !champion.iter().chain(&challenger).all(|score| (0.0..=1.0).contains(score)) {
            return Err("scores are not probabilities from 0 to 1".to_owned());
        }
        let of_row = |((label, one), other): ((&bool, &f64), &f64)| loss(*label, *one) - loss(*label, *other);
        let values: Vec<f64> = labels.iter().zip(&champion).zip(&challenger).map(of_row).collect();
        reasoned(mean_look(rows, &values, 0.0))
    }

    fn words(&self, criterion: &Criterion, labels: u64) -> String {
        let better = criterion.value.value().unwrap_or_default();
        let (metric, unit): (_, fn(f64) -> String) = match self.asked.metric {
            LabelledMetric::RocAuc => ("ROC AUC", number),
            LabelledMetric::Brier => ("Brier score", number),
            LabelledMetric::LogLoss => ("log loss", number),
            LabelledMetric::Accuracy => ("accuracy", percent),
        };
        format!(
            "by {metric} it is {} {} than the champion{}, over {}; up to {} worse may be",
            unit(better.abs()),
            if better < 0.0 { "worse" } else { "better" },
            between(criterion.bounds.as_ref(), unit),
            count(labels, "labelled pair", "labelled pairs"),
            unit(self.asked.margin)
        )
    }

    fn too_few(&self, found: u64, seen: &Seen<'_>) -> Criterion {
        let asked = self.asked.min_labels;
        let mut criterion = self.without(found, "");
        let left = (asked - found) as f64;
        let waiting = self.wait_left(seen);
        let expected = outlook(left, found, seen.labelled_days);
        criterion.outlook = match (found, seen.record.has_labels) {
            // as many as there are pairs, when they come
            (0, true) => outlook(left, seen.pairs.len() as u64, seen.days)
                .map(|outlook| Outlook { days: outlook.days.saturating_add(waiting), ..outlook }),
            (0, false) => None,
            _ => expected.map(|outlook| Outlook { days: outlook.days.max(waiting), ..outlook }),
        };
        let have = count(found, "labelled pair", "labelled pairs");
        criterion.sentence = format!("there are {have}, {} asked for", crate::grouped(asked));
        if found == 0 && waiting > 0 {
            let waits = format!("; labels of a day count after {}", days(self.wait_days()));
            criterion.sentence.push_str(&waits);
        }
        criterion.value = Measured::Undefined(criterion.sentence.clone());
        criterion
    }

    /// Bounds of earlier looks stay, and what followed from them.
    fn without(&self, found: u64, reason: &str) -> Criterion {
        let value = Measured::Undefined(reason.to_owned());
        let state = match self.watch.state() {
            CriterionState::Met => CriterionState::Met,
            CriterionState::Failed => CriterionState::Failed,
            _ => CriterionState::NotYet,
        };
        Criterion {
            state,
            bounds: self.watch.bounds(),
            threshold: Some(self.watch.threshold),
            sentence: format!("there is no figure: {reason}"),
            ..Criterion::new(CriterionName::Labelled, value, found)
        }
    }

    fn wait_days(&self) -> u64 {
        u64::try_from(self.asked.wait.map_or(0, whole_days)).unwrap_or(0)
    }

    /// Days until labels of the first day count.
    fn wait_left(&self, seen: &Seen<'_>) -> u64 {
        if seen.labelled_days > 0 { 0 } else { self.wait_days().saturating_sub(seen.days.saturating_sub(1)) }
    }
}

fn reasoned(look: tiltmeter_stats::Result<Look>) -> Result<Look, String> {
    look.map_err(|error| error.to_string())
}

fn roc_auc(rows: &Rows, labels: &[bool], champion: &[f64], challenger: &[f64]) -> Result<Look, String> {
    let positives = labels.iter().filter(|label| **label).count();
    let fewest = positives.min(labels.len() - positives);
    if fewest < FEWEST_OF_A_CLASS {
        return Err(format!("the rarer label is there {fewest} times, {FEWEST_OF_A_CLASS} are needed"));
    }
    let paired = match rows.weights() {
        None => roc_auc_paired(labels, challenger, champion),
        Some(weights) => roc_auc_paired_weighted(labels, challenger, champion, weights),
    };
    let difference = paired.and_then(|paired| paired.difference());
    reasoned(
        difference.and_then(|found| Look::new(found.difference, found.standard_error, rows.effective_size())),
    )
}
