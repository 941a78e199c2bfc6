//! How often the two fail.

use tiltmeter_monitor::shadow::Comparison;

use crate::figures;
use crate::page::block::Section;
use crate::shadow::names::Names;
use crate::shadow::tables;

pub(super) fn section(comparison: &Comparison, names: &Names) -> Section {
    let found = &comparison.failures;
    let lead = format!(
        "Over {} whose challenger was asked. One that was not asked has not failed: the coverage counts those.",
        figures::counted(found.asked, "request")
    );
    let mut section = Section::new("failures", "Failures", lead);
    section.table(tables::failures(found, names));
    section
}
