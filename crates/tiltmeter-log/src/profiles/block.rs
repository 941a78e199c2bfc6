//! Rows as columns, until there are enough of them to be folded.

use std::fmt::Write as _;
use std::mem;

use tiltmeter_record::{Prediction, Value};

use super::answer::{Answer, answer};
use super::dictionary::{Dictionary, MISSING};
use super::plan::{Plan, SegmentPlan};
use crate::baseline::FeatureRange;

/// Rows of a block: profiles fold so many at once the fastest.
pub(super) const ROWS: usize = 4_096;

/// Rows that are looked at together, so that they are in the first cache while one feature after the other is taken out.
const TILE: usize = 16;

/// Bytes of texts that a block holds at the most, and those of one row more.
const TEXT_BYTES: usize = 1 << 20;

/// Rows of one role and version in one window of each width.
#[derive(Debug)]
pub(super) struct Block {
    /// Whether there are features.
    has_features: bool,
    pub(super) answers: [Vec<f64>; 3],
    pub(super) features: Vec<Buffer>,
    /// By segment of the plan; empty for one that is a feature with categories.
    pub(super) segments: Vec<Codes>,
    pub(super) facts: Vec<RowFacts>,
    /// Empty where all rows count once.
    pub(super) weights: Vec<f64>,
}

/// The values of a feature.
#[derive(Debug)]
pub(super) enum Buffer {
    Numbers(Vec<f64>),
    Categories(Codes),
}

#[derive(Debug, Default)]
pub(super) struct Codes {
    pub(super) codes: Vec<u32>,
    pub(super) dictionary: Dictionary,
    /// What whole numbers are written to, to be looked up.
    digits: String,
}

/// What the counts are made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowFacts {
    /// The number of its request, from 1.
    pub(super) request: u64,
    pub(super) is_failed: bool,
    pub(super) is_outside: bool,
}

impl Codes {
    fn push(&mut self, value: &Value) {
        let Self { codes, dictionary, digits } = self;
        codes.push(match value {
            Value::Text(text) => dictionary.code(text),
            Value::Boolean(true) => dictionary.code_of("true"),
            Value::Boolean(false) => dictionary.code_of("false"),
            Value::Integer(number) => {
                digits.clear();
                // a text takes whatever is written to it
                let _ = write!(digits, "{number}");
                dictionary.code_of(digits)
            }
            Value::Missing | Value::Float(_) => MISSING,
        });
    }

    fn push_said(&mut self, name: &str, row: &Prediction) {
        let place = row.segments.binary_search_by(|(other, _)| (**other).cmp(name));
        let said = place.ok().and_then(|place| row.segments.get(place));
        let Self { codes, dictionary, .. } = self;
        codes.push(said.map_or(MISSING, |(_, text)| dictionary.code(text)));
    }

    fn clear(&mut self) {
        self.codes.clear();
        self.dictionary.clear();
    }
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Float(value) => *value,
        Value::Integer(value) => *value as f64,
        Value::Missing | Value::Boolean(_) | Value::Text(_) => f64::NAN,
    }
}

impl Block {
    pub(super) fn new(plan: &Plan, has_features: bool) -> Self {
        let buffer = |is_categorical| {
            if is_categorical { Buffer::Categories(Codes::default()) } else { Buffer::Numbers(Vec::new()) }
        };
        let features = plan.features.iter().filter(|_| has_features);
        Self {
            has_features,
            answers: Default::default(),
            features: features.map(|feature| buffer(feature.is_categorical)).collect(),
            segments: plan.segments.iter().map(|_| Codes::default()).collect(),
            facts: Vec::new(),
            weights: Vec::new(),
        }
    }

    pub(super) fn has_features(&self) -> bool {
        self.has_features
    }

    pub(super) fn len(&self) -> usize {
        self.facts.len()
    }

    /// How many rows find room at least.
    pub(super) fn room(&self) -> usize {
        let of_feature = |buffer: &Buffer| match buffer {
            Buffer::Numbers(_) => 0,
            Buffer::Categories(codes) => codes.dictionary.bytes(),
        };
        let text_bytes = self.features.iter().map(of_feature).sum::<usize>()
            + self.segments.iter().map(|codes| codes.dictionary.bytes()).sum::<usize>();
        if text_bytes > TEXT_BYTES { 0 } else { ROWS.saturating_sub(self.len()) }
    }

