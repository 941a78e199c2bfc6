//! Disagreements for a person to look at.

use tiltmeter_monitor::shadow::Disagreements;

use crate::figures;
use crate::page::block::Section;
use crate::shadow::names::Names;
use crate::shadow::tables;

pub(super) fn section(found: &Disagreements, names: &Names) -> Section {
    let has_inputs = found.rows.iter().any(|row| !row.inputs.is_empty());
    let lead = format!(
        "{} differ. Drawn of them for a person to look at: {}, of all kinds of flip and segments, the greatest distance of scores first. Each stands for so many requests of its kind.{}",
        figures::counted(found.pairs, "pair"),
        figures::count(found.rows.len() as u64),
        if has_inputs { " Below each is what was asked, as far as the log may know it." } else { "" }
    );
    let mut section = Section::new("disagreements", "Disagreements", lead);
    if found.rows.is_empty() {
        section.absent("No pair differs, or there is no pair.");
        return section;
    }
    section.table(tables::disagreements(&found.rows, names));
    if found.strata_left_out > 0 {
        section.prose(format!(
            "Of {} of flip and segments, {} have no request here: there are more kinds than rows.",
            figures::counted(found.strata, "kind"),
            figures::count(found.strata_left_out)
        ));
    }
    if !has_inputs {
        section.prose("What was asked is not below them: no log of predictions was given, or it does not have these requests.");
    }
    section
}
