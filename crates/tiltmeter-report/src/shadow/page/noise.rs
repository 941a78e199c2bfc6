//! How much the champion disagrees with itself.

use tiltmeter_monitor::shadow::Comparison;

use crate::figures;
use crate::page::block::Section;
use crate::shadow::tables;

pub(super) fn section(comparison: &Comparison) -> Section {
    let lead = "How much a second instance of the champion disagrees with the first, and what the challenger's disagreement is beyond that.";
    let mut section = Section::new("noise", "Noise floor", lead);
    match &comparison.noise_floor {
        Some(floor) => {
            section.prose(format!("Of {} that all three answered.", figures::counted(floor.figures.pairs, "request")));
            section.table(tables::noise(floor));
        }
        None => section.absent("There is no second instance of the champion, so all disagreement counts as the challenger's. That is right for models that answer the same request alike."),
    }
    section
}
