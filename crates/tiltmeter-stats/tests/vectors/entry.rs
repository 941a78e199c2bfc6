//! One vector: reads its inputs, and compares a statistic with what is expected.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::harness::data;

/// What a statistic gave.
#[derive(Clone, Debug)]
pub(crate) enum Got {
    Number(f64),
    Numbers(Vec<f64>),
    Undefined(String),
}

impl From<f64> for Got {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<Vec<f64>> for Got {
    fn from(numbers: Vec<f64>) -> Self {
        Self::Numbers(numbers)
    }
}

impl<T: Into<Got>> From<tiltmeter_stats::Result<T>> for Got {
    fn from(result: tiltmeter_stats::Result<T>) -> Self {
        result.map_or_else(|error| Self::Undefined(error.to_string()), Into::into)
    }
}

impl fmt::Display for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Numbers(numbers) => write!(f, "{numbers:?}"),
            Self::Undefined(reason) => f.write_str(reason),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Entry {
    value: Value,
    seen: BTreeSet<String>,
    compared: usize,
    failures: Vec<String>,
}

impl Entry {
    pub(crate) fn new(value: Value) -> Self {
        Self { value, seen: BTreeSet::new(), compared: 0, failures: Vec::new() }
    }

    pub(crate) fn id(&self) -> &str {
        self.text("id")
    }

    pub(crate) fn text(&self, key: &str) -> &str {
        self.value[key].as_str().unwrap()
    }

    /// A parameter, or `Null`.
    pub(crate) fn param(&self, name: &str) -> &Value {
        &self.value["params"][name]
    }

    pub(crate) fn has_input(&self, name: &str) -> bool {
        self.value["inputs"].get(name).is_some()
    }

    /// An input of numbers; missing ones are NaN.
    pub(crate) fn numbers(&self, name: &str) -> Vec<f64> {
        match &self.value["inputs"][name] {
            Value::Array(values) => values.iter().map(number).collect(),
            Value::Object(_) => self.column(name).iter().map(|cell| parse(cell)).collect(),
            other => panic!("{}: input {name} is {other}", self.id()),
        }
    }

    /// An input of weights: `None` when there are none, or all are 1.
    pub(crate) fn weights(&self, name: &str) -> Option<Vec<f64>> {
        let weights = self.has_input(name).then(|| self.numbers(name));
        weights.filter(|weights| !weights.is_empty())
    }

    /// An input of zeroes and ones.
    pub(crate) fn labels(&self, name: &str) -> Vec<bool> {
        let label = |number: f64| match number {
            0.0 => false,
            1.0 => true,
            other => panic!("{}: label {other}", self.id()),
        };
        self.numbers(name).into_iter().map(label).collect()
    }

    /// An input of categories.
    pub(crate) fn categories(&self, name: &str) -> Vec<String> {
        match &self.value["inputs"][name] {
            Value::Array(values) => values.iter().map(|value| value.as_str().unwrap().to_owned()).collect(),
            Value::Object(_) => self.column(name),
            other => panic!("{}: input {name} is {other}", self.id()),
        }
    }

    fn column(&self, name: &str) -> Vec<String> {
        let input = &self.value["inputs"][name];
        let (file, column) = (input["file"].as_str().unwrap(), input["column"].as_str().unwrap());
        let text = std::fs::read_to_string(data().join(file)).unwrap();
        let mut lines = text.lines();
        let place = lines.next().unwrap().split(',').position(|header| header == column).unwrap();
        lines.map(|line| line.split(',').nth(place).unwrap().to_owned()).collect()
    }

    /// Compares one field; one that the entry does not have, or has no number for, is passed over.
    pub(crate) fn expect(&mut self, field: &str, got: impl Into<Got>) {
        let got = got.into();
        let expected = match self.value["expected"].get(field) {
            None => return,
            Some(Value::Null) => {
                self.seen.insert(field.to_owned());
                return;
            }
            Some(expected) => expected.clone(),
        };
        self.seen.insert(field.to_owned());
        self.compared += 1;
        let right = match (&expected, &got) {
            (Value::String(word), Got::Undefined(_)) => word == "undefined",
            (Value::String(word), _) if word == "undefined" => false,
            (Value::Array(expected), Got::Numbers(got)) => {
                expected.len() == got.len()
                    && expected
                        .iter()
                        .zip(got)
                        .all(|(expected, &got)| self.is_close(field, number(expected), got))
            }
            (Value::Array(_), _) | (_, Got::Numbers(_) | Got::Undefined(_)) => false,
            (expected, Got::Number(got)) => self.is_close(field, number(expected), *got),
        };
        if !right {
            self.failures.push(format!("{} {field}: expected {expected}, got {got}", self.id()));
        }
    }

    /// Whether every field was looked at, and at least one number compared.
    pub(crate) fn is_checked(&self) -> bool {
        let fields = self.value["expected"].as_object().unwrap();
        self.compared > 0 && fields.keys().all(|field| self.seen.contains(field))
    }

    pub(crate) fn failures(self) -> Vec<String> {
        let mut failures = self.failures.clone();
        let fields = self.value["expected"].as_object().unwrap().keys();
        let unseen: Vec<&String> = fields.filter(|field| !self.seen.contains(*field)).collect();
        if !unseen.is_empty() {
            failures.push(format!("{}: nobody looked at {unseen:?}", self.id()));
        }
        failures
    }

    #[expect(clippy::float_cmp, reason = "infinities are close only to themselves")]
    fn is_close(&self, field: &str, expected: f64, got: f64) -> bool {
        if !expected.is_finite() {
            return expected == got || (expected.is_nan() && got.is_nan());
        }
        let tolerance = self.value["tolerance"].get(field).unwrap_or(&self.value["tolerance"]["default"]);
        let (abs, rel) = (tolerance["abs"].as_f64().unwrap(), tolerance["rel"].as_f64().unwrap());
        (got - expected).abs() <= abs.max(rel * expected.abs())
    }
}

fn number(value: &Value) -> f64 {
    match value {
        Value::String(word) => parse(word),
        other => other.as_f64().unwrap_or_else(|| panic!("{other} is no number")),
    }
}

fn parse(text: &str) -> f64 {
    match text {
        "" => f64::NAN,
        word => word.parse().unwrap_or_else(|_| panic!("{word} is no number")),
    }
}
