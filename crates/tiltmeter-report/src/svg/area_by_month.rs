//! The area under the ROC curve by month, and how many labels it rests on.

use tiltmeter_monitor::performance::{MonthPerformance, PerformanceVerdict, Quality};
use tiltmeter_monitor::{Deployment, Measured, Period};

use super::Chart;
use super::months_axis::{MonthsAxis, deployments_in_words};
use super::scene::{Anchor, Outline, Scene, Width};
use super::timeline::{clear_cuts, mark_cuts};
use crate::scale::{Scale, nice_domain};
use crate::stretches::{MAX_MONTHS, Stretches};
use crate::{calendar, figures, marks, outside};

/// An interval that is so many times as wide as the usual one is cut at the edge: it would flatten all others.
const CUT_FROM: f64 = 4.0;

/// The chart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AreaByMonth<'a> {
    pub(crate) months: &'a [MonthPerformance],
    pub(crate) baseline: Option<&'a Quality>,
    pub(crate) deployments: &'a [Deployment],
}

/// Where things are.
struct Layout {
    axis: MonthsAxis,
    area: Scale,
    left: f64,
    top: f64,
    bottom: f64,
    /// Top and bottom of the strip of match rates.
    strip: (f64, f64),
    height: f64,
}

impl Chart for AreaByMonth<'_> {
    fn draw(&self, width: Width) -> Scene {
        let layout = self.layout(width);
        let title = "ROC AUC by month, against the baseline";
        let mut scene = Scene::new("area", width, layout.height, title, self.in_words());
        self.draw_frame(&mut scene, &layout);
        self.draw_baseline(&mut scene, &layout);
        clear_cuts(&mut scene, layout.axis.cuts.iter().copied(), (layout.top, layout.bottom + 1.0));
        layout.axis.mark_deployments(&mut scene, self.deployments, (layout.top - 14.0, layout.strip.1));
        self.draw_months(&mut scene, &layout, width);
        self.name_baseline(&mut scene, &layout, width);
        self.draw_match_rates(&mut scene, &layout, width);
        mark_cuts(&mut scene, layout.axis.cuts.iter().copied(), layout.strip.1);
        layout.axis.label(&mut scene, layout.strip.1 + 16.0);
        scene
    }
}

