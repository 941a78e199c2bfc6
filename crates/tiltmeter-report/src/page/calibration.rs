//! Whether a score of 0.3 means 30 of 100.

use tiltmeter_monitor::Analysis;
use tiltmeter_monitor::performance::Quality;

use super::block::Section;
use crate::svg::Reliability;
use crate::{Error, absent, outside, tables};

pub(super) fn section(analysis: &Analysis) -> Result<Section, Error> {
    let lead = "How scores and frequencies agree. The calibration error of a perfect model is not zero: what it would be with so many rows stands beside it.";
    let mut section = Section::new("calibration", "Calibration", lead);
    let baseline = analysis.baseline.as_ref().and_then(|baseline| baseline.quality.as_ref());
    let versions: Vec<(String, &Quality)> = versions(analysis).collect();
    let drawn = baseline.map(|quality| ("baseline".to_owned(), quality)).into_iter().chain(versions.clone());
    let groups: Vec<_> =
        drawn.filter_map(|(name, quality)| Some((name, quality.calibration.as_ref()?))).collect();
    if let Some(reason) = absent::performance(analysis) {
        section.absent(reason);
    } else if groups.is_empty() {
        section.absent("No prediction has a label.");
    }
    if !groups.is_empty() {
        let bins = tables::reliability_bins(&groups);
        section.figure(&Reliability { groups }, &[], "One diagram a version. Points above the diagonal: the label is 1 more often than the score says. Whiskers are 95 % intervals.")?;
        section.folded("The figures of the diagrams", bins);
    }
    let months = analysis.months.iter().map(|month| (month.period.to_string(), &month.quality));
    let all: Vec<(String, &Quality)> = versions.into_iter().chain(months).collect();
    if baseline.is_some() || !all.is_empty() {
        section.table(tables::calibration(baseline, &all));
    }
    Ok(section)
}

fn versions(analysis: &Analysis) -> impl Iterator<Item = (String, &Quality)> {
    analysis.versions.iter().map(|each| {
        let name = each.version.as_deref().map_or_else(|| "(none named)".to_owned(), outside::shown);
        (name, &each.quality)
    })
}
