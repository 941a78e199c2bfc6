//! What monitoring has found, for people: text for a terminal, and one self-contained page.
//!
//! A [`Report`] is made of an [`Analysis`](tiltmeter_monitor::Analysis), and shows all of it: the headlines first,
//! then performance, drift, scores, calibration, segments, labels and the books. What is not there is said, with the
//! reason. The page has its charts as SVG, needs neither network nor script, follows the reader's colour scheme, fits a
//! phone, and prints; beside each chart stand its figures as a table.
//!
//! A [`ComparisonReport`] does the same for a challenger beside its champion, and writes the requests on which they disagree as
//! CSV, for whoever looks at them.
//!
//! Not for programs: they read the findings themselves. Nothing is read or written here, and no clock is asked.
//!
//! ```
//! use tiltmeter_monitor::Analysis;
//! use tiltmeter_report::{Report, TerminalStyle};
//!
//! # fn main() -> Result<(), tiltmeter_report::Error> {
//! # let analysis = Analysis {
//! #     model: "delays".to_owned(), predictions: 0, sampled: None, seen: None, baseline: None, headlines: vec![], notes: vec![],
//! #     overall: tiltmeter_monitor::performance::quality(&[], &[], []), deployments: vec![], months: vec![], versions: vec![], segments: vec![], as_of: vec![], labels: None,
//! #     cohorts: vec![], drift: vec![], scores: None,
//! # };
//! let problems = ["predictions/0007.parquet is cut short".to_owned()];
//! let report = Report::new(&analysis).with_problems(&problems);
//!
//! let page: String = report.html()?;
//! assert!(page.contains("predictions/0007.parquet is cut short"));
//! println!("{}", report.terminal(TerminalStyle { colour: false, width: 80 }));
//! # Ok(())
//! # }
//! ```
//!
//! From the log to the page, for a model whose spec and reference lie in the current folder:
//!
//! ```no_run
//! use tiltmeter_monitor::{Inputs, Policy, analyse, build_baseline};
//! use tiltmeter_record::ModelSpec;
//! use tiltmeter_report::Report;
//! use tiltmeter_store::{Location, PredictionTable, read_labels, read_reference};
//!
//! # async fn page() -> Result<(), Box<dyn std::error::Error>> {
//! let spec = ModelSpec::read_file("model.yaml")?;
//! let reference = read_reference(&Location::local("reference.parquet"), &spec).await?;
//! let baseline = build_baseline(spec.kind, &reference.predictions, reference.labels.as_deref())?;
//! std::fs::write("churn.tiltbase", baseline.encode())?;
//!
//! let logged = PredictionTable::local("/var/lib/predictions").read(&spec).await?;
//! let labels = match &spec.labels {
//!     Some(rule) => Some(read_labels(&Location::local(&rule.path), rule).await?.labels),
//!     None => None,
//! };
//! let inputs = Inputs {
//!     baseline: Some(&baseline),
//!     labels: labels.as_ref(),
//!     ..Inputs::new(&spec, &logged.predictions)
//! };
//! let analysis = analyse(&inputs, &Policy::default());
//! std::fs::write("report.html", Report::new(&analysis).html()?)?;
//! # Ok(())
//! # }
//! ```
//!
//! The code, in reading order: `report` is what callers hold; `page` puts sections together, of the charts in `svg` and
//! the tables in `tables`, which `terminal` shows too; `absent` says why there is nothing to show; `stretches` are the
//! periods that charts show; `shadow` is the report of champion and challenger; `marks` are the signs and colours of verdicts; `figures`, `calendar` and `outside` write numbers, dates and names from outside.

mod absent;
mod calendar;
mod error;
mod figures;
mod marks;
mod outside;
mod page;
mod read_books;
mod report;
mod scale;
mod shadow;
mod stretches;
mod svg;
mod table;
mod tables;
mod terminal;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use read_books::ReadBooks;
pub use report::Report;
pub use shadow::ComparisonReport;
pub use terminal::TerminalStyle;
