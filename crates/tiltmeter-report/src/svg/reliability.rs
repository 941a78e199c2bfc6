//! Reliability diagrams: how often the label was 1 where the score said so.

use tiltmeter_monitor::performance::CalibrationSummary;

use super::Chart;
use super::scene::{Anchor, Scene, Width};
use crate::figures;
use crate::scale::Scale;

/// One diagram for each group, at most this many.
const MAX_PANELS: usize = 8;

/// The diagrams.
#[derive(Clone, Debug)]
pub(crate) struct Reliability<'a> {
    /// The name of each group, and its bins.
    pub(crate) groups: Vec<(String, &'a CalibrationSummary)>,
}

impl Chart for Reliability<'_> {
    fn draw(&self, width: Width) -> Scene {
        let in_row: usize = width.pick(4, 1).min(self.groups.len().max(1));
        let room = width.pick(236.0, 344.0);
        let side = width.pick(178.0, 216.0);
        let rows = self.groups.len().min(MAX_PANELS).div_ceil(in_row);
        let height = (side + 74.0) * rows as f64;
        let title = "Reliability: how often the label was 1, by score";
        let mut scene = Scene::new("reliability", width, height, title, self.in_words());
        for (place, (name, calibration)) in self.groups.iter().take(MAX_PANELS).enumerate() {
            let left = 40.0 + room * (place % in_row) as f64;
            let top = 26.0 + (side + 74.0) * (place / in_row) as f64;
            draw_panel(&mut scene, name, calibration, (left, top, side));
        }
        scene
    }
}

impl Reliability<'_> {
    fn in_words(&self) -> String {
        let mut text =
            String::from("Each point is a bin of scores; on the diagonal the frequency equals the score.");
        for (name, calibration) in self.groups.iter().take(MAX_PANELS) {
            let error = figures::score(calibration.expected_calibration_error);
            text.push_str(&format!(" {name}: expected calibration error {error}."));
        }
        text
    }
}

fn draw_panel(
    scene: &mut Scene,
    name: &str,
    calibration: &CalibrationSummary,
    (left, top, side): (f64, f64, f64),
) {
    let (right, bottom) = (left + side, top + side);
    let x = Scale::new((0.0, 1.0), (left, right));
    let y = Scale::new((0.0, 1.0), (bottom, top));
    scene.text("panel-name", Anchor::Start, (left, top - 10.0), name);
    for value in [0.0, 0.5, 1.0] {
        scene.line("grid", (left, y.at(value)), (right, y.at(value)));
        let text = figures::fixed(value, 1);
        scene.text("tick", Anchor::End, (left - 6.0, y.at(value) + 4.0), text.as_str());
        scene.text("tick", Anchor::Middle, (x.at(value), bottom + 16.0), text);
    }
    scene.line("reference", (left, bottom), (right, top));
    scene.text("tick", Anchor::Middle, (f64::midpoint(left, right), bottom + 32.0), "mean score of the bin");
    for bin in &calibration.bins {
        let at = (x.at(bin.mean_score), y.at(bin.observed));
        scene.line("whisker", (at.0, y.at(bin.interval.0)), (at.0, y.at(bin.interval.1)));
        scene.circle("point held", at, 4.0);
        scene.tip(format!(
            "mean score {}, label 1 in {} of {}",
            figures::score(bin.mean_score),
            figures::percent(bin.observed),
            figures::counted(bin.count, "prediction")
        ));
    }
}
