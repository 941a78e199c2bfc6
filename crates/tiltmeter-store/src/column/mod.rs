//! Arrow arrays of several types as plain values of one type.
//!
//! Own matches instead of arrow-cast, which nothing else here needs.

mod bytes;
mod numbers;
mod own;
mod texts;
mod times;

use arrow_array::{Array, ArrayRef, RecordBatch};

use crate::problem::Reason;

pub(crate) use own::{Names, OwnColumns};

/// A column of a batch, with its name for messages.
#[derive(Clone, Copy)]
pub(crate) struct Column<'b> {
    name: &'b str,
    array: &'b ArrayRef,
}

impl<'b> Column<'b> {
    pub(crate) fn of(batch: &'b RecordBatch, name: &'b str) -> Result<Self, Reason> {
        let array = batch.column_by_name(name).ok_or_else(|| Reason::missing(name))?;
        Ok(Self { name, array })
    }

    fn wrong_type(&self, allowed: &str) -> Reason {
        Reason::wrong_type(self.name, self.array.data_type(), allowed)
    }

    /// The values of a column in which none may be missing.
    pub(crate) fn all<T>(&self, values: Vec<Option<T>>) -> Result<Vec<T>, Reason> {
        let rows = values.len();
        let present: Vec<T> = values.into_iter().flatten().collect();
        if present.len() < rows {
            return Err(Reason::without_value(self.name, rows - present.len()));
        }
        Ok(present)
    }
}
