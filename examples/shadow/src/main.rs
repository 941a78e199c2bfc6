//! `cargo run --release -p example-shadow`: see the library of this package.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use example_flights::{
    console::{self, Style},
    output::JsonFile,
};
use example_shadow::{cli::Cli, figures::Figures, offline::Offline, summary};

#[tokio::main]
async fn main() -> ExitCode {
    match start(&Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::report(&error);
            ExitCode::FAILURE
        }
    }
}

async fn start(cli: &Cli) -> Result<()> {
    // what cannot be written is told before anything is computed
    let json = cli.json.as_deref().map(JsonFile::at).transpose()?;
    let offline = Offline::read(cli).await?;
    let comparison = offline.compare();
    console::print(&summary::render(&comparison, Style::of_stdout()))?;
    if let Some(json) = json {
        json.write(&Figures::of(&comparison))?;
    }
    Ok(())
}
