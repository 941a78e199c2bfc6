//! The head of the page: whose it is, and what it comes to.

use tiltmeter_monitor::Analysis;

use crate::{calendar, figures, marks, outside};

/// A thing to know about the whole report.
#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

/// A headline, ready to be shown.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) mark: marks::Mark,
    pub(crate) title: String,
    pub(crate) detail: String,
    pub(crate) next_step: Option<String>,
}

pub(super) fn facts(analysis: &Analysis) -> Vec<Fact> {
    let mut facts = vec![
        Fact { name: "Period", value: period(analysis) },
        Fact { name: "Predictions", value: figures::count(analysis.predictions) },
    ];
    if let Some(labels) = &analysis.labels {
        let share =
            if labels.predictions == 0 { 0.0 } else { labels.matched as f64 / labels.predictions as f64 };
        let value = format!("{} ({})", figures::count(labels.matched), figures::percent(share));
        facts.push(Fact { name: "With a label", value });
    }
    facts.push(Fact {
        name: "Baseline",
        value: analysis.baseline.as_ref().map_or_else(
            || "none".to_owned(),
            |baseline| {
                let id = outside::label(&baseline.id, 9);
                let days = baseline.days.map(|days| format!(", {}", calendar::range(days)));
                format!("{id}{}", days.unwrap_or_default())
            },
        ),
    });
    facts
}

pub(super) fn stories(analysis: &Analysis) -> Vec<Story> {
    let stories = analysis.headlines.iter().map(|headline| Story {
        mark: marks::of_headline(headline),
        title: outside::sentence(&headline.title),
        detail: outside::sentence(&headline.detail),
        next_step: headline.next_step.as_deref().map(outside::sentence),
    });
    stories.collect()
}

/// The first and the last day.
pub(crate) fn period(analysis: &Analysis) -> String {
    analysis.seen.map_or_else(
        || "no predictions".to_owned(),
        |(first, last)| calendar::range((calendar::date_of(first), calendar::date_of(last))),
    )
}
