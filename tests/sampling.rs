//! A service whose rows are sampled, as its spec says: what is kept, what the books say of the rest, and what can be told of
//! all of it by who reads the tables. And that another process decides the same.
#![expect(clippy::unwrap_used, clippy::cast_precision_loss, reason = "tests")]

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tiltmeter::log::sampling::{SampleKey, key_of, policy_of};
use tiltmeter::log::{JsonLinesSink, MemorySink, Observed, Profiler};
use tiltmeter::record::{CellKey, WindowWidth};
use tiltmeter::{FlushOutcome, LogBuilder, ModelSpec, Observation, ParquetSink, ShutdownReport};
use tiltmeter_sample::{Adaptive, Facts, Flags, RowDecision};
use tiltmeter_store::{
    Location, PredictionTable, ProfileQuery, read_profile_accounts, read_profiles, read_rates,
};
use tiltmeter_tests::{Stepped, Written, model};
use tower::ServiceExt as _;

const LONG: Duration = Duration::from_secs(20);
const RATE: f64 = 0.2;
const KEY: &str = "000102030405060708090a0b0c0d0e0f";
const REQUESTS: u64 = 800;
/// How long rates stay as they are, in seconds: the default.
const INTERVAL: u64 = 60;

/// A model whose requests are batches, and are sampled with the key that lies in `folder`.
fn sampled(folder: &Path) -> ModelSpec {
    let key = folder.join("key");
    std::fs::write(&key, KEY).unwrap();
    model(&format!(
        "{{spec_version: 1, name: churn, version: v1, type: binary, owner: crm, tier: 2, endpoint: {{path: /predict}}, \
         request: {{entity_id: '/instances/*/id', features: '/instances/*'}}, response: {{score: '/predictions/*/score'}}, \
         features: {{age: float, plan: string}}, segments: [plan], \
         sampling: {{policy: tails, rate: {RATE}, segment: plan, key: {{file: '{}'}}}}}}",
        key.display()
    ))
}

/// One of a request's instances.
#[derive(Clone, Debug)]
struct Instance {
    id: String,
    age: f64,
    plan: &'static str,
}

impl Instance {
    /// What the service says of it: never where a stratum or a rule begins.
    fn score(&self) -> f64 {
        self.age / 1000.0
    }

    fn is_tail(&self) -> bool {
        !(0.05..=0.95).contains(&self.score())
    }
}

/// A request with one to five instances.
struct Batch {
    id: String,
    instances: Vec<Instance>,
    fails: bool,
}

impl Batch {
    fn number(number: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(number);
        let instance = |place| Instance {
            id: format!("c{number}-{place}"),
            age: random.u32(0..1000) as f64 + 0.5,
            plan: if random.u8(0..4) == 0 { "gold" } else { "free" },
        };
        let instances = (0..=number % 5).map(instance).collect();
        Self { id: format!("order-{number}"), instances, fails: number % 50 == 7 }
    }

    /// The probability with which it is kept: as a whole, by the most remarkable of its instances.
    fn probability(&self) -> f64 {
        if self.fails || self.instances.iter().any(Instance::is_tail) { 1.0 } else { RATE }
    }

    fn is_kept(&self) -> bool {
        SampleKey::from_text(KEY).unwrap().draw(self.id.as_bytes()).as_f64() < self.probability()
    }

    fn request(&self) -> Request<Body> {
        let instance = |one: &Instance| json!({"id": one.id, "age": one.age, "plan": one.plan});
        let instances: Vec<_> = self.instances.iter().map(instance).collect();
        Request::post("/predict")
            .header("content-type", "application/json")
            .header("x-request-id", &self.id)
            .header("x-fails", self.fails.to_string())
            .body(Body::from(json!({ "instances": instances }).to_string()))
            .unwrap()
    }
}

