//! The flights service with a challenger beside it: real models, real requests over HTTP, and pairs in the log.
//!
//! The champion `gbm-1` answers; each request is copied to `lr-1`, a service of its own that takes as long as the record
//! says, and hangs where the record does. Where a noise floor is asked for, they are copied to a second `gbm-1` as well, which is
//! one more challenger, in this process.

mod challenger;
mod linear;
mod manner;

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use example_flights::{
    advice::Advice,
    console,
    data::DataFolder,
    deployments::Deployments,
    figures,
    model::Model,
    output::OutFolder,
    progress::{Display, Progress},
    recorded::Recording,
    replay::{Pace, Replay, Replayed},
    server::{self, Server},
    service,
    shutdown::Shutdown,
};
use http::Method;
use tiltmeter::{
    Challenger, LogBuilder, ModelSpec, ParquetSink, RemoteChallenger, ShadowBuilder, ShadowReport,
    ShutdownReport,
};

use crate::cli::{self, Cli};
use crate::offline::Sources;
use challenger::ChallengerServer;
use linear::LinearModel;
use manner::Manners;

/// What the challenger is called.
pub const CHALLENGER: &str = "lr-1";

/// What the second instance of the champion is called.
pub const AGAIN: &str = "gbm-1-again";

/// How long the log, and the shadow before it, may take to end.
const DRAIN: Duration = Duration::from_secs(30);

/// Requests that may be under way at the challenger.
const PERMITS: u32 = 512;

/// The replay, a year's traffic in seconds, holds back while so many are: with more, the challenger's latency would be that of
/// a queue before it.
const BEHIND: u64 = 16;

/// And while so many exchanges wait for the log.
const LOG_BEHIND: usize = 4_096;

/// What came of it.
#[derive(Debug)]
pub struct Live {
    /// What the client saw of the champion.
    pub replayed: Replayed,
    /// What became of the requests at the challenger.
    pub shadow: ShadowReport,
    /// What became of predictions and pairs in the log.
    pub log: ShutdownReport,
    /// Where pairs and predictions are.
    pub sources: Sources,
}

/// Serves, replays, and leaves predictions and pairs below the folder of the command line.
///
/// # Errors
/// When it cannot start, or a service cannot be reached.
pub async fn run(cli: &Cli) -> Result<Live> {
    // all that can be refused is refused before anything is changed
    let spec = ModelSpec::read_file(cli::flights("model.yaml"))?;
    let data = DataFolder::locate(&cli::flights("data"))?;
    let champion = Deployments::new(Model::read_file(&cli::flights("data/gbm-1.json"))?);
    let recording = Recording::open(&data.predictions, cli.limit)?;
    let model = LinearModel::read_file(&cli::in_package("data/lr-1.json"))?;
    let manners = Manners::read(&cli::in_package("data/champion_challenger.parquet"), &spec).await?;
    let listener = server::bind(0).await?;
    let shutdown = Shutdown::on_signals()?;
    let out = OutFolder::prepare(&cli.out)?;
    clear(&cli.out, out.was_cleared())?;

    let challenger = ChallengerServer::start(model, manners)?;
    let sink = ParquetSink::local(&cli.out).build()?;
    let (log, log_guard) = LogBuilder::new().with_model(spec.clone()).with_sink(sink).build()?;
    let remote = RemoteChallenger::builder(&format!("http://{}", challenger.address()))?
        .with_idle_connections(PERMITS as usize, Duration::from_secs(30))
        .build();
    let service = service::router(champion);
    let second =
        Challenger::http(AGAIN, service.clone()).with_timeout(cli.shadow_timeout()).with_permits(PERMITS);
    let builder = ShadowBuilder::http()
        .with_route(Method::POST, &spec.endpoint.path)
        .with_challenger(
            Challenger::http(CHALLENGER, remote).with_timeout(cli.shadow_timeout()).with_permits(PERMITS),
        )
        .with_recorder(log.pairs(spec.name.as_str())?);
    let builder = if cli.noise_floor { builder.with_challenger(second) } else { builder };
    let (shadow, shadow_guard) = builder.build()?;

    // the log outside, so that both call a request the same
    let router = service.layer(shadow.layer()).layer(log.layer());
    let server = Server::start(listener, router)?;
    console::note(&format!(
        "serving gbm-1 at http://{}, with {CHALLENGER} at http://{}{} in its shadow; replaying {}",
        server.address(),
        challenger.address(),
        if cli.noise_floor { " and a second gbm-1" } else { "" },
        figures::counted(recording.len(), "flight")
    ));

    let progress = Arc::new(Progress::new(recording.len()));
    let display = Display::start(progress.clone())?;
    let replay = Replay {
        address: server.address(),
        connections: cli.connections,
        pace: Pace::while_behind(move || {
            let under_way = |name: &str| shadow.ledger(name).map_or(0, |ledger| ledger.under_way());
            under_way(CHALLENGER).max(under_way(AGAIN)) > BEHIND || log.queue_depth().exchanges > LOG_BEHIND
        }),
        progress,
        shutdown,
    };
    let replayed = replay.play(recording).await;
    display.end().await;

    // from the outside in: the service, the shadow, which may still record pairs, and then the log
    let stopped = server.stop().await;
    let shadow = shadow_guard.shutdown(DRAIN).await;
    let log = log_guard.shutdown(DRAIN).await;
    challenger.stop()?;
    let replayed = replayed?;
    stopped?;
    out.finish(&log.ledgers, None)?;
    let pairs = cli.out.join("pairs").join(format!("model_name={}", spec.name));
    let pairs_of = |challenger: &str| pairs.join(format!("challenger={challenger}"));
    let sources = Sources {
        pairs: pairs_of(CHALLENGER),
        second_champion: cli.noise_floor.then(|| pairs_of(AGAIN)),
        predictions: Some(cli.out.clone()),
    };
    Ok(Live { replayed, shadow, log, sources })
}

/// Removes the pairs and the books of an earlier run; others' are left alone.
fn clear(out: &Path, is_ours: bool) -> Result<()> {
    let tables = ["pairs", "shadows"].map(|name| out.join(name));
    let there: Vec<_> = tables.iter().filter(|table| table.symlink_metadata().is_ok()).collect();
    if !is_ours && !there.is_empty() {
        bail!(Advice::new(
            format!("{} holds pairs that this example did not make", out.display()),
            "move them away, or pass another folder with --out",
        ));
    }
    there.into_iter().try_for_each(|table| {
        std::fs::remove_dir_all(table)
            .with_context(|| format!("cannot remove {} of an earlier run", table.display()))
    })
}
