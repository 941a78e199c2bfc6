//! What is to be shown.

use jiff::Timestamp;
use tiltmeter_monitor::shadow::cost::ShadowCost;
use tiltmeter_monitor::shadow::{Comparison, PromotionVerdict};

use super::{csv, page, terminal};
use crate::{Error, TerminalStyle};

/// A comparison of a challenger with its champion, and what belongs beside it.
///
/// The page has the headlines first, the verdict of a promotion before all others; then its criteria, agreement over time,
/// scores, latencies, failures, who is right, groups, disagreements, coverage and what the shadow costs. What is not there is
/// said, with the reason. It is made as a [`Report`](crate::Report) is: one file without network and script, for light and dark,
/// phones and paper. The same input gives the same text, byte for byte.
///
/// The page names requests and shows what they were asked, as far as
/// [`Disagreement::inputs`](tiltmeter_monitor::shadow::Disagreement::inputs) has it: who may not see those may not be given
/// the page.
///
/// ```
/// use tiltmeter_monitor::shadow::{ComparisonPolicy, PairInputs, compare};
/// use tiltmeter_record::columns::PairColumns;
/// use tiltmeter_report::{ComparisonReport, TerminalStyle};
///
/// fn show(pairs: &PairColumns) -> Result<String, tiltmeter_report::Error> {
///     let comparison = compare(&PairInputs::new(pairs), &ComparisonPolicy::default());
///     let report = ComparisonReport::new(&comparison);
///     println!("{}", report.terminal(TerminalStyle { colour: false, width: 100 }));
///     report.html()
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ComparisonReport<'a> {
    pub(super) comparison: &'a Comparison,
    pub(super) verdict: Option<&'a PromotionVerdict>,
    pub(super) cost: Option<&'a ShadowCost>,
    pub(super) problems: &'a [String],
    pub(super) made_at: Option<Timestamp>,
}

impl<'a> ComparisonReport<'a> {
    /// A report of this comparison.
    #[must_use]
    pub fn new(comparison: &'a Comparison) -> Self {
        Self { comparison, verdict: None, cost: None, problems: &[], made_at: None }
    }

    /// With the verdict whether the challenger may take the champion's place. It comes first then; without it the report
    /// describes, and says that nothing was judged.
    #[must_use]
    pub fn with_verdict(self, verdict: &'a PromotionVerdict) -> Self {
        Self { verdict: Some(verdict), ..self }
    }

    /// With what the shadow costs. Without it the page says that it was not measured.
    #[must_use]
    pub fn with_cost(self, cost: &'a ShadowCost) -> Self {
        Self { cost: Some(cost), ..self }
    }

    /// With what could not be read, such as a corrupt file among good ones: a sentence each.
    #[must_use]
    pub fn with_problems(self, problems: &'a [String]) -> Self {
        Self { problems, ..self }
    }

    /// With the time at which it is made. Without it the page does not say when that was.
    #[must_use]
    pub fn with_made_at(self, made_at: Timestamp) -> Self {
        Self { made_at: Some(made_at), ..self }
    }

    /// One page of HTML that needs nothing beside itself: no network, no script, no font. It is also well-formed XML.
    ///
    /// # Errors
    /// When a template fails to write itself, which no input is known to cause.
    pub fn html(&self) -> Result<String, Error> {
        page::html(self)
    }

    /// The disagreements that were drawn for a person to look at, as CSV with a head: for a spreadsheet, pandas or DuckDB.
    ///
    /// | column | what it is |
    /// | --- | --- |
    /// | `request_id`, `instance_index`, `event_time` | which request, in UTC |
    /// | `flip` | the kind: `0 to 1` is what the champion and what the challenger decided |
    /// | `segment_…` | the segments, a column each |
    /// | `champion_…`, `challenger_…` | `version`, `decision`, `score`, `latency_ms` of both |
    /// | `score_distance`, `weight` | how far apart they are, and for how many disagreements of its kind it stands |
    /// | `label`, `right` | what turned out to be true, and who was right: `champion`, `challenger`, `both`, `neither` |
    /// | `input_…` | what was asked, a column each, where [inputs](tiltmeter_monitor::shadow::Disagreements::join_inputs) were joined |
    ///
    /// What is not known is empty. Texts are in quotation marks, numbers are written so that they are read as the same number
    /// again.
    ///
    /// Texts come from whoever sends requests, and a spreadsheet computes what looks like a formula. So a text that begins
    /// with `=`, `+`, `-` or `@` and is no number has an apostrophe before it, also where such a sign follows a semicolon, a tab or
    /// a line break, at which some split lines; and so has one that begins with an apostrophe, so that taking one away gives
    /// the text. Digits in quotation marks are numbers to most spreadsheets all the same: leading zeros of an id are lost there,
    /// unless its column is imported as text.
    #[must_use]
    pub fn disagreements_csv(&self) -> String {
        csv::disagreements(&self.comparison.disagreements.rows)
    }

    /// Text for a terminal: a screen of it.
    #[must_use]
    pub fn terminal(&self, style: TerminalStyle) -> String {
        terminal::text(self, style)
    }
}
