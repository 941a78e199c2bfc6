//! A figure of each of some groups, such as the area under the ROC curve by the values of a feature.

use tiltmeter_monitor::Estimate;

use super::Chart;
use super::scene::{Anchor, Scene, Width};
use crate::figures;
use crate::scale::{Scale, nice_domain};

/// A group.
#[derive(Clone, Debug)]
pub(crate) struct Dot {
    pub(crate) name: String,
    pub(crate) estimate: Estimate,
    /// The rows that the figure rests on.
    pub(crate) rows: u64,
}

/// The chart of some groups.
#[derive(Clone, Debug)]
pub(crate) struct SegmentDots {
    pub(crate) id: String,
    pub(crate) title: String,
    /// From above.
    pub(crate) dots: Vec<Dot>,
    /// What the dots are compared with, and its name.
    pub(crate) references: Vec<(String, f64)>,
    /// The ends of the axis, the same for all charts that are to be compared.
    pub(crate) domain: (f64, f64),
    /// How figures are written.
    pub(crate) show: fn(f64) -> String,
    /// What one of the rows is.
    pub(crate) row: &'static str,
}

const ROW: f64 = 22.0;

impl Chart for SegmentDots {
    fn draw(&self, width: Width) -> Scene {
        let longest = self.dots.iter().map(|dot| dot.name.chars().count()).max().unwrap_or(0) as f64;
        let left = width.pick((longest * 7.4 + 14.0).max(150.0), (longest * 6.6 + 14.0).max(84.0));
        let right = width.pick(800.0, 290.0);
        let top = 30.0;
        let bottom = top + ROW * self.dots.len() as f64;
        let mut scene = Scene::new(&self.id, width, bottom + 26.0, &self.title, self.in_words());
        let x = self.scale((left, right));
        let ticks = x.ticks(width.pick(6, 3));
        for value in ticks.values {
            scene.line("grid", (x.at(value), top - 4.0), (x.at(value), bottom));
            let text = figures::fixed(value, ticks.decimals);
            scene.text("tick", Anchor::Middle, (x.at(value), bottom + 17.0), text);
        }
        for (place, (name, value)) in self.references.iter().enumerate() {
            let class = if place == 0 { "reference" } else { "reference second" };
            scene.line(class, (x.at(*value), top - 8.0), (x.at(*value), bottom));
            let anchor = if place == 0 { Anchor::Start } else { Anchor::End };
            let offset = if place == 0 { 4.0 } else { -4.0 };
            let text = format!("{name} {}", (self.show)(*value));
            scene.text("reference-name", anchor, (x.at(*value) + offset, top - 12.0), text);
        }
        for (place, dot) in self.dots.iter().enumerate() {
            let y = top + ROW * (place as f64 + 0.5);
            let at = x.at(dot.estimate.value);
            scene.text("row-name", Anchor::End, (left - 10.0, y + 4.0), dot.name.as_str());
            if let Some((low, high)) = dot.estimate.interval {
                scene.line(
                    if is_cut(&x, (low, high)) { "whisker cut" } else { "whisker" },
                    (x.at(low), y),
                    (x.at(high), y),
                );
            }
            scene.circle("point held", (at, y), 4.5);
            scene.tip(format!(
                "{}: {}{} from {}",
                dot.name,
                (self.show)(dot.estimate.value),
                dot.estimate
                    .interval
                    .map(|(low, high)| format!(" ({} to {})", (self.show)(low), (self.show)(high)))
                    .unwrap_or_default(),
                figures::counted(dot.rows, self.row)
            ));
            let text = match width {
                Width::Wide => {
                    format!("{}  n = {}", (self.show)(dot.estimate.value), figures::count(dot.rows))
                }
                Width::Narrow => (self.show)(dot.estimate.value),
            };
            scene.text("tick", Anchor::Start, (right + 12.0, y + 4.0), text);
        }
        scene
    }
}

impl SegmentDots {
    /// Whether the interval of some dot is longer than what is drawn of it.
    pub(crate) fn has_cut(&self) -> bool {
        let x = self.scale((0.0, 1.0));
        self.dots.iter().filter_map(|dot| dot.estimate.interval).any(|ends| is_cut(&x, ends))
    }

    fn scale(&self, range: (f64, f64)) -> Scale {
        Scale::new(nice_domain(self.domain, 5), range)
    }

    fn in_words(&self) -> String {
        let mut text = String::from("From above:");
        for dot in &self.dots {
            text.push_str(&format!(" {} {};", dot.name, (self.show)(dot.estimate.value)));
        }
        text
    }
}

fn is_cut(x: &Scale, (low, high): (f64, f64)) -> bool {
    !(x.has(low) && x.has(high))
}
