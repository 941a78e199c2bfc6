//! Outputs of more than one value: probabilities, rankings, text.

use std::collections::HashSet;
use std::sync::Arc;

use tiltmeter_record::spec::{ModelKind, ProbabilityField, RankingField};
use tiltmeter_record::{ModelSpec, RankedItem, Value};

use super::columns::{CLASS_PROBABILITIES, GENERATED_TEXT, Misfits, RANKING};
use super::cut;
use super::fit::{as_name, as_number};
use crate::codec::{FieldValue, MAX_CLASSES};

/// The probability of each class.
pub(super) type Probabilities = Arc<[(Arc<str>, f64)]>;

/// What is kept where a spec does not say it.
const MAX_ITEMS: usize = 100;
const MAX_TEXT: usize = 4_096;

/// The longest name of a class, in bytes.
const MAX_CLASS_LEN: usize = 1_024;

/// The numbers of an object by its names, or those of a list by the classes of the spec, else by their places.
pub(super) fn fit_probabilities(
    value: &FieldValue,
    field: Option<&ProbabilityField>,
    misfits: &mut Misfits<'_>,
) -> Option<Probabilities> {
    let classes = field.map_or(&[][..], |field| &field.classes);
    let fitting = match value {
        FieldValue::Missing => return None,
        FieldValue::Object(members) if (1..=MAX_CLASSES).contains(&members.len()) => members
            .iter()
            .map(|(class, value)| {
                let probability = as_number(value)?;
                (class.len() <= MAX_CLASS_LEN).then(|| (Arc::clone(class), probability))
            })
            .collect(),
        FieldValue::List(values) if (1..=MAX_CLASSES).contains(&values.len()) => match classes {
            [] => {
                let by_place =
                    |(place, value): (usize, _)| Some((place.to_string().into(), as_number(value)?));
                values.iter().enumerate().map(by_place).collect()
            }
            classes if classes.len() == values.len() => {
                let by_class = |(class, value): (&Arc<str>, _)| Some((Arc::clone(class), as_number(value)?));
                classes.iter().zip(values).map(by_class).collect()
            }
            _ => None,
        },
        _ => None,
    };
    if fitting.is_none() {
        misfits.rescue(CLASS_PROBABILITIES, value);
    }
    fitting
}

/// What an application says of the probabilities, by the same bounds.
pub(super) fn told_probabilities(told: &Probabilities, misfits: &mut Misfits<'_>) -> Option<Probabilities> {
    let fits =
        (1..=MAX_CLASSES).contains(&told.len()) && told.iter().all(|(class, _)| class.len() <= MAX_CLASS_LEN);
    if fits {
        let mut names: Vec<&str> = told.iter().map(|(class, _)| &**class).collect();
        names.sort_unstable();
        if names.windows(2).all(|pair| pair[0] != pair[1]) {
            return Some(Arc::clone(told));
        }
        // of several numbers of one class the last counts
        let mut seen = HashSet::new();
        let mut kept: Vec<_> = told.iter().rev().filter(|(class, _)| seen.insert(class)).cloned().collect();
        kept.reverse();
        return Some(kept.into());
    }
    let shown = told.iter().take(MAX_CLASSES);
    let shown = shown.map(|(class, number)| (Arc::clone(class), FieldValue::Float(*number))).collect();
    misfits.rescue(CLASS_PROBABILITIES, &FieldValue::Object(shown));
    None
}

/// The class with the greatest probability, the first of equal ones: the decision of a multiclass model whose spec has
/// neither a prediction nor a confidence.
pub(super) fn decision(spec: &ModelSpec, probabilities: &[(Arc<str>, f64)]) -> Option<(Value, f64)> {
    let output = &spec.response;
    if spec.kind != ModelKind::Multiclass || output.prediction.is_some() || output.confidence.is_some() {
        return None;
    }
    let numbers = probabilities.iter().filter(|(_, probability)| !probability.is_nan());
    let greatest = numbers.reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    Some((Value::Text(Arc::clone(&greatest.0)), greatest.1))
}

/// The first items of a list, as many as the spec keeps.
pub(super) fn fit_ranking(
    value: &FieldValue,
    field: Option<&RankingField>,
    misfits: &mut Misfits<'_>,
) -> Option<Arc<[RankedItem]>> {
    let max_items = field.map_or(MAX_ITEMS, |field| field.max_items);
    let fitting = match value {
        FieldValue::Missing => return None,
        FieldValue::List(values) => values.iter().take(max_items).map(|value| item(value, field)).collect(),
        _ => None,
    };
    if fitting.is_none() {
        misfits.rescue(RANKING, value);
    }
    fitting
}

fn item(value: &FieldValue, field: Option<&RankingField>) -> Option<RankedItem> {
    let Some(named) = field.and_then(|field| field.item.as_deref()) else {
        return Some(RankedItem { item: as_name(value)?, score: None });
    };
    let FieldValue::Object(members) = value else { return None };
    let member = |name: &str| members.iter().find(|(member, _)| **member == *name).map(|(_, value)| value);
    let score = field.and_then(|field| field.score.as_deref()).and_then(member);
    let score = match score.filter(|score| !score.is_missing()) {
        Some(score) => Some(as_number(score)?),
        None => None,
    };
    Some(RankedItem { item: as_name(member(named)?)?, score })
}

/// What an application says of the ranking, as many items as the spec keeps.
pub(super) fn told_ranking(told: &Arc<[RankedItem]>, field: Option<&RankingField>) -> Arc<[RankedItem]> {
    let max_items = field.map_or(MAX_ITEMS, |field| field.max_items);
    match told.get(..max_items) {
        Some(kept) if kept.len() < told.len() => kept.into(),
        _ => Arc::clone(told),
    }
}

/// A text, cut to what the spec keeps; `is_cut`: it may be the beginning of one.
pub(super) fn fit_text(
    value: FieldValue,
    is_cut: bool,
    spec: &ModelSpec,
    misfits: &mut Misfits<'_>,
) -> Option<Arc<str>> {
    match value {
        FieldValue::Missing => None,
        FieldValue::Text(text) => {
            let max_bytes = spec.response.generated_text.as_ref().map_or(MAX_TEXT, |field| field.max_bytes);
            let is_looked_through = cut::is_looked_through(spec);
            Some(match cut::beginning(&text, max_bytes, is_looked_through) {
                Some(kept) => kept.into(),
                None if is_cut && is_looked_through => cut::without_open_end(&text).into(),
                None => text,
            })
        }
        value => {
            misfits.rescue(GENERATED_TEXT, &value);
            None
        }
    }
}
