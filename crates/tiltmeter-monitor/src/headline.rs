//! What it comes to, in a sentence.

mod inputs;
mod missing;
mod performance;
mod score;

use jiff::civil::Date;

use crate::{Analysis, Deployment, Period};

/// How much a headline matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Something is wrong with the model or its data.
    Bad,
    /// Something could not be looked at.
    Unknown,
    /// Something changed, and nothing follows from it.
    Notice,
    /// All is well.
    Good,
}

/// What it comes to, in a sentence, and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// How much it matters.
    pub severity: Severity,
    /// The sentence, such as "Performance fell in April 2013, and has not recovered".
    pub title: String,
    /// The figures behind it, one or two sentences.
    pub detail: String,
    /// What to do next, one sentence; `None` when there is nothing to do.
    pub next_step: Option<String>,
}

/// The worst first.
pub(crate) fn headlines(analysis: &Analysis) -> Vec<Headline> {
    if analysis.predictions == 0 {
        return vec![Headline {
            severity: Severity::Unknown,
            title: "There are no predictions".to_owned(),
            detail: "Nothing was found that could be looked at.".to_owned(),
            next_step: Some("Look at whether the service logs, and at where its log goes.".to_owned()),
        }];
    }
    let found = [
        performance::headline(analysis),
        inputs::headline(analysis),
        score::headline(analysis),
        missing::headline(analysis),
    ];
    let mut headlines: Vec<Headline> = found.into_iter().flatten().collect();
    headlines.sort_by_key(|headline| headline.severity);
    headlines
}

/// The version that began to serve in a period, if it is not the first one.
fn deployed_in(analysis: &Analysis, period: Period) -> Option<&Deployment> {
    analysis.deployments.iter().skip(1).find(|deployment| {
        let day = crate::period::date_of(deployment.since.as_microsecond());
        (period.first_day()..=period.last_day()).contains(&day)
    })
}

fn range(interval: Option<(f64, f64)>) -> String {
    interval.map(|(lower, upper)| format!(" ({lower:.3} to {upper:.3})")).unwrap_or_default()
}

/// `April 2013`.
fn month_name(date: Date) -> String {
    date.strftime("%B %Y").to_string()
}

/// With as many decimals as matter: `8.75`, `0.184`.
fn index(psi: f64) -> String {
    if psi < 1.0 { format!("{psi:.3}") } else { format!("{psi:.2}") }
}

#[cfg(test)]
mod tests;
