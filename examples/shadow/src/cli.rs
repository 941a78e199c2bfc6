//! The command line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;

/// This package's own folder: the defaults below do not depend on where the example is started.
const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

/// Show a challenger every request of ten months of flights, and tell whether
/// it may take over.
///
/// A service answers with one model, its requests are copied to another one
/// over HTTP, and the log keeps what both have answered. With --offline
/// nothing is served: a file of such pairs is compared. It has the columns of
/// a log, or those of examples/shadow/data/README.md. Requests that the
/// challenger did not answer are in it as well: without its score and its
/// decision.
#[derive(Clone, Debug, Parser)]
#[command(name = "example-shadow", version, verbatim_doc_comment)]
pub struct Cli {
    /// Compare this file of pairs, and serve nothing
    ///
    /// A Parquet file, or a folder of them.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "limit", "connections", "noise_floor"])]
    pub offline: Option<PathBuf>,

    /// The folder that gets predictions and pairs
    ///
    /// [default: target/shadow of the workspace]
    #[arg(long, value_name = "DIR", default_value_os_t = default_out())]
    #[arg(hide_default_value = true, verbatim_doc_comment)]
    pub out: PathBuf,

    /// Replay so many flights, and not all of them
    #[arg(long, value_name = "FLIGHTS")]
    pub limit: Option<u64>,

    /// Show the requests to a second gbm-1 as well
    ///
    /// What a model disagrees with itself is its noise: the second instance,
    /// the challenger gbm-1-again, tells how much of the disagreement of lr-1
    /// is that. Here it is none.
    #[arg(long, verbatim_doc_comment)]
    pub noise_floor: bool,

    /// How many connections the client has
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=512))]
    pub connections: u16,

    /// Write what was found to this file
    #[arg(long, value_name = "OUT")]
    pub json: Option<PathBuf>,

    /// The page to write, for people to look at
    ///
    /// [default: target/shadow/report.html of the workspace]
    #[arg(long, value_name = "OUT", default_value_os_t = default_page())]
    #[arg(hide_default_value = true, verbatim_doc_comment)]
    pub html: PathBuf,

    /// The disagreements as CSV, with what was asked
    ///
    /// [default: disagreements.csv beside the page; with --offline none]
    #[arg(long, value_name = "OUT")]
    #[arg(verbatim_doc_comment)]
    pub disagreements: Option<PathBuf>,

    /// With --offline: the log that has what was asked
    ///
    /// The folder that a log was given: below it is the table of predictions,
    /// predictions/model_name=…/date=…, in which the requests of the
    /// disagreements are looked up by their ids, and the books of the shadow,
    /// shadows/date=…, if the pairs lie in it as well.
    #[arg(long, value_name = "DIR", requires = "offline", verbatim_doc_comment)]
    pub predictions: Option<PathBuf>,

    /// With --offline: pairs with a second champion
    ///
    /// A file or folder like that of --offline, in which the challenger is a
    /// second instance of the champion: what of the disagreement is noise.
    #[arg(long, value_name = "FILE", requires = "offline", verbatim_doc_comment)]
    pub second_champion: Option<PathBuf>,

    /// What turned out to be true, to tell who is right
    ///
    /// A Parquet file, or a folder of them, with the columns that the spec
    /// names: entity_id, label and label_timestamp.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub labels: Option<PathBuf>,

    /// The model spec: labels, and what is promised
    ///
    /// [default: model.yaml of the example]
    #[arg(long, value_name = "FILE", default_value_os_t = in_package("model.yaml"))]
    #[arg(hide_default_value = true, verbatim_doc_comment)]
    pub spec: PathBuf,

    /// How long the challenger was given
    #[arg(long, value_name = "MS", default_value_t = 250, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    pub shadow_timeout_ms: u64,
}

impl Cli {
    /// How long the challenger is given.
    #[must_use]
    pub fn shadow_timeout(&self) -> Duration {
        Duration::from_millis(self.shadow_timeout_ms)
    }

    /// Where the table of disagreements goes, if anywhere.
    #[must_use]
    pub fn disagreements(&self) -> Option<PathBuf> {
        let beside = || self.offline.is_none().then(|| self.html.with_file_name("disagreements.csv"));
        self.disagreements.clone().or_else(beside)
    }
}

/// A file of the example of the flights.
pub(crate) fn flights(name: &str) -> PathBuf {
    Path::new(PACKAGE).with_file_name("flights").join(name)
}

pub(crate) fn in_package(name: &str) -> PathBuf {
    Path::new(PACKAGE).join(name)
}

fn default_out() -> PathBuf {
    let workspace = Path::new(PACKAGE).ancestors().nth(2).unwrap_or(Path::new(PACKAGE));
    workspace.join("target").join("shadow")
}

fn default_page() -> PathBuf {
    default_out().join("report.html")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

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
    fn defaults_lie_in_the_package_and_in_the_workspace() {
        let cli = Cli::parse_from(["example-shadow"]);
        assert!(cli.spec.is_file() && cli.out.ends_with("target/shadow"));
        assert!(cli.html.ends_with("target/shadow/report.html") && !cli.html.starts_with(PACKAGE));
        assert!(cli.disagreements().unwrap().ends_with("target/shadow/disagreements.csv"));
    }

    #[test]
    fn a_table_is_written_where_somebody_asks_for_it_or_serves() {
        let table = |options: &[&str]| {
            Cli::try_parse_from(["example-shadow"].iter().chain(options)).map(|cli| cli.disagreements())
        };
        assert_eq!(table(&["--offline", "p"]).unwrap(), None);
        let beside = table(&["--html", "a/b.html"]).unwrap();
        assert_eq!(beside.as_deref(), Some(Path::new("a/disagreements.csv")));
        let asked = table(&["--offline", "p", "--disagreements", "d.csv", "--predictions", "log"]).unwrap();
        assert_eq!(asked.as_deref(), Some(Path::new("d.csv")));
        for alone in
            [&["--predictions", "log"][..], &["--second-champion", "f"], &["--offline", "p", "--noise-floor"]]
        {
            assert!(table(alone).is_err(), "{alone:?}");
        }
    }
}
