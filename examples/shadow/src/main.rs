//! `cargo run --release -p example-shadow`: see the library of this package.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use example_flights::{
    console::{self, Style},
    output::JsonFile,
};
use example_shadow::{books, cli::Cli, figures::Figures, live, offline::Offline, page};
use tiltmeter_report::{ComparisonReport, TerminalStyle};

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
    let pairs = match &cli.offline {
        Some(pairs) => pairs.clone(),
        None => {
            let live = live::run(cli).await?;
            console::print(&books::render(&live))?;
            live.pairs
        }
    };
    let offline = Offline::read(cli, &pairs).await?;
    let comparison = offline.compare();
    // before the verdict, which takes longer
    if let Some(json) = json {
        json.write(&Figures::of(&comparison))?;
    }
    let verdict = offline.verdict();
    let report = ComparisonReport::new(&comparison).with_verdict(&verdict);
    let style = TerminalStyle { colour: Style::of_stdout().has_colour(), width: 100 };
    console::print(&report.terminal(style))?;
    page::write(&cli.html, &report.html()?)?;
    console::print(&format!("\nThe page: {}\n", cli.html.display()))
}
