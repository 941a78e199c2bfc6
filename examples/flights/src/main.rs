//! `cargo run --release -p example-flights`: see the library of this package.

use std::{env, process::ExitCode};

use anyhow::Result;
use clap::Parser;
use example_flights::{
    cli::Cli,
    console::{self, Style},
    run::run,
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
    let summary = run(cli).await?;
    // without a current folder, folders are shown from the root
    let here = env::current_dir().unwrap_or_default();
    console::print(&summary.render(Style::of_stdout(), &here))?;
    Ok(summary.exit_code())
}
