//! Numbers.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use tiltmeter_record::InclusionProbability;

use super::Column;
use crate::problem::Reason;

impl Column<'_> {
    /// Integers and floats; NaN where one is missing. An integer beyond 2^53 is rounded.
    pub(crate) fn numbers(&self) -> Result<Vec<f64>, Reason> {
        numbers(self.array).ok_or_else(|| self.wrong_type("integers and floats"))
    }

    /// The same, and booleans as 0 and 1.
    pub(crate) fn labels(&self) -> Result<Vec<f64>, Reason> {
        let from_booleans = || {
            let flags = self.array.as_boolean_opt()?;
            Some(
                flags.iter().map(|flag| flag.map_or(f64::NAN, |flag| if flag { 1.0 } else { 0.0 })).collect(),
            )
        };
        numbers(self.array)
            .or_else(from_booleans)
            .ok_or_else(|| self.wrong_type("booleans, integers and floats"))
    }

    /// Inclusion probabilities; 1 where one is missing.
    pub(crate) fn probabilities(&self) -> Result<Vec<f64>, Reason> {
        let nulls = self.array.logical_nulls();
        let probability = |(row, value): (usize, f64)| {
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                return Ok(1.0);
            }
            InclusionProbability::new(value).map(InclusionProbability::get).ok_or_else(|| {
                let name = self.name;
                Reason::new(format!("has the number {value} in column {name}, allowed: above 0 and up to 1"))
            })
        };
        self.numbers()?.into_iter().enumerate().map(probability).collect()
    }

    /// Places, from 0; 0 where one is missing.
    pub(crate) fn places(&self) -> Result<Vec<u32>, Reason> {
        let place = |number: f64| {
            let is_place = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is a whole number in range"
            )]
            let place = if number.is_nan() { Some(0) } else { is_place.then_some(number as u32) };
            place.ok_or_else(|| {
                Reason::new(format!("has a number in column {} that is no whole one from 0 on", self.name))
            })
        };
        self.numbers()?.into_iter().map(place).collect()
    }

    /// 64-bit integers.
    pub(crate) fn integers(&self) -> Result<Vec<Option<i64>>, Reason> {
        let values = self.array.as_primitive_opt::<Int64Type>().ok_or_else(|| self.wrong_type("Int64"))?;
        Ok(values.iter().collect())
    }
}

fn numbers(array: &ArrayRef) -> Option<Vec<f64>> {
    Some(match array.data_type() {
        DataType::Null => vec![f64::NAN; array.len()],
        DataType::Int8 => widen::<Int8Type>(array, f64::from),
        DataType::Int16 => widen::<Int16Type>(array, f64::from),
        DataType::Int32 => widen::<Int32Type>(array, f64::from),
        DataType::Int64 => widen::<Int64Type>(array, |value| value as f64),
        DataType::UInt8 => widen::<UInt8Type>(array, f64::from),
        DataType::UInt16 => widen::<UInt16Type>(array, f64::from),
        DataType::UInt32 => widen::<UInt32Type>(array, f64::from),
        DataType::UInt64 => widen::<UInt64Type>(array, |value| value as f64),
        DataType::Float16 => widen::<Float16Type>(array, f64::from),
        DataType::Float32 => widen::<Float32Type>(array, f64::from),
        DataType::Float64 => widen::<Float64Type>(array, |value| value),
        _ => return None,
    })
}

fn widen<T: ArrowPrimitiveType>(array: &ArrayRef, widen: impl Fn(T::Native) -> f64) -> Vec<f64> {
    let array = array.as_primitive::<T>();
    array.iter().map(|value| value.map_or(f64::NAN, &widen)).collect()
}
