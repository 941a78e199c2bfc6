//! Drift by feature and week, under the performance of the same time.

use std::collections::BTreeMap;

use tiltmeter_monitor::drift::DriftFinding;
use tiltmeter_monitor::performance::{MonthPerformance, PerformanceVerdict};
use tiltmeter_monitor::{Deployment, Verdict};

use super::Chart;
use super::months_axis::{deployments_in_words, mark_deployments};
use super::scene::{Anchor, Outline, Scene, Width};
use super::timeline::{Timeline, clear_cuts, mark_cuts};
use crate::scale::{Scale, nice_domain};
use crate::stretches::{MAX_WEEKS, Stretches};
use crate::{calendar, figures, marks, outside};

/// The chart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DriftMap<'a> {
    /// The rows, from above.
    pub(crate) columns: &'a [&'a str],
    /// The findings by week.
    pub(crate) weeks: &'a [&'a DriftFinding],
    pub(crate) months: &'a [MonthPerformance],
    pub(crate) deployments: &'a [Deployment],
    /// The month that drifted most.
    pub(crate) peak: Option<&'a DriftFinding>,
}

/// Where things are.
struct Layout {
    time: Timeline,
    left: f64,
    right: f64,
    /// Top and bottom of the strip of performance.
    area: (f64, f64),
    /// Top and bottom of the curve of the strongest drift.
    strongest: (f64, f64),
    /// The top of the map.
    map: f64,
    row: f64,
}

/// A cell of that width has room for the sign of its verdict.
const ROOM_FOR_SIGN: f64 = 9.0;

impl Chart for DriftMap<'_> {
    fn draw(&self, width: Width) -> Scene {
        let layout = self.layout(width);
        let bottom = layout.map + layout.row * self.columns.len() as f64;
        let title = "Drift by feature and week, under the performance of the same months";
        let mut scene = Scene::new("drift-map", width, bottom + 40.0, title, self.in_words());
        self.draw_area(&mut scene, &layout, width);
        self.draw_cells(&mut scene, &layout, width);
        self.draw_axis(&mut scene, &layout, bottom);
        mark_cuts(&mut scene, layout.time.cuts(), bottom);
        let deployments = self.deployments.iter().skip(1);
        let places = deployments.filter_map(|each| Some((layout.time.at(each.since)?, each)));
        mark_deployments(&mut scene, places, (4.0, bottom), layout.right);
        self.draw_strongest(&mut scene, &layout, width);
        scene
    }
}

impl<'a> DriftMap<'a> {
    /// The weeks that are drawn.
    pub(crate) fn stretches(&self) -> Stretches {
        Stretches::of(self.weeks.iter().map(|finding| finding.period), MAX_WEEKS)
    }

    fn layout(&self, width: Width) -> Layout {
        let (left, right) = width.pick((118.0, 952.0), (84.0, 346.0));
        let is_known = self.months.iter().any(|month| month.quality.roc_auc.value().is_some());
        let area = (24.0, if is_known { 110.0 } else { 44.0 });
        let strongest_top = area.1 + 30.0;
        let strongest = match self.peak {
            Some(_) => (strongest_top, strongest_top + width.pick(56.0, 56.0)),
            None => (area.1, area.1),
        };
        Layout {
            time: Timeline::new(&self.stretches(), (left, right)),
            left,
            right,
            area,
            strongest,
            map: strongest.1 + 16.0,
            row: width.pick(21.0, 19.0),
        }
    }

