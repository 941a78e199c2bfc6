//! The comparison of a file of pairs, without any service.

use std::path::Path;

use anyhow::{Context, Result, bail};
use example_flights::advice::Advice;
use tiltmeter::ModelSpec;
use tiltmeter::record::columns::{LabelColumns, PairColumns};
use tiltmeter_monitor::labels::Joined;
use tiltmeter_monitor::shadow::{
    Comparison, ComparisonPolicy, PairInputs, PromotionInputs, PromotionVerdict, compare, join_labels,
    promotion_verdict,
};
use tiltmeter_store::{FileProblem, Location, read_labels, read_pairs};

use crate::cli::Cli;

/// What is compared.
#[derive(Debug)]
pub struct Offline {
    spec: ModelSpec,
    pairs: PairColumns,
    /// By row of the pairs; `None` when there is no talk of labels.
    labels: Option<Joined>,
    policy: ComparisonPolicy,
}

impl Offline {
    /// Reads `pairs`, a file or a folder, and the files that the command line names.
    ///
    /// # Errors
    /// When one of them cannot be read, or has not the columns that it should have.
    pub async fn read(cli: &Cli, pairs: &Path) -> Result<Self> {
        let spec = ModelSpec::read_file(&cli.spec)?;
        let read = read_pairs(&Location::local(pairs), &spec.name, &spec.segments)
            .await
            .with_context(|| unreadable("the pairs", pairs))?;
        all_read(&read.problems, "the columns are described in examples/shadow/data/README.md")?;
        let labels = match &cli.labels {
            None => None,
            Some(path) => Some(Self::labels(path, &spec, &read.pairs).await?),
        };
        let mut policy = ComparisonPolicy::default();
        policy.shadow_timeout = cli.shadow_timeout();
        Ok(Self { spec, pairs: read.pairs, labels, policy })
    }

    async fn labels(path: &Path, spec: &ModelSpec, pairs: &PairColumns) -> Result<Joined> {
        let Some(rule) = &spec.labels else {
            bail!(Advice::new("the spec does not say how labels are matched", "add a section labels to it"));
        };
        let read = read_labels(&Location::local(path), rule)
            .await
            .with_context(|| unreadable("the labels", path))?;
        all_read(&read.problems, "the section labels of the spec names the columns")?;
        let labels: LabelColumns = read.labels;
        Ok(join_labels(spec.kind, rule, pairs, &labels, None))
    }

    /// The pairs that were read.
    #[must_use]
    pub fn pairs(&self) -> &PairColumns {
        &self.pairs
    }

    /// Compares them.
    #[must_use]
    pub fn compare(&self) -> Comparison {
        let labels = self.labels.as_ref().map(Joined::label);
        let inputs = PairInputs { labels, sla: self.spec.sla, ..PairInputs::new(&self.pairs) };
        compare(&inputs, &self.policy)
    }

    /// Judges the challenger by what the spec asks for, day by day.
    #[must_use]
    pub fn verdict(&self) -> PromotionVerdict {
        let inputs = PromotionInputs {
            labels: self.labels.as_ref().map(Into::into),
            ..PromotionInputs::new(&self.spec.promotion, &self.pairs)
        };
        promotion_verdict(&inputs, &self.policy)
    }
}

fn unreadable(what: &str, path: &Path) -> Advice {
    Advice::new(
        format!("cannot read {what} {}", path.display()),
        "name a Parquet file, or a folder of them, that exists and can be read",
    )
}

/// Figures of half of the rows would look like those of all.
fn all_read(problems: &[FileProblem], what_to_do: &str) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    bail!(Advice::new(problems.join("; "), what_to_do))
}
