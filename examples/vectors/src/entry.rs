//! One entry: reads its inputs, and compares what a statistic gives with what is expected.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use serde_json::Value;
use tiltmeter_stats::{Pairs, Result as StatsResult, Sample, ScoredLabels};

use crate::got::Got;
use crate::input;

/// Fields that are comments, not results.
const COMMENTS: [&str; 2] = ["truth", "truth_index"];

/// Fields that one may leave out.
const OPTIONAL: [&str; 2] = ["p_asymp", "sf_kstwo"];

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All fields are as expected.
    Passed,
    /// What differs, a line each, or why the entry cannot be read.
    Failed(Vec<String>),
    /// What is not offered.
    Unknown(String),
}

/// One entry of a vectors file.
#[derive(Debug)]
pub struct Entry {
    value: Value,
    folder: PathBuf,
    seen: BTreeSet<String>,
    differences: Vec<String>,
    not_offered: Option<String>,
}

impl Entry {
    /// An entry, and the folder that the columns it names are in.
    #[must_use]
    pub fn new(value: Value, folder: PathBuf) -> Self {
        Self { value, folder, seen: BTreeSet::new(), differences: Vec::new(), not_offered: None }
    }

    /// What the entry is called.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// The statistic that the entry is for.
    #[must_use]
    pub fn function(&self) -> &str {
        self.text("function")
    }

    /// How binding the entry is: `core`, `edge`, `recommended`, `definition` or `tool`.
    #[must_use]
    pub fn level(&self) -> &str {
        self.text("level")
    }

    /// The tool whose numbers these are.
    pub(crate) fn tool(&self) -> &str {
        self.text("tool")
    }

    fn text(&self, key: &str) -> &str {
        self.value[key].as_str().unwrap_or("")
    }

    /// Says that the entry asks for what is not offered.
    pub(crate) fn not_offered(&mut self, what: impl Into<String>) {
        self.not_offered = Some(what.into());
    }

    /// A parameter, or `Null`.
    pub(crate) fn param(&self, name: &str) -> &Value {
        &self.value["params"][name]
    }

    /// A parameter that is a number, or what it is when nothing is said.
    pub(crate) fn number_param(&self, name: &str, default: f64) -> anyhow::Result<f64> {
        match self.param(name) {
            Value::Null => Ok(default),
            value => input::number(value).with_context(|| format!("parameter {name}")),
        }
    }

    /// A parameter that is a count, or what it is when nothing is said.
    pub(crate) fn count_param(&self, name: &str, default: usize) -> anyhow::Result<usize> {
        match self.param(name) {
            Value::Null => Ok(default),
            value => value
                .as_u64()
                .and_then(|count| usize::try_from(count).ok())
                .with_context(|| format!("parameter {name} is {value}, no count")),
        }
    }

