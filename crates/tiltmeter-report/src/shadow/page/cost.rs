//! What the shadow costs.

use tiltmeter_monitor::shadow::cost::ShadowCost;

use super::super::quantity::Quantity;
use crate::page::block::{Block, Section};
use crate::shadow::names::Names;
use crate::shadow::stories::capitalised;
use crate::shadow::tables;
use crate::{figures, outside};

pub(super) fn section(cost: Option<&ShadowCost>, names: &Names) -> Section {
    let Some(cost) = cost else {
        let mut section = Section::new("cost", "Cost", "What it costs to ask the challenger as well.");
        section.absent("It was not measured: pairs alone do not tell what the shadow used.");
        return section;
    };
    let lead = format!(
        "By what the shadow used for {} that the challenger was asked, of {}.",
        figures::counted(cost.asked, "request"),
        figures::count(cost.eligible)
    );
    let mut section = Section::new("cost", "Cost", lead);
    section.table(tables::cost(cost));
    section.prose("All of it grows with the share of requests that are copied. CPU time is that of the shadow's own threads, for all of its challengers: what a challenger takes elsewhere, and what the champion's threads spend on copying, is not in it.");
    section.heading("What follows");
    section.blocks.push(Block::Items(sentences(cost, names)));
    section
}

/// Latencies, replicas, and how much has to be copied: a sentence each.
pub(in crate::shadow) fn sentences(cost: &ShadowCost, names: &Names) -> Vec<String> {
    let rate = match (cost.mean_rate.value(), cost.peak_rate.value()) {
        (Some(mean), Some(peak)) => {
            format!(
                "{} requests come in a second, {} at the busiest time.",
                figures::digits(mean),
                figures::digits(peak)
            )
        }
        (Some(mean), None) => format!("{} requests come in a second.", figures::digits(mean)),
        (None, _) => "How many requests come in a second is not known.".to_owned(),
    };
    let mut sentences = vec![
        rate,
        format!(
            "{} takes {} for a request on average, timeouts among them.",
            names.challenger,
            Quantity::Ms.in_words(&cost.challenger_ms)
        ),
        match cost.champion_slowdown_ms.reason() {
            None => format!(
                "{} answers {} later where its request is copied, as against those that the sample left out.",
                names.champion,
                Quantity::MsDifference.in_words(&cost.champion_slowdown_ms)
            ),
            Some(reason) => format!(
                "Whether {} answers later for it is not known: {}.",
                names.champion,
                outside::sentence(reason)
            ),
        },
    ];
    if let Some(busy) = cost.busy_processors.value() {
        let busy = figures::digits(busy);
        sentences.push(format!("While it was measured, the shadow kept {busy} processors busy."));
    }
    let advice = cost.replicas.iter().map(|replicas| &replicas.sentence);
    let advice = advice.chain(cost.recommended_rate.iter().map(|rate| &rate.sentence));
    sentences.extend(advice.map(|sentence| format!("{}.", capitalised(&outside::sentence(sentence)))));
    sentences
}
