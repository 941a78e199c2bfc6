//! `cargo run --release -p example-sampling`: see the library of this package.

use std::process::ExitCode;

use clap::Parser;
use example_flights::console;
use example_sampling::cli::Cli;
use example_sampling::run;

#[tokio::main]
async fn main() -> ExitCode {
    match run::run(&Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::report(&error);
            ExitCode::FAILURE
        }
    }
}
