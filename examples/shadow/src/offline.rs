//! The comparison of a file of pairs, without any service.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use example_flights::advice::Advice;
use tiltmeter::ModelSpec;
use tiltmeter::record::columns::{LabelColumns, PairColumns};
use tiltmeter::record::{ModelName, ShadowAccount, ShadowAccounts};
use tiltmeter_monitor::labels::Joined;
use tiltmeter_monitor::shadow::cost::{ReplicaCapacity, ShadowCost, ShadowUse};
use tiltmeter_monitor::shadow::{
    Comparison, ComparisonPolicy, PairInputs, PromotionInputs, PromotionVerdict, compare, join_labels,
    promotion_verdict,
};
use tiltmeter_store::{FileProblem, Location, read_labels, read_pairs, read_shadows};

use crate::cli::Cli;
use crate::output;

/// Where it lies.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The pairs, a file or a folder.
    pub pairs: PathBuf,
    /// The pairs of the champion with a second instance of it.
    pub second_champion: Option<PathBuf>,
    /// The folder of the log that has what was asked, and the books of the shadow.
    pub predictions: Option<PathBuf>,
}

/// A verdict in so many days would do: how much has to be copied for that is recommended.
const DAYS_TO_VERDICT: u64 = 30;

/// The folder of a challenger's pairs in a log begins so.
const CHALLENGER: &str = "challenger=";

impl Sources {
    /// Those of the command line; `None` when the service is to run.
    #[must_use]
    pub fn of(cli: &Cli) -> Option<Self> {
        Some(Self {
            pairs: cli.offline.clone()?,
            second_champion: cli.second_champion.clone(),
            predictions: cli.predictions.clone(),
        })
    }
}

/// What is compared.
#[derive(Debug)]
pub struct Offline {
    spec: ModelSpec,
    pairs: PairColumns,
    /// By row of the pairs; `None` when there is no talk of labels.
    labels: Option<Joined>,
    /// Where the pairs are of a log that has them.
    books: Option<ShadowAccount>,
    /// Of the files of pairs.
    bytes: Option<u64>,
    policy: ComparisonPolicy,
}

impl Offline {
    /// Reads the pairs, and the files that the command line names.
    ///
    /// # Errors
    /// When one of them cannot be read, or has not the columns that it should have.
    pub async fn read(cli: &Cli, sources: &Sources) -> Result<Self> {
        let spec = ModelSpec::read_file(&cli.spec)?;
        let mut pairs = Self::pairs_of(&sources.pairs, &spec).await?;
        if let Some(path) = &sources.second_champion {
            let joined = pairs.join_second_champion(&Self::pairs_of(path, &spec).await?);
            if joined.answered == 0 && !joined.pairs.is_empty() {
                bail!(Advice::new(
                    format!("{} has no answer to any of the requests", path.display()),
                    "name pairs of the same requests, in which the challenger is a second instance of the champion",
                ));
            }
            pairs = joined.pairs;
        }
        let labels = match &cli.labels {
            None => None,
            Some(path) => Some(Self::labels(path, &spec, &pairs).await?),
        };
        let books = Self::books_of(sources, &spec).await?;
        let mut policy = ComparisonPolicy::default();
        policy.shadow_timeout = cli.shadow_timeout();
        let bytes = output::bytes_below(&sources.pairs).ok();
        Ok(Self { spec, pairs, labels, books, bytes, policy })
    }

    async fn pairs_of(path: &Path, spec: &ModelSpec) -> Result<PairColumns> {
        let read = read_pairs(&Location::local(path), &spec.name, &spec.segments)
            .await
            .with_context(|| unreadable("the pairs", path))?;
        all_read(&read.problems, "the columns are described in examples/shadow/data/README.md")?;
        Ok(read.pairs)
    }

    /// What the shadow has counted, if the pairs lie in a log beside which it stands.
    async fn books_of(sources: &Sources, spec: &ModelSpec) -> Result<Option<ShadowAccount>> {
        let folder = sources.pairs.file_name().and_then(|name| name.to_str());
        let challenger = folder.and_then(|name| name.strip_prefix(CHALLENGER)?.parse::<ModelName>().ok());
        let (Some(root), Some(challenger)) = (&sources.predictions, challenger) else { return Ok(None) };
        let lies_within =
            |path: &Path| Some(path.canonicalize().ok()?.starts_with(root.canonicalize().ok()?));
        if lies_within(&sources.pairs) != Some(true) {
            return Ok(None);
        }
        let location = Location::local(root.join("shadows"));
        match read_shadows(&location, &spec.name, &challenger, ShadowAccounts::new()).await {
            Ok(read) => {
                all_read(&read.problems, "the log that wrote them can tell what they should be")?;
                Ok(Some(read.accounts.sum()).filter(|account| account.shadows > 0))
            }
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error).with_context(|| unreadable("the books of the shadow in", root)),
        }
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

    /// The spec of the model.
    #[must_use]
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
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
        let books = self.books.as_ref();
        let inputs = PairInputs { labels, books, sla: self.spec.sla, ..PairInputs::new(&self.pairs) };
        compare(&inputs, &self.policy)
    }

    /// What the shadow has cost, and what it would cost at other rates; `None` where it has left no books.
    ///
    /// A replica of the challenger is taken to answer one request at a time.
    #[must_use]
    pub fn cost(&self, verdict: &PromotionVerdict) -> Option<ShadowCost> {
        let used = ShadowUse::of_pairs(&self.pairs, self.policy.shadow_timeout);
        let used = ShadowUse { bytes_written: self.bytes, ..used.with_books(self.books.as_ref()?) };
        let cost = ShadowCost::of(&used).with_rates(&[0.1, 0.01]).with_replicas(ReplicaCapacity::new(1.0));
        Some(cost.with_recommended_rate(verdict, DAYS_TO_VERDICT))
    }

    /// Judges the challenger by what the spec asks for, day by day.
    #[must_use]
    pub fn verdict(&self) -> PromotionVerdict {
        let inputs = PromotionInputs {
            labels: self.labels.as_ref().map(Into::into),
            books: self.books.as_ref(),
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
