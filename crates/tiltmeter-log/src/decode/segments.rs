//! What an application says beside the features.

use std::sync::Arc;

use tiltmeter_record::Value;

use super::columns::Misfits;
use super::cut;
use crate::codec::FieldValue;

/// Segments of one record, at most.
const MOST: usize = 32;

/// The longest name of a segment.
const LONGEST_NAME: usize = 64;

/// The longest value of a segment, in bytes.
const LONGEST_VALUE: usize = 128;

/// The segments of one record, sorted by their names.
#[derive(Debug, Default)]
pub(super) struct Segments {
    kept: Vec<(Arc<str>, Value)>,
}

/// Names of segments, which are most likely those of the record before, in the same order.
#[derive(Debug, Default)]
pub(super) struct SegmentNames {
    names: Vec<Arc<str>>,
}

impl SegmentNames {
    fn shared(&mut self, place: usize, name: &str) -> Arc<str> {
        match self.names.get(place) {
            Some(last) if **last == *name => return Arc::clone(last),
            _ => {}
        }
        let new: Arc<str> = name.into();
        match self.names.get_mut(place) {
            Some(last) => *last = Arc::clone(&new),
            None => self.names.push(Arc::clone(&new)),
        }
        new
    }
}

impl Segments {
    /// Takes a segment, unless it is there already: the last word comes first.
    pub(super) fn add(
        &mut self,
        name: &str,
        value: &Value,
        names: &mut SegmentNames,
        misfits: &mut Misfits<'_>,
    ) {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        let place = self.kept.binary_search_by(|(kept, _)| (**kept).cmp(name));
        let Err(place) = place else { return };
        if !(1..=LONGEST_NAME).contains(&name.len()) || !name.bytes().all(is_name) || self.kept.len() == MOST
        {
            if !value.is_missing() {
                misfits.rescue_segment(name, &FieldValue::from(value.clone()));
            }
            return;
        }
        let name = names.shared(self.kept.len(), name);
        // one without a value takes part until the end, so that an earlier word does not come back
        self.kept.insert(place, (name, value.clone()));
    }

    /// The names with the texts of their values.
    pub(super) fn into_texts(
        self,
        is_looked_through: bool,
        misfits: &mut Misfits<'_>,
    ) -> Vec<(Arc<str>, Arc<str>)> {
        if self.kept.is_empty() {
            return Vec::new();
        }
        let mut texts = Vec::with_capacity(self.kept.len());
        for (name, value) in self.kept {
            if let Some(text) = text_of(&name, value, is_looked_through, misfits) {
                texts.push((name, text));
            }
        }
        texts
    }
}

fn text_of(name: &str, value: Value, is_looked_through: bool, misfits: &mut Misfits<'_>) -> Option<Arc<str>> {
    if let Value::Text(text) = &value
        && let Some(kept) = cut::beginning(text, LONGEST_VALUE, is_looked_through)
    {
        misfits.rescue_segment(name, &FieldValue::Text(Arc::clone(text)));
        return Some(kept.into());
    }
    Some(match value {
        Value::Missing => return None,
        Value::Text(text) => text,
        Value::Boolean(value) => if value { "true" } else { "false" }.into(),
        Value::Integer(value) => value.to_string().into(),
        Value::Float(value) if value.is_finite() => FieldValue::Float(value).to_json(LONGEST_VALUE).into(),
        Value::Float(value) => value.to_string().into(),
    })
}
