//! The scores of both: together, and each for itself.

use tiltmeter_monitor::shadow::ScoreDensity;

use super::score_density::{draw_density, draw_key, ends, near_diagonal};
use crate::figures;
use crate::scale::{Scale, nice_domain};
use crate::shadow::names::Names;
use crate::svg::scene::{Anchor, Outline};
use crate::svg::{Chart, Scene, Width};

/// A map of both scores, and beside it the two distributions.
#[derive(Clone, Copy, Debug)]
pub(in crate::shadow) struct ScoresTogether<'a> {
    pub(in crate::shadow) density: &'a ScoreDensity,
    pub(in crate::shadow) names: &'a Names,
}

/// Where the distributions stand: left, top, width, height.
type Frame = (f64, f64, f64, f64);

impl Chart for ScoresTogether<'_> {
    fn draw(&self, width: Width) -> Scene {
        let square = width.pick((42.0, 28.0, 400.0), (40.0, 28.0, 300.0));
        let frame = width.pick((540.0, 28.0, 412.0, 250.0), (40.0, 474.0, 300.0, 170.0));
        let key = width.pick((540.0, 402.0, 412.0), (40.0, 400.0, 300.0));
        let height = width.pick(472.0, 690.0);
        let title = "Scores of champion and challenger";
        let mut scene = Scene::new("scores", width, height, title, self.in_words());
        draw_density(&mut scene, self.density, self.names, square);
        draw_key(&mut scene, self.density, key);
        self.draw_distributions(&mut scene, frame);
        scene
    }
}

impl ScoresTogether<'_> {
    fn draw_distributions(self, scene: &mut Scene, (left, top, width, height): Frame) {
        let (right, bottom) = (left + width, top + height);
        let (champion, challenger) = marginals(self.density);
        let highest = champion.iter().chain(&challenger).copied().fold(0.0, f64::max);
        let share = Scale::new(nice_domain((0.0, highest), 4), (bottom, top));
        scene.text("strip-name", Anchor::Start, (left - 30.0, top - 10.0), "share of the pairs in a bin");
        for value in share.ticks(4).values {
            let y = share.at(value);
            scene.line("grid", (left, y), (right, y));
            let text = format!("{} %", figures::fixed(value * 100.0, 0));
            scene.text("tick", Anchor::End, (left - 6.0, y + 4.0), text);
        }
        let x = Scale::new(ends(self.density), (left, right));
        let bin = width / challenger.len().max(1) as f64;
        for (place, of_bin) in challenger.iter().enumerate() {
            let y = share.at(*of_bin);
            scene.rect("bar", (left + bin * place as f64 + 0.5, y), (bin - 1.0, bottom - y));
        }
        let outline = champion.iter().enumerate().flat_map(|(place, of_bin)| {
            let (from, y) = (left + bin * place as f64, share.at(*of_bin));
            [(from, y), (from + bin, y)]
        });
        scene.path("outline", Outline::through(outline));
        scene.line("axis", (left, bottom), (right, bottom));
        let ticks = x.ticks(4);
        for value in ticks.values {
            let text = figures::fixed(value, ticks.decimals);
            scene.text("tick", Anchor::Middle, (x.at(value), bottom + 17.0), text);
        }
        scene.text("tick", Anchor::Middle, (f64::midpoint(left, right), bottom + 35.0), "score");
    }

    fn in_words(self) -> String {
        let Names { champion, challenger } = self.names;
        let share = figures::percent(near_diagonal(self.density));
        format!(
            "A map of the scores of {champion}, from left to right, and {challenger}, upwards: the darker or lighter than its ground a cell, the more pairs. {share} of the pairs are within one cell of the diagonal, on which both scores are equal. Beside it the distribution of both: bars are {challenger}, the outline is {champion}."
        )
    }
}

/// The shares of champion and challenger by bin.
pub(in crate::shadow) fn marginals(density: &ScoreDensity) -> (Vec<f64>, Vec<f64>) {
    let champion = density.shares.iter().map(|shares| shares.iter().sum()).collect();
    let challenger =
        (0..density.shares.len()).map(|row| density.shares.iter().filter_map(|shares| shares.get(row)).sum());
    (champion, challenger.collect())
}
