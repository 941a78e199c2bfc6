//! The value of a field as it stands in a body.

use std::fmt::{self, Write as _};
use std::sync::Arc;

/// The value of a field as it stands in a body, whatever the body is written in.
///
/// Lists and objects are outputs (a ranking, probabilities), or stand where a single value is wanted: then they are only
/// rescued, and their first [`Rescued::MAX_LEN`](tiltmeter_record::Rescued::MAX_LEN) bytes are enough. A codec bounds how
/// deep they nest (JSON: 128 levels).
///
/// Its `Debug` shows the kind and no content: it has not been masked.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub enum FieldValue {
    /// Absent or null.
    #[default]
    Missing,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A whole number above `i64::MAX`.
    Unsigned(u64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(Arc<str>),
    /// Values one after the other.
    List(Box<[FieldValue]>),
    /// Values with names, each name once.
    Object(Box<[(Arc<str>, FieldValue)]>),
}

impl FieldValue {
    /// A number without sign: [`Integer`](Self::Integer), unless it is too large for that.
    #[must_use]
    pub fn from_unsigned(number: u64) -> Self {
        i64::try_from(number).map_or(Self::Unsigned(number), Self::Integer)
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// About how much memory it holds beside itself, in bytes.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::List(values) => values.iter().map(|value| size_of::<Self>() + value.weight()).sum(),
            Self::Object(members) => {
                let weight = |(name, value): &(Arc<str>, Self)| {
                    size_of::<(Arc<str>, Self)>() + name.len() + value.weight()
                };
                members.iter().map(weight).sum()
            }
            Self::Missing | Self::Boolean(_) | Self::Integer(_) | Self::Unsigned(_) | Self::Float(_) => 0,
        }
    }

    /// It as JSON text, cut to `limit` bytes. What JSON has no number for (NaN, the infinities) is text.
    pub(crate) fn to_json(&self, limit: usize) -> String {
        let mut json = String::new();
        self.write_json(&mut json, limit);
        json.truncate(json.floor_char_boundary(limit));
        json
    }

    /// Writes at least `limit` bytes, if there are so many; what is longer need not be complete.
    fn write_json(&self, json: &mut String, limit: usize) {
        if json.len() >= limit {
            return;
        }
        match self {
            Self::Missing => json.push_str("null"),
            Self::Boolean(value) => show(json, value),
            Self::Integer(value) => show(json, value),
            Self::Unsigned(value) => show(json, value),
            Self::Float(value) if value.is_finite() => show(json, &serde_json::Value::from(*value)),
            Self::Float(value) => show(json, &format_args!("\"{value}\"")),
            Self::Text(text) => write_text(text, json, limit),
            Self::List(values) => {
                json.push('[');
                for (place, value) in values.iter().enumerate().take_while(|(place, _)| *place < limit) {
                    if place > 0 {
                        json.push(',');
                    }
                    value.write_json(json, limit);
                }
                json.push(']');
            }
            Self::Object(members) => {
                json.push('{');
                for (place, (name, value)) in
                    members.iter().enumerate().take_while(|(place, _)| *place < limit)
                {
                    if place > 0 {
                        json.push(',');
                    }
                    write_text(name, json, limit);
                    json.push(':');
                    value.write_json(json, limit);
                }
                json.push('}');
            }
        }
    }
}

fn show(json: &mut String, value: &dyn fmt::Display) {
    // writing to a string does not fail
    let _ = write!(json, "{value}");
}

/// Only what can be needed of a long text is escaped.
fn write_text(text: &str, json: &mut String, limit: usize) {
    let needed = &text[..text.floor_char_boundary(limit)];
    show(json, &serde_json::Value::from(needed));
}

impl fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "Missing",
            Self::Boolean(_) => "Boolean",
            Self::Integer(_) => "Integer",
            Self::Unsigned(_) => "Unsigned",
            Self::Float(_) => "Float",
            Self::Text(_) => "Text",
            Self::List(_) => "List",
            Self::Object(_) => "Object",
        })
    }
}

impl From<tiltmeter_record::Value> for FieldValue {
    fn from(value: tiltmeter_record::Value) -> Self {
        use tiltmeter_record::Value;
        match value {
            Value::Missing => Self::Missing,
            Value::Boolean(value) => Self::Boolean(value),
            Value::Integer(value) => Self::Integer(value),
            Value::Float(value) => Self::Float(value),
            Value::Text(text) => Self::Text(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = FieldValue> {
        let leaf = prop_oneof![
            Just(FieldValue::Missing),
            any::<bool>().prop_map(FieldValue::Boolean),
            any::<i64>().prop_map(FieldValue::Integer),
            any::<f64>().prop_map(FieldValue::Float),
            ".{0,20}".prop_map(|text| FieldValue::Text(text.into())),
        ];
        leaf.prop_recursive(3, 20, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(|values| FieldValue::List(values.into())),
                prop::collection::vec((".{0,6}", inner), 0..5).prop_map(|members| {
                    FieldValue::Object(
                        members.into_iter().map(|(name, value)| (name.into(), value)).collect(),
                    )
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn cut_json_is_the_beginning_of_the_whole(value in value(), limit in 0..60_usize) {
            let whole = value.to_json(usize::MAX);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&whole).is_ok(), "{}", whole);
            let cut = value.to_json(limit);
            prop_assert!(cut.len() <= limit);
            // the escapes of a text that is cut may end otherwise, by its closing quote
            let common = cut.len().saturating_sub(1);
            prop_assert_eq!(cut.get(..common), whole.get(..common));
        }
    }

    #[test]
    fn debug_output_has_no_content() {
        let value = FieldValue::List([FieldValue::Text("marker".into())].into());
        assert_eq!(format!("{value:?}"), "List");
    }

    #[test]
    fn what_is_no_number_in_json_is_text() {
        assert_eq!(FieldValue::Float(f64::NAN).to_json(100), r#""NaN""#);
    }
}
