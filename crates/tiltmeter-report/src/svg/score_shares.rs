//! The scores against the baseline's: over all predictions, and how each month differs.

use tiltmeter_monitor::{Period, ScoreHistogram};

use super::Chart;
use super::scene::{Anchor, Outline, Scene, Width};
use crate::scale::{Scale, nice_domain};
use crate::{calendar, figures};

/// Months that are drawn, the latest ones: two years.
const MAX_MONTHS: usize = 24;

/// The shares of all scores as bars, the baseline's as an outline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScoreShares<'a>(pub(crate) &'a ScoreHistogram);

impl Chart for ScoreShares<'_> {
    fn draw(&self, width: Width) -> Scene {
        let (left, right) = width.pick((52.0, 944.0), (38.0, 344.0));
        let (top, bottom) = (14.0, width.pick(234.0, 200.0));
        let title = "Scores of all predictions against the baseline's";
        let mut scene = Scene::new("scores", width, bottom + 40.0, title, self.in_words());
        let shares = self.0.all.iter().chain(&self.0.baseline);
        let highest = shares.copied().fold(0.0_f64, f64::max);
        let share = Scale::new(nice_domain((0.0, highest), 5), (bottom, top));
        for value in share.ticks(5).values {
            let y = share.at(value);
            scene.line("grid", (left, y), (right, y));
            let text = format!("{} %", figures::fixed(value * 100.0, 0));
            scene.text("tick", Anchor::End, (left - 6.0, y + 4.0), text);
        }
        let x = x_scale(self.0, (left, right));
        for (ends, of_bin) in bins(self.0).zip(&self.0.all) {
            let (from, to) = (x.at(ends.0), x.at(ends.1));
            let y = share.at(*of_bin);
            scene.rect("bar", (from + 1.0, y), (to - from - 2.0, bottom - y));
            scene.tip(format!("{}: {} of the scores", bin_name(ends), figures::percent(*of_bin)));
        }
        let outline = bins(self.0).zip(&self.0.baseline).flat_map(|(ends, of_bin)| {
            let y = share.at(*of_bin);
            [(x.at(ends.0), y), (x.at(ends.1), y)]
        });
        scene.path("outline", Outline::through(outline));
        scene.line("axis", (left, bottom), (right, bottom));
        let ticks = x.ticks(5);
        for value in ticks.values {
            scene.text(
                "tick",
                Anchor::Middle,
                (x.at(value), bottom + 17.0),
                figures::fixed(value, ticks.decimals),
            );
        }
        scene.text("tick", Anchor::Middle, (f64::midpoint(left, right), bottom + 34.0), "score");
        scene
    }
}

impl ScoreShares<'_> {
    fn in_words(self) -> String {
        let moved: f64 =
            self.0.all.iter().zip(&self.0.baseline).map(|(a, b)| (a - b).abs()).sum::<f64>() / 2.0;
        let share = figures::percent(moved);
        format!(
            "Bars show the share of the scores in each bin, the outline the baseline's. {share} of the scores would have to move to another bin to make them equal."
        )
    }
}

/// How the shares of each month differ from the baseline's, in small panels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShareChanges<'a>(pub(crate) &'a ScoreHistogram);

impl Chart for ShareChanges<'_> {
    fn draw(&self, width: Width) -> Scene {
        let in_row: usize = width.pick(4, 2);
        let months = self.months();
        let panel = (width.pixels() - 8.0) / in_row as f64;
        let (height, rows) = (124.0, months.len().div_ceil(in_row));
        let title = "How the scores of each month differ from the baseline's";
        let mut scene =
            Scene::new("score-changes", width, height * rows as f64 + 4.0, title, self.in_words());
        let all = months.iter().flat_map(|(_, shares)| self.changes(shares));
        let reach =
            all.fold((-0.001_f64, 0.001_f64), |(low, high), change| (low.min(change), high.max(change)));
        for (place, (month, shares)) in months.iter().enumerate() {
            let (row, column) = (place / in_row, place % in_row);
            let (left, top) = (panel * column as f64 + 10.0, height * row as f64);
            self.draw_month(&mut scene, (*month, shares), (left, top, panel - 22.0), reach);
        }
        scene
    }
}

impl ShareChanges<'_> {
    fn months(&self) -> &[(Period, Vec<f64>)] {
        let months = &self.0.months;
        months.get(months.len().saturating_sub(MAX_MONTHS)..).unwrap_or(months)
    }

    fn changes<'b>(&'b self, shares: &'b [f64]) -> impl Iterator<Item = f64> + 'b {
        shares.iter().zip(&self.0.baseline).map(|(now, then)| now - then)
    }

    fn draw_month(
        self,
        scene: &mut Scene,
        (month, shares): (Period, &[f64]),
        (left, top, width): (f64, f64, f64),
        reach: (f64, f64),
    ) {
        let change = Scale::new(reach, (top + 92.0, top + 26.0));
        let x = x_scale(self.0, (left, left + width));
        let ends = ends(self.0);
        let zero = change.at(0.0);
        scene.text("panel-name", Anchor::Start, (left, top + 16.0), calendar::period(month));
        for (ends, difference) in bins(self.0).zip(self.changes(shares)) {
            let (from, to, y) = (x.at(ends.0), x.at(ends.1), change.at(difference));
            let class = if difference < 0.0 { "bar less" } else { "bar more" };
            scene.rect(class, (from + 0.5, y.min(zero)), (to - from - 1.0, (y - zero).abs()));
            scene.tip(format!("{}: {} points", bin_name(ends), figures::signed(difference * 100.0, 1)));
        }
        scene.line("axis", (left, zero), (left + width, zero));
        for (anchor, value) in [(Anchor::Start, ends.0), (Anchor::End, ends.1)] {
            scene.text("tick small", anchor, (x.at(value), top + 106.0), figures::fixed(value, 1));
        }
        let strongest = self.changes(shares).max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
        let text = format!("{} points", figures::signed(strongest * 100.0, 1));
        scene.text("tick", Anchor::End, (left + width, top + 16.0), text);
    }

    fn in_words(self) -> String {
        let mut text = String::from("The largest change of a bin, in percentage points, by month:");
        for (month, shares) in self.months() {
            let strongest = self.changes(shares).max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
            text.push_str(&format!(
                " {} {};",
                calendar::period(*month),
                figures::signed(strongest * 100.0, 1)
            ));
        }
        text
    }
}

fn x_scale(histogram: &ScoreHistogram, range: (f64, f64)) -> Scale {
    Scale::new(ends(histogram), range)
}

/// The lowest and the highest edge.
fn ends(histogram: &ScoreHistogram) -> (f64, f64) {
    let ends = histogram.edges.first().zip(histogram.edges.last());
    ends.map_or((0.0, 1.0), |(first, last)| (*first, *last))
}

/// Both edges of each bin.
pub(crate) fn bins(histogram: &ScoreHistogram) -> impl Iterator<Item = (f64, f64)> + '_ {
    histogram.edges.windows(2).filter_map(|edges| Some((*edges.first()?, *edges.get(1)?)))
}

/// `0.05–0.10`.
pub(crate) fn bin_name((from, to): (f64, f64)) -> String {
    format!("{}–{}", figures::fixed(from, 2), figures::fixed(to, 2))
}
