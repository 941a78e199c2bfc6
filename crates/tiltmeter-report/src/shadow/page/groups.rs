//! Where the two differ from group to group.

use tiltmeter_monitor::Estimate;
use tiltmeter_monitor::shadow::{Group, GroupComparison};

use crate::page::block::Section;
use crate::shadow::tables;
use crate::svg::{Dot, SegmentDots};
use crate::{Error, figures, outside};

/// Groups of a kind that are drawn: the first ones.
const MAX_DOTS: usize = 20;

pub(super) fn section(comparison: &tiltmeter_monitor::shadow::Comparison) -> Result<Section, Error> {
    let lead = "Agreement by the champion's score and by the segments that the spec names. Where scores are near the threshold models disagree more; a segment that stands out is worth a look.";
    let mut section = Section::new("groups", "Groups", lead);
    let overall = comparison.overall.agreement_rate.value();
    let strata: Vec<&GroupComparison> = comparison.strata.iter().collect();
    let kinds: Vec<_> = std::iter::once(("the champion's score".to_owned(), "stratum", strata))
        .filter(|(_, _, groups)| !groups.is_empty())
        .chain(by_segment(&comparison.segments))
        .collect();
    if kinds.is_empty() {
        section.absent("There is no group whose challenger was asked.");
        return Ok(section);
    }
    // one axis, so that kinds of groups can be compared
    let domain = domain(kinds.iter().flat_map(|(_, _, groups)| groups), overall);
    for (place, (name, first, groups)) in kinds.into_iter().enumerate() {
        section.heading(format!("By {name}"));
        let dots = dots(&groups);
        if dots.is_empty() {
            section.absent("No group has pairs with both decisions; the table says what it has.");
        } else {
            let chart = SegmentDots {
                id: format!("group-{place}"),
                title: format!("Share of equal decisions by {name}, in per cent"),
                dots,
                references: overall
                    .map(|overall| ("overall".to_owned(), overall * 100.0))
                    .into_iter()
                    .collect(),
                domain,
                show: percent,
                row: "pair",
            };
            let legend = if chart.has_cut() { [crate::page::block::CUT].as_slice() } else { &[] };
            section.figure(
                &chart,
                legend,
                "Share of equal decisions in per cent. Whiskers are 95 % intervals.",
            )?;
        }
        section
            .folded(format!("All figures by {name}"), tables::groups(&format!("By {name}"), first, &groups));
    }
    if comparison.segments.is_empty() {
        section.absent("No segments were given, or none has a value of which the challenger was asked.");
    }
    Ok(section)
}

/// The groups of each segment, in their order.
fn by_segment(groups: &[GroupComparison]) -> Vec<(String, &'static str, Vec<&GroupComparison>)> {
    let mut segments: Vec<(String, &'static str, Vec<&GroupComparison>)> = Vec::new();
    for each in groups {
        let Group::Segment { name, .. } = &each.group else { continue };
        let name = outside::shown(name);
        match segments.last_mut() {
            Some((last, _, of_segment)) if *last == name => of_segment.push(each),
            _ => segments.push((name, "value", vec![each])),
        }
    }
    segments
}

fn dots(groups: &[&GroupComparison]) -> Vec<Dot> {
    let with_figure = groups.iter().filter_map(|each| {
        let estimate = in_percent(each.figures.agreement_rate.estimate()?);
        let name = outside::label(&tables::group_name(&each.group), 24);
        Some(Dot { name, estimate, rows: each.figures.pairs })
    });
    with_figure.take(MAX_DOTS).collect()
}

fn in_percent(estimate: &Estimate) -> Estimate {
    let interval = estimate.interval.map(|(low, high)| (low * 100.0, high * 100.0));
    Estimate::new(estimate.value * 100.0, interval, None)
}

fn percent(value: f64) -> String {
    format!("{} %", figures::fixed(value, 1))
}

/// From the lowest to the highest figure, with the intervals of those that are not much wider than others.
fn domain<'a>(
    groups: impl Iterator<Item = &'a &'a GroupComparison> + Clone,
    overall: Option<f64>,
) -> (f64, f64) {
    let estimates = groups.filter_map(|each| each.figures.agreement_rate.estimate());
    let mut widths: Vec<f64> =
        estimates.clone().filter_map(|estimate| estimate.interval).map(|(low, high)| high - low).collect();
    widths.sort_by(f64::total_cmp);
    let usual = widths.get(widths.len() / 2).copied().unwrap_or(0.0);
    let ends = estimates.flat_map(|estimate| {
        let interval = estimate.interval.filter(|(low, high)| high - low <= usual * 3.0);
        let (low, high) = interval.unwrap_or((estimate.value, estimate.value));
        [low, high]
    });
    let all = ends.chain(overall).map(|share| share * 100.0);
    all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}
