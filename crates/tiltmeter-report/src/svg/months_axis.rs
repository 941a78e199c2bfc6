//! The time axis of months, each as wide as the others.

use jiff::Timestamp;
use tiltmeter_monitor::{Deployment, Period, PeriodKind};

use super::scene::{Anchor, Scene};
use super::timeline::{Years, cut_width};
use crate::stretches::Stretches;
use crate::{calendar, outside};

/// Months side by side, with room for a mark where long gaps are cut out.
#[derive(Clone, Debug)]
pub(crate) struct MonthsAxis {
    /// Each with its left end.
    months: Vec<(Period, f64)>,
    right: f64,
    /// The width of a month.
    pub(crate) slot: f64,
    /// Both ends of each cut.
    pub(crate) cuts: Vec<(f64, f64)>,
}

impl MonthsAxis {
    pub(crate) fn new(stretches: &Stretches, left: f64, right: f64) -> Self {
        let pieces = stretches.iter().count();
        let cut = cut_width(pieces, right - left);
        let room = right - left - cut * pieces.saturating_sub(1) as f64;
        let slot = room / stretches.len().max(1) as f64;
        let (mut months, mut cuts) = (Vec::new(), Vec::new());
        let mut x = left;
        for (place, stretch) in stretches.iter().enumerate() {
            if place > 0 {
                cuts.push((x, x + cut));
                x += cut;
            }
            for month in stretch {
                months.push((*month, x));
                x += slot;
            }
        }
        Self { months, right, slot, cuts }
    }

    pub(crate) fn right(&self) -> f64 {
        self.right
    }

    /// The middle of a month, when it is shown.
    pub(crate) fn middle(&self, month: Period) -> Option<f64> {
        let (_, start) = self.months.iter().find(|(other, _)| *other == month)?;
        Some(start + self.slot / 2.0)
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
        let mut years = Years::new();
        for (place, (month, start)) in self.months.iter().enumerate() {
            let x = start + self.slot / 2.0;
            let name = calendar::month(month.first_day());
            let name = if self.slot >= 26.0 { name } else { name.get(..1).unwrap_or(name) };
            if place % every == 0 {
                scene.text("tick", Anchor::Middle, (x, y), name);
            }
            years.write(scene, Anchor::Middle, (x, y + 15.0), month.first_day().year());
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
