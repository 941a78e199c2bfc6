//! Bytes.

use arrow_array::Array as _;
use arrow_array::cast::AsArray;
use arrow_schema::DataType;

use super::Column;
use crate::problem::Reason;

impl<'b> Column<'b> {
    /// Bytes of any length.
    pub(crate) fn bytes(&self) -> Result<Vec<Option<&'b [u8]>>, Reason> {
        Ok(match self.array.data_type() {
            DataType::Null => vec![None; self.array.len()],
            DataType::Binary => self.array.as_binary::<i32>().iter().collect(),
            DataType::LargeBinary => self.array.as_binary::<i64>().iter().collect(),
            DataType::BinaryView => self.array.as_binary_view().iter().collect(),
            _ => return Err(self.wrong_type("bytes")),
        })
    }
}
