//! Runs exchanges in process, for a profiler that counts instructions: see `instructions.sh`.

use anyhow::Result;
use clap::Parser;
use tiltmeter_benches::in_process::{BURST, Requests, Subject, Variant};

#[derive(Debug, Parser)]
struct Cli {
    /// How the service is wrapped.
    #[arg(long, value_enum, default_value = "log")]
    variant: Variant,
    /// How many exchanges.
    #[arg(long, default_value_t = 1)]
    exchanges: usize,
    /// The clients do not name their requests.
    #[arg(long)]
    without_id: bool,
    /// What `cargo bench` passes.
    #[arg(long, hide = true)]
    bench: bool,
    /// What `cargo bench -- --test` passes.
    #[arg(long, hide = true)]
    test: bool,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let requests = Requests { named: !cli.without_id, extended: true };
    let mut subject = Subject::new(cli.variant)?;
    let mut left = cli.exchanges;
    while left > 0 {
        let burst = left.min(BURST);
        subject.prepare(burst, requests);
        for _ in 0..burst {
            subject.exchange();
        }
        subject.settle();
        left -= burst;
    }
    subject.finish()
}
