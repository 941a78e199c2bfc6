//! How often the two decide alike, day by day, and how often the challenger fails.

use jiff::civil::Date;
use tiltmeter_monitor::shadow::{Group, GroupComparison};
use tiltmeter_monitor::{Estimate, Measured, Period, PeriodKind};

use crate::scale::{Scale, nice_domain};
use crate::shadow::quantity::Quantity;
use crate::stretches::Stretches;
use crate::svg::scene::{Anchor, Outline};
use crate::svg::timeline::{Timeline, clear_cuts, mark_cuts};
use crate::svg::{Chart, Scene, Width};
use crate::{calendar, figures};

/// As many days as have room side by side: more than two years.
const MAX_DAYS: usize = 800;

/// From so much room for a day on, each has a point of its own.
const ROOM_FOR_POINTS: f64 = 9.0;

/// An interval that is so many times as wide as the usual one does not stretch the axis.
const WIDE: f64 = 3.0;

/// The chart.
#[derive(Clone, Copy, Debug)]
pub(in crate::shadow) struct AgreementByDay<'a> {
    pub(in crate::shadow) days: &'a [GroupComparison],
    /// That of all requests.
    pub(in crate::shadow) overall: &'a Measured,
}

/// A day with a figure.
#[derive(Clone, Copy)]
struct Day<'a> {
    period: Period,
    estimate: &'a Estimate,
}

struct Layout {
    time: Timeline,
    rate: Scale,
    ends: (f64, f64),
    top: f64,
    strip: (f64, f64),
    /// The room of a day.
    slot: f64,
}

impl Chart for AgreementByDay<'_> {
    fn draw(&self, width: Width) -> Scene {
        let layout = self.layout(width);
        let title = "Share of equal decisions by day";
        let mut scene = Scene::new("agreement", width, layout.strip.1 + 40.0, title, self.in_words());
        self.draw_frame(&mut scene, &layout);
        layout.time.draw_calendar(&mut scene, (layout.top, layout.strip.1), layout.strip.1);
        self.draw_overall(&mut scene, &layout);
        if layout.slot < ROOM_FOR_POINTS {
            self.draw_ribbon(&mut scene, &layout);
        } else {
            self.draw_whiskers(&mut scene, &layout);
        }
        self.draw_points(&mut scene, &layout);
        self.draw_failures(&mut scene, &layout);
        clear_cuts(&mut scene, layout.time.cuts(), (layout.top, layout.strip.1 + 1.0));
        mark_cuts(&mut scene, layout.time.cuts(), layout.strip.1);
        self.name_failures(&mut scene, &layout, width);
        self.name_overall(&mut scene, &layout, width);
        scene
    }
}

impl<'a> AgreementByDay<'a> {
    /// Whether there is at least one figure to draw.
    pub(in crate::shadow) fn has_figures(&self) -> bool {
        self.with_figures().next().is_some()
    }

    /// The days that are drawn.
    pub(in crate::shadow) fn stretches(&self) -> Stretches {
        Stretches::of(self.periods().map(|(period, _)| period), MAX_DAYS)
    }

    /// Days with a figure, and those of them whose interval lies below the overall figure, or above it.
    pub(in crate::shadow) fn outside(&self) -> (usize, usize, usize) {
        let beyond = |wanted| self.with_figures().filter(|day| self.beyond(day) == Some(wanted)).count();
        (self.with_figures().count(), beyond(Beyond::Below), beyond(Beyond::Above))
    }

    fn periods(&self) -> impl Iterator<Item = (Period, &'a GroupComparison)> {
        self.days
            .iter()
            .filter_map(|each| Some((Period::containing(PeriodKind::Day, date(&each.group)?), each)))
    }

