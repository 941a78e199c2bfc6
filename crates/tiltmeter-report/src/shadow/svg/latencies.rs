//! How long the two take: the distributions, and their quantiles against what is promised.

use tiltmeter_monitor::shadow::{LatencyComparison, LatencyFigures, LatencyHistogram};

use super::log_axis::{LogAxis, tick_name};
use crate::figures;
use crate::scale::{Scale, nice_domain};
use crate::shadow::names::Names;
use crate::shadow::quantity::Quantity;
use crate::svg::scene::{Anchor, Outline};
use crate::svg::{Chart, Scene, Width};

/// The chart.
#[derive(Clone, Copy, Debug)]
pub(in crate::shadow) struct Latencies<'a> {
    pub(in crate::shadow) histogram: &'a LatencyHistogram,
    pub(in crate::shadow) figures: &'a LatencyComparison,
    pub(in crate::shadow) bound_ms: Option<f64>,
    pub(in crate::shadow) names: &'a Names,
}

struct Layout {
    x: LogAxis,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    /// The lines on which the quantiles of the champion and of the challenger stand.
    rows: [f64; 2],
    axis: f64,
}

impl Chart for Latencies<'_> {
    fn draw(&self, width: Width) -> Scene {
        let layout = self.layout(width);
        let title = "Latencies of champion and challenger";
        let mut scene = Scene::new("latency", width, layout.axis + 40.0, title, self.in_words());
        for tick in layout.x.ticks() {
            let x = layout.x.at(tick);
            scene.line("grid", (x, layout.top), (x, layout.axis));
            scene.text("tick", Anchor::Middle, (x, layout.axis + 17.0), tick_name(tick));
        }
        let middle = f64::midpoint(layout.left, layout.right);
        scene.text(
            "tick",
            Anchor::Middle,
            (middle, layout.axis + 34.0),
            "milliseconds, each decade as wide as the others",
        );
        self.draw_shares(&mut scene, &layout);
        self.draw_bound(&mut scene, &layout);
        let sides = [
            (&self.names.champion, &self.figures.champion, "mark outer"),
            (&self.names.challenger, &self.figures.challenger, "mark inner"),
        ];
        for ((name, figures, class), y) in sides.into_iter().zip(layout.rows) {
            draw_quantiles(&mut scene, &layout, (name, figures, class), y, width);
        }
        scene.line("axis", (layout.left, layout.axis), (layout.right, layout.axis));
        scene
    }
}

