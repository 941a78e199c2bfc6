//! Where performance differs from group to group.

use tiltmeter_monitor::Analysis;
use tiltmeter_monitor::performance::SegmentPerformance;

use super::block::{CUT, Section};
use crate::svg::{Dot, SegmentDots};
use crate::{Error, absent, figures, outside, tables};

/// Values of a feature that are drawn: those with the most rows.
const MAX_DOTS: usize = 20;

pub(super) fn section(analysis: &Analysis) -> Result<Section, Error> {
    let lead = "Performance by the values of the features that the spec names as segments, best first. Segments differ for many reasons: compare one with itself over time before acting.";
    let mut section = Section::new("segments", "Segments", lead);
    if analysis.segments.is_empty() {
        section.absent(absent::segments(analysis));
        return Ok(section);
    }
    let references = references(analysis);
    let features: Vec<_> = by_feature(&analysis.segments)
        .into_iter()
        .map(|(feature, segments)| (feature, dots(&segments), segments))
        .collect();
    // one axis, so that features can be compared
    let domain = domain(features.iter().flat_map(|(_, (dots, _), _)| dots), &references);
    for (place, (feature, (dots, left_out), segments)) in features.into_iter().enumerate() {
        let name = outside::shown(feature);
        section.heading(name.clone());
        if dots.is_empty() {
            section.absent("No segment has an area under its ROC curve; the table says why.");
        } else {
            let chart = SegmentDots {
                id: format!("segment-{place}"),
                title: format!("ROC AUC by {name}"),
                dots,
                references: references.clone(),
                domain,
                show: figures::score,
                row: "labelled prediction",
            };
            let legend = if chart.has_cut() { [CUT].as_slice() } else { &[] };
            section.figure(&chart, legend, caption(left_out))?;
        }
        section.folded(format!("All values of {name}"), tables::segments(feature, &segments));
    }
    Ok(section)
}

/// The segments of each feature, in their order.
pub(crate) fn by_feature(segments: &[SegmentPerformance]) -> Vec<(&str, Vec<&SegmentPerformance>)> {
    let mut features: Vec<(&str, Vec<&SegmentPerformance>)> = Vec::new();
    for segment in segments {
        match features.last_mut() {
            Some((feature, of_feature)) if *feature == segment.feature => of_feature.push(segment),
            _ => features.push((&segment.feature, vec![segment])),
        }
    }
    features
}

/// The dots from the highest to the lowest, and how many segments have none.
fn dots(segments: &[&SegmentPerformance]) -> (Vec<Dot>, usize) {
    let mut dots: Vec<Dot> = segments
        .iter()
        .filter_map(|segment| {
            let estimate = *segment.quality.roc_auc.estimate()?;
            let name = outside::label(&tables::segment_name(&segment.value), 12);
            Some(Dot { name, estimate, rows: segment.quality.labelled })
        })
        .collect();
    dots.sort_by_key(|dot| std::cmp::Reverse(dot.rows));
    dots.truncate(MAX_DOTS);
    dots.sort_by(|a, b| b.estimate.value.total_cmp(&a.estimate.value));
    let left_out = segments.len() - dots.len();
    (dots, left_out)
}

/// The baseline, and all predictions.
fn references(analysis: &Analysis) -> Vec<(String, f64)> {
    let quality = analysis.baseline.as_ref().and_then(|baseline| baseline.quality.as_ref());
    let baseline =
        quality.and_then(|quality| quality.roc_auc.value()).map(|value| ("baseline".to_owned(), value));
    let overall = analysis.overall.roc_auc.value().map(|value| ("overall".to_owned(), value));
    baseline.into_iter().chain(overall).collect()
}

/// From the lowest to the highest dot and reference, with the intervals of those that are not much wider than others.
fn domain<'a>(dots: impl Iterator<Item = &'a Dot> + Clone, references: &[(String, f64)]) -> (f64, f64) {
    let mut widths: Vec<f64> =
        dots.clone().filter_map(|dot| dot.estimate.interval).map(|(low, high)| high - low).collect();
    widths.sort_by(f64::total_cmp);
    let usual = widths.get(widths.len() / 2).copied().unwrap_or(0.0);
    let ends = dots.flat_map(|dot| {
        let interval = dot.estimate.interval.filter(|(low, high)| high - low <= usual * 3.0);
        let (low, high) = interval.unwrap_or((dot.estimate.value, dot.estimate.value));
        [low, high]
    });
    let all = ends.chain(references.iter().map(|(_, value)| *value));
    all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

fn caption(left_out: usize) -> String {
    match left_out {
        0 => "Whiskers are 95 % intervals.".to_owned(),
        more => format!(
            "Whiskers are 95 % intervals. {} with fewer rows or without a figure in the table only.",
            figures::counted(u64::try_from(more).unwrap_or(u64::MAX), "further value")
        ),
    }
}
