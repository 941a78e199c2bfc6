//! The time axis of months, each as wide as the others.

use jiff::Timestamp;
use tiltmeter_monitor::{Deployment, Period, PeriodKind};

use super::scene::{Anchor, Scene};
use crate::{calendar, outside};

/// Months side by side.
#[derive(Clone, Debug)]
pub(crate) struct MonthsAxis {
    months: Vec<Period>,
    left: f64,
    /// The width of a month.
    pub(crate) slot: f64,
}

impl MonthsAxis {
    pub(crate) fn new(months: Vec<Period>, left: f64, right: f64) -> Self {
        let slot = (right - left) / months.len().max(1) as f64;
        Self { months, left, slot }
    }

    pub(crate) fn right(&self) -> f64 {
        self.left + self.slot * self.months.len() as f64
    }

    /// The middle of a month.
    pub(crate) fn middle(&self, month: Period) -> Option<f64> {
        let place = self.months.iter().position(|other| *other == month)?;
        Some(self.left + self.slot * (place as f64 + 0.5))
    }

    /// Where an instant lies.
    pub(crate) fn at(&self, time: Timestamp) -> Option<f64> {
        let month = Period::containing(PeriodKind::Month, calendar::date_of(time));
        let start = self.middle(month)? - self.slot / 2.0;
        let length = calendar::days_between(month.first_day(), month.last_day()) + 1.0;
        Some(start + self.slot * calendar::days_until(month.first_day(), time) / length)
    }

    /// Writes the names of the months, and the year under the first of each.
    pub(crate) fn label(&self, scene: &mut Scene, y: f64) {
        let every = if self.slot >= 9.0 { 1 } else { 3 };
        let mut year = None;
        for (place, month) in self.months.iter().enumerate() {
            let x = self.left + self.slot * (place as f64 + 0.5);
            let name = calendar::month(month.first_day());
            let name = if self.slot >= 26.0 { name } else { name.get(..1).unwrap_or(name) };
            if place % every == 0 {
                scene.text("tick", Anchor::Middle, (x, y), name);
            }
            if year != Some(month.first_day().year()) {
                year = Some(month.first_day().year());
                scene.text("tick year", Anchor::Middle, (x, y + 15.0), month.first_day().year().to_string());
            }
        }
    }

    /// Draws a line where each version after the first began to serve.
    pub(crate) fn mark_deployments(
        &self,
        scene: &mut Scene,
        deployments: &[Deployment],
        (top, bottom): (f64, f64),
    ) {
        let places = deployments.iter().skip(1).filter_map(|each| Some((self.at(each.since)?, each)));
        mark_deployments(scene, places, (top, bottom), self.right());
    }
}

/// Draws a line at each of these places, and names it where there is room.
pub(super) fn mark_deployments<'a>(
    scene: &mut Scene,
    places: impl Iterator<Item = (f64, &'a Deployment)>,
    (top, bottom): (f64, f64),
    right: f64,
) {
    let places: Vec<_> = places.collect();
    for (x, deployment) in &places {
        scene.line("deployment", (*x, top), (*x, bottom));
        let (version, since) = (outside::shown(&deployment.version), calendar::instant(deployment.since));
        scene.tip(format!("{version} deployed {since}"));
    }
    // after all lines, so that none runs through a name
    let mut free_from = f64::NEG_INFINITY;
    for (x, deployment) in places {
        let version = outside::label(&deployment.version, 18);
        let day = calendar::date_of(deployment.since);
        let text = format!("{version} from {} {}", day.day(), calendar::month(day));
        let room = text.chars().count() as f64 * 7.8;
        let (anchor, start) = if x + room > right { (Anchor::End, x - room) } else { (Anchor::Start, x) };
        if start >= free_from {
            let offset = if anchor == Anchor::End { -5.0 } else { 5.0 };
            scene.text("deployment-name", anchor, (x + offset, top + 10.0), text);
            free_from = start + room + 8.0;
        }
    }
}

/// The deployments in words.
pub(super) fn deployments_in_words(deployments: &[Deployment]) -> String {
    let mut text = String::new();
    for each in deployments.iter().skip(1).take(5) {
        let (version, since) = (outside::shown(&each.version), calendar::instant(each.since));
        text.push_str(&format!(" {version} was deployed on {since}."));
    }
    text
}
