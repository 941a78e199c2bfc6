//! From a captured exchange to predictions, on the worker's thread.
//!
//! A record is put together from what the application said of it and from the bodies, which the model's
//! [codec](crate::codec) reads. The application's word wins, field by field; the text of the request is always the body's.
//!
//! An exchange that failed is recorded even when its request cannot be read: as one record that has its status and error
//! type, and no features.

mod columns;
mod cut;
mod features;
mod fit;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod inflate;
mod outputs;
mod row;
mod segments;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tiltmeter_record::{
    ErrorType, ExchangeDrop, ModelSpec, ModelVersion, Observation, Prediction, PrivacyPolicy, Value,
};
use uuid::Uuid;

use self::columns::Columns;
use self::features::FeatureNames;
use self::inflate::{End, Inflater};
use self::row::Common;
use self::segments::SegmentNames;
use crate::codec::{Body, Codec, CodecError, JsonCodec, MediaType, RequestFields, ResponseFields};
use crate::error::BuildError;
use crate::id::new_id;
use crate::layer::{Captured, Extent, Media, RequestId};

/// What the rows of one exchange may take in memory, at most: a small body can ask for many rows.
const MAX_DECODED: usize = 64 << 20;

/// To how many bytes a body is inflated, at most, unless the log says otherwise: the default of its body cap.
const INFLATE_LIMIT: usize = 1 << 20;

/// Decodes the exchanges of one model.
#[derive(Debug)]
pub(crate) struct Decoder {
    spec: Arc<ModelSpec>,
    endpoint: Arc<str>,
    codec: Box<dyn Codec>,
    columns: Columns,
    feature_names: FeatureNames,
    segment_names: SegmentNames,
    request: RequestFields,
    response: ResponseFields,
    request_inflater: Inflater,
    response_inflater: Inflater,
    /// The version that a response named last: it hardly ever changes.
    version: Option<ModelVersion>,
    /// Which features of the record at hand the application has said.
    told: Vec<bool>,
    /// Whether the beginning of the response at hand is all that was captured of it.
    response_is_cut: bool,
    /// Set while an exchange is being decoded, so that one which panicked is seen.
    is_decoding: bool,
}

impl Decoder {
    /// A decoder of JSON.
    pub(crate) fn new(spec: Arc<ModelSpec>, endpoint: Arc<str>) -> Result<Self, BuildError> {
        let codec = Box::new(JsonCodec::new(&spec)?);
        Ok(Self {
            endpoint,
            codec,
            columns: Columns::new(&spec),
            feature_names: FeatureNames::new(&spec),
            segment_names: SegmentNames::default(),
            request: RequestFields::new(spec.features.len()),
            response: ResponseFields::new(),
            request_inflater: Inflater::new(INFLATE_LIMIT),
            response_inflater: Inflater::new(INFLATE_LIMIT),
            version: None,
            told: Vec::new(),
            response_is_cut: false,
            is_decoding: false,
            spec,
        })
    }

    /// Reads bodies by `codec`.
    pub(crate) fn with_codec(mut self, codec: Box<dyn Codec>) -> Self {
        self.codec = codec;
        self
    }

    /// Inflates a body to `bytes` at most.
    pub(crate) fn with_inflate_limit(mut self, bytes: usize) -> Self {
        self.request_inflater = Inflater::new(bytes);
        self.response_inflater = Inflater::new(bytes);
        self
    }

    /// The columns whose values did not fit, and how many of them there were. Segments count as one column.
    pub(crate) fn misfits(&self) -> impl Iterator<Item = (&str, u64)> {
        self.columns.misfits()
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
        if std::mem::replace(&mut self.is_decoding, true) {
            self.codec.reset();
        }
        let decoded = self.decode_fresh(exchange, now, age, sequence, rows);
        self.is_decoding = false;
        decoded
    }