    /// The area under the ROC curve, a step a month.
    fn draw_area(&self, scene: &mut Scene, layout: &Layout, width: Width) {
        let (top, bottom) = layout.area;
        scene.text("row-name strong", Anchor::End, (layout.left - 8.0, top + 14.0), "ROC AUC");
        let known: Vec<_> = self
            .months
            .iter()
            .filter_map(|month| {
                Some((month, month.quality.roc_auc.value()?, layout.time.ends(month.period)?))
            })
            .collect();
        if known.is_empty() {
            scene.text(
                "remark",
                Anchor::Start,
                (layout.left, top + 14.0),
                "no labels: performance is not known",
            );
            return;
        }
        let low = known.iter().map(|(_, value, _)| *value).fold(f64::INFINITY, f64::min);
        let high = known.iter().map(|(_, value, _)| *value).fold(f64::NEG_INFINITY, f64::max);
        let scale = Scale::new(nice_domain((low - 0.004, high + 0.004), 3), (bottom, top));
        let ticks = scale.ticks(2);
        for value in ticks.values {
            let y = scale.at(value);
            scene.line("grid", (layout.left, y), (layout.right, y));
            scene.text(
                "tick small",
                Anchor::End,
                (layout.left - 8.0, y + 4.0),
                figures::fixed(value, ticks.decimals),
            );
        }
        clear_cuts(scene, layout.time.cuts(), (top, bottom));
        let mut before: Option<(f64, f64)> = None;
        for (month, value, (from, to)) in known {
            let y = scale.at(value);
            let fell = month.verdict == PerformanceVerdict::Fell;
            // months without a figure leave a gap
            if let Some((_, before)) = before.filter(|(end, _)| from - end < 0.5) {
                scene.line("riser", (from, before), (from, y));
            }
            let class = match month.verdict {
                PerformanceVerdict::Fell => "step fell",
                PerformanceVerdict::Held => "step",
                PerformanceVerdict::Unproven | PerformanceVerdict::Unknown => "step unknown",
            };
            scene.line(class, (from, y), (to, y));
            let (name, word) = (calendar::period(month.period), marks::of_performance(month.verdict).word);
            scene.tip(format!("{name}: ROC AUC {}, {word}", figures::score(value)));
            before = Some((to, y));
            if to - from >= 20.0 {
                let text = figures::score(value);
                let text = width.pick(text.as_str(), text.trim_start_matches('0'));
                let class = match (fell, to - from < 30.0) {
                    (true, false) => "value fell",
                    (false, false) => "value",
                    (true, true) => "value tight fell",
                    (false, true) => "value tight",
                };
                let y = if y < top + 18.0 { y + 16.0 } else { y - 6.0 };
                scene.text(class, Anchor::Middle, (f64::midpoint(from, to), y), text);
            }
        }
    }

    /// The index of the column that drifts most, as a curve on the same axis.
    fn draw_strongest(&self, scene: &mut Scene, layout: &Layout, width: Width) {
        let Some(strongest) = self.peak else { return };
        let (top, bottom) = layout.strongest;
        let of_column = || self.weeks.iter().filter(|finding| finding.column == strongest.column);
        let peak = strongest.psi.unwrap_or(1.0);
        let highest = of_column().filter_map(|finding| finding.psi).fold(peak, f64::max);
        let scale = Scale::new((0.0, highest), (bottom, top));
        let chars = if layout.left > 100.0 { 14 } else { 9 };
        let name = outside::label(&strongest.column, chars);
        scene.text("row-name strong", Anchor::End, (layout.left - 8.0, top + 14.0), name);
        scene.text("tick small", Anchor::End, (layout.left - 8.0, top + 28.0), "PSI");
        for (from, to) in layout.time.pieces() {
            scene.line("axis", (from, bottom), (to, bottom));
        }
        let mut outline = vec![(layout.left, bottom)];
        let mut end = layout.left;
        for finding in of_column() {
            let Some((from, to)) = layout.time.ends(finding.period) else { continue };
            // weeks that are not there have no height
            if from - end > 0.5 {
                outline.extend([(end, bottom), (from, bottom)]);
            }
            let y = scale.at(finding.psi.unwrap_or(0.0));
            outline.extend([(from, y), (to, y)]);
            end = to;
        }
        outline.push((end, bottom));
        scene.path("hill", Outline::through(outline));
        let Some((from, to)) = layout.time.ends(strongest.period) else { return };
        let text = format!(
            "{} at its peak in {}{}",
            figures::psi(peak),
            calendar::month(strongest.period.first_day()),
            width.pick(self.area_then(strongest), String::new())
        );
        scene.text("value drift", Anchor::Middle, (f64::midpoint(from, to), top - 6.0), text);
    }

