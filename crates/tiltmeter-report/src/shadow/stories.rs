//! What it comes to: a headline for each question, the verdict first.

use tiltmeter_monitor::Measured;
use tiltmeter_monitor::shadow::promotion::{Criterion, CriterionState};
use tiltmeter_monitor::shadow::{
    Comparison, LabelledComparison, LatencySla, NoiseFloor, PromotionDecision, PromotionVerdict, SlaVerdict,
};

use super::names::{self, Names};
use super::quantity::Quantity;
use crate::marks::Mark;
use crate::page::head::Story;
use crate::{calendar, figures, outside};

const BAD: Mark = Mark { sign: "▲", word: "Problem", class: "bad" };
const UNKNOWN: Mark = Mark { sign: "?", word: "Not known", class: "unknown" };
const NOTICE: Mark = Mark { sign: "i", word: "Notice", class: "notice" };
const GOOD: Mark = Mark { sign: "✓", word: "Good", class: "good" };

/// All headlines: the verdict first, then what is wrong, then how often the two decide alike.
pub(super) fn stories(
    comparison: &Comparison,
    verdict: Option<&PromotionVerdict>,
    names: &Names,
) -> Vec<Story> {
    let mut stories = vec![agreement(comparison, names)];
    stories.extend(comparison.noise_floor.as_ref().map(|floor| noise(floor, names)));
    stories.push(right(comparison.labelled.as_ref(), names));
    stories.push(latency(comparison, names));
    stories.extend(failures(comparison, names));
    stories.extend(unrepresented(comparison));
    // stable: what is wrong comes first, the rest stays in its order
    stories.sort_by_key(|story| story.mark != BAD);
    verdict.map(of_verdict).into_iter().chain(stories).collect()
}

fn of_verdict(verdict: &PromotionVerdict) -> Story {
    let mark = match verdict.decision {
        PromotionDecision::Promote => Mark { sign: "✓", word: "Verdict", class: "good verdict" },
        PromotionDecision::Reject => Mark { sign: "▲", word: "Verdict", class: "bad verdict" },
        _ => Mark { sign: "○", word: "Verdict", class: "notice verdict" },
    };
    let about = match verdict.decision {
        PromotionDecision::Promote => None,
        PromotionDecision::Reject => Some(CriterionState::Failed),
        _ => Some(CriterionState::NotYet),
    };
    let said = |criterion: &Criterion| {
        format!("{}: {}.", capitalised(criterion.name.as_str()), outside::sentence(&criterion.sentence))
    };
    let mut detail: Vec<String> = match about {
        Some(state) => verdict.in_state(state).map(said).collect(),
        None => Vec::new(),
    };
    if let Some(first) = &verdict.first_decision {
        detail.push(format!("First decided on {}: {}.", calendar::day(first.day), first.decision));
    }
    detail.push(format!(
        "The probability that such a verdict is ever wrong is at most {}.",
        figures::percent(verdict.error).replace(".0 %", " %")
    ));
    Story {
        mark,
        title: capitalised(&outside::sentence(&verdict.summary)),
        detail: detail.join(" "),
        next_step: None,
    }
}