    /// Adds rows of predictions. `request` is the number of the request that the rows before these were of.
    pub(super) fn extend(&mut self, plan: &Plan, rows: &[Prediction], request: &mut u64) {
        for tile in rows.chunks(TILE) {
            self.extend_tile(plan, tile, request);
        }
    }

    fn extend_tile(&mut self, plan: &Plan, rows: &[Prediction], request: &mut u64) {
        for row in rows {
            self.push_answer(answer(&plan.spec, row));
            self.facts.push(facts(row, request));
        }
        for (place, buffer) in self.features.iter_mut().enumerate() {
            let values = rows.iter().map(|row| row.features.get(place).unwrap_or(&Value::Missing));
            match buffer {
                Buffer::Numbers(numbers) => numbers.extend(values.map(number)),
                Buffer::Categories(codes) => values.for_each(|value| codes.push(value)),
            }
        }
        for (segment, codes) in plan.segments.iter().zip(&mut self.segments) {
            match segment.feature {
                Some(feature) if plan.features.get(feature).is_some_and(|feature| feature.is_categorical) => {
                }
                Some(feature) => rows
                    .iter()
                    .for_each(|row| codes.push(row.features.get(feature).unwrap_or(&Value::Missing))),
                None => rows.iter().for_each(|row| codes.push_said(&segment.name, row)),
            }
        }
    }

    /// Adds an answer of a challenger to a request of the champion's, whose segments it has.
    pub(super) fn push_pair(
        &mut self,
        plan: &Plan,
        [champion, challenger]: [&Prediction; 2],
        weight: f64,
        request: &mut u64,
    ) {
        self.push_answer(answer(&plan.spec, challenger));
        let RowFacts { request, .. } = facts(champion, request);
        self.facts.push(RowFacts { request, is_failed: challenger.has_failed(), is_outside: false });
        for (segment, codes) in plan.segments.iter().zip(&mut self.segments) {
            codes.push_said(&segment.name, champion);
        }
        self.weights.push(weight);
    }

    fn push_answer(&mut self, answer: Answer) {
        for (column, value) in self.answers.iter_mut().zip(answer) {
            column.push(value);
        }
    }

    /// Notes which rows have a feature outside of the baseline's range.
    pub(super) fn note_outside(&mut self, plan: &Plan) {
        let Some(ranges) = plan.ranges.as_ref().filter(|_| self.has_features) else { return };
        let mut facts = mem::take(&mut self.facts);
        for (place, buffer) in self.features.iter().enumerate() {
            match (buffer, ranges.feature(place)) {
                (Buffer::Numbers(numbers), FeatureRange::Numbers(low, high)) => {
                    for (facts, value) in facts.iter_mut().zip(numbers) {
                        facts.is_outside |= (value < low) | (value > high);
                    }
                }
                (
                    Buffer::Categories(Codes { codes, dictionary, .. }),
                    range @ FeatureRange::Categories(_),
                ) => {
                    let is_other: Vec<bool> =
                        dictionary.texts().iter().map(|text| range.is_other(text)).collect();
                    if is_other.contains(&true) {
                        for (facts, &code) in facts.iter_mut().zip(codes) {
                            facts.is_outside |= is_other.get(code as usize).is_some_and(|is_other| *is_other);
                        }
                    }
                }
                _ => {}
            }
        }
        self.facts = facts;
    }

    /// The codes of a segment, by row.
    pub(super) fn segment(&self, plan: &SegmentPlan, place: usize) -> Option<&Codes> {
        let as_feature = plan.feature.filter(|_| self.has_features);
        match as_feature.and_then(|feature| self.features.get(feature)) {
            Some(Buffer::Categories(codes)) => Some(codes),
            _ => self.segments.get(place),
        }
    }

    pub(super) fn clear(&mut self) {
        self.answers.iter_mut().for_each(Vec::clear);
        for buffer in &mut self.features {
            match buffer {
                Buffer::Numbers(numbers) => numbers.clear(),
                Buffer::Categories(codes) => codes.clear(),
            }
        }
        self.segments.iter_mut().for_each(Codes::clear);
        self.facts.clear();
        self.weights.clear();
    }
}

fn facts(row: &Prediction, request: &mut u64) -> RowFacts {
    // rows without a first one are a request as well
    if row.instance_index == 0 || *request == 0 {
        *request += 1;
    }
    RowFacts { request: *request, is_failed: row.has_failed(), is_outside: false }
}