    /// The performance of that month, and of the month before.
    fn area_then(&self, strongest: &DriftFinding) -> String {
        let Some(place) = self.months.iter().position(|each| each.period == strongest.period) else {
            return String::new();
        };
        let area = |place: usize| self.months.get(place).and_then(|each| each.quality.roc_auc.value());
        let Some(then) = area(place) else { return String::new() };
        let before = place.checked_sub(1).and_then(area);
        let before = before.map(|value| format!(", {} the month before", figures::score(value)));
        format!(": ROC AUC is {} then{}", figures::score(then), before.unwrap_or_default())
    }

    fn draw_cells(&self, scene: &mut Scene, layout: &Layout, width: Width) {
        let rows: BTreeMap<&str, usize> =
            self.columns.iter().enumerate().map(|(row, column)| (*column, row)).collect();
        for (column, row) in &rows {
            let y = layout.map + layout.row * (*row as f64 + 0.5) + 4.5;
            let name = outside::label(column, width.pick(16, 12));
            let class = if *row == 0 { "row-name strong" } else { "row-name" };
            scene.text(class, Anchor::End, (layout.left - 8.0, y), name);
        }
        let mut signs: BTreeMap<(usize, &'static str), (Vec<f64>, String)> = BTreeMap::new();
        for finding in self.weeks {
            let Some(row) = rows.get(finding.column.as_str()) else { continue };
            let Some((from, to)) = layout.time.ends(finding.period) else { continue };
            let gap = width.pick(1.2_f64, 0.5).min((to - from) * 0.2);
            let (x, y) = (from + gap / 2.0, layout.map + layout.row * *row as f64 + gap / 2.0);
            let size = (to - from - gap, layout.row - gap);
            let class = marks::cell_class(finding);
            scene.rect(class, (x, y), size);
            scene.tip(self.tip(finding));
            if marks::misses_values(finding) {
                scene.path("hatch", Outline::hatching((x, y), size));
            }
            if class != "c-missing" && to - from >= ROOM_FOR_SIGN {
                let sign = marks::of_drift(finding).sign;
                let (places, text) = signs.entry((*row, marks::sign_class(class))).or_default();
                places.extend(sign.chars().map(|_| f64::midpoint(from, to)));
                text.push_str(sign);
            }
        }
        for ((row, class), (places, text)) in signs {
            if !places.is_empty() {
                let y = layout.map + layout.row * (row as f64 + 0.5) + 4.0;
                scene.signs(class, places, y, text);
            }
        }
    }

    fn tip(&self, finding: &DriftFinding) -> String {
        let psi =
            finding.psi.map_or_else(|| "no values".to_owned(), |psi| format!("PSI {}", figures::psi(psi)));
        let (column, week) = (outside::shown(&finding.column), calendar::period(finding.period));
        let mut text = format!("{column}, {week}: {psi}, {}", marks::of_drift(finding).word);
        if finding.n > 0 && finding.missing_rate >= 0.000_5 {
            let (now, before) = (finding.missing_rate, finding.missing_rate_baseline);
            text.push_str(&format!(
                "; missing {}, baseline {}",
                figures::percent(now),
                figures::percent(before)
            ));
        }
        // of missing values the rates have said it
        if let Some(because) = finding.because.as_deref()
            && (finding.n == 0 || !marks::misses_values(finding))
        {
            text.push_str(&format!("; {}", outside::sentence(because)));
        }
        text
    }

    fn draw_axis(&self, scene: &mut Scene, layout: &Layout, bottom: f64) {
        layout.time.draw_months(scene, (layout.area.0, layout.strongest.1), bottom);
    }

    fn in_words(&self) -> String {
        let mut text = format!("{} rows, the score and the features, by week.", self.columns.len());
        for column in self.columns {
            let of_column = || self.weeks.iter().filter(|finding| finding.column == **column);
            let drifted = of_column().filter(|finding| finding.verdict == Verdict::Drift).count();
            if drifted > 0 {
                let (name, all) = (outside::shown(column), of_column().count());
                text.push_str(&format!(" {name} drifts in {drifted} of {all} weeks."));
            }
        }
        text.push_str(&deployments_in_words(self.deployments));
        text.push_str(" The tables below have the figures.");
        text
    }
}

#[cfg(test)]
mod tests {
    use tiltmeter_monitor::drift::peak;
    use tiltmeter_monitor::{Analysis, PeriodKind};

