//! The output becomes unwritable while the service runs: that costs counts, not answers.

use std::{fs, path::Path, sync::Arc, time::Duration};

use example_flights::{
    data::DataFolder,
    deployments::Deployments,
    progress::Progress,
    recorded::Recording,
    replay::{Pace, Replay},
    server::{self, Server},
    service,
    shutdown::Shutdown,
};
use tiltmeter::record::PredictionDrop;
use tiltmeter::{Ledgers, LogBuilder, ModelSpec, ParquetSink, ShutdownOutcome};

const LIMIT: u64 = 200;

#[tokio::test]
async fn a_folder_that_becomes_unwritable_costs_counts_and_no_answer() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = DataFolder::locate(&package.join("data")).unwrap();
    let out = tempfile::tempdir().unwrap();
    let spec = ModelSpec::read_file(package.join("model.yaml")).unwrap();
    let sink = ParquetSink::local(out.path()).build().unwrap();
    let (log, guard) = LogBuilder::new().with_model(spec).with_sink(sink).build().unwrap();

    // nothing is written before the first file is whole: at the shutdown
    fs::write(out.path().join("predictions"), "in the way").unwrap();

    let router = service::router(Deployments::read(&data).unwrap()).layer(log.layer());
    let server = Server::start(server::bind(0).await.unwrap(), router).unwrap();
    let (_request, shutdown) = Shutdown::new();
    let replay = Replay {
        address: server.address(),
        connections: 4,
        pace: Pace::unpaced(),
        progress: Arc::new(Progress::new(LIMIT)),
        shutdown,
    };
    let recording = Recording::open(&data.predictions, Some(LIMIT)).unwrap();
    let replayed = replay.play(recording).await.unwrap();
    server.stop().await.unwrap();
    let report = guard.shutdown(Duration::from_secs(30)).await;

    assert_eq!((replayed.requests, replayed.failed, replayed.mismatched), (LIMIT, 0, 0));
    let Ledgers { exchanges, predictions } = report.ledgers;
    assert_eq!((exchanges.observed, exchanges.decoded), (LIMIT, LIMIT));
    assert_eq!((predictions.decoded, predictions.written), (LIMIT, 0));
    assert_eq!(predictions.dropped.by(PredictionDrop::SinkFailed), LIMIT);
    assert_eq!(report.outcome, ShutdownOutcome::Complete, "everything was settled, if not well");
    assert!(report.last_failure.is_some());
}