    fn decode_fresh(
        &mut self,
        exchange: &Captured,
        now: Timestamp,
        age: Duration,
        sequence: &mut u64,
        rows: &mut Vec<Prediction>,
    ) -> Result<u64, ExchangeDrop> {
        self.request.clear();
        self.response.clear();
        let said = exchange.said.as_deref();
        let observations = said.map_or(&[][..], |said| said.observations.as_slice());
        let has_failed = exchange.has_failed();

        let mut raw_input = None;
        let read = self.read(exchange, observations, &mut raw_input);
        let (instances, observations, error_type) = match read {
            Ok((0, _)) | Err(_) if has_failed => {
                self.request.clear();
                self.response.clear();
                let error_type = exchange.error.or_else(|| error_of_status(exchange));
                // what the application said is kept, as far as there is room for it without the bodies
                match self.check_size(observations.len()) {
                    Ok(()) => (observations.len().max(1), observations, error_type),
                    Err(_) => (1, &[][..], error_type),
                }
            }
            Ok((instances, error_type)) => (instances, observations, error_type),
            Err(reason) => return Err(reason),
        };

        let observed_at =
            SignedDuration::try_from(age).ok().and_then(|age| now.checked_sub(age).ok()).unwrap_or(now);
        let common = Common {
            request_id: request_id(exchange, observed_at),
            observed_at,
            latency: exchange.latency,
            endpoint: Arc::clone(&self.endpoint),
            status: exchange.status.map(|status| status.as_u16()),
            error_type,
            raw_input,
            said,
        };
        rows.reserve(instances);
        for instance in 0..instances {
            let prediction_id = new_id(observed_at);
            let is_last = instance + 1 == instances;
            let row =
                self.row(instance, is_last, observations.get(instance), &common, prediction_id, *sequence);
            rows.push(row);
            *sequence += 1;
        }
        Ok(instances as u64)
    }

    /// Reads both bodies; returns how many instances there are, and what is wrong with the exchange.
    fn read(
        &mut self,
        exchange: &Captured,
        observations: &[Observation],
        raw_input: &mut Option<Arc<str>>,
    ) -> Result<(usize, Option<ErrorType>), ExchangeDrop> {
        let told = observations.len();
        let instances = match self.read_request(exchange, raw_input) {
            // whoever failed may not have come to say something of each, and what can be read is worth something
            Ok(Some(count)) if exchange.has_failed() => count.max(told),
            Ok(Some(count)) if told > 0 && count != told => return Err(ExchangeDrop::InstanceMismatch),
            // a request without instances of its own is shared by all that the application says
            Ok(_) if told > 0 => told,
            Ok(count) => count.unwrap_or(1),
            // what the application says needs no body
            Err(_) if told > 0 => {
                self.request.clear();
                told
            }
            Err(reason) => return Err(reason),
        };
        // before the response is read: it can be as large again
        self.check_size(instances)?;
        let has_output = observations.iter().any(says_an_output);
        let error_type = self.read_response(exchange, instances, has_output)?;
        self.check_size(instances)?;
        Ok((instances, error_type))
    }

    /// Whether the rows will be small enough.
    fn check_size(&self, instances: usize) -> Result<(), ExchangeDrop> {
        let row = size_of::<Prediction>() + self.spec.features.len() * size_of::<Value>();
        // what one instance has is no larger than its bodies
        let shared =
            if instances > 1 { self.request.shared_weight() + self.response.shared_weight() } else { 0 };
        let size = instances.saturating_mul(row.saturating_add(shared));
        if size > MAX_DECODED { Err(ExchangeDrop::RequestTooLarge) } else { Ok(()) }
    }

    /// Reads the request; returns how many instances it has, if it has some of its own.
    fn read_request(
        &mut self,
        exchange: &Captured,
        raw_input: &mut Option<Arc<str>>,
    ) -> Result<Option<usize>, ExchangeDrop> {
        let (body, extent) = exchange.tape.request();
        match extent {
            Extent::Whole => {}
            Extent::Refused | Extent::Cut => return Err(ExchangeDrop::RequestTooLarge),
            Extent::Open | Extent::Part => return Err(ExchangeDrop::RequestUnread),
            Extent::Uncaptured => return Err(ExchangeDrop::NothingRecorded),
        }
        let format = exchange.request_format;
        let Some((body, End::Whole)) = self.request_inflater.inflate(body, format.encoding) else {
            return Err(ExchangeDrop::RequestEncoding);
        };
        if self.spec.request.raw_input {
            *raw_input = Some(String::from_utf8_lossy(body).into());
        }
        #[cfg(test)]
        tests::panic_if_asked(body);
        let body = Body::new(body).with_media_type(media_type(format.media));
        let read = self.codec.read_request(body, &mut self.request);
        if read.is_err() && self.spec.privacy.as_ref().is_some_and(PrivacyPolicy::has_places) {
            // rules by place miss what they are for in a body of another shape
            self.columns.drop_raw_input(raw_input);
        }
        match read {
            Ok(()) => Ok(self.request.instances()),
            Err(CodecError::UnevenInstances) => Err(ExchangeDrop::InstanceMismatch),
            Err(CodecError::TooLarge) => Err(ExchangeDrop::RequestTooLarge),
            Err(CodecError::Malformed) => Err(ExchangeDrop::RequestMalformed),
        }
    }

