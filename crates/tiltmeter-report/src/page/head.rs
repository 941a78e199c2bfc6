//! The head of the page: whose it is, and what it comes to.

use tiltmeter_monitor::{Analysis, SampledTable};

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
        Fact { name: "Predictions", value: predictions(analysis) },
    ];
    if let Some(labels) = &analysis.labels {
        let of_rows =
            if labels.predictions == 0 { 0.0 } else { labels.matched as f64 / labels.predictions as f64 };
        let of_all = analysis.sampled.as_ref().and_then(|sampled| sampled.match_rate.as_ref()?.value());
        let share = of_all.unwrap_or(of_rows);
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

/// How many there are; where rows were sampled how many stand for how many.
pub(crate) fn predictions(analysis: &Analysis) -> String {
    match analysis.sampled.as_ref().and_then(SampledTable::about) {
        Some(about) => {
            let rows = figures::counted(analysis.predictions, "row");
            format!("{rows} for about {}", figures::counted(about, "prediction"))
        }
        None => figures::count(analysis.predictions),
    }
}

/// The first and the last day.
pub(crate) fn period(analysis: &Analysis) -> String {
    analysis.seen.map_or_else(
        || "no predictions".to_owned(),
        |(first, last)| calendar::range((calendar::date_of(first), calendar::date_of(last))),
    )
}
