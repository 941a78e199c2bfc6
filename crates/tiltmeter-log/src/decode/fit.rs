//! Values into the types of their columns.
//!
//! Only conversions that lose nothing are made: a whole number that a float can hold into a float column, a float without
//! a fraction into an integer column (up to 2^53), 0 and 1 into a boolean one. What does not fit becomes NULL and is
//! rescued. Numbers are taken as the codec reads them: one of JSON beyond 64 bits is a float, the nearest.

use std::sync::Arc;

use tiltmeter_record::{Value, ValueType};

use super::columns::Misfits;
use crate::codec::FieldValue;

/// 2^53: up to here every whole number is a float.
const EXACT: i64 = 1 << 53;

/// `value` as one of `value_type`; where it does not fit, a missing value and an entry in `misfits`.
pub(super) fn fit(
    value: FieldValue,
    value_type: ValueType,
    column: usize,
    misfits: &mut Misfits<'_>,
) -> Value {
    // the usual cases, without the way through a result
    match (value_type, value) {
        (_, FieldValue::Missing) => Value::Missing,
        (ValueType::Float, FieldValue::Float(value)) => Value::Float(value),
        (ValueType::Integer, FieldValue::Integer(value)) => Value::Integer(value),
        (ValueType::String, FieldValue::Text(text)) => Value::Text(text),
        (ValueType::Boolean, FieldValue::Boolean(value)) => Value::Boolean(value),
        (value_type, value) => convert(&value, value_type).unwrap_or_else(|| {
            misfits.rescue(column, &value);
            Value::Missing
        }),
    }
}

/// What an application says, by the same rules.
pub(super) fn fit_told(
    value: &Value,
    value_type: ValueType,
    column: usize,
    misfits: &mut Misfits<'_>,
) -> Value {
    match (value_type, value) {
        (ValueType::Float, Value::Float(_))
        | (ValueType::Integer, Value::Integer(_))
        | (ValueType::String, Value::Text(_))
        | (ValueType::Boolean, Value::Boolean(_)) => value.clone(),
        _ => fit(value.clone().into(), value_type, column, misfits),
    }
}

/// `value` as a number.
pub(super) fn fit_number(value: FieldValue, column: usize, misfits: &mut Misfits<'_>) -> Option<f64> {
    match fit(value, ValueType::Float, column, misfits) {
        Value::Float(value) => Some(value),
        _ => None,
    }
}

/// The longest name that is taken, in bytes.
const MAX_NAME_LEN: usize = 1_024;

/// `value` as a name, which may be a whole number in the body. A longer one than [`MAX_NAME_LEN`] does not fit.
pub(super) fn fit_name(value: FieldValue, column: usize, misfits: &mut Misfits<'_>) -> Option<Arc<str>> {
    match value {
        FieldValue::Missing => None,
        FieldValue::Text(text) if text.len() <= MAX_NAME_LEN => Some(text),
        value => as_name(&value).or_else(|| {
            misfits.rescue(column, &value);
            None
        }),
    }
}

/// `value` as a name, if it fits.
pub(super) fn as_name(value: &FieldValue) -> Option<Arc<str>> {
    match value {
        FieldValue::Text(text) if text.len() <= MAX_NAME_LEN => Some(Arc::clone(text)),
        FieldValue::Integer(number) => Some(number.to_string().into()),
        FieldValue::Unsigned(number) => Some(number.to_string().into()),
        _ => None,
    }
}

/// `value` as a number, if it fits.
pub(super) fn as_number(value: &FieldValue) -> Option<f64> {
    match value {
        FieldValue::Float(number) => Some(*number),
        value => match convert(value, ValueType::Float)? {
            Value::Float(number) => Some(number),
            _ => None,
        },
    }
}

/// `value` where it is of another type than its column, and nothing is lost.
#[expect(clippy::cast_precision_loss, reason = "guarded: what is lost is found by converting back")]
#[expect(clippy::cast_possible_truncation, reason = "guarded: the float is whole and at most 2^53")]
#[expect(clippy::cast_sign_loss, reason = "guarded: the number is not negative")]
fn convert(value: &FieldValue, value_type: ValueType) -> Option<Value> {
    match (value_type, value) {
        (ValueType::Float, &FieldValue::Integer(value)) if value as f64 as i128 == i128::from(value) => {
            Some(Value::Float(value as f64))
        }
        (ValueType::Float, &FieldValue::Unsigned(value)) if value as f64 as u128 == u128::from(value) => {
            Some(Value::Float(value as f64))
        }
        (ValueType::Integer, &FieldValue::Float(value))
            if value.fract() == 0.0 && value.abs() <= EXACT as f64 =>
        {
            Some(Value::Integer(value as i64))
        }
        (ValueType::Boolean, FieldValue::Integer(value @ (0 | 1))) => Some(Value::Boolean(*value == 1)),
        _ => None,
    }
}