    use super::*;
    use crate::svg::scene::Shape;
    use crate::{fixture, tables};

    fn drawn(analysis: &Analysis, width: Width) -> (Scene, Option<String>) {
        let columns = tables::columns_in_order(&analysis.drift);
        let weeks: Vec<_> =
            analysis.drift.iter().filter(|finding| finding.period.kind() == PeriodKind::Week).collect();
        let map = DriftMap {
            columns: &columns,
            weeks: &weeks,
            months: &analysis.months,
            deployments: &analysis.deployments,
            peak: peak(&analysis.drift),
        };
        (map.draw(width), map.peak.map(|finding| finding.column.clone()))
    }

    fn count(scene: &Scene, class: &str) -> usize {
        scene.marks.iter().filter(|mark| mark.class.starts_with(class)).count()
    }

    #[test]
    fn there_is_a_cell_for_every_week_of_every_column() {
        let (scene, strongest) = drawn(&fixture::odd(), Width::Narrow);
        let cells = |class| count(&scene, class);
        assert_eq!(cells("c-"), 14 * 45);
        assert_eq!(cells("c-missing"), 45, "a feature that is all missing is no hole");
        assert_eq!(cells("hatch"), 45);
        assert_eq!(cells("sign"), 0, "a phone has no room for them");
        assert_eq!(strongest.as_deref(), Some("temp"));
        assert!(scene.description.contains("temp drifts in 30 of 45 weeks"), "{}", scene.description);
    }
    #[test]
    fn cells_have_signs_where_there_is_room() {
        let (scene, _) = drawn(&fixture::odd(), Width::Wide);
        let signs: String = scene
            .marks
            .iter()
            .filter_map(|mark| match &mark.shape {
                Shape::Signs { places, text, .. } => {
                    assert_eq!(places.len(), text.chars().count());
                    Some(text.as_str())
                }
                _ => None,
            })
            .collect();
        let of = |sign| signs.matches(sign).count();
        // as many as the description counts, of which those of missing values are hatched
        assert_eq!((of('*'), of('·') > 0, of('?') > 0), (count(&scene, "c-drift"), true, true));
        assert_eq!(count(&scene, "hatch"), 45);
    }

    #[test]
    fn a_cell_says_what_is_missing() {
        let (scene, _) = drawn(&fixture::odd(), Width::Wide);
        let tips = |class: &str| {
            let mark = scene.marks.iter().find(|mark| mark.class == class);
            mark.and_then(|mark| mark.tip.clone()).unwrap()
        };
        assert_eq!(
            tips("c-missing"),
            "visib, 25 Feb – 3 Mar 2013: no values, missing values drift; all values are missing"
        );
        let tip =
            scene.marks.iter().filter_map(|mark| mark.tip.as_deref()).find(|tip| tip.starts_with("pressure"));
        assert_eq!(
            tip,
            Some("pressure, 25 Feb – 3 Mar 2013: PSI 6.49, drift; missing 11.2 %, baseline 11.6 %")
        );
    }

    #[test]
    fn a_week_that_is_years_off_takes_one_place() {
        let (scene, _) = drawn(&fixture::stray(), Width::Wide);
        assert_eq!(count(&scene, "c-"), 14 * 46);
        assert_eq!((count(&scene, "break"), count(&scene, "tick year")), (2, 2));
        assert!(scene.marks.len() < 1_000, "{}", scene.marks.len());
    }
}
