//! A column whose type the model spec decides, and how one column follows another.

use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float64Builder, Int64Builder, PrimitiveBuilder, StringBuilder,
};
use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, ArrayRef};

use crate::{Value, ValueType};

/// The builder of a column whose type the model spec decides.
#[derive(Debug)]
pub(super) enum ValueColumn {
    Float(Float64Builder),
    Integer(Int64Builder),
    Text(StringBuilder),
    Boolean(BooleanBuilder),
}

impl ValueColumn {
    pub(super) fn new(value_type: ValueType) -> Self {
        match value_type {
            ValueType::Float => Self::Float(Float64Builder::new()),
            ValueType::Integer => Self::Integer(Int64Builder::new()),
            ValueType::String => Self::Text(StringBuilder::new()),
            ValueType::Boolean => Self::Boolean(BooleanBuilder::new()),
        }
    }

    /// Appends `value`, and tells whether it had the column's type: if not, NULL was appended.
    pub(super) fn append(&mut self, value: &Value) -> bool {
        match (&mut *self, value) {
            (Self::Float(builder), Value::Float(value)) => builder.append_value(*value),
            (Self::Integer(builder), Value::Integer(value)) => builder.append_value(*value),
            (Self::Text(builder), Value::Text(value)) => builder.append_value(value),
            (Self::Boolean(builder), Value::Boolean(value)) => builder.append_value(*value),
            (_, other) => {
                self.append_null();
                return other.is_missing();
            }
        }
        true
    }

    fn append_null(&mut self) {
        match self {
            Self::Float(builder) => builder.append_null(),
            Self::Integer(builder) => builder.append_null(),
            Self::Text(builder) => builder.append_null(),
            Self::Boolean(builder) => builder.append_null(),
        }
    }

    /// The column; starts over, with room for `rows`.
    pub(super) fn finish(&mut self, rows: usize) -> ArrayRef {
        match self {
            Self::Float(builder) => next_numbers(builder, rows),
            Self::Integer(builder) => next_numbers(builder, rows),
            Self::Text(builder) => next_texts(builder, rows),
            Self::Boolean(builder) => ArrayBuilder::finish(builder),
        }
    }
}

/// Bytes of texts that there is room for from the beginning, at most: one long text must not keep its room for ever.
const MOST_TEXT: usize = 64 << 10;

/// The column; starts over, with room for as many rows as the last time: a builder that has been finished has none, and
/// would grow in many small steps.
pub(super) fn next_numbers<T: ArrowPrimitiveType>(
    builder: &mut PrimitiveBuilder<T>,
    rows: usize,
) -> ArrayRef {
    let column = builder.finish();
    *builder = PrimitiveBuilder::with_capacity(rows).with_data_type(column.data_type().clone());
    Arc::new(column)
}

/// The same for texts, with room for as many bytes as well.
pub(super) fn next_texts(builder: &mut StringBuilder, rows: usize) -> ArrayRef {
    let column = builder.finish();
    *builder = StringBuilder::with_capacity(rows, column.value_data().len().min(MOST_TEXT));
    Arc::new(column)
}
