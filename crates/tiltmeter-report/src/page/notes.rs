//! What could not be read, and what could not be done.

use super::block::{Block, Section};
use crate::outside;

pub(crate) fn section(notes: &[String], problems: &[String]) -> Section {
    let lead = "What could not be read, and what could not be done or was left out. All else in this report goes on without it.";
    let mut section = Section::new("notes", "Notes and problems", lead);
    if problems.is_empty() {
        section.prose("✓ Everything that was given could be read.");
    } else {
        section.heading("Could not be read");
        section.blocks.push(Block::Items(problems.iter().map(|text| outside::sentence(text)).collect()));
    }
    if notes.is_empty() {
        section.prose("✓ Nothing was left out.");
    } else {
        section.heading("Notes");
        section.blocks.push(Block::Items(notes.iter().map(|text| outside::sentence(text)).collect()));
    }
    section
}
