//! Planted markers: whatever is personal is in no file, no debug output, no report and no log line.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fmt::{Debug, Write as _};
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arrow_array::Array as _;
use axum::Router;
use axum::body::Bytes;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use http::{StatusCode, header};
use tiltmeter::log::Capture;
use tiltmeter::log::faults::{Failing, Panicking};
use tiltmeter::log::{Fsync, JsonLinesSink, MemorySink};
use tiltmeter::record::{ModelVersion, PredictionBatch, RankedItem};
use tiltmeter::{Keyring, LogBuilder, Observation, Observer, ParquetSink, RequestLog, RetryPolicy};
use tiltmeter_tests::{Served, files_below, model};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const SPEC: &str = r"
spec_version: 1
name: private
type: ranking
owner: crm
tier: 2
endpoint: {path: '/predict/{version}'}
request: {entity_id: /id, raw_input: true}
response:
  prediction: {pointer: /decision, type: string}
  score: /score
  class_probabilities: /classes
  ranking: /ranks
  generated_text: {pointer: /text, stream: /delta}
  model_version: /version
features:
  name: string
  city: string
  born: integer
  income: float
  comment: string
  member: boolean
privacy:
  entity_id: hash
  request_id: hash
  prediction: drop
  class_probabilities: hash
  ranking: hash
  generated_text: drop
  features: {name: mask, city: drop, born: drop, income: drop, member: drop}
  segments: {agent: drop}
  pointers: {/deep: drop}
  patterns: [{pattern: 'MARK\w*', action: drop}]
  detect: [email, phone, iban, card, ip]
  scan: [comment]
";

/// The same without rules: what the detectors and the pattern find is all that goes.
const LOOKED_THROUGH: &str = r"
spec_version: 1
name: private
type: ranking
owner: crm
tier: 2
endpoint: {path: '/predict/{version}'}
request: {entity_id: /id, raw_input: true}
response:
  prediction: {pointer: /decision, type: string}
  class_probabilities: /classes
  ranking: /ranks
  generated_text: {pointer: /text, stream: /delta}
  model_version: /version
features: {name: string, city: string, born: string, income: string, comment: string, member: boolean}
privacy:
  patterns: [{pattern: '(?i)MARK\d', action: drop}]
  detect: [email, phone, iban, card, ip]
  scan: [name, city, born, income, comment, entity_id, prediction, class_probabilities, ranking]
";

/// What may stand nowhere, without spaces and hyphens and in lower case, each with what finds it.
const MARKERS: [(&str, &str); 7] = [
    ("mark7", "pattern"),
    ("eve@example.org", "email"),
    ("4111111111111111", "card"),
    ("203.0.113.77", "ip"),
    ("gb82west12345698765432", "iban"),
    ("442079460958", "phone"),
    ("7771234567", "rules"),
];

#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<String>>);

impl Seen {
    fn add(&self, what: &dyn Debug) {
        let _ = writeln!(self.0.lock().unwrap(), "{what:?}");
    }
}

impl Observer for Seen {
    fn observe(&mut self, batch: &PredictionBatch) {
        self.add(&batch);
    }
}

impl Visit for &Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(&(field.name(), value));
    }
}

impl Subscriber for Seen {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut &*self);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut &*self);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        // the HTTP libraries show headers at their finest level; the promise is ours alone
        if event.metadata().target().starts_with("tiltmeter") {
            event.record(&mut &*self);
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A text in which JSON may stand in strings of JSON, so that escapes are escaped: one level of them resolved.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let code = after.strip_prefix('u').and_then(|code| code.get(..4));
        let code = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        rest = match (code, after.chars().next()) {
            (Some(char), _) => {
                plain.push(char);
                &after[5..]
            }
            (None, Some(char)) => {
                plain.push(char);
                &after[char.len_utf8()..]
            }
            (None, None) => after,
        };
    }
    plain + rest
}

