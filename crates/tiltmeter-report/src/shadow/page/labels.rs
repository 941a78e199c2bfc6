//! Who is right, where the truth is known.

use tiltmeter_monitor::shadow::{Comparison, LabelledComparison};

use crate::page::block::Section;
use crate::shadow::names::Names;
use crate::shadow::svg::RightBar;
use crate::shadow::tables;
use crate::{Error, figures};

pub(super) const NO_LABELS: &str = "Labels were not looked at, so it is not known which of the two is right. Give a table of labels to see this.";

pub(super) fn section(comparison: &Comparison, names: &Names) -> Result<Section, Error> {
    let lead = match &comparison.labelled {
        Some(found) => lead(found),
        None => "Who is right, where the truth is known.".to_owned(),
    };
    let mut section = Section::new("labels", "Who is right", lead);
    let Some(found) = &comparison.labelled else {
        section.absent(NO_LABELS);
        return Ok(section);
    };
    section.table(tables::labelled(found, names));
    section.prose("Areas by DeLong's paired variance, with p-value below; losses, bias and accuracies pair by pair. Better is who is ahead with the whole interval.");
    if let Some(p) = found.roc_auc_p_value {
        section.prose(format!("p of the difference of the ROC AUC: {}.", figures::probability(p)));
    }
    section.heading("On the disagreements");
    let right = &found.disagreements;
    let chart = RightBar { right, names };
    if chart.has_figures() {
        let caption = format!(
            "Of {} with different decisions, {} have a label. The dashed line is one half; the line in the bar is the interval.",
            figures::counted(right.disagreements, "pair"),
            figures::count(right.labelled)
        );
        section.figure(&chart, &[], caption)?;
    } else {
        section.absent("No disagreement has a label that decisions can be held against.");
    }
    if let Some(test) = &found.mcnemar {
        section.table(tables::mcnemar(test, names));
    }
    if let Some(paired) = &comparison.paired_labelled {
        section.folded("The same over pairs alone, which describes", tables::labelled(paired, names));
    }
    Ok(section)
}

fn lead(found: &LabelledComparison) -> String {
    format!(
        "Over {} with a label, {} of them label 1; {} have none.",
        figures::counted(found.labelled, "pair"),
        figures::count(found.positives),
        figures::counted(found.without_label, "pair")
    )
}