/// The model: its score is the age.
async fn predict(headers: http::HeaderMap, body: Bytes) -> Response {
    if headers["x-fails"] == "true" {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let asked: Value = serde_json::from_slice(&body).unwrap();
    let score = |instance: &Value| json!({"score": instance["age"].as_f64().unwrap() / 1000.0});
    let predictions: Vec<_> = asked["instances"].as_array().unwrap().iter().map(score).collect();
    Json(json!({ "predictions": predictions })).into_response()
}

/// Asks the service all batches, in two intervals of the rates; leaves tables, lines and profiles in `folder`.
async fn serve(folder: &Path) -> (Vec<Batch>, ShutdownReport) {
    let clock = Arc::new(Stepped::default());
    let (log, guard) = LogBuilder::new()
        .with_model(sampled(folder))
        .with_profiles(Profiler::builder())
        .with_clock(Arc::clone(&clock) as _)
        .with_named_sink("parquet", ParquetSink::local(folder.join("parquet")).build().unwrap())
        .with_named_sink("lines", JsonLinesSink::below(folder.join("lines")).build().unwrap())
        .build()
        .unwrap();
    let service = Router::new().route("/predict", post(predict)).layer(log.layer());
    let batches: Vec<_> = (0..REQUESTS).map(Batch::number).collect();
    for half in batches.chunks(batches.len() / 2) {
        for batch in half {
            let answer = service.clone().oneshot(batch.request()).await.unwrap();
            axum::body::to_bytes(answer.into_body(), 1 << 16).await.unwrap();
        }
        // all of an interval has been decided before the next begins
        assert_eq!(log.flush(LONG).await, FlushOutcome::Complete);
        clock.step(INTERVAL);
    }
    let report = guard.shutdown(LONG).await;
    (batches, report)
}

fn rows(batches: &[Batch]) -> u64 {
    batches.iter().map(|batch| batch.instances.len() as u64).sum()
}

#[tokio::test]
async fn what_is_kept_is_what_the_key_says_and_carries_its_probability() {
    let folder = tempfile::tempdir().unwrap();
    let (batches, _) = serve(folder.path()).await;
    let table = PredictionTable::local(folder.path().join("parquet"));
    let read = table.read(&sampled(folder.path())).await.unwrap();
    assert!(read.problems.is_empty() && read.copies == 0, "{:?}", read.problems);
    let inclusion = read.predictions.inclusion().unwrap();

    let mut found: BTreeMap<String, (f64, Option<&str>, u64)> = BTreeMap::new();
    for (row, id) in read.predictions.entity_id().iter().enumerate() {
        let stratum = inclusion.stratum().get(row);
        let before = found.insert(
            id.unwrap().to_owned(),
            (inclusion.probability()[row], stratum, inclusion.request()[row]),
        );
        assert!(before.is_none(), "each once: {id:?}");
    }
    let mut clusters = HashSet::new();
    let mut kept = 0;
    for (number, batch) in batches.iter().enumerate() {
        let of_batch: Vec<_> = batch.instances.iter().map(|instance| found.get(&instance.id)).collect();
        if !batch.is_kept() {
            assert!(of_batch.iter().all(Option::is_none), "{} is left out as a whole", batch.id);
            continue;
        }
        kept += batch.instances.len();
        let cluster = of_batch[0].unwrap().2;
        assert!(clusters.insert(cluster), "{} is a cluster of its own", batch.id);
        for (instance, row) in batch.instances.iter().zip(of_batch) {
            let (probability, stratum, request) = row.unwrap();
            assert_eq!((*probability, *request), (batch.probability(), cluster), "{}", instance.id);
            let bucket = (instance.score() * 20.0).floor();
            let bucket = if batch.fails { "bnone".to_owned() } else { format!("b{bucket:02}") };
            // strata are taken from the traffic of past intervals
            let is_first_half = number < batches.len() / 2;
            let cell = if is_first_half { "*".to_owned() } else { format!("plan={}|v1", instance.plan) };
            assert_eq!(*stratum, Some(&*format!("{bucket}|{cell}")), "{}", instance.id);
        }
    }
    assert_eq!(found.len(), kept);

    // the estimate of how many there are: a request is one observation
    let (mut estimate, mut variance) = (0.0, 0.0);
    for batch in batches.iter().filter(|batch| batch.is_kept()) {
        let (p, rows) = (batch.probability(), batch.instances.len() as f64);
        estimate += rows / p;
        variance += (1.0 - p) * (rows / p).powi(2);
    }
    let by_rows: f64 = inclusion.probability().iter().map(|p| 1.0 / p).sum();
    assert!((by_rows - estimate).abs() < 1e-9 * estimate, "{by_rows} is not {estimate}");
    assert!(variance > 0.0 && (estimate - rows(&batches) as f64).abs() < 3.0 * variance.sqrt(), "{estimate}");
}

#[tokio::test]
async fn the_books_say_how_many_rows_were_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let (batches, report) = serve(folder.path()).await;
    assert!(report.balances(), "{report:?}");
    let kept = rows(&batches.into_iter().filter(Batch::is_kept).collect::<Vec<_>>());
    let all = rows(&(0..REQUESTS).map(Batch::number).collect::<Vec<_>>());
    let written = Written::lines_below(&folder.path().join("lines"));
    assert_eq!(written.sequences.len() as u64, kept);
    for sink in &report.sinks {
        let books = sink.predictions;
        assert_eq!(
            (books.decoded, books.written, books.sampled_out),
            (all, kept, all - kept),
            "{}",
            sink.name
        );
        let account = written.account(&sink.name, &written.sequences);
        assert!(account.ended_in_order, "{account:?}");
        assert_eq!((account.decoded, account.found, account.sampled_out), (all, kept, all - kept));
        assert_eq!((account.dropped, account.unaccounted), (0, 0));
    }
    assert!(kept > 0 && kept < all);

    let root = Location::local(folder.path().join("parquet"));
    let rates = read_rates(&root.join("rates"), ..).await.unwrap();
    assert!(rates.problems.is_empty(), "{:?}", rates.problems);
    let base: Vec<_> =
        rates.rates.iter().map(|rate| &rate.change).filter(|change| change.rate == "base").collect();
    assert_eq!((base[0].before, base[0].after, base[0].because), (None, RATE, "start"));
    assert_eq!((&*base[0].model_name, base.len()), ("churn", 1), "a rate that is said does not change");
}

