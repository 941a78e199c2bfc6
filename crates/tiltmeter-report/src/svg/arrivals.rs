//! How many predictions of a week have their labels, and how long those took.

use jiff::civil::Date;
use tiltmeter_monitor::labels::Cohort;

use super::Chart;
use super::scene::{Anchor, Scene, Width};
use crate::scale::{Scale, nice_domain};
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
        let start = self.0.iter().map(|cohort| cohort.period.first_day()).min().unwrap_or(Date::MIN);
        let end = self.0.iter().map(|cohort| cohort.period.last_day()).max().unwrap_or(start);
        let time = Scale::new((0.0, calendar::days_between(start, end) + 1.0), (left, right));

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

        for cohort in self.0 {
            let x = |date| time.at(calendar::days_between(start, date));
            let (from, to) = (x(cohort.period.first_day()), x(cohort.period.next().first_day()));
            let week = calendar::period(cohort.period);
            if let Some(rate) = cohort.match_rate() {
                let class = if cohort.mature { "bar" } else { "bar immature" };
                let y = share.at(rate);
                scene.rect(class, (from + 0.8, y), (to - from - 1.6, share_bottom - y));
                let remark = if cohort.mature { "" } else { ", more may come" };
                scene.tip(format!("{week}: {} have a label{remark}", figures::percent(rate)));
            }
            if let Some(value) = hours(cohort) {
                let y = delay.at(value);
                scene.rect("bar", (from + 0.8, y), (to - from - 1.6, delay_bottom - y));
                scene.tip(format!("{week}: {} h", figures::fixed(value, 1)));
            }
            let first = cohort.period.last_day();
            if first.day() <= 7 {
                let name = calendar::month(first);
                let name = width.pick(name, name.get(..1).unwrap_or(name));
                scene.text("tick", Anchor::Start, (from, delay_bottom + 17.0), name);
                if first.month() == 1 || from < left + 30.0 {
                    scene.text(
                        "tick year",
                        Anchor::Start,
                        (from, delay_bottom + 32.0),
                        first.year().to_string(),
                    );
                }
            }
        }
        scene
    }
}

impl Arrivals<'_> {
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
