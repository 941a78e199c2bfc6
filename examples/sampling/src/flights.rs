//! All flights, column by column: what was asked, what was answered, and what became of it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use bytes::Bytes;
use example_flights::flight::{Answer, Flight};
use example_flights::recorded::Recording;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use tiltmeter_monitor::labels::join;
use tiltmeter_record::ModelSpec;
use tiltmeter_record::columns::{Categories, ColumnValues, FeatureColumn, PredictionColumns, Texts};

/// A request, and what was answered to it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The client's name for it: what decides whether its row is kept.
    pub id: String,
    /// When the flight left its gate.
    pub at: Timestamp,
    /// The JSON that was sent.
    pub body: Bytes,
    /// What the model said.
    pub answer: Answer,
}

/// All requests in the order of their time, and the columns that they make.
#[derive(Debug)]
pub struct Flights {
    /// What the model is.
    pub spec: ModelSpec,
    /// The requests.
    pub requests: Vec<Request>,
    /// Their columns, in the same order.
    pub columns: PredictionColumns,
    /// Whether each arrived late: NaN where that was never known.
    pub labels: Vec<f64>,
    /// The month (UTC) of each, as its place in [`months`](Self::months); none for the sixty flights of the last evening, which
    /// left in January by UTC.
    pub month: Vec<Option<usize>>,
    /// The first days of the months of which there is something to tell.
    pub months: Vec<Date>,
}

impl Flights {
    /// Reads the recorded flights and their labels, the first `limit` of them.
    ///
    /// # Errors
    /// When a file cannot be read, or is not what it should be.
    pub async fn read(data: &Path, spec: ModelSpec, limit: Option<u64>) -> Result<Self> {
        let recording = Recording::open(&data.join("predictions.parquet"), limit)?;
        let mut requests = Vec::new();
        let mut flights = Vec::new();
        for recorded in recording {
            let recorded = recorded?;
            flights.push(serde_json::from_slice::<Flight>(&recorded.body)?);
            let (id, at) = (recorded.request_id, recorded.event_time);
            requests.push(Request { id, at, body: recorded.body, answer: recorded.answer });
        }
        let columns = columns(&spec, &requests, &flights)?;
        let rule = spec.labels.clone().context("the model's spec says nothing of labels")?;
        let path = data.join("labels.parquet");
        let read = tiltmeter_store::read_labels(&tiltmeter_store::Location::local(&path), &rule).await?;
        let labels = join(spec.kind, &rule, &columns, &read.labels, None).label().to_vec();
        let (month, months) = months(&requests);
        Ok(Self { spec, requests, columns, labels, month, months })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }
}

/// Flights that a month has at least.
const LEAST: usize = 500;

fn months(requests: &[Request]) -> (Vec<Option<usize>>, Vec<Date>) {
    let first_of = |request: &Request| Offset::UTC.to_datetime(request.at).date().first_of_month();
    let mut counts: BTreeMap<Date, usize> = BTreeMap::new();
    for request in requests {
        *counts.entry(first_of(request)).or_default() += 1;
    }
    let months: Vec<Date> =
        counts.into_iter().filter(|(_, flights)| *flights >= LEAST).map(|(month, _)| month).collect();
    let of_each = requests.iter().map(|request| months.binary_search(&first_of(request)).ok()).collect();
    (of_each, months)
}

fn columns(spec: &ModelSpec, requests: &[Request], flights: &[Flight]) -> Result<PredictionColumns> {
    let features = spec.features.iter().map(|feature| {
        let name = feature.name.as_str();
        let values = match name {
            "carrier" => texts(flights, |flight| &flight.carrier),
            "origin" => texts(flights, |flight| &flight.origin),
            "dest" => texts(flights, |flight| &flight.dest),
            "distance" => numbers(flights, |flight| Some(f64::from(flight.distance))),
            "sched_hour" => numbers(flights, |flight| Some(f64::from(flight.sched_hour))),
            "day_of_week" => numbers(flights, |flight| Some(f64::from(flight.day_of_week))),
            "dep_delay" => numbers(flights, |flight| Some(flight.dep_delay)),
            "temp" => numbers(flights, |flight| flight.temp),
            "humid" => numbers(flights, |flight| flight.humid),
            "wind_speed" => numbers(flights, |flight| flight.wind_speed),
            "precip" => numbers(flights, |flight| flight.precip),
            "pressure" => numbers(flights, |flight| flight.pressure),
            "visib" => numbers(flights, |flight| flight.visib),
            other => anyhow::bail!("the flights have no {other}"),
        };
        Ok(FeatureColumn { name: feature.name.clone(), values })
    });
    let columns = PredictionColumns::new(
        spec.name.clone(),
        requests.iter().map(|request| request.at.as_microsecond()).collect(),
        Texts::from_iter(flights.iter().map(|flight| Some(flight.entity_id.as_str()))),
        Categories::from_iter(requests.iter().map(|request| Some(request.answer.model_version.as_str()))),
        requests.iter().map(|request| request.answer.score).collect(),
        features.collect::<Result<_>>()?,
    )?;
    Ok(columns)
}

fn numbers(flights: &[Flight], value: impl Fn(&Flight) -> Option<f64>) -> ColumnValues {
    ColumnValues::Numbers(flights.iter().map(|flight| value(flight).unwrap_or(f64::NAN)).collect())
}

fn texts<'f>(flights: &'f [Flight], value: impl Fn(&'f Flight) -> &'f String) -> ColumnValues {
    ColumnValues::Categories(flights.iter().map(|flight| Some(value(flight).as_str())).collect())
}