impl Latencies<'_> {
    fn layout(&self, width: Width) -> Layout {
        let (left, right) = width.pick((52.0, 944.0), (40.0, 340.0));
        let (top, bottom) = (22.0, width.pick(216.0, 180.0));
        let edges = &self.histogram.edges_ms;
        let (low, high) = edges.first().zip(edges.last()).map_or((1.0, 10.0), |(low, high)| (*low, *high));
        // the promise is shown even where no request came near it
        let bound = self.bound_ms.filter(|bound| bound.is_finite() && *bound > 0.0);
        let ends = bound.map_or((low, high), |bound| (low.min(bound * 0.9), high.max(bound * 1.1)));
        let rows = [bottom + 42.0, bottom + 42.0 + width.pick(44.0, 50.0)];
        let axis = rows[1] + 26.0;
        Layout { x: LogAxis::new(ends, (left, right)), left, right, top, bottom, rows, axis }
    }

    fn draw_shares(self, scene: &mut Scene, layout: &Layout) {
        let shares = self.histogram.champion.iter().chain(&self.histogram.challenger);
        let highest = shares.copied().fold(0.0, f64::max);
        let share = Scale::new(nice_domain((0.0, highest), 4), (layout.bottom, layout.top));
        let ticks = share.ticks(4);
        for value in ticks.values {
            let y = share.at(value);
            scene.line("grid", (layout.left, y), (layout.right, y));
            let text = format!("{} %", figures::fixed(value * 100.0, ticks.decimals.saturating_sub(2)));
            scene.text("tick", Anchor::End, (layout.left - 6.0, y + 4.0), text);
        }
        for (ends, of_bin) in bins(self.histogram).zip(&self.histogram.challenger) {
            let (from, to, y) = (layout.x.at(ends.0), layout.x.at(ends.1), share.at(*of_bin));
            if *of_bin > 0.0 {
                scene.rect("bar", (from + 0.5, y), (to - from - 1.0, layout.bottom - y));
                scene.tip(format!("{}: {} of the requests", bin_name(ends), figures::percent(*of_bin)));
            }
        }
        let outline = bins(self.histogram).zip(&self.histogram.champion).flat_map(|(ends, of_bin)| {
            let y = share.at(*of_bin);
            [(layout.x.at(ends.0), y), (layout.x.at(ends.1), y)]
        });
        scene.path("outline", Outline::through(outline));
        scene.line("axis", (layout.left, layout.bottom), (layout.right, layout.bottom));
    }

    fn draw_bound(self, scene: &mut Scene, layout: &Layout) {
        let Some(bound) = self.bound_ms else { return };
        let x = layout.x.at(bound);
        scene.line("deployment", (x, layout.top - 8.0), (x, layout.axis));
        let (anchor, offset) = if x > f64::midpoint(layout.left, layout.right) {
            (Anchor::End, -5.0)
        } else {
            (Anchor::Start, 5.0)
        };
        let text = format!(
            "promised p99: {} ms",
            figures::digits(bound).trim_end_matches('0').trim_end_matches('.')
        );
        scene.text("deployment-name", anchor, (x + offset, layout.top + 2.0), text);
    }

    fn in_words(self) -> String {
        let side = |name: &str, figures: &LatencyFigures| {
            let [p50, p95, p99] =
                [&figures.p50, &figures.p95, &figures.p99].map(|quantile| Quantity::Ms.in_words(quantile));
            format!("{name}: median {p50}, 95th percentile {p95}, 99th percentile {p99}. ")
        };
        let mut text = side(&self.names.champion, &self.figures.champion);
        text.push_str(&side(&self.names.challenger, &self.figures.challenger));
        if let Some(bound) = self.bound_ms {
            text.push_str(&format!("A 99th percentile of {} ms is promised.", figures::digits(bound)));
        }
        text
    }
}

/// The quantiles of a side on a line, each with its interval.
fn draw_quantiles(
    scene: &mut Scene,
    layout: &Layout,
    (name, figures, class): (&str, &LatencyFigures, &'static str),
    y: f64,
    width: Width,
) {
    scene.line("grid", (layout.left, y), (layout.right, y));
    scene.text("row-name", Anchor::Start, (layout.left, y - 8.0), name);
    let name_ends = layout.left + name.chars().count() as f64 * 8.0 + 8.0;
    // above the line, where the name stands, and below it
    let mut free_from = [name_ends, f64::NEG_INFINITY];
    for (quantile, measured) in [("p50", &figures.p50), ("p95", &figures.p95), ("p99", &figures.p99)] {
        let Some(estimate) = measured.estimate() else { continue };
        let x = layout.x.at(estimate.value);
        if let Some((low, high)) = estimate.interval {
            scene.line("whisker", (layout.x.at(low), y), (layout.x.at(high), y));
        }
        scene.circle(class, (x, y), 5.0);
        scene.tip(format!("{name}, {quantile}: {}", Quantity::Ms.in_words(measured)));
        let text = match width {
            Width::Wide => format!("{quantile} {}", Quantity::Ms.value(estimate)),
            Width::Narrow => quantile.to_owned(),
        };
        let half = text.chars().count() as f64 * 3.6;
        // where neither line has room the table has the figure
        let lines = free_from.iter_mut().zip([y - 9.0, y + 19.0]);
        if let Some((free_from, y)) = lines.into_iter().find(|(free_from, _)| x - half >= **free_from) {
            scene.text("value", Anchor::Middle, (x, y), text);
            *free_from = x + half + 4.0;
        }
    }
}

/// Both edges of each bin.
pub(in crate::shadow) fn bins(histogram: &LatencyHistogram) -> impl Iterator<Item = (f64, f64)> + '_ {
    histogram.edges_ms.windows(2).filter_map(|edges| Some((*edges.first()?, *edges.get(1)?)))
}

fn bin_name((from, to): (f64, f64)) -> String {
    let short = |ms: f64| if (1e-4..1e7).contains(&ms) { figures::digits(ms) } else { format!("{ms:.1e}") };
    format!("{}–{} ms", short(from), short(to))
}
