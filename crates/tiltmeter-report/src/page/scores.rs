//! The distribution of the scores.

use tiltmeter_monitor::Analysis;

use super::block::{Key, Section};
use crate::svg::{ScoreShares, ShareChanges};
use crate::{Error, absent, tables};

pub(super) fn section(analysis: &Analysis) -> Result<Section, Error> {
    let mut section =
        Section::new("scores", "Scores", "How the scores are distributed, against the baseline's.");
    let Some(histogram) = &analysis.scores else {
        section.absent(absent::scores(analysis));
        return Ok(section);
    };
    let legend = [
        Key { class: "k-bar", sign: "", meaning: "all predictions" },
        Key { class: "k-outline", sign: "", meaning: "baseline" },
    ];
    section.figure(&ScoreShares(histogram), &legend, "Share of the scores in each bin.")?;
    section.folded("The figures of the chart", tables::scores(histogram));
    if !histogram.months.is_empty() {
        section.heading("How each month differs from the baseline");
        let legend = [
            Key { class: "k-more", sign: "", meaning: "more scores than in the baseline" },
            Key { class: "k-less", sign: "", meaning: "fewer" },
        ];
        let caption = "Difference of the shares in percentage points, by score from the lowest bin to the highest; the figure is the largest of them. All months have one scale.";
        section.figure(&ShareChanges(histogram), &legend, caption)?;
        section.folded("The shares by month", tables::scores_by_month(histogram));
    }
    Ok(section)
}
