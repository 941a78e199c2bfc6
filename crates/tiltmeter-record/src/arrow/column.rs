//! A column whose type the model spec decides.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{ArrayBuilder, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};

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

    pub(super) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Float(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Boolean(builder) => ArrayBuilder::finish(builder),
        }
    }
}
