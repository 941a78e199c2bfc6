//! `cargo run --release -p example-flights`: see the library of this package.

use std::{env, path::Path, process::ExitCode};

use anyhow::{Result, bail};
use clap::Parser;
use example_flights::{
    advice::Advice,
    cli::Cli,
    console::{self, Style},
    evaluation::Evaluation,
    run::{report_only, run},
};

#[tokio::main]
async fn main() -> ExitCode {
    match start(&Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            console::report(&error);
            ExitCode::FAILURE
        }
    }
}

async fn start(cli: &Cli) -> Result<ExitCode> {
    // without a current folder, folders are shown from the root
    let here = env::current_dir().unwrap_or_default();
    let style = Style::of_stdout();
    if let Some(folder) = &cli.report_only {
        return show(&report_only(cli, folder).await?, style, &here);
    }
    let run = run(cli).await?;
    console::print(&run.summary.render(style, &here))?;
    if let Some(evaluation) = run.evaluation {
        show(&evaluation?, style, &here)?;
    }
    Ok(run.summary.exit_code())
}

/// What was found, to stdout; what could not be read, to stderr as well.
///
/// # Errors
/// When the report could not be written.
fn show(evaluation: &Evaluation, style: Style, here: &Path) -> Result<ExitCode> {
    console::print(&evaluation.render(style, here))?;
    for problem in evaluation.problems() {
        console::note(&format!("warning: {problem}"));
    }
    match evaluation.unwritten() {
        None => Ok(ExitCode::SUCCESS),
        Some(reason) => bail!(Advice::new(
            format!("there is no report: {reason}"),
            "make its folder writable, and remove what stands in its place",
        )),
    }
}
