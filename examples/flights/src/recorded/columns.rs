//! The columns of a batch of the record, by name and with their types checked.

use anyhow::{Context, Result, ensure};
use arrow_array::{
    Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use jiff::Timestamp;

use super::Recorded;
use crate::flight::{Answer, Flight};

#[derive(Debug)]
pub(super) struct Columns {
    request_id: StringArray,
    entity_id: StringArray,
    timestamp: TimestampMillisecondArray,
    model_version: StringArray,
    carrier: StringArray,
    origin: StringArray,
    dest: StringArray,
    distance: Int64Array,
    sched_hour: Int64Array,
    day_of_week: Int32Array,
    dep_delay: Float64Array,
    temp: Float64Array,
    humid: Float64Array,
    wind_speed: Float64Array,
    precip: Float64Array,
    pressure: Float64Array,
    visib: Float64Array,
    score: Float64Array,
    prediction: Int64Array,
}

impl Columns {
    pub(super) fn of(batch: &RecordBatch) -> Result<Self> {
        Ok(Self {
            request_id: required(batch, "request_id")?,
            entity_id: required(batch, "entity_id")?,
            timestamp: required(batch, "timestamp")?,
            model_version: required(batch, "model_version")?,
            carrier: required(batch, "carrier")?,
            origin: required(batch, "origin")?,
            dest: required(batch, "dest")?,
            distance: required(batch, "distance")?,
            sched_hour: required(batch, "sched_hour")?,
            day_of_week: required(batch, "day_of_week")?,
            dep_delay: required(batch, "dep_delay")?,
            temp: column(batch, "temp")?,
            humid: column(batch, "humid")?,
            wind_speed: column(batch, "wind_speed")?,
            precip: column(batch, "precip")?,
            pressure: column(batch, "pressure")?,
            visib: column(batch, "visib")?,
            score: required(batch, "score")?,
            prediction: required(batch, "prediction")?,
        })
    }

    pub(super) fn rows(&self) -> usize {
        self.request_id.len()
    }

    pub(super) fn recorded(&self, row: usize) -> Result<Recorded> {
        let request_id = self.request_id.value(row).to_owned();
        let flight =
            self.flight(row).with_context(|| format!("the recorded flight {request_id} is malformed"))?;
        Ok(Recorded {
            request_id,
            event_time: flight.event_time,
            body: serde_json::to_vec(&flight)?.into(),
            answer: Answer {
                model_version: self.model_version.value(row).to_owned(),
                score: self.score.value(row),
                prediction: self.prediction.value(row) == 1,
            },
        })
    }

    fn flight(&self, row: usize) -> Result<Flight> {
        Ok(Flight {
            event_time: Timestamp::from_millisecond(self.timestamp.value(row))?,
            entity_id: self.entity_id.value(row).to_owned(),
            carrier: self.carrier.value(row).to_owned(),
            origin: self.origin.value(row).to_owned(),
            dest: self.dest.value(row).to_owned(),
            distance: self.distance.value(row).try_into()?,
            sched_hour: self.sched_hour.value(row).try_into()?,
            day_of_week: self.day_of_week.value(row).try_into()?,
            dep_delay: self.dep_delay.value(row),
            temp: measured(&self.temp, row),
            humid: measured(&self.humid, row),
            wind_speed: measured(&self.wind_speed, row),
            precip: measured(&self.precip, row),
            pressure: measured(&self.pressure, row),
            visib: measured(&self.visib, row),
        })
    }
}

fn measured(column: &Float64Array, row: usize) -> Option<f64> {
    column.is_valid(row).then(|| column.value(row))
}

fn required<A: Array + Clone + 'static>(batch: &RecordBatch, name: &str) -> Result<A> {
    let column: A = column(batch, name)?;
    ensure!(column.null_count() == 0, "column {name:?} has missing values");
    Ok(column)
}

fn column<A: Array + Clone + 'static>(batch: &RecordBatch, name: &str) -> Result<A> {
    let column = batch.column_by_name(name).with_context(|| format!("column {name:?} is missing"))?;
    let typed = column.as_any().downcast_ref::<A>();
    typed.cloned().with_context(|| format!("column {name:?} has the unexpected type {}", column.data_type()))
}
