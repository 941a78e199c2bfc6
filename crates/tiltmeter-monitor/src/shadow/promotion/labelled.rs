//! Whether the challenger is right as often, or as nearly.

use tiltmeter_record::spec::{LabelledCriterion, LabelledMetric};

use super::criterion::{Criterion, CriterionName, CriterionState, Outlook};
use super::figure::Figure;
use super::judge::FEW_ROWS;
use super::record::{Record, whole_days};
use super::seen::Seen;
use super::watch::{Better, Errors, Found, Watch, outlook};
use super::words::{between, count, days, number, percent, sentence};
use crate::Measured;

/// By how much the challenger is better, against minus the margin.
pub(super) struct Labelled {
    watch: Watch,
    asked: LabelledCriterion,
    /// By place, the day from whose end on a labelled pair counts that has what the metric looks at.
    since: Vec<i64>,
    /// Or why there is none.
    figure: Result<Figure, &'static str>,
    /// Those of the look.
    weights: Vec<f64>,
}

impl Labelled {
    pub(super) fn new(
        asked: &LabelledCriterion,
        errors: Errors,
        record: &Record<'_>,
    ) -> tiltmeter_stats::Result<Self> {
        let tuned_for = FEW_ROWS * asked.min_labels.max(100) as f64;
        let watch = Watch::new(-asked.margin, Better::Above, errors, tuned_for)?;
        let since = Figure::since(asked.metric, record);
        let figure = Figure::of(asked.metric, record, &since)?;
        Ok(Self { watch, asked: asked.clone(), since, figure, weights: Vec::new() })
    }

    pub(super) fn look(&mut self, seen: &Seen<'_>) -> Criterion {
        self.weights.clear();
        self.weights.extend(seen.labelled_weights(&self.since));
        let found = self.weights.iter().filter(|weight| **weight > 0.0).count() as u64;
        if found < self.asked.min_labels {
            return self.too_few(found, seen);
        }
        let figure = self.figure.as_ref().map_err(ToString::to_string);
        let look = figure.and_then(|figure| figure.look(&self.weights, seen.day, self.asked.margin));
        let look = match look {
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
            (0, true) => outlook(left, seen.pairs, seen.days)
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
