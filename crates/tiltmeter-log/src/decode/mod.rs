//! From a captured exchange to predictions, on the worker's thread.

mod fit;
mod json;
mod plan;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tiltmeter_record::{
    ErrorType, ExchangeDrop, ModelSpec, ModelVersion, Prediction, Rescued, Value, ValueType,
};
use uuid::Uuid;

use self::fit::{fit, fit_name, fit_number, rescue};
use self::json::{Cell, Fields, Instances};
use self::plan::Plan;
use crate::error::BuildError;
use crate::id::new_id;
use crate::layer::{Captured, Extent, RequestId};

const EVENT_TIME: usize = 0;
const ENTITY_ID: usize = 1;
const FEATURES: usize = 2;

const MODEL_VERSION: usize = 0;
const SCORE: usize = 1;
const CONFIDENCE: usize = 2;
const PREDICTION: usize = 3;

/// What the rows of one exchange may take in memory, at most: a small body can ask for many rows.
const MAX_DECODED: usize = 64 << 20;

/// The first instant whose date has four digits, as readers of dates expect: 0001-01-01T00:00:00Z.
const YEAR_1: Timestamp = Timestamp::constant(-62_135_596_800, 0);

/// The names of the columns that a value can be rescued from.
#[derive(Debug)]
struct Columns {
    event_time: Arc<str>,
    entity_id: Arc<str>,
    model_version: Arc<str>,
    score: Arc<str>,
    confidence: Arc<str>,
    prediction: Arc<str>,
    features: Vec<Arc<str>>,
}

/// What is the same for all predictions of an exchange.
struct Common {
    request_id: Arc<str>,
    observed_at: Timestamp,
    latency: Duration,
    endpoint: Arc<str>,
    status: Option<u16>,
    error_type: Option<ErrorType>,
    raw_input: Option<Arc<str>>,
}

/// Decodes the exchanges of one model.
#[derive(Debug)]
pub(crate) struct Decoder {
    spec: Arc<ModelSpec>,
    endpoint: Arc<str>,
    request: Plan,
    response: Plan,
    columns: Columns,
    request_fields: Fields,
    response_fields: Fields,
    /// The version that was named last: it hardly ever changes.
    version: Option<ModelVersion>,
}

impl Decoder {
    pub(crate) fn new(spec: Arc<ModelSpec>, endpoint: Arc<str>) -> Result<Self, BuildError> {
        let request = Plan::new(
            [spec.request.event_time.as_ref(), spec.request.entity_id.as_ref()]
                .into_iter()
                .chain(spec.features.iter().map(|feature| Some(&feature.pointer))),
        );
        let output = &spec.response;
        let response = Plan::new([
            output.model_version.as_ref(),
            output.score.as_ref(),
            output.confidence.as_ref(),
            output.prediction.as_ref().map(|field| &field.pointer),
        ]);
        for (plan, body) in [(&request, "request"), (&response, "response")] {
            if plan.is_ambiguous() {
                return Err(BuildError::configuration(format!(
                    "the spec of model {} wants a value of the {body} and another one inside of it, or one element of \
                     an array besides all of them: change one of the pointers",
                    spec.name
                )));
            }
        }
        let columns = Columns {
            event_time: "event_time".into(),
            entity_id: "entity_id".into(),
            model_version: "model_version".into(),
            score: "score".into(),
            confidence: "confidence".into(),
            prediction: "prediction".into(),
            features: spec
                .features
                .iter()
                .map(|f| tiltmeter_record::feature_column(&f.name).into())
                .collect(),
        };
        Ok(Self {
            spec,
            endpoint,
            request,
            response,
            columns,
            request_fields: Fields::default(),
            response_fields: Fields::default(),
            version: None,
        })
    }

    /// Appends the predictions of `exchange` to `rows`, numbered from `*sequence` on. Nothing is appended, and
    /// `*sequence` stays, when it cannot be decoded.
    ///
    /// `age` is how long ago the request arrived, `now` the time of day.
    pub(crate) fn decode(
        &mut self,
        exchange: &Captured,
        now: Timestamp,
        age: Duration,
        sequence: &mut u64,
        rows: &mut Vec<Prediction>,
    ) -> Result<u64, ExchangeDrop> {
        let (body, extent) = exchange.tape.request();
        match extent {
            Extent::Whole => {}
            Extent::Refused => return Err(ExchangeDrop::RequestTooLarge),
            Extent::Open | Extent::Part => return Err(ExchangeDrop::RequestUnread),
        }
        #[cfg(test)]
        tests::panic_if_asked(body);
        json::read(&self.request, body, &mut self.request_fields)
            .map_err(|_| ExchangeDrop::RequestMalformed)?;
        let instances = match self.request_fields.instances() {
            _ if !self.request.is_batched() => 1,
            Instances::Count(count) => count,
            Instances::Uneven => return Err(ExchangeDrop::InstanceMismatch),
            // an object without the array is another kind of request than the spec describes
            Instances::Absent => return Err(ExchangeDrop::RequestMalformed),
        };
        let row_size = size_of::<Prediction>() + self.spec.features.len() * size_of::<Value>();
        if instances.saturating_mul(row_size + self.request_fields.shared_text()) > MAX_DECODED {
            return Err(ExchangeDrop::RequestTooLarge);
        }
        let error_type = self.read_response(exchange, instances)?;

        let observed_at =
            SignedDuration::try_from(age).ok().and_then(|age| now.checked_sub(age).ok()).unwrap_or(now);
        let common = Common {
            request_id: request_id(exchange, observed_at),
            observed_at,
            latency: exchange.latency,
            endpoint: Arc::clone(&self.endpoint),
            status: exchange.status.map(|status| status.as_u16()),
            error_type,
            raw_input: self.spec.request.raw_input.then(|| String::from_utf8_lossy(body).into()),
        };
        rows.reserve(instances);
        for instance in 0..instances {
            let prediction_id = new_id(observed_at);
            let last = instance + 1 == instances;
            let row = self.row(instance, last, &common, prediction_id, *sequence);
            rows.push(row);
            *sequence += 1;
        }
        Ok(instances as u64)
    }

