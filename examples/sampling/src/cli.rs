//! The command line.

use std::path::{Path, PathBuf};

use clap::Parser;

use crate::policies::PolicyKind;

/// This package's own folder: the defaults below do not depend on where the example is started.
const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

/// Sample ten months of flights, and show what can be told from what is kept.
///
/// 150,000 departures from New York and what a model said of them go through
/// the log, which folds all of them into profiles and keeps the rows that a
/// policy asks for, each with the probability with which it was kept. Then the
/// rows are read back: what they say of each month, beside what all rows say;
/// how far that can be trusted, over many keys; what the profiles say of
/// drift; and what they take, at a million predictions a day.
///
/// With --out only the first is done: the flights are replayed, and what the
/// log has written is left in a folder, for other programs to read.
#[derive(Clone, Debug, Parser)]
#[command(name = "example-sampling", version, verbatim_doc_comment)]
pub struct Cli {
    /// What is kept: tails or capped
    ///
    /// tails keeps all scores above 0.95 and below 0.05, and all failures;
    /// capped no more of what is remarkable than a stated share.
    #[arg(long, value_enum, default_value_t = PolicyKind::Tails)]
    #[arg(hide_possible_values = true, verbatim_doc_comment)]
    pub policy: PolicyKind,

    /// The rate of rows that no rule keeps
    #[arg(long, value_name = "R", default_value_t = 0.1, value_parser = rate)]
    pub rate: f64,

    /// The seed: another keeps other rows
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,

    /// Only replay, into this folder
    ///
    /// The rows that are kept are in predictions, the profiles of all flights
    /// in profiles, and the books of the log beside them.
    #[arg(long, value_name = "DIR", verbatim_doc_comment)]
    pub out: Option<PathBuf>,

    /// Keys that the study takes, each policy
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub seeds: u64,

    /// Predictions of the measured day
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub per_day: u64,

    /// The picture of bias and intervals by rate
    ///
    /// [default: target/sampling/sampling.svg of the workspace]
    #[arg(long, value_name = "FILE", default_value_os_t = work().join("sampling.svg"))]
    #[arg(hide_default_value = true, verbatim_doc_comment)]
    pub picture: PathBuf,

    /// Write what was found to this file
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Replay only the first N flights
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,

    /// Folder of the recorded flights
    ///
    /// [default: the data folder of the example of flights]
    #[arg(long, value_name = "DIR", default_value_os_t = flights("data"))]
    #[arg(hide_default_value = true, verbatim_doc_comment)]
    pub data: PathBuf,

    /// What the log is told about the model
    ///
    /// [default: model.yaml of the example of flights]
    #[arg(long, value_name = "FILE", default_value_os_t = flights("model.yaml"))]
    #[arg(hide_default_value = true, verbatim_doc_comment)]
    pub spec: PathBuf,
}

/// The example's own folder, which it clears.
#[must_use]
pub fn work() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| Path::new(PACKAGE).join("../../target"), PathBuf::from);
    target.join("sampling")
}

fn flights(name: &str) -> PathBuf {
    Path::new(PACKAGE).join("../flights").join(name)
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| *rate > 0.0 && *rate <= 1.0);
    rate.ok_or_else(|| "allowed: a number above 0 and up to 1".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parsed(options: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(["example-sampling"].iter().chain(options))
    }

    #[test]
    fn the_definition_is_sound_and_its_help_fits_a_terminal() {
        let mut command = Cli::command();
        command.clone().debug_assert();
        for help in [command.render_help(), command.render_long_help()] {
            for line in help.to_string().lines() {
                assert!(line.len() <= 80, "{line}");
            }
        }
    }

    #[test]
    fn defaults_lie_in_the_package_of_flights_and_in_the_target_folder() {
        let cli = parsed(&[]).unwrap();
        assert!(cli.data.join("predictions.parquet").is_file() && cli.spec.is_file());
        assert!(work().ends_with("sampling") && !work().starts_with(PACKAGE));
        assert_eq!(cli.picture, work().join("sampling.svg"));
        assert_eq!((cli.policy, cli.rate, cli.seed, cli.out), (PolicyKind::Tails, 0.1, 1, None));
        assert_eq!((cli.seeds, cli.per_day, cli.limit), (200, 1_000_000, None));
    }

    #[test]
    fn what_is_asked_for_is_what_is_done() {
        let line =
            ["--policy", "capped", "--rate", "0.5", "--seed", "7", "--out", "somewhere", "--limit", "10"];
        let cli = parsed(&line).unwrap();
        assert_eq!((cli.policy, cli.rate, cli.seed), (PolicyKind::Capped, 0.5, 7));
        assert_eq!((cli.out.as_deref(), cli.limit), (Some(Path::new("somewhere")), Some(10)));
    }

    #[test]
    fn values_that_cannot_be_are_refused() {
        for wrong in [
            ["--rate", "0"],
            ["--rate", "1.5"],
            ["--rate", "-0.1"],
            ["--rate", "NaN"],
            ["--rate", "a tenth"],
            ["--policy", "all"],
            ["--seeds", "0"],
            ["--per-day", "0"],
            ["--limit", "0"],
        ] {
            assert!(parsed(&wrong).is_err(), "{wrong:?}");
        }
        assert!(parsed(&["--rate", "1"]).is_ok());
    }
}