#[tokio::test]
async fn profiles_are_of_all_rows_whatever_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (batches, _) = serve(folder.path()).await;
    let root = Location::local(folder.path().join("parquet"));
    let account = read_profile_accounts(&root, "parquet").await.unwrap().accounts.remove(0);
    assert_eq!((account.decoded, account.profiled, account.missing), (rows(&batches), rows(&batches), 0));

    let query = ProfileQuery::new(sampled(folder.path()).name, WindowWidth::Hour);
    let read = read_profiles(&root.join("profiles"), &query).await.unwrap();
    assert_eq!(read.windows.len(), 1, "all was in one hour");
    let window = &read.windows[0];
    let all = window.cells.iter().find(|cell| cell.key.segment.is_none()).unwrap();
    assert_eq!(&*all.key.role, CellKey::CHAMPION);
    let failed: Vec<_> = batches.iter().filter(|batch| batch.fails).collect();
    assert_eq!(
        (all.counts.predictions, all.counts.requests, all.counts.failed_requests),
        (rows(&batches), REQUESTS, failed.len() as u64)
    );
    let score = all.column("score").unwrap().numeric().unwrap();
    let scored = batches.iter().filter(|batch| !batch.fails).flat_map(|batch| &batch.instances);
    let (count, sum) = scored.fold((0, 0.0), |(count, sum), instance| (count + 1, sum + instance.score()));
    assert_eq!((score.count(), score.missing()), (count, rows(&batches) - count));
    let mean = score.moments().mean().unwrap();
    assert!((mean - sum / count as f64).abs() < 1e-12, "{mean}");
    for plan in ["free", "gold"] {
        let of_plan = batches.iter().flat_map(|batch| &batch.instances).filter(|one| one.plan == plan);
        let segment = Some(("plan".into(), plan.into()));
        let cell = window.cells.iter().find(|cell| cell.key.segment == segment).unwrap();
        assert_eq!(cell.counts.predictions, of_plan.count() as u64, "{plan}");
    }
}

