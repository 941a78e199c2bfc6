//! The command line.

use std::path::{Path, PathBuf};

use clap::Parser;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// This package's own folder: the defaults below do not depend on where the example is started.
const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

/// Replay ten months of real flights through a real service, log its
/// predictions, and find out from the log what became of them.
///
/// 150,000 departures from New York are sent over HTTP, in the order in which
/// they left, to a service on this machine that predicts which of them arrive
/// late. On 1 October 2013 a retrained model takes over. Each answer is compared
/// with the recorded one, and every prediction is accounted for. Then the log is
/// read back: drift against January and February, the labels that arrived since,
/// how good the models were, and a report of it all, report.html.
#[derive(Clone, Debug, Parser)]
#[command(name = "example-flights", version, verbatim_doc_comment)]
pub struct Cli {
    /// Folder of the recorded flights and the models
    ///
    /// It holds predictions.parquet, gbm-1.json and gbm-2.json.
    /// [default: the data folder of the example]
    #[arg(long, value_name = "DIR", default_value_os_t = in_package("data"))]
    #[arg(hide_default_value = true, verbatim_doc_comment)]
    pub data: PathBuf,

    /// What the log is told about the model
    ///
    /// [default: model.yaml of the example]
    #[arg(long, value_name = "FILE", default_value_os_t = in_package("model.yaml"))]
    #[arg(hide_default_value = true, verbatim_doc_comment)]
    pub spec: PathBuf,

    /// Folder for the predictions, run.json and report.html
    ///
    /// The baseline is stored there, too. Predictions of an earlier run of
    /// this example are replaced, others are never touched.
    /// [default: target/flights of the workspace]
    #[arg(long, value_name = "DIR", default_value_os_t = default_out())]
    #[arg(hide_default_value = true, verbatim_doc_comment)]
    pub out: PathBuf,

    /// Tell what was known at this instant
    ///
    /// For example 2013-04-01T00:00:00Z, or 2013-04-01 for its first moment.
    /// May be given more than once.
    #[arg(long, value_name = "INSTANT", value_parser = instant, verbatim_doc_comment)]
    pub as_of: Vec<Timestamp>,

    /// Only make the report of an earlier run, again
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "limit", "data", "port", "connections"])]
    pub report_only: Option<PathBuf>,

    /// Replay only the first N flights
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,

    /// Write what run.json tells to this file, too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Port for the service, 0 for a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,

    /// Connections that send at once, 1 to 256
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub connections: u16,
}

/// An instant in RFC 3339, or a date, which stands for its first moment in UTC.
fn instant(text: &str) -> Result<Timestamp, String> {
    let of_date = |date: Date| TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok();
    let allowed = "allowed: an instant such as 2013-04-01T00:00:00Z, or a date such as 2013-04-01";
    text.parse().ok().or_else(|| text.parse().ok().and_then(of_date)).ok_or_else(|| allowed.to_owned())
}

fn in_package(name: &str) -> PathBuf {
    Path::new(PACKAGE).join(name)
}

fn default_out() -> PathBuf {
    let workspace = Path::new(PACKAGE).ancestors().nth(2).unwrap_or(Path::new(PACKAGE));
    workspace.join("target").join("flights")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_fits_a_terminal() {
        let mut command = Cli::command();
        for help in [command.render_help(), command.render_long_help()] {
            for line in help.to_string().lines() {
                assert!(line.len() <= 80, "{line}");
            }
        }
    }

    #[test]
    fn defaults_lie_in_the_package_and_in_the_workspace() {
        let cli = Cli::parse_from(["example-flights"]);
        assert!(cli.data.join("gbm-1.json").is_file());
        assert!(cli.out.ends_with("target/flights") && !cli.out.starts_with(PACKAGE));
        assert_eq!((cli.limit, cli.port, cli.connections), (None, 0, 8));
    }

    #[test]
    fn a_date_is_its_first_moment() {
        let parsed = |text| Cli::try_parse_from(["example-flights", "--as-of", text]).map(|cli| cli.as_of[0]);
        assert_eq!(parsed("2013-04-01").unwrap(), parsed("2013-04-01T00:00:00Z").unwrap());
        assert!(parsed("2013-04").unwrap_err().to_string().contains("2013-04-01T00:00:00Z"));
    }

    #[test]
    fn limits_are_checked() {
        for wrong in [["--limit", "0"], ["--connections", "0"], ["--connections", "257"], ["--port", "65536"]]
        {
            assert!(Cli::try_parse_from(["example-flights", wrong[0], wrong[1]]).is_err(), "{wrong:?}");
        }
    }
}