    fn with_figures(&self) -> impl Iterator<Item = Day<'a>> {
        self.periods().filter_map(|(period, each)| {
            Some(Day { period, estimate: each.figures.agreement_rate.estimate()? })
        })
    }

    fn layout(&self, width: Width) -> Layout {
        let (left, right) = width.pick((52.0, 852.0), (40.0, 344.0));
        let (top, bottom) = width.pick((14.0, 250.0), (24.0, 226.0));
        let stretches = self.stretches();
        Layout {
            time: Timeline::new(&stretches, (left, right)),
            rate: Scale::new(self.domain(), (bottom, top)),
            ends: (left, right),
            top,
            strip: (bottom + 30.0, bottom + 74.0),
            slot: (right - left) / stretches.len().max(1) as f64,
        }
    }

    fn domain(&self) -> (f64, f64) {
        let mut widths: Vec<f64> = self
            .with_figures()
            .filter_map(|day| day.estimate.interval)
            .map(|(low, high)| high - low)
            .collect();
        widths.sort_by(f64::total_cmp);
        let usual = widths.get(widths.len() / 2).copied().unwrap_or(0.0);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for estimate in self.with_figures().map(|day| day.estimate).chain(self.overall.estimate()) {
            let ends = estimate.interval.filter(|(low, high)| high - low <= usual * WIDE);
            let (from, to) = ends.unwrap_or((estimate.value, estimate.value));
            (low, high) = (low.min(from), high.max(to));
        }
        let (low, high) = nice_domain((low, high), 4);
        (low.max(0.0), high.min(1.0))
    }

    fn draw_frame(&self, scene: &mut Scene, layout: &Layout) {
        let ticks = layout.rate.ticks(4);
        for value in ticks.values {
            let y = layout.rate.at(value);
            scene.line("grid", (layout.ends.0, y), (layout.ends.1, y));
            let text = format!("{} %", figures::fixed(value * 100.0, ticks.decimals.saturating_sub(2)));
            scene.text("tick", Anchor::End, (layout.ends.0 - 6.0, y + 4.0), text);
        }
    }

    fn draw_overall(&self, scene: &mut Scene, layout: &Layout) {
        let Some(estimate) = self.overall.estimate() else { return };
        let y = layout.rate.at(estimate.value);
        scene.line("reference", (layout.ends.0, y), (layout.ends.1, y));
        scene.tip(format!("all days: {}", Quantity::Share.in_words(self.overall)));
    }

    fn name_overall(&self, scene: &mut Scene, layout: &Layout, width: Width) {
        let Some(estimate) = self.overall.estimate() else { return };
        let (y, right) = (layout.rate.at(estimate.value), layout.ends.1);
        let value = Quantity::Share.value(estimate);
        match width {
            Width::Wide => {
                scene.text("reference-name", Anchor::Start, (right + 8.0, y - 1.0), "all days");
                scene.text("reference-name", Anchor::Start, (right + 8.0, y + 14.0), value);
            }
            Width::Narrow => {
                let text = format!("all days {value}");
                scene.text("reference-name", Anchor::End, (right, layout.top - 10.0), text);
            }
        }
    }

    /// The intervals as an area and the figures as a line, both broken where days are missing.
    fn draw_ribbon(&self, scene: &mut Scene, layout: &Layout) {
        let mut runs: Vec<Vec<Day<'_>>> = Vec::new();
        for day in self.with_figures().filter(|day| layout.time.ends(day.period).is_some()) {
            match runs
                .last_mut()
                .filter(|run| run.last().is_some_and(|last| last.period.next() == day.period))
            {
                Some(run) => run.push(day),
                None => runs.push(vec![day]),
            }
        }
        let area = |run: &Vec<Day<'_>>| {
            let edge = |of: fn((f64, f64)) -> f64| {
                run.iter().filter_map(move |day| {
                    let (from, to) = layout.time.ends(day.period)?;
                    let y = layout
                        .rate
                        .at(of(day.estimate.interval.unwrap_or((day.estimate.value, day.estimate.value))));
                    Some([(from, y), (to, y)])
                })
            };
            let upper: Vec<_> = edge(|(_, high)| high).flatten().collect();
            let lower: Vec<_> = edge(|(low, _)| low).flatten().collect();
            Outline::around(upper.into_iter().chain(lower.into_iter().rev()))
        };
        let line = |run: &Vec<Day<'_>>| Outline::through(run.iter().filter_map(|day| layout.place(day)));
        scene.path("ribbon", Outline::together(runs.iter().map(area)));
        scene.path("day-line", Outline::together(runs.iter().map(line)));
    }

    fn draw_whiskers(&self, scene: &mut Scene, layout: &Layout) {
        let mut before: Option<(Period, (f64, f64))> = None;
        for day in self.with_figures() {
            let Some(here) = layout.place(&day) else { continue };
            if let Some((_, before)) = before.filter(|(before, _)| before.next() == day.period) {
                scene.line("thread", before, here);
            }
            before = Some((day.period, here));
        }
        for day in self.with_figures() {
            if let (Some((x, _)), Some((low, high))) = (layout.place(&day), day.estimate.interval) {
                let class = if self.beyond(&day) == Some(Beyond::Below) { "whisker fell" } else { "whisker" };
                scene.line(class, (x, layout.rate.at(high)), (x, layout.rate.at(low)));
            }
        }
    }

    /// Where there is little room only days that differ from all others have points.
    fn draw_points(&self, scene: &mut Scene, layout: &Layout) {
        let radius = (layout.slot * 0.35).clamp(3.2, 6.0);
        for day in self.with_figures() {
            let Some(at) = layout.place(&day) else { continue };
            match self.beyond(&day) {
                Some(Beyond::Below) => scene.path("point fell", Outline::triangle(at, radius * 1.2)),
                Some(Beyond::Above) => scene.circle("point held", at, radius),
                None if layout.slot >= ROOM_FOR_POINTS => scene.circle("point unknown", at, radius * 0.8),
                None => continue,
            }
            let share = Quantity::Share.in_words(&Measured::Known(*day.estimate));
            scene.tip(format!("{}: {share}", calendar::period(day.period)));
        }
    }

    fn draw_failures(&self, scene: &mut Scene, layout: &Layout) {
        let rates = self.failure_rates();
        let most = rates.iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
        let (top, bottom) = layout.strip;
        let rate = Scale::new((0.0, most.max(f64::MIN_POSITIVE)), (bottom, top));
        let bars = rates.iter().filter_map(|(period, share)| {
            let (from, to) = layout.time.ends(*period)?;
            let (y, gap) = (rate.at(*share), (to - from) * 0.12);
            Some(((from + gap, y), (to - from - 2.0 * gap, bottom - y)))
        });
        scene.path("bar", Outline::boxes(bars));
        scene.line("axis", (layout.ends.0, bottom), (layout.ends.1, bottom));
    }

    /// After all else, so that no cut runs through the name.
    fn name_failures(&self, scene: &mut Scene, layout: &Layout, width: Width) {
        let most = self.failure_rates().iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
        let top = layout.strip.0;
        let name =
            width.pick("challenger failed, % of the requests it was asked", "challenger failed, % of asked");
        let text = if most > 0.0 {
            format!("{name}: at most {}", figures::fixed(most * 100.0, 2))
        } else {
            "the challenger never failed".to_owned()
        };
        scene.text("strip-name", Anchor::Start, (layout.ends.0, top - 8.0), text);
    }

    fn failure_rates(&self) -> Vec<(Period, f64)> {
        let rates =
            self.periods().filter_map(|(period, each)| Some((period, each.failures.failure_rate.value()?)));
        rates.collect()
    }

    /// Whether each day has a point of its own, on wide pages.
    pub(in crate::shadow) fn has_points(&self) -> bool {
        self.layout(Width::Wide).slot >= ROOM_FOR_POINTS
    }

    fn beyond(&self, day: &Day<'_>) -> Option<Beyond> {
        let (overall, (low, high)) = (self.overall.value()?, day.estimate.interval?);
        if high < overall {
            Some(Beyond::Below)
        } else if low > overall {
            Some(Beyond::Above)
        } else {
            None
        }
    }

    fn in_words(&self) -> String {
        let (all, below, above) = self.outside();
        let values = || self.with_figures().map(|day| day.estimate.value);
        let (low, high) =
            (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        format!(
            "{}: {} of all requests. {} of {all} days are below that with their whole interval, {above} above. The lowest day has {}, the highest {}. Below, the share of requests that the challenger failed, by day.",
            "Equal decisions",
            Quantity::Share.in_words(self.overall),
            below,
            figures::percent(low),
            figures::percent(high)
        )
    }
}

impl Layout {
    fn place(&self, day: &Day<'_>) -> Option<(f64, f64)> {
        let (from, to) = self.time.ends(day.period)?;
        Some((f64::midpoint(from, to), self.rate.at(day.estimate.value)))
    }
}

/// On which side of the overall figure a whole interval lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beyond {
    Below,
    Above,
}

/// The day of a group.
fn date(group: &Group) -> Option<Date> {
    match group {
        Group::Day(date) => Some(*date),
        _ => None,
    }
}