impl AreaByMonth<'_> {
    /// Whether there is at least one figure to draw.
    pub(crate) fn has_figures(&self) -> bool {
        self.months.iter().any(|month| month.quality.roc_auc.value().is_some())
    }

    /// Whether the interval of some month is longer than what is drawn of it.
    pub(crate) fn has_cut(&self) -> bool {
        let area = Scale::new(self.domain(), (0.0, 1.0));
        let intervals = self.months.iter().filter_map(|month| month.quality.roc_auc.estimate()?.interval);
        intervals.into_iter().any(|ends| is_cut(&area, ends))
    }

    /// The months that are drawn.
    pub(crate) fn stretches(&self) -> Stretches {
        let with_rows = self.months.iter().filter(|month| month.quality.predictions > 0);
        Stretches::of(with_rows.map(|month| month.period), MAX_MONTHS)
    }

    fn layout(&self, width: Width) -> Layout {
        let (left, right) = width.pick((52.0, 852.0), (38.0, 344.0));
        let (top, bottom) = width.pick((22.0, 286.0), (24.0, 264.0));
        let strip = (bottom + 26.0, bottom + 26.0 + width.pick(46.0, 40.0));
        Layout {
            axis: MonthsAxis::new(&self.stretches(), left, right),
            area: Scale::new(self.domain(), (bottom, top)),
            left,
            top,
            bottom,
            strip,
            height: strip.1 + 38.0,
        }
    }

    /// From the lowest to the highest end of an interval, without those that are much wider than the others.
    fn domain(&self) -> (f64, f64) {
        let measured = || self.months.iter().map(|month| &month.quality.roc_auc);
        let mut widths: Vec<f64> = measured().filter_map(half_width).collect();
        widths.sort_by(f64::total_cmp);
        let usual = widths.get(widths.len() / 2).copied().unwrap_or(0.0);
        let baseline = self.baseline.map(|quality| &quality.roc_auc);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for estimate in measured().chain(baseline).filter_map(Measured::estimate) {
            let ends = estimate.interval.filter(|(low, high)| (high - low) / 2.0 <= usual * CUT_FROM);
            let (from, to) = ends.unwrap_or((estimate.value, estimate.value));
            low = low.min(from);
            high = high.max(to);
        }
        let (low, high) = nice_domain((low, high), 4);
        (low.max(0.0), high.min(1.0))
    }

    fn draw_frame(&self, scene: &mut Scene, layout: &Layout) {
        let right = layout.axis.right();
        let ticks = layout.area.ticks(4);
        for value in ticks.values {
            let y = layout.area.at(value);
            scene.line("grid", (layout.left, y), (right, y));
            let text = figures::fixed(value, ticks.decimals.max(2));
            scene.text("tick", Anchor::End, (layout.left - 6.0, y + 4.0), text);
        }
    }

    fn draw_baseline(&self, scene: &mut Scene, layout: &Layout) {
        let Some(estimate) = self.baseline.and_then(|quality| quality.roc_auc.estimate()) else { return };
        let (left, right) = (layout.left, layout.axis.right());
        if let Some((low, high)) = estimate.interval {
            let (top, bottom) = (layout.area.at(high), layout.area.at(low));
            scene.rect("band", (left, top), (right - left, (bottom - top).max(1.0)));
            scene.tip(format!(
                "baseline: {}",
                with_interval(&figures::score(estimate.value), estimate.interval)
            ));
        }
        let y = layout.area.at(estimate.value);
        scene.line("reference", (left, y), (right, y));
    }

    /// After all else, so that nothing runs through the name.
    fn name_baseline(&self, scene: &mut Scene, layout: &Layout, width: Width) {
        let Some(value) = self.baseline.and_then(|quality| quality.roc_auc.value()) else { return };
        let (y, right) = (layout.area.at(value), layout.axis.right());
        let value = figures::score(value);
        match width {
            Width::Wide => {
                scene.text("reference-name", Anchor::Start, (right + 8.0, y - 1.0), "baseline");
                scene.text("reference-name", Anchor::Start, (right + 8.0, y + 14.0), value);
            }
            Width::Narrow => {
                scene.text("reference-name", Anchor::End, (right, y - 9.0), format!("baseline {value}"));
            }
        }
    }

    fn draw_months(&self, scene: &mut Scene, layout: &Layout, width: Width) {
        let points = self.months.iter().filter_map(|month| {
            let estimate = month.quality.roc_auc.estimate()?;
            Some((layout.axis.middle(month.period)?, month, estimate))
        });
        let mut before: Option<(Period, (f64, f64))> = None;
        for (x, month, estimate) in points.clone() {
            let here = (x, layout.area.at(estimate.value));
            // months without a figure leave a gap
            if let Some((_, before)) = before.filter(|(before, _)| before.next() == month.period) {
                scene.line("thread", before, here);
            }
            before = Some((month.period, here));
        }
        self.draw_falls(scene, layout, width);
        self.draw_gaps(scene, layout);
        let radius = (layout.axis.slot * 0.35).clamp(2.5, 7.5);
        for (x, month, estimate) in points {
            let mark = marks::of_performance(month.verdict);
            let y = layout.area.at(estimate.value);
            let mut below = y;
            if let Some((low, high)) = estimate.interval {
                below = layout.area.at(low);
                let is_cut = is_cut(&layout.area, (low, high));
                let class = if is_cut { "whisker cut" } else { whisker_class(month.verdict) };
                scene.line(class, (x, layout.area.at(high)), (x, below));
            }
            match month.verdict {
                PerformanceVerdict::Fell => scene.path("point fell", Outline::triangle((x, y), radius)),
                PerformanceVerdict::Unproven => {
                    scene.path("point unproven", Outline::triangle((x, y), radius));
                }
                PerformanceVerdict::Held => scene.circle("point held", (x, y), radius * 0.75),
                PerformanceVerdict::Unknown => scene.circle("point unknown", (x, y), radius * 0.6),
            }
            scene.tip(format!(
                "{}: {}, {}",
                calendar::period(month.period),
                with_interval(&figures::score(estimate.value), estimate.interval),
                mark.word
            ));
            let value = figures::score(estimate.value);
            let value = if layout.axis.slot >= 40.0 { value.as_str() } else { value.trim_start_matches('0') };
            if layout.axis.slot >= 22.0 {
                let class = if month.verdict == PerformanceVerdict::Fell { "value fell" } else { "value" };
                // a whisker that ends at the axis leaves no room below it
                let y = if below + 18.0 > layout.bottom + 8.0 { y + 20.0 } else { below + 16.0 };
                scene.text(class, Anchor::Middle, (x, y), value);
            }
        }
    }

    /// A sign where a month has no figure; the page says why.
    fn draw_gaps(&self, scene: &mut Scene, layout: &Layout) {
        for month in self.months {
            if let (Some(reason), Some(x)) =
                (month.quality.roc_auc.reason(), layout.axis.middle(month.period))
            {
                scene.text("remark", Anchor::Middle, (x, layout.bottom - 8.0), figures::NONE);
                scene.tip(format!("{}: {}", calendar::period(month.period), outside::sentence(reason)));
            }
        }
    }

    /// The distance from the baseline to the first month that fell.
    fn draw_falls(&self, scene: &mut Scene, layout: &Layout, width: Width) {
        let Some(baseline) = self.baseline.and_then(|quality| quality.roc_auc.value()) else { return };
        let fallen = self.months.iter().find(|month| month.verdict == PerformanceVerdict::Fell);
        let Some((month, change)) = fallen.and_then(|month| Some((month, month.change?))) else { return };
        let (Some(x), Some(estimate)) = (layout.axis.middle(month.period), month.quality.roc_auc.estimate())
        else {
            return;
        };
        let top = layout.area.at(baseline);
        let end = layout.area.at(estimate.interval.map_or(estimate.value, |(_, high)| high));
        scene.line("fall", (x, top), (x, end));
        let text = match width {
            Width::Wide => {
                format!("{}: {}", calendar::period(month.period), figures::signed(change.difference, 3))
            }
            Width::Narrow => figures::signed(change.difference, 3),
        };
        scene.text("fall-name", Anchor::Start, (x + 8.0, top + 24.0), text);
    }

    fn draw_match_rates(&self, scene: &mut Scene, layout: &Layout, width: Width) {
        let (top, bottom) = layout.strip;
        let rate = Scale::new((0.0, 1.0), (bottom, top));
        scene.text("strip-name", Anchor::Start, (layout.left, top - 6.0), "labels known, % of predictions");
        scene.line("axis", (layout.left, bottom), (layout.axis.right(), bottom));
        let bar = (layout.axis.slot * 0.62).min(46.0);
        for month in self.months {
            let (Some(x), Some(share)) = (layout.axis.middle(month.period), month.quality.match_rate())
            else {
                continue;
            };
            let y = rate.at(share);
            scene.rect(
                if month.mature { "bar" } else { "bar immature" },
                (x - bar / 2.0, y),
                (bar, bottom - y),
            );
            let maturity = if month.mature { "" } else { ", more labels may come" };
            scene.tip(format!(
                "{}: {} of {} have a label{maturity}",
                calendar::period(month.period),
                figures::percent(share),
                figures::counted(month.quality.predictions, "prediction")
            ));
            if layout.axis.slot >= 22.0 {
                let class = if month.mature { "in-bar" } else { "in-bar immature" };
                let y = if share > 0.45 { y + 15.0 } else { y - 4.0 };
                let class = if share > 0.45 { class } else { "value" };
                let decimals = width.pick(1, 0);
                scene.text(class, Anchor::Middle, (x, y), figures::fixed(share * 100.0, decimals));
            }
        }
    }

    fn in_words(&self) -> String {
        let mut text = String::new();
        if let Some(estimate) = self.baseline.and_then(|quality| quality.roc_auc.estimate()) {
            text.push_str(&format!("The baseline has {}. ", figures::score(estimate.value)));
        }
        let months: Vec<String> = self
            .months
            .iter()
            .map(|month| {
                let value = figures::or_none(month.quality.roc_auc.value(), figures::score);
                format!(
                    "{} {value} ({})",
                    calendar::period(month.period),
                    marks::of_performance(month.verdict).word
                )
            })
            .collect();
        text.push_str(&format!("By month: {}.", months.join(", ")));
        text.push_str(&deployments_in_words(self.deployments));
        text
    }
}

