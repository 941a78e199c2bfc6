//! Who was right where the two decided differently.

use tiltmeter_monitor::Measured;
use tiltmeter_monitor::shadow::RightOnDisagreements;

use crate::scale::Scale;
use crate::shadow::names::Names;
use crate::shadow::quantity::Quantity;
use crate::svg::scene::Anchor;
use crate::svg::{Chart, Scene, Width};

/// The bar.
#[derive(Clone, Copy, Debug)]
pub(in crate::shadow) struct RightBar<'a> {
    pub(in crate::shadow) right: &'a RightOnDisagreements,
    pub(in crate::shadow) names: &'a Names,
}

impl Chart for RightBar<'_> {
    fn draw(&self, width: Width) -> Scene {
        let (left, right) = (1.0, width.pick(958.0, 348.0));
        let title = "Who was right on the disagreements";
        let mut scene = Scene::new("right", width, 82.0, title, self.in_words());
        let [champion, neither, challenger] = self.shares();
        let x = Scale::new((0.0, 1.0), (left, right));
        let (top, height) = (24.0, 30.0);
        scene.rect("c-drift1", (left, top), (x.at(champion) - left, height));
        if neither > 0.0 {
            scene.rect(
                "c-stable",
                (x.at(champion), top),
                (x.at(champion + neither) - x.at(champion), height),
            );
        }
        let from = x.at(champion + neither);
        scene.rect("c-drift4", (from, top), (x.at(champion + neither + challenger) - from, height));
        scene.line("reference", (x.at(0.5), top - 6.0), (x.at(0.5), top + height + 6.0));
        // counted from the right, as the challenger's part is
        if let Some((low, high)) =
            self.right.challenger_right.estimate().and_then(|estimate| estimate.interval)
        {
            scene.line(
                "interval",
                (x.at(1.0 - high), top + height / 2.0),
                (x.at(1.0 - low), top + height / 2.0),
            );
        }
        let share = |measured| Quantity::Share.in_words(measured);
        let value = |measured: &tiltmeter_monitor::Measured| {
            measured.estimate().map_or_else(String::new, |estimate| Quantity::Share.value(estimate))
        };
        let (one, other) = match width {
            Width::Wide => (share(&self.right.champion_right), share(&self.right.challenger_right)),
            Width::Narrow => (value(&self.right.champion_right), value(&self.right.challenger_right)),
        };
        let names = self.names;
        scene.text("strong", Anchor::Start, (left, 16.0), format!("{} right", names.champion));
        scene.text("strong", Anchor::End, (right, 16.0), format!("{} right", names.challenger));
        scene.text("tick", Anchor::Start, (left, top + height + 18.0), one);
        scene.text("tick", Anchor::End, (right, top + height + 18.0), other);
        scene
    }
}

impl RightBar<'_> {
    /// Whether there is something to draw.
    pub(in crate::shadow) fn has_figures(&self) -> bool {
        self.right.champion_right.value().is_some() && self.right.challenger_right.value().is_some()
    }

    /// The champion alone, the two alike, the challenger alone.
    fn shares(&self) -> [f64; 3] {
        let right = self.right;
        let share = |measured: &Measured| measured.value().unwrap_or(0.0);
        let alike = share(&right.neither_right) + share(&right.both_right);
        [share(&right.champion_right), alike, share(&right.challenger_right)]
    }

    fn in_words(&self) -> String {
        let share = |measured| Quantity::Share.in_words(measured);
        let both = match self.right.both_right.value() {
            Some(value) if value > 0.0 => format!(", both in {}", share(&self.right.both_right)),
            _ => String::new(),
        };
        format!(
            "{} was right in {}, {} in {}, neither in {}{both}.",
            self.names.champion,
            share(&self.right.champion_right),
            self.names.challenger,
            share(&self.right.challenger_right),
            share(&self.right.neither_right)
        )
    }
}