/// The markers that stand in `bytes`, in any case, with any escapes, with and without spaces and hyphens.
fn markers(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut text = String::from_utf8_lossy(bytes).to_lowercase();
    for _ in 0..4 {
        let joined: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        for (marker, what) in MARKERS {
            for form in [&text, &joined] {
                if let Some(at) = form.find(marker) {
                    let around = form[form.floor_char_boundary(at.saturating_sub(200))..].chars().take(400);
                    found.push((what, around.collect()));
                }
            }
        }
        text = unescaped(&text);
    }
    found
}

#[track_caller]
fn assert_clean(what: &str, bytes: &[u8], has_rules: bool) {
    if let Some((marker, around)) = markers(bytes).iter().find(|(what, _)| has_rules || *what != "rules") {
        panic!("{what} has what {marker} should have found: … {around} …");
    }
}

/// The pages of a Parquet file are compressed: what its cells hold, and how many rows there are.
fn cells(file: &std::path::Path) -> (Vec<u8>, usize) {
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(
        std::fs::File::open(file).unwrap(),
    );
    let (mut bytes, mut rows) = (Vec::new(), 0);
    for batch in reader.unwrap().build().unwrap() {
        let batch = batch.unwrap();
        rows += batch.num_rows();
        for column in batch.columns() {
            let mut open = vec![column.to_data()];
            while let Some(data) = open.pop() {
                data.buffers().iter().for_each(|buffer| bytes.extend_from_slice(buffer.as_slice()));
                bytes.push(b'\n');
                open.extend(data.child_data().iter().cloned());
            }
        }
        let _ = writeln!(&mut bytes, "{batch:?}");
    }
    (bytes, rows)
}

const ANSWER: &str = r#"{"version": "eve@example.org", "decision": "mark7 refused", "score": 0.5, "classes": {"mark7": 0.9, "b": 0.1},
    "ranks": ["mark7-first", "second"], "text": "dear Mark7, we wrote to eve@example.org"}"#;

/// An address in two pieces, and a number that the cap of nobody cuts.
const STREAM: &str = "data: {\"delta\": \"mark7, write to eve@exam\"}\n\n\
    data: {\"delta\": \"ple.org or call +44 20 7946\"}\n\ndata: {\"delta\": \" 0958, MARK7\"}\n\ndata: [DONE]\n\n";

