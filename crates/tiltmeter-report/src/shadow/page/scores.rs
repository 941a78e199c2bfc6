//! How the scores of both go together.

use tiltmeter_monitor::shadow::Comparison;

use crate::Error;
use crate::page::block::{Key, Section};
use crate::shadow::names::Names;
use crate::shadow::quantity::Quantity;
use crate::shadow::svg::ScoresTogether;
use crate::shadow::tables;

const LEGEND: [Key; 2] = [
    Key { class: "k-bar", sign: "", meaning: "challenger" },
    Key { class: "k-outline", sign: "", meaning: "champion" },
];

pub(super) fn section(comparison: &Comparison, names: &Names) -> Result<Section, Error> {
    let found = &comparison.overall;
    let lead = format!(
        "What both say of the same requests. {}'s scores differ from {}'s by {} on average; their mean distance is {}.",
        names.challenger,
        names.champion,
        Quantity::Difference.in_words(&found.mean_score_difference),
        Quantity::Plain.in_words(&found.score_distance)
    );
    let mut section = Section::new("scores", "Scores", lead);
    let Some(density) = &comparison.score_density else {
        section.absent("No pair has two scores that could be drawn: they are missing, or all the same.");
        return Ok(section);
    };
    let chart = ScoresTogether { density, names };
    section.figure(&chart, &LEGEND, "Each cell of the map is a pair of scores; each colour is for ten times more pairs than the one before. On the diagonal both scores are equal.")?;
    section.folded("The figures of the distributions", tables::distributions(density));
    Ok(section)
}