    /// Reads what the response says, and tells why it says nothing.
    fn read_response(
        &mut self,
        exchange: &Captured,
        instances: usize,
        has_output: bool,
    ) -> Result<Option<ErrorType>, ExchangeDrop> {
        self.response_is_cut = false;
        if let Some(failure) = error_of_status(exchange) {
            return Ok(exchange.error.or(Some(failure)));
        }
        let (body, extent) = exchange.tape.response();
        if extent == Extent::Uncaptured {
            return Ok(exchange.error);
        }
        let format = exchange.response_format;
        let media_type = media_type(format.media);
        let body = match (self.response_inflater.inflate(body, format.encoding), extent) {
            (None, _) | (_, Extent::Refused) | (Some((_, End::Damaged)), Extent::Whole) => None,
            (Some((body, End::Whole)), Extent::Whole) => Some(Body::new(body)),
            // the beginning of a text is worth something
            (Some((body, _)), _) => Some(Body::new(body).cut()),
        };
        self.response_is_cut = body.as_ref().is_some_and(|body| body.whole().is_none());
        let read = body
            .ok_or(CodecError::Malformed)
            .and_then(|body| self.codec.read_response(body.with_media_type(media_type), &mut self.response));
        let read = match read {
            // of a stream not every instance need have had its first piece
            Ok(()) => match self.response.instances() {
                Some(count) if count > instances => Err(CodecError::UnevenInstances),
                Some(count) if count < instances && media_type != MediaType::EventStream => {
                    Err(CodecError::UnevenInstances)
                }
                _ => Ok(()),
            },
            Err(error) => Err(error),
        };
        match read {
            Ok(()) => Ok(exchange.error),
            // what failed half-way may well have answered half
            Err(CodecError::UnevenInstances) if exchange.has_failed() => {
                self.response.clear();
                Ok(exchange.error)
            }
            Err(CodecError::UnevenInstances) => Err(ExchangeDrop::InstanceMismatch),
            Err(CodecError::Malformed | CodecError::TooLarge) => {
                self.response.clear();
                Ok(exchange.error.or((!has_output).then_some(ErrorType::Unreadable)))
            }
        }
    }
}

/// What the status says of a failure.
fn error_of_status(exchange: &Captured) -> Option<ErrorType> {
    match exchange.status.map(|status| status.as_u16()) {
        Some(408 | 504) => Some(ErrorType::Timeout),
        Some(400..) => Some(ErrorType::Status),
        // where there is no status, there is no HTTP, or an error already
        None | Some(_) => None,
    }
}

/// Whether an application says what the model answered, so that nobody needs the response's body.
fn says_an_output(observation: &Observation) -> bool {
    !observation.prediction.is_missing()
        || observation.score.is_some()
        || observation.confidence.is_some()
        || observation.class_probabilities.is_some()
        || observation.ranking.is_some()
        || observation.generated_text.is_some()
}

fn media_type(media: Media) -> MediaType {
    match media {
        // what a gRPC message is, its codec knows
        Media::Unsaid | Media::Grpc => MediaType::Unsaid,
        Media::EventStream => MediaType::EventStream,
        Media::Plain => MediaType::PlainText,
    }
}

fn request_id(exchange: &Captured, observed_at: Timestamp) -> Arc<str> {
    match &exchange.request_id {
        RequestId::Taped => Arc::from(&*String::from_utf8_lossy(exchange.tape.id())),
        RequestId::Given(value) => Arc::from(&*String::from_utf8_lossy(value.as_bytes())),
        RequestId::Made(id) => text_of(*id),
        RequestId::Unknown => text_of(new_id(observed_at)),
    }
}

fn text_of(id: Uuid) -> Arc<str> {
    Arc::from(&*id.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
}

#[cfg(test)]
mod tests;
