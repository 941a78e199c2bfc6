//! One input of an entry: written out, or a column of a CSV file.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::Value;

/// The numbers of an input; missing ones are NaN.
pub(crate) fn numbers(input: &Value, folder: &Path) -> anyhow::Result<Vec<f64>> {
    match input {
        Value::Array(values) => values.iter().map(number).collect(),
        Value::Object(_) => column(input, folder)?.iter().map(|cell| parse(cell)).collect(),
        other => bail!("{other} is neither numbers nor a column"),
    }
}

/// The categories of an input; numbers are categories too, as they are written.
pub(crate) fn categories(input: &Value, folder: &Path) -> anyhow::Result<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match input {
        Value::Array(values) => Ok(values.iter().map(text).collect()),
        Value::Object(_) => column(input, folder),
        other => bail!("{other} is neither categories nor a column"),
    }
}

/// A number, or one of the words for those that are not finite.
pub(crate) fn number(value: &Value) -> anyhow::Result<f64> {
    match value {
        Value::Null => Ok(f64::NAN),
        Value::String(word) => parse(word),
        other => other.as_f64().with_context(|| format!("{other} is no number")),
    }
}

fn parse(text: &str) -> anyhow::Result<f64> {
    match text {
        "" => Ok(f64::NAN),
        word => word.parse().with_context(|| format!("{word} is no number")),
    }
}

/// Cells hold no commas, quotes or line ends.
fn column(input: &Value, folder: &Path) -> anyhow::Result<Vec<String>> {
    let (file, column) =
        input["file"].as_str().zip(input["column"].as_str()).context("no file and column")?;
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut lines = text.lines();
    let place = lines
        .next()
        .and_then(|header| header.split(',').position(|name| name == column))
        .with_context(|| format!("{file} has no column {column}"))?;
    lines
        .map(|line| line.split(',').nth(place).map(str::to_owned))
        .collect::<Option<_>>()
        .with_context(|| format!("a line of {file} is too short"))
}
