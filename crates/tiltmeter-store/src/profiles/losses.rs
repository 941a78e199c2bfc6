//! What was lost of a window.

use std::collections::BTreeMap;

use tiltmeter_record::{CellKey, Gap, GapUnit, Window};

use super::ProfileQuery;
use super::window::{ProfileWindow, UnseenWindow};

/// Puts beside each window what was lost in its minutes; the windows of which there is no profile.
pub(super) fn add<'g>(
    windows: &mut [ProfileWindow],
    query: &ProfileQuery,
    gaps: impl IntoIterator<Item = &'g Gap>,
) -> Vec<UnseenWindow> {
    let mut lost: BTreeMap<Window, u64> = BTreeMap::new();
    for gap in gaps {
        let is_of_model = gap.model_name.as_deref() == Some(query.model.as_str());
        if gap.unit != GapUnit::Exchange || !is_of_model || gap.held_nothing() {
            continue;
        }
        if let Some(target) = query.target(Window::of(gap.minute, query.width())) {
            let sum = lost.entry(target).or_default();
            *sum = sum.saturating_add(gap.count);
        }
    }
    for of_window in windows.chunk_by_mut(|one, next| one.window == next.window) {
        // over all baselines: a gap does not say which one
        let requests = of_window.iter().map(requests).fold(0, u64::saturating_add);
        let lost = of_window.first().and_then(|window| lost.remove(&window.window)).unwrap_or_default();
        for window in of_window {
            window.losses.requests = requests;
            window.losses.lost = lost;
        }
    }
    lost.into_iter().map(|(window, lost)| UnseenWindow { window, lost }).collect()
}

/// The requests that the champion has answered.
fn requests(window: &ProfileWindow) -> u64 {
    let of_champion = |key: &CellKey| &*key.role == CellKey::CHAMPION && key.segment.is_none();
    let cells = window.cells.iter().filter(|cell| of_champion(&cell.key));
    cells.map(|cell| cell.counts.requests).fold(0, u64::saturating_add)
}