    /// A parameter that is a word, or what it is when nothing is said.
    pub(crate) fn word_param<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        self.param(name).as_str().unwrap_or(default)
    }

    pub(crate) fn has_input(&self, name: &str) -> bool {
        self.value["inputs"].get(name).is_some()
    }

    fn input(&self, name: &str) -> anyhow::Result<&Value> {
        self.value["inputs"].get(name).with_context(|| format!("there is no input {name}"))
    }

    /// An input of numbers; missing ones are NaN.
    pub(crate) fn numbers(&self, name: &str) -> anyhow::Result<Vec<f64>> {
        input::numbers(self.input(name)?, &self.folder).with_context(|| format!("input {name}"))
    }

    /// An input of weights: `None` when there are none, or all are 1.
    pub(crate) fn weights(&self, name: &str) -> anyhow::Result<Option<Vec<f64>>> {
        let weights = if self.has_input(name) { Some(self.numbers(name)?) } else { None };
        Ok(weights.filter(|weights| !weights.is_empty()))
    }

    /// An input of zeroes and ones.
    pub(crate) fn labels(&self, name: &str) -> anyhow::Result<Vec<bool>> {
        let label = |number: f64| match number {
            0.0 => Ok(false),
            1.0 => Ok(true),
            other => bail!("input {name} has the label {other}"),
        };
        self.numbers(name)?.into_iter().map(label).collect()
    }

    /// An input of categories.
    pub(crate) fn categories(&self, name: &str) -> anyhow::Result<Vec<String>> {
        input::categories(self.input(name)?, &self.folder).with_context(|| format!("input {name}"))
    }

    /// Compares one field. One that the entry does not have, or has no number for, is passed over.
    pub(crate) fn expect(&mut self, field: &str, got: impl Into<Got>) {
        let got = got.into();
        let Some(expected) = self.value["expected"].get(field) else { return };
        let differs = !expected.is_null() && !self.is_as_expected(field, expected, &got);
        if differs {
            self.differences.push(format!("{} {field}: expected {expected}, got {got}", self.id()));
        }
        self.seen.insert(field.to_owned());
    }

    fn is_as_expected(&self, field: &str, expected: &Value, got: &Got) -> bool {
        match (expected, got) {
            (Value::String(word), Got::Undefined(_)) => word == "undefined",
            (Value::String(word), _) if word == "undefined" => false,
            (Value::Array(expected), Got::Numbers(got)) => {
                expected.len() == got.len()
                    && expected.iter().zip(got).all(|(expected, &got)| self.is_close(field, expected, got))
            }
            (Value::Array(_), _) | (_, Got::Numbers(_) | Got::Undefined(_)) => false,
            (expected, Got::Number(got)) => self.is_close(field, expected, *got),
        }
    }

    #[expect(clippy::float_cmp, reason = "infinities are close only to themselves")]
    fn is_close(&self, field: &str, expected: &Value, got: f64) -> bool {
        let Ok(expected) = input::number(expected) else { return false };
        if !expected.is_finite() {
            return expected == got || (expected.is_nan() && got.is_nan());
        }
        let tolerances = &self.value["tolerance"];
        let tolerance = tolerances.get(field).unwrap_or(&tolerances["default"]);
        let bound = |kind: &str| tolerance[kind].as_f64().unwrap_or(0.0);
        (got - expected).abs() <= bound("abs").max(bound("rel") * expected.abs())
    }

    /// What became of the entry, after its check.
    pub(crate) fn verdict(self, checked: anyhow::Result<()>) -> Verdict {
        if let Err(error) = checked {
            return Verdict::Failed(vec![format!("{}: {error:#}", self.id())]);
        }
        if !self.differences.is_empty() {
            return Verdict::Failed(self.differences);
        }
        if let Some(what) = self.not_offered {
            return Verdict::Unknown(what);
        }
        let passed_over =
            |field: &&String| COMMENTS.contains(&field.as_str()) || OPTIONAL.contains(&field.as_str());
        let fields = self.value["expected"].as_object().into_iter().flat_map(|fields| fields.keys());
        let unseen: Vec<&str> = fields
            .filter(|field| !passed_over(field) && !self.seen.contains(*field))
            .map(String::as_str)
            .collect();
        if unseen.is_empty() && !self.seen.is_empty() {
            Verdict::Passed
        } else {
            Verdict::Unknown(format!("the fields {unseen:?} are not offered"))
        }
    }
}

/// A sample with weights, if there are any.
pub(crate) fn sample<'a>(values: &'a [f64], weights: Option<&'a [f64]>) -> StatsResult<Sample<'a>> {
    weights.map_or_else(|| Ok(Sample::new(values)), |weights| Sample::weighted(values, weights))
}

/// Pairs with weights, if there are any.
pub(crate) fn pairs<'a>(x: &'a [f64], y: &'a [f64], weights: Option<&'a [f64]>) -> StatsResult<Pairs<'a>> {
    weights.map_or_else(|| Pairs::new(x, y), |weights| Pairs::weighted(x, y, weights))
}

/// Labels and scores with weights, if there are any.
pub(crate) fn scored<'a>(
    labels: &'a [bool],
    scores: &'a [f64],
    weights: Option<&'a [f64]>,
) -> StatsResult<ScoredLabels<'a>> {
    weights.map_or_else(
        || ScoredLabels::new(labels, scores),
        |weights| ScoredLabels::weighted(labels, scores, weights),
    )
}
