//! A run from beginning to end: prepare, start the log, serve, replay, stop the service, shut down the log,
//! summarise, evaluate.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Result;
use serde::Serialize;
use tiltmeter::{LogBuilder, ModelSpec, ParquetSink};

use crate::{
    cli::Cli,
    console,
    data::DataFolder,
    deployments::Deployments,
    evaluation::{Evaluation, EvaluationFigures, Task},
    figures,
    output::{EarlierRun, Files, JsonFile, OutFolder},
    progress::{Display, Progress},
    recorded::Recording,
    replay::{Pace, Replay},
    server::{self, Server},
    service,
    shutdown::Shutdown,
    summary::{self, Summary},
};

/// How long the log may take to write what it holds when the replay is over.
const DRAIN: Duration = Duration::from_secs(30);

/// The replay holds back while so many exchanges wait for the log: half of what its queue takes.
const BEHIND: usize = 4_096;

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    /// The replay, the books and the files.
    pub summary: Summary,
    /// What the log tells, or why it could not be evaluated; `None` after an interruption.
    pub evaluation: Option<Result<Evaluation>>,
}

/// Runs the example as the command line says.
///
/// # Errors
/// When it cannot start, when the service cannot be reached, or when the results cannot be written. The service
/// is stopped in each case.
pub async fn run(cli: &Cli) -> Result<Run> {
    // prepare: all that can be refused is refused before anything is changed
    let spec = ModelSpec::read_file(&cli.spec)?;
    let data = DataFolder::locate(&cli.data)?;
    let models = Deployments::read(&data)?;
    let recording = Recording::open(&data.predictions, cli.limit)?;
    let json = cli.json.as_deref().map(JsonFile::at).transpose()?;
    let listener = server::bind(cli.port).await?;
    let shutdown = Shutdown::on_signals()?;
    let out = OutFolder::prepare(&cli.out)?;
    if out.was_cleared() {
        console::note(&format!("removed the predictions of an earlier run from {}", cli.out.display()));
    }

    // start the log
    let sink = ParquetSink::local(&cli.out).build()?;
    let (log, guard) = LogBuilder::new().with_model(spec.clone()).with_sink(sink).build()?;

    // serve
    let versions = models.versions().collect::<Vec<_>>().join(", then ");
    let server = Server::start(listener, service::router(models).layer(log.layer()))?;
    let flights = figures::counted(recording.len(), "flight");
    console::note(&format!("serving {versions} at http://{}; replaying {flights}", server.address()));

    // replay
    let progress = Arc::new(Progress::new(recording.len()));
    let display = Display::start(progress.clone())?;
    let replay = Replay {
        address: server.address(),
        connections: cli.connections,
        pace: Pace::while_behind(move || log.queue_depth().exchanges > BEHIND),
        progress,
        shutdown,
    };
    let replayed = replay.play(recording).await;
    display.end().await;

    // stop the service, and only then the log: until then there may be exchanges to log
    let stopped = server.stop().await;

    // shut down the log
    let report = guard.shutdown(DRAIN).await;

    // summarise
    let replay = replayed?;
    stopped?;
    let folder = out.predictions();
    let files = Files::below(&folder)?;
    let summary = Summary {
        replay,
        accounting: report.ledgers,
        outcome: report.outcome,
        last_failure: report.last_failure,
        files,
        folder,
    };

    // the books come first: whatever becomes of the evaluation, they are told
    out.finish(&summary.figures(), json.as_ref())?;

    // evaluate; who interrupts a replay wants it to end
    if summary.replay.interrupted {
        return Ok(Run { summary, evaluation: None });
    }
    let evaluation = Evaluation::of(Task {
        out: out.path(),
        spec: &spec,
        spec_path: &cli.spec,
        books: Some(&summary.accounting),
        partial: None,
        as_of: &cli.as_of,
    })
    .await;
    if let Ok(evaluation) = &evaluation {
        let figures = Figures { summary: summary.figures(), evaluation: evaluation.figures() };
        out.finish(&figures, json.as_ref())?;
    }
    Ok(Run { summary, evaluation: Some(evaluation) })
}

/// What `run.json` tells.
#[derive(Serialize)]
struct Figures<'a> {
    #[serde(flatten)]
    summary: summary::Figures<'a>,
    #[serde(flatten)]
    evaluation: EvaluationFigures<'a>,
}

/// Evaluates an earlier run again, of the folder that `--report-only` names.
///
/// # Errors
/// When it is not the folder of a run of this example, or the results cannot be written.
pub async fn report_only(cli: &Cli, folder: &Path) -> Result<Evaluation> {
    let spec = ModelSpec::read_file(&cli.spec)?;
    let json = cli.json.as_deref().map(JsonFile::at).transpose()?;
    let earlier = EarlierRun::open(folder)?;
    let books = earlier.books();
    let task = Task {
        out: earlier.path(),
        spec: &spec,
        spec_path: &cli.spec,
        books: books.as_ref(),
        partial: earlier.partial(),
        as_of: &cli.as_of,
    };
    let evaluation = Evaluation::of(task).await?;
    if let Some(json) = json {
        json.write(&earlier.with(&evaluation.figures())?)?;
    }
    Ok(evaluation)
}