fn is_cut(area: &Scale, (low, high): (f64, f64)) -> bool {
    !(area.has(low) && area.has(high))
}

fn half_width(measured: &Measured) -> Option<f64> {
    measured.estimate()?.interval.map(|(low, high)| (high - low) / 2.0)
}

fn whisker_class(verdict: PerformanceVerdict) -> &'static str {
    if verdict == PerformanceVerdict::Fell { "whisker fell" } else { "whisker" }
}

fn with_interval(value: &str, interval: Option<(f64, f64)>) -> String {
    interval.map_or_else(|| value.to_owned(), |ends| format!("{value} (95 % {})", figures::interval(ends)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn drawn(analysis: &tiltmeter_monitor::Analysis, width: Width) -> Scene {
        let baseline = analysis.baseline.as_ref().and_then(|baseline| baseline.quality.as_ref());
        AreaByMonth { months: &analysis.months, baseline, deployments: &analysis.deployments }.draw(width)
    }

    fn count(scene: &Scene, class: &str) -> usize {
        scene.marks.iter().filter(|mark| mark.class == class).count()
    }

    #[test]
    fn the_drawing_for_a_phone() {
        insta::assert_snapshot!(drawn(&fixture::flights(), Width::Narrow).svg().unwrap());
    }

    #[test]
    fn a_fall_is_marked_once_and_every_deployment_after_the_first() {
        let scene = drawn(&fixture::flights(), Width::Wide);
        assert_eq!((count(&scene, "fall"), count(&scene, "deployment")), (1, 1));
        assert_eq!((count(&scene, "point fell"), count(&scene, "point held")), (9, 1));
        assert!(scene.description.contains("Apr 2013 0.882 (fell)"), "{}", scene.description);
    }

    #[test]
    fn an_interval_that_would_flatten_the_others_is_cut() {
        assert_eq!(count(&drawn(&fixture::flights(), Width::Wide), "whisker cut"), 1);
    }

    #[test]
    fn a_month_that_is_years_off_takes_one_place() {
        let scene = drawn(&fixture::stray(), Width::Wide);
        assert_eq!((count(&scene, "cut-out"), count(&scene, "break")), (1, 2));
        assert_eq!(count(&scene, "point fell"), 9, "the others are all there");
        assert_eq!(count(&scene, "tick year"), 3);
        assert_eq!(count(&scene, "thread"), 10);
    }

    #[test]
    fn a_month_without_a_figure_leaves_a_gap() {
        let scene = drawn(&fixture::odd(), Width::Wide);
        assert_eq!((count(&scene, "remark"), count(&scene, "thread")), (2, 6));
    }
}