async fn predict(log: RequestLog, body: Bytes) -> Response {
    log.set("agent", "mark7");
    log.set("note", "MARK7 called from 203.0.113.77");
    log.set("203.0.113.77", "a segment's name");
    log.set("eve@example.org", "no segment's name");
    log.set("long", format!("{} GB82 WEST 1234 5698 7654 32 and more", "notes ".repeat(16)));
    if body.starts_with(b"said") {
        let observation = Observation::new()
            .with("name", "mark7")
            .with("city", "mark7")
            .with("born", "mark7 does not fit")
            .with("income", "mark7 does not fit")
            .with("member", "mark7 does not fit")
            .with("comment", "MARK7 eve@example.org")
            .with("other", "MARK7")
            .with_entity_id("mark7")
            .with_prediction("mark7")
            .with_class_probabilities([("mark7", 0.5)])
            .with_ranking([RankedItem { item: "mark7".into(), score: Some(0.5) }])
            .with_generated_text("mark7")
            .with_model_version("4111111111111111".parse::<ModelVersion>().unwrap());
        log.record(observation);
    }
    assert!(!body.starts_with(b"panic"), "the handler is broken");
    if body.starts_with(b"stream") {
        ([(header::CONTENT_TYPE, "text/event-stream")], STREAM).into_response()
    } else if body.starts_with(b"unsaid") {
        (StatusCode::OK, r#"{"score": 0.5, "text": "mark7"}"#).into_response()
    } else if body.starts_with(b"fail") || body.starts_with(b"[") {
        (StatusCode::BAD_GATEWAY, "mark7 failed").into_response()
    } else {
        ([(header::CONTENT_TYPE, "application/json")], ANSWER).into_response()
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Bodies with markers wherever something can stand.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let whole = r#"{"id": "mark7", "name": "mark7", "city": "mark7", "born": 7771234567, "income": 7771234567.5,
        "member": true, "comment": "MARK7 4111 1111 1111 1111 GB82 WEST 1234 5698 7654 32 +44 20 7946 0958 eve@example.org",
        "deep": {"mark7": ["mark7", {"x": "mark7"}]}, "list": ["MARK7", {"MARK7": "MARK7 203.0.113.77"}],
        "eve@example.org": 4111111111111111, "card": [4111111111111111.0, 4.111111111111111e15]}"#;
    let escaped = r#"{"id": "\u006dark7", "name": "m\u0061rk7", "city": "mark\u0037", "comment": "\u004dARK7 eve\u0040example.org",
        "x\u004dARK7": "\u004d\u0041\u0052\u004b7", "y": "GB82\u0020WEST 1234 5698 \u0037654 32 +\u00344 20 7946 0958"}"#;
    let misfits = r#"{"id": {"mark7": "mark7"}, "name": ["mark7"], "city": {"a": "mark7"}, "born": "mark7", "income": "mark7",
        "member": "MARK7 eve@example.org", "comment": ["MARK7", "eve@example.org"]}"#;
    let long =
        format!(r#"{{"id": "{0}mark7", "comment": ["{0}MARK7{0}"], "born": "{0}mark7"}}"#, "y".repeat(1_015));
    vec![
        ("", whole.into()),
        ("", escaped.into()),
        ("", misfits.into()),
        ("", long.into()),
        ("content-encoding: gzip\r\n", gzip(whole)),
        ("", "MARK7 is no json eve@example.org".into()),
        ("", r#"{"id": "mark7", "name": "mark7"#.into()),
        ("", r#"[{"id": "MARK7", "deep": {"x": "MARK7 eve@example.org"}}]"#.into()),
        ("", "fail MARK7".into()),
        ("", "panic MARK7".into()),
        ("", "said MARK7".into()),
        ("", "stream MARK7".into()),
        ("", "unsaid MARK7".into()),
        ("", format!("{}\"MARK7\"{}", r#"{"a":"#.repeat(300), "}".repeat(300)).into()),
    ]
}

/// Everything that a log of `spec` leaves, each with what it is: files, cells, debug output.
async fn evidence(spec: &str, seen: &Seen) -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keyring::from_text("a:000102030405060708090a0b0c0d0e0f").unwrap();
    let lines = JsonLinesSink::below(folder.path().join("lines")).with_fsync(Fsync::Never).build().unwrap();
    let parquet = ParquetSink::local(folder.path().join("parquet")).build().unwrap();
    // and one whose place is a file before the log runs
    let lost = folder.path().join("lost");
    let dead = ParquetSink::local(&lost).with_retry(RetryPolicy::none()).build().unwrap();
    std::fs::remove_dir_all(&lost).unwrap();
    std::fs::write(&lost, "no folder").unwrap();
    let builder = LogBuilder::new()
        .with_model(model(spec))
        .with_keyring(keys)
        .with_observer(seen.clone())
        .with_named_sink("lines", lines)
        .with_named_sink("parquet", parquet)
        .with_named_sink("dead", dead)
        .with_sink(Failing::always(MemorySink::default()))
        .with_sink(Panicking::after(0, MemorySink::default()));
    let router = Router::new().route("/predict/{version}", post(predict));
    let served = Served::behind(builder, Capture::BodiesAndHandler, router).await;

    let bodies = bodies();
    let versions = ["eve@example.org", "4111111111111111", "203.0.113.77", "MARK7"];
    let ids = ["MARK7", "eve@example.org", "+442079460958", "4111-1111-1111-1111", "GB82WEST12345698765432"];
    for (round, (header, body)) in bodies.iter().enumerate() {
        let head = format!(
            "POST /predict/{}?q=mark7 HTTP/1.1\r\nhost: t\r\nx-request-id: {}/{round}\r\n\
             traceparent: 00-4111111111111111eeeeeeeeeeeeeeee-00f067aa0ba902b7-01\r\ntracestate: mark7=1\r\n\
             baggage: mark7=eve@example.org\r\ncookie: mark7\r\nuser-agent: mark7\r\n{header}\
             connection: close\r\ncontent-length: {}\r\n\r\n",
            versions[round % versions.len()],
            ids[round % ids.len()],
            body.len()
        );
        let answer = served.say(&[head.as_bytes(), body.as_slice()].concat()).await;
        assert!(
            body.starts_with(b"panic") || answer.contains("mark7"),
            "the client has its answer: {answer}"
        );
    }
    served.until_observed(bodies.len() as u64).await;
    let log = served.log().clone();
    let _ = log.flush(Duration::from_secs(5)).await;
    seen.add(&log);
    seen.add(&log.health());
    seen.add(&log.ledgers());
    seen.add(&log.sink_ledgers());
    seen.add(&log.last_failure());
    seen.add(&log.model("private").unwrap());
    seen.add(&log.model("mark").unwrap_err().to_string());
    let (report, rows) = served.end_within(Duration::from_secs(4)).await;
    seen.add(&report);
    seen.add(&rows);
    assert!(report.last_failure.is_some());
    assert_eq!(report.ledgers.exchanges.observed, bodies.len() as u64);
    assert!(rows.len() >= 9, "{}", rows.len());
    for name in ["lines", "parquet"] {
        let sink = report.sinks.iter().find(|sink| &*sink.name == name).unwrap();
        assert_eq!(sink.predictions.written, rows.len() as u64, "{name} is healthy");
    }

    let mut all =
        vec![("debug output and log lines".to_owned(), seen.0.lock().unwrap().clone().into_bytes())];
    let (mut in_lines, mut in_cells) = (0, 0);
    for file in files_below(folder.path()) {
        let name = file.strip_prefix(folder.path()).unwrap().display().to_string();
        let bytes = std::fs::read(&file).unwrap();
        in_lines += String::from_utf8_lossy(&bytes).matches(r#""record":"prediction""#).count();
        if file.extension().is_some_and(|extension| extension == "parquet") {
            let (cells, count) = cells(&file);
            in_cells += if name.contains("predictions") { count } else { 0 };
            all.push((format!("the cells of {name}"), cells));
        }
        all.push((name.clone(), bytes));
        all.push(("the names of files".to_owned(), name.into_bytes()));
    }
    assert_eq!((in_lines, in_cells), (rows.len(), rows.len()), "what is looked through is there");
    all
}

#[tokio::test]
async fn no_marker_comes_through() {
    let seen = Seen::default();
    tracing::subscriber::set_global_default(seen.clone()).unwrap();
    for spec in [SPEC, LOOKED_THROUGH] {
        for (what, bytes) in evidence(spec, &seen).await {
            assert_clean(&what, &bytes, spec == SPEC);
        }
    }
}

/// What is looked for would be found.
#[tokio::test]
async fn without_a_detector_its_marker_comes_through() {
    for off in ["email", "phone", "iban", "card", "ip", "pattern"] {
        let detectors: Vec<&str> = ["email", "phone", "iban", "card", "ip"]
            .into_iter()
            .filter(|detector| *detector != off)
            .collect();
        let spec = LOOKED_THROUGH.replace(
            "detect: [email, phone, iban, card, ip]",
            &format!("detect: [{}]", detectors.join(", ")),
        );
        let spec = if off == "pattern" { spec.replace(r"(?i)MARK\d", "no such text") } else { spec };
        let evidence = evidence(&spec, &Seen::default()).await;
        for kind in ["debug output", "lines/", "the cells of parquet"] {
            let of_kind = evidence.iter().filter(|(what, _)| what.starts_with(kind));
            let found: Vec<_> = of_kind.flat_map(|(_, bytes)| markers(bytes)).map(|(what, _)| what).collect();
            assert!(found.contains(&off), "{off} is not missed in {kind}: {found:?}");
        }
    }
}