/// What is decided about a thousand requests: by the crate that decides, in three intervals, and by a log. A line of each, with
/// all bits of the probability.
fn decisions(folder: &Path) -> String {
    let spec = sampled(folder);
    let (policy, key) = (policy_of(&spec).unwrap().unwrap(), key_of(&spec).unwrap().unwrap());
    let mut adaptive = Adaptive::new(policy);
    let mut table = adaptive.table();
    let mut lines = Vec::new();
    for number in 0..1000_u64 {
        if number % 400 == 399 {
            let mut counts = table.counts();
            for batch in (0..300).map(Batch::number) {
                let facts = facts(&batch.instances[0], false);
                counts.add(&facts, &table.decide(key.draw(batch.id.as_bytes()), &facts));
            }
            table = adaptive.end_interval(&counts).table;
        }
        let batch = Batch::number(number);
        let draw = key.draw(batch.id.as_bytes());
        let RowDecision { is_kept, inclusion_probability, stratum, .. } =
            table.decide(draw, &facts(&batch.instances[0], batch.fails));
        let (bits, text) = (inclusion_probability.to_bits(), table.stratum_text(stratum));
        lines.push(format!("{} {is_kept} {bits:016x} {:016x} {text}", batch.id, draw.to_bits()));
    }
    lines.extend(logged(spec));
    lines.join("\n")
}

fn facts(instance: &Instance, failed: bool) -> Facts<'_> {
    let flags = Flags { failed, ..Flags::default() };
    Facts { score: Some(instance.score()), segment: Some(instance.plan), version: "v1", flags }
}

/// What a log keeps of the same requests.
fn logged(spec: ModelSpec) -> Vec<String> {
    let rows = MemorySink::default();
    let clock = Arc::new(Stepped::default());
    let builder = LogBuilder::new().with_model(spec).with_clock(clock as _).with_sink(rows.clone());
    let (log, guard) = builder.build().unwrap();
    for batch in (0..1000).map(Batch::number) {
        let of = |one: &Instance| {
            Observation::new().with("age", one.age).with("plan", one.plan).with_score(one.score())
        };
        let observed: Vec<_> = batch.instances.iter().map(of).collect();
        let observed = Observed::from(observed).with_request_id(&batch.id);
        assert!(log.model("churn").unwrap().record_within(observed, LONG));
    }
    assert!(guard.shutdown_blocking(LONG).balances());
    let line = |row: tiltmeter::record::Prediction| {
        let probability = row.inclusion.probability.get().to_bits();
        format!("{}/{} {probability:016x} {:?}", row.request_id, row.instance_index, row.inclusion.stratum)
    };
    rows.take().into_iter().map(line).collect()
}

const DECIDED: &str = "TILTMETER_TEST_DECISIONS";

/// The other process: what it decides goes where the environment says. Without that it is a test that does nothing.
#[test]
fn child() {
    if let Ok(folder) = std::env::var(DECIDED) {
        let folder = Path::new(&folder);
        std::fs::write(folder.join("decisions"), decisions(folder)).unwrap();
    }
}

#[test]
fn another_process_decides_the_same_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child"]).env(DECIDED, folder.path());
    assert!(command.output().unwrap().status.success());
    let theirs = std::fs::read_to_string(folder.path().join("decisions")).unwrap();
    let ours = decisions(folder.path());
    let lines = |text: &str| text.lines().filter(|line| line.contains(" true ")).count();
    assert!(lines(&ours) > 100 && ours.lines().count() > 1500, "some of them are kept");
    for (ours, theirs) in ours.lines().zip(theirs.lines()) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours, theirs);
}
