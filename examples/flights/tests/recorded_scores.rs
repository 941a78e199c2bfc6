//! The evaluator against the record: every score, bit for bit, by the model that served at the time.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::{path::Path, thread};

use example_flights::{
    data::DataFolder,
    deployments::Deployments,
    flight::{Answer, Flight},
    recorded::{Recorded, Recording},
};

fn data() -> DataFolder {
    DataFolder::locate(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data")).unwrap()
}

#[test]
fn every_recorded_answer_is_reproduced() {
    let models = Deployments::read(&data()).unwrap();
    let recorded: Vec<Recorded> =
        Recording::open(&data().predictions, None).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(recorded.len(), 150_000);

    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for part in recorded.chunks(recorded.len().div_ceil(threads)) {
            scope.spawn(|| part.iter().for_each(|recorded| assert_reproduced(&models, recorded)));
        }
    });
}

/// From the JSON of the request, so that its floats are shown to survive the wire, too.
fn assert_reproduced(models: &Deployments, recorded: &Recorded) {
    let flight: Flight = serde_json::from_slice(&recorded.body).unwrap();
    assert_eq!(flight.event_time, recorded.event_time);
    let model = models.serving_at(flight.event_time);
    assert_eq!(
        Answer::new(model.version(), model.score(&flight)),
        recorded.answer,
        "{}",
        recorded.request_id
    );
}

#[test]
fn the_record_is_in_the_order_of_its_events_and_can_be_cut_short() {
    let first = |limit| {
        let recording = Recording::open(&data().predictions, Some(limit)).unwrap();
        let len = recording.len();
        (len, recording.collect::<Result<Vec<_>, _>>().unwrap())
    };
    let (len, recorded) = first(3_000);
    assert_eq!((len, recorded.len()), (3_000, 3_000));
    assert!(recorded.is_sorted_by_key(|recorded| recorded.event_time));
    assert_eq!(first(1).1[0].request_id, "r0000001");
    assert_eq!(Recording::open(&data().predictions, Some(u64::MAX)).unwrap().len(), 150_000);
}

#[test]
fn a_record_that_is_not_parquet_is_named() {
    let error = Recording::open(&data().gbm_1, None).unwrap_err();
    assert!(error.to_string().starts_with("cannot read the recorded flights "), "{error}");
}

#[test]
fn deployments_are_in_order_and_serve_from_their_first_instant() {
    let models = Deployments::read(&data()).unwrap();
    let serving = |time: &str| models.serving_at(time.parse().unwrap()).version().to_owned();
    assert_eq!(serving("2013-10-01T03:59:59.999Z"), "gbm-1");
    assert_eq!(serving("2013-10-01T04:00:00Z"), "gbm-2");
    assert_eq!(models.versions().collect::<Vec<_>>(), ["gbm-1", "gbm-2"]);
    let again = models.serving_at("2013-10-01T04:00:00Z".parse().unwrap()).clone();
    assert!(models.then("2013-10-01T04:00:00Z".parse().unwrap(), again).is_err());
}
