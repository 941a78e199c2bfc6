//! The columns of a table of our own.

use std::sync::Arc;

use arrow_array::RecordBatch;
use bytes::Bytes;
use jiff::Timestamp;
use tiltmeter_record::schema::Table;

use super::Column;
use crate::file::{ParquetFile, contain};
use crate::limits::Limits;
use crate::problem::Reason;

/// A batch of rows of one of our own tables, of which those columns that may be NULL may be absent.
#[derive(Clone, Copy)]
pub(crate) struct OwnColumns<'b> {
    batch: &'b RecordBatch,
}

impl<'b> OwnColumns<'b> {
    /// Decodes those columns of a file of `table`, and makes rows of each batch: of all, or of none.
    pub(crate) fn read<R>(
        bytes: Bytes,
        limits: Limits,
        table: &Table,
        columns: &[&str],
        mut rows_of: impl FnMut(OwnColumns<'_>) -> Result<Vec<R>, Reason>,
    ) -> Result<Vec<R>, Reason> {
        let file = ParquetFile::open(bytes, limits)?;
        let is_there = |name: &str| file.schema().index_of(name).is_ok();
        let needed = table.columns.iter().filter(|column| !column.nullable).map(|column| column.name);
        if let Some(column) = needed.filter(|name| columns.contains(name)).find(|name| !is_there(name)) {
            return Err(Reason::missing(column));
        }
        let columns: Vec<&str> = columns.iter().copied().filter(|name| is_there(name)).collect();
        let mut rows = Vec::new();
        file.decode(columns, |batch| {
            rows.extend(contain(|| rows_of(OwnColumns { batch: &batch }))?);
            Ok(())
        })?;
        Ok(rows)
    }

    pub(crate) fn rows(self) -> usize {
        self.batch.num_rows()
    }

    /// `None` for a column that the file does not have.
    fn find(self, name: &'static str) -> Option<Column<'b>> {
        self.batch.column_by_name(name).and_then(|_| Column::of(self.batch, name).ok())
    }

    pub(crate) fn texts(self, name: &'static str) -> Result<Vec<&'b str>, Reason> {
        let column = Column::of(self.batch, name)?;
        column.all(column.texts()?)
    }

    pub(crate) fn optional_texts(self, name: &'static str) -> Result<Vec<Option<&'b str>>, Reason> {
        self.find(name).map_or_else(|| Ok(vec![None; self.rows()]), |column| column.texts())
    }

    pub(crate) fn times(self, name: &'static str) -> Result<Vec<Timestamp>, Reason> {
        let column = Column::of(self.batch, name)?;
        let time = |micros: i64| {
            Timestamp::from_microsecond(micros).map_err(|_| Reason::new("has a time outside of the calendar"))
        };
        column.all(column.times()?)?.into_iter().map(time).collect()
    }

    pub(crate) fn counts(self, name: &'static str) -> Result<Vec<u64>, Reason> {
        let column = Column::of(self.batch, name)?;
        column.all(column.integers()?)?.into_iter().map(|number| not_negative(number, name)).collect()
    }

    pub(crate) fn optional_counts(self, name: &'static str) -> Result<Vec<Option<u64>>, Reason> {
        let Some(column) = self.find(name) else { return Ok(vec![None; self.rows()]) };
        let count = |number: Option<i64>| number.map(|number| not_negative(number, name)).transpose();
        column.integers()?.into_iter().map(count).collect()
    }

    /// NaN where one is missing.
    pub(crate) fn numbers(self, name: &'static str) -> Result<Vec<f64>, Reason> {
        self.find(name).map_or_else(|| Ok(vec![f64::NAN; self.rows()]), |column| column.numbers())
    }

    pub(crate) fn flags(self, name: &'static str) -> Result<Vec<bool>, Reason> {
        let column = Column::of(self.batch, name)?;
        Ok(column.all(column.flags()?)?.into_iter().map(|flag| flag == "true").collect())
    }

    pub(crate) fn optional_bytes(self, name: &'static str) -> Result<Vec<Option<&'b [u8]>>, Reason> {
        self.find(name).map_or_else(|| Ok(vec![None; self.rows()]), |column| column.bytes())
    }
}

fn not_negative(number: i64, name: &str) -> Result<u64, Reason> {
    u64::try_from(number).map_err(|_| Reason::new(format!("has a number below 0 in column {name}")))
}

/// Texts of which there are few, each kept once.
#[derive(Debug, Default)]
pub(crate) struct Names(std::collections::HashSet<Arc<str>>);

impl Names {
    pub(crate) fn get(&mut self, text: &str) -> Arc<str> {
        if let Some(name) = self.0.get(text) {
            return Arc::clone(name);
        }
        let name: Arc<str> = text.into();
        self.0.insert(Arc::clone(&name));
        name
    }
}
