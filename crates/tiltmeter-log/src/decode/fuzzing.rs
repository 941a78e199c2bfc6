//! The door of the fuzz target: any bytes become an exchange, and are decoded.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;
use tiltmeter_record::{ErrorType, ModelSpec, Observation, Rescued, Value};

use super::Decoder;
use crate::layer::{Captured, Encoding, Extent, Format, Media, RequestId, Said, tape_with};

/// To how much the bodies are inflated.
const LIMIT: usize = 64 << 10;

/// What the models are, beside what all of them are.
const MODELS: [&str; 6] = [
    "type: binary, request: {event_time: /t, entity_id: /id, raw_input: true},
     response: {model_version: /v, score: /s, confidence: /c, prediction: /p},
     features: {a: float, b: integer, c: string, d: boolean}",
    "type: multiclass, request: {max_skew: off, entity_id: /r/*/id, features: /r/*},
     response: {model_version: /v, score: /o/*/s, class_probabilities: {pointer: /o/*/p, classes: [x, y, z]}},
     features: {a: float, b: {type: string, pointer: /r/*/l/0}}",
    "type: ranking, response: {ranking: {pointer: /k, item: i, score: s, max_items: 3}}, features: {a: float}",
    "type: text, response: {model_version: /v, generated_text: {pointer: /g, stream: /d/0/g, max_bytes: 20}},
     features: {a: string}",
    "type: multiclass, response: {class_probabilities: /p, ranking: /k}, features: {a: integer}",
    "type: text, request: {features: /r/*},
     response: {score: /d/*/s, generated_text: {pointer: /o/*/g, stream: /d/*/g, max_bytes: 20}},
     features: {a: string}",
];

static SPECS: LazyLock<Vec<Arc<ModelSpec>>> = LazyLock::new(|| {
    let head = "spec_version: 1, name: fuzz, owner: o, tier: 1, endpoint: {path: /p}";
    let spec = |text: &&str| ModelSpec::from_yaml("fuzz", &format!("{{{head}, {text}}}")).ok().map(Arc::new);
    MODELS.iter().filter_map(spec).collect()
});

/// Takes bytes off the beginning of an input.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> u8 {
        match self.0 {
            [first, rest @ ..] => {
                self.0 = rest;
                *first
            }
            [] => 0,
        }
    }

    /// Up to `len` bytes.
    fn bytes(&mut self, len: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        bytes
    }

    fn text(&mut self) -> String {
        let len = self.byte() % 80;
        String::from_utf8_lossy(self.bytes(usize::from(len))).into_owned()
    }

    fn value(&mut self) -> Value {
        match self.byte() % 6 {
            0 => Value::Missing,
            1 => Value::Boolean(self.byte().is_multiple_of(2)),
            2 => Value::Integer(i64::from(self.byte())),
            3 => {
                let mut bits = [0; 8];
                bits.fill_with(|| self.byte());
                Value::Float(f64::from_le_bytes(bits))
            }
            _ => Value::Text(self.text().into()),
        }
    }

    fn said(&mut self) -> Option<Box<Said>> {
        let observations = self.byte() % 4;
        if observations == 0 {
            return None;
        }
        let mut said = Said::default();
        for _ in 1..observations {
            let mut observation = Observation::new();
            for _ in 0..self.byte() % 40 {
                let name = self.text();
                observation.set(name, self.value());
            }
            if self.byte().is_multiple_of(2) {
                observation = observation
                    .with_prediction(self.value())
                    .with_entity_id(self.text())
                    .with_class_probabilities([(self.text(), 0.5)])
                    .with_generated_text(self.text());
            }
            said.observations.push(observation);
        }
        said.segments.push((self.text().into(), self.value()));
        said.path_version = self.text().parse().ok();
        Some(Box::new(said))
    }

    fn format(&mut self) -> Format {
        let byte = usize::from(self.byte());
        let encodings =
            [Encoding::Identity, Encoding::Gzip, Encoding::Deflate, Encoding::Zstd, Encoding::Unknown];
        let media = [Media::Unsaid, Media::EventStream, Media::Plain];
        Format { encoding: encodings[byte % 5], media: media[byte / 5 % 3] }
    }

    fn extent(&mut self) -> Extent {
        match self.byte() {
            0..200 => Extent::Whole,
            200..220 => Extent::Part,
            220..235 => Extent::Open,
            235..245 => Extent::Uncaptured,
            245..250 => Extent::Cut,
            250.. => Extent::Refused,
        }
    }
}

