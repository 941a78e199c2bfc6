//! `cargo run --release -p example-flights`: see the library of this package.

use std::{env, process::ExitCode};

use anyhow::Result;
use clap::Parser;
use example_flights::{
    cli::Cli,
    console::{self, Style},
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
        let evaluation = report_only(cli, folder).await?;
        console::print(&evaluation.render(style, &here))?;
        return Ok(ExitCode::SUCCESS);
    }
    let run = run(cli).await?;
    console::print(&run.summary.render(style, &here))?;
    if let Some(evaluation) = &run.evaluation {
        console::print(&evaluation.render(style, &here))?;
    }
    Ok(run.summary.exit_code())
}
