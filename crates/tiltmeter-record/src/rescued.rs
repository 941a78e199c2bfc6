//! The text of the column `rescued`: the same in every format.

use crate::{Rescued, Value};

/// The entry of the column `rescued`: a JSON object by column, or nothing.
///
/// `misfits` are the columns that cannot hold their value, with the value; of two entries of one column the last counts.
pub(crate) fn rescued_json<'v>(
    rescued: &[Rescued],
    misfits: impl IntoIterator<Item = (&'v str, &'v Value)>,
) -> Option<String> {
    let mut misfits = misfits.into_iter().peekable();
    if rescued.is_empty() && misfits.peek().is_none() {
        return None;
    }
    let mut object = serde_json::Map::new();
    for entry in rescued {
        let json = cut(&entry.json);
        let value = serde_json::from_str(json).unwrap_or_else(|_| json.into());
        object.insert(entry.column.to_string(), value);
    }
    for (column, value) in misfits {
        let value = match value {
            Value::Missing => serde_json::Value::Null,
            Value::Boolean(value) => (*value).into(),
            Value::Integer(value) => (*value).into(),
            Value::Float(value) if value.is_finite() => (*value).into(),
            Value::Float(value) => value.to_string().into(),
            Value::Text(text) => {
                let json = serde_json::Value::from(&**text).to_string();
                let kept = cut(&json);
                if kept.len() == json.len() { (**text).into() } else { kept.into() }
            }
        };
        object.insert(column.to_owned(), value);
    }
    Some(serde_json::Value::Object(object).to_string())
}

/// As much of a JSON text as is kept of a rescued value.
fn cut(json: &str) -> &str {
    &json[..json.floor_char_boundary(Rescued::MAX_LEN)]
}