    /// Reads what the response says, and tells why it says nothing.
    fn read_response(
        &mut self,
        exchange: &Captured,
        instances: usize,
    ) -> Result<Option<ErrorType>, ExchangeDrop> {
        let (body, extent) = exchange.tape.response();
        let failed = exchange.status.is_none_or(|status| status.as_u16() >= 400);
        let readable = !failed
            && extent == Extent::Whole
            && json::read(&self.response, body, &mut self.response_fields).is_ok();
        let answered = match self.response_fields.instances() {
            _ if !readable => None,
            _ if !self.response.is_batched() => Some(instances),
            Instances::Count(count) => Some(count),
            Instances::Uneven => return Err(ExchangeDrop::InstanceMismatch),
            Instances::Absent => None,
        };
        match answered {
            Some(count) if count != instances => Err(ExchangeDrop::InstanceMismatch),
            Some(_) => Ok(exchange.error),
            None => {
                self.response_fields.reset(&self.response);
                let reason = if failed { ErrorType::Status } else { ErrorType::Unreadable };
                Ok(exchange.error.or(Some(reason)))
            }
        }
    }

    fn row(
        &mut self,
        instance: usize,
        last: bool,
        common: &Common,
        prediction_id: Uuid,
        sequence: u64,
    ) -> Prediction {
        let mut rescued = Vec::new();
        let columns = &self.columns;
        let request = &mut self.request_fields;
        let event_time = event_time(
            &self.spec,
            &request.take(instance, EVENT_TIME, last),
            common.observed_at,
            columns,
            &mut rescued,
        );
        let entity_id = fit_name(request.take(instance, ENTITY_ID, last), &columns.entity_id, &mut rescued);
        let features = self
            .spec
            .features
            .iter()
            .zip(&columns.features)
            .enumerate()
            .map(|(place, (feature, column))| {
                fit(request.take(instance, FEATURES + place, last), feature.value_type, column, &mut rescued)
            })
            .collect();

        let response = &mut self.response_fields;
        let score = fit_number(response.take(instance, SCORE, last), &columns.score, &mut rescued);
        let confidence =
            fit_number(response.take(instance, CONFIDENCE, last), &columns.confidence, &mut rescued);
        let prediction_type =
            self.spec.response.prediction.as_ref().map_or(ValueType::Float, |field| field.value_type);
        let prediction: Value = fit(
            response.take(instance, PREDICTION, last),
            prediction_type,
            &columns.prediction,
            &mut rescued,
        );
        let named = response.take(instance, MODEL_VERSION, last);
        let model_version = version(&mut self.version, named, &columns.model_version, &mut rescued)
            .or_else(|| self.spec.version.clone());

        Prediction {
            prediction_id,
            request_id: common.request_id.clone(),
            instance_index: u32::try_from(instance).unwrap_or(u32::MAX),
            sequence,
            entity_id,
            model_version,
            event_time,
            observed_at: common.observed_at,
            features,
            // once is enough: the rows of a request have its id
            raw_input: common.raw_input.clone().filter(|_| instance == 0),
            prediction,
            score,
            confidence,
            latency: common.latency,
            endpoint: Arc::clone(&common.endpoint),
            status: common.status,
            error_type: common.error_type,
            rescued,
        }
    }
}

fn request_id(exchange: &Captured, observed_at: Timestamp) -> Arc<str> {
    match &exchange.request_id {
        RequestId::Taped => Arc::from(&*String::from_utf8_lossy(exchange.tape.id())),
        RequestId::Given(value) => Arc::from(&*String::from_utf8_lossy(value.as_bytes())),
        RequestId::Made(id) => id.to_string().into(),
        RequestId::Unknown => new_id(observed_at).to_string().into(),
    }
}

/// The event time that the body names, if it is of our era and within the spec's bound on skew; else the time of
/// observation.
fn event_time(
    spec: &ModelSpec,
    cell: &Cell,
    observed_at: Timestamp,
    columns: &Columns,
    rescued: &mut Vec<Rescued>,
) -> Timestamp {
    let named = match cell {
        Cell::Missing => return observed_at,
        Cell::Text(text) => text.parse::<Timestamp>().ok(),
        _ => None,
    };
    let within = |time: &Timestamp| {
        spec.request.max_skew.is_none_or(|bound| time.duration_since(observed_at).unsigned_abs() <= bound)
    };
    let is_a_date = |time: &Timestamp| *time >= YEAR_1;
    named.filter(is_a_date).filter(within).unwrap_or_else(|| {
        rescue(cell, &columns.event_time, rescued);
        observed_at
    })
}

/// The version that the response names. A name that is no version is rescued.
fn version(
    last: &mut Option<ModelVersion>,
    cell: Cell,
    column: &Arc<str>,
    rescued: &mut Vec<Rescued>,
) -> Option<ModelVersion> {
    let name = fit_name(cell, column, rescued)?;
    if last.as_ref().is_none_or(|last| *last.as_str() != *name) {
        match name.parse() {
            Ok(version) => *last = Some(version),
            Err(_) => {
                rescue(&Cell::Text(name), column, rescued);
                return None;
            }
        }
    }
    last.clone()
}

#[cfg(test)]
mod tests;
