//! What was lost of a window.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tiltmeter_record::{CellKey, Gap, GapUnit, Window};

use super::ProfileQuery;
use super::window::{LostProfiles, ProfileWindow, UnseenWindow};

/// What no window can stand for.
pub(super) struct Beside {
    /// The windows of which there is no profile.
    pub(super) unseen: Vec<UnseenWindow>,
    pub(super) lost_profiles: Vec<LostProfiles>,
}

/// Puts beside each window what was lost in its minutes.
pub(super) fn add<'g>(
    windows: &mut [ProfileWindow],
    query: &ProfileQuery,
    gaps: impl IntoIterator<Item = &'g Gap>,
) -> Beside {
    let mut lost: BTreeMap<Window, UnseenWindow> = BTreeMap::new();
    let mut profiles: BTreeMap<(Timestamp, Option<Arc<str>>), u64> = BTreeMap::new();
    for gap in gaps {
        let is_of_model = gap.model_name.as_deref() == Some(query.model.as_str());
        let is_lost = matches!(gap.unit, GapUnit::Exchange | GapUnit::Profile);
        if !is_lost || !is_of_model || gap.held_nothing() {
            continue;
        }
        let is_profile = gap.unit == GapUnit::Profile;
        if is_profile {
            // whatever time is asked for: what is lost in a minute is of windows before it
            add_to(profiles.entry((gap.minute, gap.sink.clone())).or_default(), gap.count);
        }
        if let Some(target) = query.target(Window::of(gap.minute, query.width())) {
            let of_window = lost.entry(target).or_insert(UnseenWindow::new(target));
            let sum = if is_profile { &mut of_window.lost_profiles } else { &mut of_window.lost };
            add_to(sum, gap.count);
        }
    }
    for of_window in windows.chunk_by_mut(|one, next| one.window == next.window) {
        // over all baselines: a gap does not say which one
        let requests = of_window.iter().map(requests).fold(0, u64::saturating_add);
        let Some(window) = of_window.first().map(|window| window.window) else { continue };
        let lost = lost.remove(&window).unwrap_or(UnseenWindow::new(window));
        for window in of_window {
            window.losses.requests = requests;
            window.losses.lost = lost.lost;
            window.losses.lost_profiles = lost.lost_profiles;
        }
    }
    let lost_profiles = profiles
        .into_iter()
        .map(|((minute, sink), predictions)| LostProfiles { minute, sink, predictions })
        .collect();
    Beside { unseen: lost.into_values().collect(), lost_profiles }
}

fn add_to(sum: &mut u64, count: u64) {
    *sum = sum.saturating_add(count);
}

/// The requests that the champion has answered.
fn requests(window: &ProfileWindow) -> u64 {
    let of_champion = |key: &CellKey| &*key.role == CellKey::CHAMPION && key.segment.is_none();
    let cells = window.cells.iter().filter(|cell| of_champion(&cell.key));
    cells.map(|cell| cell.counts.requests).fold(0, u64::saturating_add)
}
