//! Times.

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_schema::{DataType, TimeUnit};

use super::Column;
use crate::problem::Reason;

impl Column<'_> {
    /// Timestamps of any unit, in microseconds since 1970-01-01T00:00:00Z; parts of a microsecond are cut off, towards
    /// the past.
    ///
    /// Arrow keeps a timestamp with a timezone in UTC, whatever the timezone; one without is taken as UTC.
    pub(crate) fn times(&self) -> Result<Vec<Option<i64>>, Reason> {
        let DataType::Timestamp(unit, _) = self.array.data_type() else {
            return Err(self.wrong_type("timestamps"));
        };
        let times = match unit {
            TimeUnit::Second => convert::<TimestampSecondType>(self.array, |s| s.checked_mul(1_000_000)),
            TimeUnit::Millisecond => {
                convert::<TimestampMillisecondType>(self.array, |ms| ms.checked_mul(1_000))
            }
            TimeUnit::Microsecond => convert::<TimestampMicrosecondType>(self.array, Some),
            TimeUnit::Nanosecond => {
                convert::<TimestampNanosecondType>(self.array, |ns| Some(ns.div_euclid(1_000)))
            }
        };
        times.ok_or_else(|| {
            Reason::new(format!(
                "has a time in column {} that is too far from 1970 for microseconds",
                self.name
            ))
        })
    }
}

/// `None` when a value does not fit.
fn convert<T: ArrowPrimitiveType<Native = i64>>(
    array: &ArrayRef,
    to_micros: impl Fn(i64) -> Option<i64>,
) -> Option<Vec<Option<i64>>> {
    let times = array.as_primitive::<T>();
    times.iter().map(|time| time.map_or(Some(None), |time| to_micros(time).map(Some))).collect()
}
