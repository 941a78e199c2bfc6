//! What was known of each criterion at the end of each day.

use tiltmeter_monitor::shadow::promotion::{Criterion, CriterionState};
use tiltmeter_monitor::{Period, PeriodKind};

use crate::calendar;
use crate::stretches::Stretches;
use crate::svg::scene::Anchor;
use crate::svg::timeline::{Timeline, clear_cuts, mark_cuts};
use crate::svg::{Chart, Scene, Width};

const MAX_DAYS: usize = 800;
const ROW: f64 = 24.0;

/// The chart: a line for each criterion that applies.
#[derive(Clone, Copy, Debug)]
pub(in crate::shadow) struct CriteriaByDay<'a> {
    pub(in crate::shadow) criteria: &'a [Criterion],
}

/// Days in a row with the same state.
struct Run {
    first: Period,
    last: Period,
    state: CriterionState,
}

impl Chart for CriteriaByDay<'_> {
    fn draw(&self, width: Width) -> Scene {
        let (left, right) = width.pick((166.0, 944.0), (132.0, 344.0));
        let time = Timeline::new(&self.stretches(), (left, right));
        let (top, rows) = (6.0, self.applied().count() as f64);
        let bottom = top + rows * ROW;
        let title = "State of each criterion by day";
        let mut scene = Scene::new("criteria-chart", width, bottom + 40.0, title, self.in_words());
        time.draw_calendar(&mut scene, (top, bottom), bottom);
        for (place, criterion) in self.applied().enumerate() {
            let y = top + ROW * place as f64;
            scene.text("row-name", Anchor::End, (left - 10.0, y + 16.0), criterion.name.as_str());
            for run in runs(criterion) {
                let (Some((from, _)), Some((_, to))) = (time.ends(run.first), time.ends(run.last)) else {
                    continue;
                };
                let (class, inset) = look_of(run.state);
                scene.rect(class, (from, y + inset), ((to - from).max(0.8), ROW - 2.0 * inset));
                let (first, last) = (run.first.first_day(), run.last.first_day());
                scene.tip(format!("{}: {}, {}", criterion.name, run.state, calendar::range((first, last))));
            }
        }
        clear_cuts(&mut scene, time.cuts(), (top, bottom + 1.0));
        scene.line("axis", (left, bottom), (right, bottom));
        mark_cuts(&mut scene, time.cuts(), bottom);
        scene
    }
}

impl CriteriaByDay<'_> {
    /// Whether there is at least one day to draw.
    pub(in crate::shadow) fn has_days(&self) -> bool {
        self.applied().any(|criterion| !criterion.looks.is_empty())
    }

    /// The days that are drawn.
    pub(in crate::shadow) fn stretches(&self) -> Stretches {
        let days = self.criteria.iter().flat_map(|criterion| &criterion.looks);
        Stretches::of(days.map(|look| Period::containing(PeriodKind::Day, look.day)), MAX_DAYS)
    }

    fn applied(&self) -> impl Iterator<Item = &Criterion> {
        self.criteria.iter().filter(|criterion| criterion.state != CriterionState::NotApplicable)
    }

    fn in_words(&self) -> String {
        let mut text = String::new();
        for criterion in self.applied() {
            text.push_str(&format!("{} is {}", criterion.name, criterion.state));
            if let Some(run) = runs(criterion).pop() {
                text.push_str(&format!(" since {}", calendar::day(run.first.first_day())));
            }
            text.push_str(". ");
        }
        text
    }
}

/// Days without a look of their own belong to the one before.
fn runs(criterion: &Criterion) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for look in &criterion.looks {
        let day = Period::containing(PeriodKind::Day, look.day);
        match runs.last_mut().filter(|run| run.state == look.state) {
            Some(run) => run.last = day,
            None => runs.push(Run { first: day, last: day, state: look.state }),
        }
    }
    runs
}

/// The class of a state, and how thin its line is: told apart without colours, too.
fn look_of(state: CriterionState) -> (&'static str, f64) {
    match state {
        CriterionState::Met => ("state-met", 5.0),
        CriterionState::Failed => ("state-failed", 2.0),
        CriterionState::NotYet => ("state-open", 10.0),
        _ => ("c-stable", 11.0),
    }
}
