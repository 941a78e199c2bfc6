//! How many predictions of a week have their labels, and how long those took.

use tiltmeter_monitor::labels::Cohort;

use super::Chart;
use super::scene::{Anchor, Scene, Width};
use super::timeline::{Timeline, Years, clear_cuts, mark_cuts};
use crate::scale::{Scale, nice_domain};
use crate::stretches::{MAX_WEEKS, Stretches};
use crate::{calendar, figures};

/// The chart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrivals<'a>(pub(crate) &'a [Cohort]);

impl Chart for Arrivals<'_> {
    fn draw(&self, width: Width) -> Scene {
        let (left, right) = width.pick((56.0, 948.0), (44.0, 344.0));
        let (share_top, share_bottom) = (26.0, 116.0);
        let (delay_top, delay_bottom) = (164.0, 234.0);
        let title = "Labels by week of prediction: how many are known, and how long they took";
        let mut scene = Scene::new("arrivals", width, delay_bottom + 38.0, title, self.in_words());
        let time = Timeline::new(&self.stretches(), (left, right));

        let share = Scale::new((0.0, 1.0), (share_bottom, share_top));
        axis(&mut scene, &share, (left, right), |value| format!("{} %", figures::fixed(value * 100.0, 0)));
        scene.text(
            "strip-name",
            Anchor::Start,
            (left, share_top - 11.0),
            "share of the predictions with a label",
        );
        let hours = |cohort: &Cohort| cohort.median_delay.map(|delay| delay.as_secs_f64() / 3600.0);
        let longest = self.0.iter().filter_map(hours).fold(1.0_f64, f64::max);
        let delay = Scale::new(nice_domain((0.0, longest), 3), (delay_bottom, delay_top));
        axis(&mut scene, &delay, (left, right), |value| format!("{} h", figures::fixed(value, 0)));
        scene.text(
            "strip-name",
            Anchor::Start,
            (left, delay_top - 11.0),
            "median time until a label arrives",
        );

        clear_cuts(&mut scene, time.cuts(), (share_top, share_bottom + 1.0));
        clear_cuts(&mut scene, time.cuts(), (delay_top, delay_bottom + 1.0));
        for cohort in self.0 {
            let Some((from, to)) = time.ends(cohort.period) else { continue };
            let gap = ((to - from) * 0.1).min(0.8);
            let week = calendar::period(cohort.period);
            if let Some(rate) = cohort.match_rate() {
                let class = if cohort.mature { "bar" } else { "bar immature" };
                let y = share.at(rate);
                scene.rect(class, (from + gap, y), (to - from - 2.0 * gap, share_bottom - y));
                let remark = if cohort.mature { "" } else { ", more may come" };
                scene.tip(format!("{week}: {} have a label{remark}", figures::percent(rate)));
            }
            if let Some(value) = hours(cohort) {
                let y = delay.at(value);
                scene.rect("bar", (from + gap, y), (to - from - 2.0 * gap, delay_bottom - y));
                scene.tip(format!("{week}: {} h", figures::fixed(value, 1)));
            }
        }
        mark_cuts(&mut scene, time.cuts(), delay_bottom);
        self.label(&mut scene, &time, width, (right, delay_bottom));
        scene
    }
}

impl Arrivals<'_> {
    /// The weeks that are drawn.
    pub(crate) fn stretches(self) -> Stretches {
        let with_rows = self.0.iter().filter(|cohort| cohort.predictions > 0);
        Stretches::of(with_rows.map(|cohort| cohort.period), MAX_WEEKS)
    }

    /// Names the weeks in which months begin, and those after a cut.
    fn label(self, scene: &mut Scene, time: &Timeline, width: Width, (right, bottom): (f64, f64)) {
        let after_cuts: Vec<f64> = time.cuts().map(|(_, after)| after).collect();
        let mut years = Years::new();
        let mut free_from = f64::NEG_INFINITY;
        for cohort in self.0 {
            let (day, Some((x, _))) = (cohort.period.last_day(), time.ends(cohort.period)) else { continue };
            if (day.day() <= 7 || after_cuts.contains(&x)) && x >= free_from {
                let name = calendar::month(day);
                let name = width.pick(name, name.get(..1).unwrap_or(name));
                // a year that begins with the last week has its room to the left
                let (anchor, at) = if x + 30.0 > right { (Anchor::End, right) } else { (Anchor::Start, x) };
                scene.text("tick", anchor, (at, bottom + 17.0), name);
                years.write(scene, anchor, (at, bottom + 32.0), day.year());
                free_from = x + width.pick(30.0, 12.0);
            }
        }
    }

    fn in_words(&self) -> String {
        let rates: Vec<f64> =
            self.0.iter().filter(|cohort| cohort.mature).filter_map(Cohort::match_rate).collect();
        let low = rates.iter().copied().fold(f64::INFINITY, f64::min);
        let high = rates.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let immature = self.0.iter().filter(|cohort| !cohort.mature).count();
        let mature = if rates.is_empty() {
            "No week is old enough to have all its labels.".to_owned()
        } else {
            let (low, high) = (figures::percent(low), figures::percent(high));
            format!(
                "Of the weeks that are old enough, between {low} and {high} of the predictions have a label."
            )
        };
        format!("{mature} Weeks whose labels may still come: {immature}.")
    }
}

fn axis(scene: &mut Scene, scale: &Scale, (left, right): (f64, f64), name: impl Fn(f64) -> String) {
    for value in scale.ticks(2).values {
        let y = scale.at(value);
        scene.line("grid", (left, y), (right, y));
        scene.text("tick", Anchor::End, (left - 6.0, y + 4.0), name(value));
    }
}