/// Decodes what `input` describes: how the bodies come, what the application says, the length of the request, the request,
/// the response. Returns the place of the model, and how many records it has given.
///
/// # Panics
/// When a promise of the decoder does not hold.
pub(crate) fn decode(input: &[u8]) -> (usize, usize) {
    let mut input = Input(input);
    let place = usize::from(input.byte()) % SPECS.len();
    let spec = &SPECS[place];
    let (request_format, response_format) = (input.format(), input.format());
    let (request_extent, response_extent) = (input.extent(), input.extent());
    let status = [200, 200, 200, 422, 504, 0][usize::from(input.byte()) % 6];
    let error = [None, None, None, Some(ErrorType::Cancelled)][usize::from(input.byte()) % 4];
    let said = input.said();
    let len = usize::from(u16::from_le_bytes([input.byte(), input.byte()]));
    let (request, response) = (input.bytes(len), input.0);
    let exchange = Captured {
        route: 0,
        request_id: RequestId::Taped,
        tape: tape_with(b"id", (request, request_extent), (response, response_extent)),
        status: StatusCode::from_u16(status).ok(),
        error,
        started: Duration::ZERO,
        latency: Duration::ZERO,
        request_format,
        response_format,
        said,
    };
    let Ok(decoder) = Decoder::new(Arc::clone(spec), "/p".into()) else { return (place, 0) };
    let mut decoder = decoder.with_inflate_limit(LIMIT);
    let mut first = Vec::new();
    // twice, so that what the first leaves behind would show
    for turn in 0..2 {
        let (mut rows, mut sequence) = (Vec::new(), 7);
        let decoded =
            decoder.decode(&exchange, Timestamp::UNIX_EPOCH, Duration::ZERO, &mut sequence, &mut rows);
        assert_eq!(decoded.unwrap_or(0), rows.len() as u64);
        assert_eq!(sequence, 7 + rows.len() as u64);
        assert!(decoded.is_ok() || !exchange.has_failed(), "a failure is recorded");
        for row in &rows {
            assert_eq!(row.features.len(), spec.features.len());
            assert!(row.segments.len() <= 32 && row.segments.is_sorted_by(|a, b| a.0 < b.0));
            assert!(row.rescued.len() <= 9 + spec.features.len() + 32);
            assert!(row.rescued.iter().all(|entry| entry.json.len() <= Rescued::MAX_LEN));
        }
        let shown: Vec<_> = rows
            .into_iter()
            .map(|mut row| {
                row.prediction_id = uuid::Uuid::nil();
                // by its text: NaN is not equal to itself
                format!("{row:?}")
            })
            .collect();
        if turn == 0 {
            first = shown;
        } else {
            assert_eq!(first, shown, "one exchange gives one record");
        }
    }
    (place, first.len())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_model_of_the_fuzz_target_is_one_and_can_be_decoded() {
        assert_eq!(SPECS.len(), MODELS.len());
        for spec in SPECS.iter() {
            assert!(Decoder::new(Arc::clone(spec), "/p".into()).is_ok());
        }
    }

    #[test]
    fn the_seeds_of_the_fuzz_target_are_decoded() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/codec");
        let mut seeds = 0;
        let mut records = [0; MODELS.len()];
        for entry in fs::read_dir(folder).unwrap() {
            let (place, rows) = decode(&fs::read(entry.unwrap().path()).unwrap());
            records[place] += rows;
            seeds += 1;
        }
        assert!(seeds >= 300, "{seeds} seeds");
        assert!(records.iter().all(|&rows| rows > 0), "each model has seeds that can be read: {records:?}");
    }
}
