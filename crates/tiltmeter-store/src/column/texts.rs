//! Texts.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use super::Column;
use crate::problem::Reason;

impl<'b> Column<'b> {
    /// Texts, also such as are coded by a dictionary.
    pub(crate) fn texts(&self) -> Result<Vec<Option<&'b str>>, Reason> {
        texts(self.array).ok_or_else(|| self.wrong_type("texts"))
    }

    /// Of maps from text to text, the entry called `name`.
    pub(crate) fn entries(&self, name: &str) -> Result<Vec<Option<Cow<'b, str>>>, Reason> {
        let wrong = || self.wrong_type("maps from texts to texts");
        let maps = self.array.as_map_opt().ok_or_else(wrong)?;
        let keys = texts(maps.keys()).ok_or_else(wrong)?;
        let values = texts(maps.values()).ok_or_else(wrong)?;
        let offsets = maps.value_offsets();
        let bounds = offsets.iter().zip(offsets.iter().skip(1));
        let entry = |(row, (&from, &to)): (usize, (&i32, &i32))| {
            let places = usize::try_from(from).ok()?..usize::try_from(to).ok()?;
            let place = places.into_iter().find(|&place| keys.get(place) == Some(&Some(name)))?;
            if maps.is_null(row) { None } else { values.get(place).copied().flatten().map(Cow::Borrowed) }
        };
        Ok(bounds.enumerate().map(entry).collect())
    }

    /// Booleans by their names.
    pub(crate) fn flags(&self) -> Result<Vec<Option<&'b str>>, Reason> {
        if self.array.data_type() == &DataType::Null {
            return Ok(vec![None; self.array.len()]);
        }
        let flags = self.array.as_boolean_opt().ok_or_else(|| self.wrong_type("booleans"))?;
        Ok(flags.iter().map(|flag| flag.map(|flag| if flag { "true" } else { "false" })).collect())
    }

    /// Texts, and booleans and numbers by their names: `true`, `1`, `0.5`.
    pub(crate) fn names(&self) -> Result<Vec<Option<Cow<'b, str>>>, Reason> {
        let borrowed =
            |names: Vec<Option<&'b str>>| names.into_iter().map(|name| name.map(Cow::Borrowed)).collect();
        if let Some(texts) = texts(self.array) {
            return Ok(borrowed(texts));
        }
        if let Ok(flags) = self.flags() {
            return Ok(borrowed(flags));
        }
        let numbers = self.numbers().map_err(|_| self.wrong_type("texts, booleans, integers and floats"))?;
        let name = |number: f64| (!number.is_nan()).then(|| Cow::Owned(number.to_string()));
        Ok(numbers.into_iter().map(name).collect())
    }
}

fn texts(array: &ArrayRef) -> Option<Vec<Option<&str>>> {
    Some(match array.data_type() {
        DataType::Null => vec![None; array.len()],
        DataType::Utf8 => array.as_string::<i32>().iter().collect(),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().collect(),
        DataType::Utf8View => array.as_string_view().iter().collect(),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary_opt()?;
            let values = texts(dictionary.values())?;
            if values.is_empty() {
                // no name: each row is missing
                return Some(vec![None; array.len()]);
            }
            let value = |(row, key): (usize, usize)| {
                if dictionary.is_null(row) { None } else { values.get(key).copied().flatten() }
            };
            dictionary.normalized_keys().into_iter().enumerate().map(value).collect()
        }
        _ => return None,
    })
}
