//! Fields of a body into the types of their columns.
//!
//! Only conversions that lose nothing are made: a whole number that a float can hold into a float column, a float without
//! a fraction into an integer column (up to 2^53), 0 and 1 into a boolean one. What does not fit becomes NULL and is
//! rescued. Numbers are taken as `serde_json` reads them: one beyond 64 bits is a float, the nearest.

use std::sync::Arc;

use tiltmeter_record::{Rescued, Value, ValueType};

use super::json::Cell;

/// 2^53: up to here every whole number is a float.
const EXACT: i64 = 1 << 53;

/// `cell` as a value of `value_type`; where it does not fit, a missing value and an entry in `rescued`.
pub(super) fn fit(cell: Cell, value_type: ValueType, column: &Arc<str>, rescued: &mut Vec<Rescued>) -> Value {
    match convert(cell, value_type) {
        Ok(value) => value,
        Err(cell) => {
            rescue(&cell, column, rescued);
            Value::Missing
        }
    }
}

/// `cell` as a number.
pub(super) fn fit_number(cell: Cell, column: &Arc<str>, rescued: &mut Vec<Rescued>) -> Option<f64> {
    match fit(cell, ValueType::Float, column, rescued) {
        Value::Float(value) => Some(value),
        _ => None,
    }
}

/// The longest name that is taken, in bytes.
const MAX_NAME_LEN: usize = 1_024;

/// `cell` as a name, which may be a whole number in the body. A longer one than [`MAX_NAME_LEN`] does not fit.
pub(super) fn fit_name(cell: Cell, column: &Arc<str>, rescued: &mut Vec<Rescued>) -> Option<Arc<str>> {
    match cell {
        Cell::Missing => None,
        Cell::Text(text) if text.len() <= MAX_NAME_LEN => Some(text),
        Cell::Integer(number) => Some(number.to_string().into()),
        Cell::Unsigned(number) => Some(number.to_string().into()),
        other => {
            rescue(&other, column, rescued);
            None
        }
    }
}

pub(super) fn rescue(cell: &Cell, column: &Arc<str>, rescued: &mut Vec<Rescued>) {
    let mut json = match cell {
        Cell::Missing => return,
        Cell::Boolean(value) => value.to_string(),
        Cell::Integer(value) => value.to_string(),
        Cell::Unsigned(value) => value.to_string(),
        Cell::Float(value) => serde_json::Value::from(*value).to_string(),
        Cell::Text(text) => serde_json::Value::from(&**text).to_string(),
        Cell::Composite(json) => json.to_string(),
    };
    if json.len() > Rescued::MAX_LEN {
        json.truncate(json.floor_char_boundary(Rescued::MAX_LEN));
        json.shrink_to_fit();
    }
    rescued.push(Rescued { column: Arc::clone(column), json });
}

#[expect(clippy::cast_precision_loss, reason = "guarded: what is lost is found by converting back")]
#[expect(clippy::cast_possible_truncation, reason = "guarded: the float is whole and at most 2^53")]
#[expect(clippy::cast_sign_loss, reason = "guarded: the number is not negative")]
fn convert(cell: Cell, value_type: ValueType) -> Result<Value, Cell> {
    Ok(match (value_type, cell) {
        (_, Cell::Missing) => Value::Missing,
        (ValueType::Float, Cell::Float(value)) => Value::Float(value),
        (ValueType::Float, Cell::Integer(value)) if value as f64 as i128 == i128::from(value) => {
            Value::Float(value as f64)
        }
        (ValueType::Float, Cell::Unsigned(value)) if value as f64 as u128 == u128::from(value) => {
            Value::Float(value as f64)
        }
        (ValueType::Integer, Cell::Integer(value)) => Value::Integer(value),
        (ValueType::Integer, Cell::Float(value)) if value.fract() == 0.0 && value.abs() <= EXACT as f64 => {
            Value::Integer(value as i64)
        }
        (ValueType::String, Cell::Text(text)) => Value::Text(text),
        (ValueType::Boolean, Cell::Boolean(value)) => Value::Boolean(value),
        (ValueType::Boolean, Cell::Integer(value @ (0 | 1))) => Value::Boolean(value == 1),
        (_, cell) => return Err(cell),
    })
}
