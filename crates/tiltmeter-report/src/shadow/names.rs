//! What champion and challenger are called.

use tiltmeter_monitor::shadow::Comparison;

use crate::outside;

/// Versions that are listed.
const LISTED: usize = 2;

/// What the two are called in sentences.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) champion: String,
    pub(super) challenger: String,
}

impl Names {
    pub(super) fn of(comparison: &Comparison) -> Self {
        Self {
            champion: name(&comparison.champions, "the champion"),
            challenger: name(&comparison.challengers, "the challenger"),
        }
    }
}

fn name(versions: &[String], unnamed: &str) -> String {
    if versions.is_empty() {
        return unnamed.to_owned();
    }
    let listed: Vec<String> =
        versions.iter().take(LISTED).map(|version| outside::label(version, 24)).collect();
    match versions.len().saturating_sub(listed.len()) {
        0 => listed.join(", "),
        more => format!("{} and {more} more", listed.join(", ")),
    }
}

/// What a decision is called.
pub(super) fn decision(decision: &str) -> String {
    if decision.is_empty() { "(empty)".to_owned() } else { outside::label(decision, 24) }
}