/// With a capital letter at its beginning.
pub(super) fn capitalised(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

fn agreement(comparison: &Comparison, names: &Names) -> Story {
    let Names { champion, challenger } = names;
    let found = &comparison.overall;
    let rate = match &found.agreement_rate {
        Measured::Known(estimate) => Quantity::Share.value(estimate),
        Measured::Undefined(reason) => {
            return Story {
                mark: UNKNOWN,
                title: format!("It is not known how often {challenger} decides like {champion}"),
                detail: format!("Because {}.", outside::sentence(reason)),
                next_step: None,
            };
        }
    };
    let interval = found.agreement_rate.estimate().and_then(|estimate| Quantity::Share.interval(estimate));
    let interval = interval.map(|interval| format!("95 % interval {interval} %. ")).unwrap_or_default();
    let mut detail = format!("{interval}Cohen's kappa {}.", Quantity::Plain.in_words(&found.cohen_kappa));
    let mut flips: Vec<_> = found.flips.iter().filter(|flip| flip.is_flip()).collect();
    flips.sort_by(|one, other| other.weight.total_cmp(&one.weight));
    let most: Vec<String> = flips
        .into_iter()
        .take(2)
        .map(|flip| {
            let (from, to) = (names::decision(&flip.champion), names::decision(&flip.challenger));
            format!(
                "in {} {champion} decides {from} and {challenger} {to}",
                Quantity::Share.in_words(&flip.share)
            )
        })
        .collect();
    if !most.is_empty() {
        detail.push_str(&format!(" Most frequent: {}.", most.join("; ")));
    }
    Story {
        mark: NOTICE,
        title: format!("{challenger} decides like {champion} in {rate} of requests"),
        detail,
        next_step: None,
    }
}

fn noise(floor: &NoiseFloor, names: &Names) -> Story {
    let Names { champion, challenger } = names;
    let Measured::Known(itself) = &floor.figures.agreement_rate else {
        return Story {
            mark: UNKNOWN,
            title: format!("It is not known how often {champion} differs from itself"),
            detail: "No request has the decisions of the challenger and of both instances of the champion."
                .to_owned(),
            next_step: None,
        };
    };
    let requests = figures::counted(floor.figures.pairs, "request");
    let title = if itself.value < 1.0 {
        let rate = Quantity::Share.value(itself);
        format!("A second instance of {champion} decides like it in {rate} of requests")
    } else {
        format!("A second instance of {champion} decides like it in all of {requests}")
    };
    let detail = format!(
        "What {challenger} differs beyond that: {} of decisions, {} in the distance of scores.",
        Quantity::Points.in_words(&floor.disagreement_beyond),
        Quantity::Difference.in_words(&floor.score_distance_beyond)
    );
    Story { mark: NOTICE, title, detail, next_step: None }
}

fn right(found: Option<&LabelledComparison>, names: &Names) -> Story {
    let Names { champion, challenger } = names;
    let Some(found) = found else {
        return Story {
            mark: UNKNOWN,
            title: "Who is right is not known".to_owned(),
            detail: "Labels were not looked at.".to_owned(),
            next_step: Some("Give a table of labels.".to_owned()),
        };
    };
    let (metric, difference) = match &found.roc_auc_difference {
        Measured::Known(_) => ("ROC AUC", Quantity::Difference.in_words(&found.roc_auc_difference)),
        Measured::Undefined(_) => ("accuracy", Quantity::Points.in_words(&found.accuracy_difference)),
    };
    let measured = if metric == "ROC AUC" { &found.roc_auc_difference } else { &found.accuracy_difference };
    let interval = measured.estimate().and_then(|estimate| estimate.interval);
    // an area is about the order of scores, not about decisions
    let (more, less) = if metric == "ROC AUC" {
        ("tells the labels apart better", "tells the labels apart less well")
    } else {
        ("is right more often", "is right less often")
    };
    let (mark, title) = match interval {
        Some((low, _)) if low > 0.0 => (GOOD, format!("{challenger} {more} than {champion}")),
        Some((_, high)) if high < 0.0 => (BAD, format!("{challenger} {less} than {champion}")),
        Some(_) => (NOTICE, format!("Neither {champion} nor {challenger} is proven to be better")),
        None => (UNKNOWN, "Who is right is not known".to_owned()),
    };
    let mut detail =
        format!("{metric} {difference} over {}.", figures::counted(found.labelled, "labelled pair"));
    for (name, quantity, measured) in [
        ("Brier score", Quantity::Difference, &found.brier_difference),
        ("Log loss", Quantity::Difference, &found.log_loss_difference),
    ] {
        if measured.value().is_some() {
            detail.push_str(&format!(" {name} {}.", quantity.in_words(measured)));
        }
    }
    if found.disagreements.challenger_right.value().is_some() {
        let share = Quantity::Share.in_words(&found.disagreements.challenger_right);
        detail.push_str(&format!(" On the disagreements {challenger} is right in {share}."));
    }
    Story { mark, title, detail, next_step: None }
}

fn latency(comparison: &Comparison, names: &Names) -> Story {
    let champion = &names.champion;
    let judged = &comparison.latency_ms;
    if let Some(reason) = judged.difference.p50.reason() {
        return Story {
            mark: UNKNOWN,
            title: "How fast the two are is not known".to_owned(),
            detail: format!("Because {}.", outside::sentence(reason)),
            next_step: None,
        };
    }
    let detail = format!(
        "p99 {}, {champion} {}; median {}, {champion} {}. Timeouts count as the time waited, or longer.",
        Quantity::Ms.in_words(&judged.challenger.p99),
        Quantity::Ms.in_words(&judged.champion.p99),
        Quantity::Ms.in_words(&judged.challenger.p50),
        Quantity::Ms.in_words(&judged.champion.p50)
    );
    let (mark, title) = match &comparison.latency_sla {
        Some(sla) => promised(sla, names),
        None => (NOTICE, by_median(&judged.difference.p50, names)),
    };
    Story { mark, title, detail, next_step: None }
}

fn promised(sla: &LatencySla, names: &Names) -> (Mark, String) {
    let challenger = &names.challenger;
    let bound = figures::digits(sla.bound_ms);
    let bound = bound.trim_end_matches('0').trim_end_matches('.');
    match sla.challenger {
        SlaVerdict::Held => (GOOD, format!("{challenger} keeps the promised p99 of {bound} ms")),
        SlaVerdict::Broken => (BAD, format!("{challenger} breaks the promised p99 of {bound} ms")),
        SlaVerdict::Unproven => (
            UNKNOWN,
            format!(
                "There are too few requests to tell whether {challenger} keeps the promised p99 of {bound} ms"
            ),
        ),
        SlaVerdict::Unknown => {
            (UNKNOWN, format!("It is not known whether {challenger} keeps the promised p99 of {bound} ms"))
        }
    }
}

fn by_median(difference: &Measured, names: &Names) -> String {
    let Names { champion, challenger } = names;
    match difference.estimate().and_then(|estimate| estimate.interval) {
        Some((low, _)) if low > 0.0 => format!("{challenger} is slower than {champion}"),
        Some((_, high)) if high < 0.0 => format!("{challenger} is faster than {champion}"),
        Some(_) => format!("{challenger} is about as fast as {champion}"),
        None => format!("{challenger} beside {champion}: too few requests to tell which is faster"),
    }
}

/// `None` when it never failed.
fn failures(comparison: &Comparison, names: &Names) -> Option<Story> {
    let found = &comparison.failures;
    found.failure_rate.value().filter(|rate| *rate > 0.0)?;
    Some(Story {
        mark: NOTICE,
        title: format!(
            "{} failed {} of the requests that it was asked",
            names.challenger,
            found.failure_rate.estimate().map(|estimate| Quantity::Share.value(estimate)).unwrap_or_default()
        ),
        detail: format!(
            "No answer in time: {}; an error: {}. {}: {}.",
            Quantity::Share.in_words(&found.timeout_rate),
            Quantity::Share.in_words(&found.error_rate),
            names.champion,
            Quantity::Share.in_words(&found.champion_error_rate)
        ),
        next_step: None,
    })
}

/// `None` when every stratum has pairs.
fn unrepresented(comparison: &Comparison) -> Option<Story> {
    let coverage = &comparison.coverage;
    (!coverage.unrepresented.is_empty()).then(|| Story {
        mark: UNKNOWN,
        title: format!(
            "No figure speaks for {} of the requests",
            figures::percent(coverage.unrepresented_share)
        ),
        detail: "They are of strata of the score in which no request has a pair.".to_owned(),
        next_step: Some("Look in the coverage for why they have none.".to_owned()),
    })
}
