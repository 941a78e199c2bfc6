//! Compressed, hostile and broken bodies, and codecs that break.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::codec::{FieldValue, RequestField};
use crate::layer::Encoding;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn compressed(request: &[u8], response: &[u8]) -> Captured {
    let mut exchange = exchange(request, response, 200);
    exchange.request_format.encoding = Encoding::Gzip;
    exchange.response_format.encoding = Encoding::Gzip;
    exchange
}

#[test]
fn compressed_bodies_are_read_and_the_raw_input_is_what_was_meant() {
    let raw = SPEC.replace("entity_id: /id}", "entity_id: /id, raw_input: true}");
    let bodies = compressed(&gzip(br#"{"age": 3}"#), &gzip(br#"{"score": 0.5}"#));
    let row = decode_with(&raw, &bodies).unwrap().remove(0);
    assert_eq!((row.features[0].clone(), row.score), (Value::Float(3.0), Some(0.5)));
    assert_eq!(row.raw_input.as_deref(), Some(r#"{"age": 3}"#));
}

#[test]
fn requests_that_cannot_be_inflated_are_refused_and_responses_are_no_answers() {
    let good = gzip(b"{}");
    let bomb = gzip(&vec![b' '; 3 << 20]);
    for bad in [&b"{}"[..], b"", &good[..good.len() - 1], &[&good[..], b"x"].concat(), &bomb] {
        assert_eq!(decode_with(SPEC, &compressed(bad, &good)), Err(ExchangeDrop::RequestEncoding));
        let row = decode_with(SPEC, &compressed(&good, bad)).unwrap().remove(0);
        assert_eq!(row.error_type, Some(ErrorType::Unreadable));
    }
    let mut decoder = Decoder::new(spec(SPEC), "/p".into()).unwrap().with_inflate_limit(4 << 20);
    let large = compressed(&[&gzip(b"{}")[..], &bomb].concat(), &good);
    assert_eq!(decode_by(&mut decoder, &large).unwrap().len(), 1, "the limit is the log's");
}

#[test]
fn a_million_duplicate_keys_cost_one_record_of_memory() {
    let keys = |count| format!("{{{}\"age\": 3}}", r#""age":[1,2],"#.repeat(count));
    let row = one(&keys(100_000), "{}");
    assert_eq!((row.features[0].clone(), row.rescued.len()), (Value::Float(3.0), 0));
    assert_eq!(
        decode(&keys(1_000_000), "{}"),
        Err(ExchangeDrop::RequestTooLarge),
        "more values than are read"
    );
}

#[test]
fn hostile_values_are_rescued_in_small() {
    let deep =
        format!(r#"{{"age": {}{}, "plan": "{}"}}"#, "[".repeat(100), "]".repeat(100), "x".repeat(900_000));
    let row = one(&deep, "{}");
    assert_eq!(row.rescued.iter().map(|entry| entry.json.len()).collect::<Vec<_>>(), [200]);
    let long = format!(
        r#"{{"age": [{}0], "visits": {{{}"x": 1}}}}"#,
        "0,".repeat(400_000),
        r#""y":2,"#.repeat(99_999)
    );
    let row = one(&long, r#"{"score": {"a": [1e999]}}"#);
    // 1e999 is not read, or as a number in words where another crate has serde_json keep them
    let is_rescued = row.rescued.iter().any(|entry| &*entry.column == "score");
    assert!(row.error_type == Some(ErrorType::Unreadable) || is_rescued, "{row:?}");
    assert!(row.rescued.iter().all(|entry| entry.json.len() <= Rescued::MAX_LEN));
    assert_eq!(row.rescued[0].json.len(), Rescued::MAX_LEN);
}

#[test]
fn values_that_do_not_fit_are_counted_by_their_column() {
    let mut decoder = Decoder::new(spec(SPEC), "/p".into()).unwrap();
    for request in [&br#"{"age": "old", "visits": 2.5}"#[..], br#"{"age": true}"#, b"{}"] {
        decode_by(&mut decoder, &exchange(request, br#"{"score": "high"}"#, 200)).unwrap();
    }
    let misfits: Vec<_> = decoder.misfits().collect();
    assert_eq!(misfits, [("score", 3), ("feature_age", 2), ("feature_visits", 1)]);
}

/// A codec that leaves things behind, and panics if it is asked.
#[derive(Debug, Default)]
struct Fragile {
    left: Vec<f64>,
    resets: usize,
}

impl Codec for Fragile {
    fn read_request(&mut self, body: Body<'_>, fields: &mut RequestFields) -> Result<(), CodecError> {
        self.left.push(1.0);
        fields.set(RequestField::EntityId, FieldValue::Text("set before the panic".into()));
        assert!(body.bytes() != b"break", "the codec is broken");
        fields.clear();
        let sum = self.left.drain(..).sum();
        fields.set(RequestField::Feature(0), FieldValue::Float(sum));
        fields.set(RequestField::Feature(1), FieldValue::Integer(i64::try_from(self.resets).unwrap()));
        Ok(())
    }

    fn read_response(&mut self, _: Body<'_>, _: &mut ResponseFields) -> Result<(), CodecError> {
        Ok(())
    }

    fn reset(&mut self) {
        self.left.clear();
        self.resets += 1;
    }
}

#[test]
fn a_codec_that_panicked_is_reset_and_what_it_set_is_forgotten() {
    let mut decoder = Decoder::new(spec(SPEC), "/p".into()).unwrap().with_codec(Box::new(Fragile::default()));
    let good = exchange(b"x", b"", 200);
    assert_eq!(decode_by(&mut decoder, &good).unwrap()[0].features[0], Value::Float(1.0));
    let bad = exchange(b"break", b"", 200);
    assert!(catch_unwind(AssertUnwindSafe(|| decode_by(&mut decoder, &bad))).is_err());
    let row = decode_by(&mut decoder, &good).unwrap().remove(0);
    assert_eq!(row.features[..2], [Value::Float(1.0), Value::Integer(1)]);
    assert_eq!(row.entity_id, None);
    assert_eq!(decode_by(&mut decoder, &good).unwrap()[0].features[1], Value::Integer(1), "once is enough");
}
