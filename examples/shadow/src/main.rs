//! `cargo run --release -p example-shadow`: see the library of this package.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use example_flights::{
    console::{self, Style},
    output::JsonFile,
};
use example_shadow::{
    asked, books,
    cli::Cli,
    figures::Figures,
    live,
    offline::{Offline, Sources},
    output,
};
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
    let sources = match Sources::of(cli) {
        Some(sources) => sources,
        None => {
            let live = live::run(cli).await?;
            console::print(&books::render(&live))?;
            live.sources
        }
    };
    let offline = Offline::read(cli, &sources).await?;
    let mut comparison = offline.compare();
    let problems = match &sources.predictions {
        Some(root) => asked::join(&mut comparison.disagreements, offline.spec(), root).await?,
        None => Vec::new(),
    };
    // before the verdict, which takes longer
    if let Some(json) = json {
        json.write(&Figures::of(&comparison))?;
    }
    let verdict = offline.verdict();
    let cost = offline.cost(&verdict);
    let report = ComparisonReport::new(&comparison).with_verdict(&verdict).with_problems(&problems);
    let report = cost.as_ref().map_or(report, |cost| report.with_cost(cost));
    let style = TerminalStyle { colour: Style::of_stdout().has_colour(), width: 100 };
    console::print(&report.terminal(style))?;
    output::write(&cli.html, &report.html()?, "--html")?;
    console::print(&format!("\nThe page: {}\n", cli.html.display()))?;
    if let Some(path) = cli.disagreements() {
        output::write(&path, &report.disagreements_csv(), "--disagreements")?;
        console::print(&format!("The disagreements: {}\n", path.display()))?;
    }
    Ok(())
}
