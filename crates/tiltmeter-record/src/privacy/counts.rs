//! What a privacy policy has done.

use super::Detector;

/// How often a policy did what, for metrics.
///
/// Counted are values, of a text that is looked through each thing that was found. What rows share is counted for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MaskCounts {
    /// Values that were dropped.
    pub dropped: u64,
    /// Texts that were masked.
    pub masked: u64,
    /// Texts that were hashed.
    pub hashed: u64,
    /// Texts that were cut.
    pub truncated: u64,
    /// Numbers that were put into a bucket.
    pub bucketed: u64,
    /// Numbers that were rounded.
    pub rounded: u64,
    /// Matches of patterns.
    pub patterns: u64,
    /// Values that a rule is not made for, such as a text in the place of a number: only their type was kept.
    pub misfits: u64,
    /// Texts of `raw_input` that were dropped because they could not be looked through: no JSON, or nested too deep.
    pub unreadable: u64,
    detected: [u64; Detector::ALL.len()],
}

impl MaskCounts {
    /// What `detector` has found.
    #[must_use]
    pub fn detected(&self, detector: Detector) -> u64 {
        self.detected[detector.index()]
    }

    pub(super) fn found(&mut self, detector: Detector) {
        self.detected[detector.index()] += 1;
    }

    /// Everything that was done, by a name that is fit for a label.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let actions = [
            ("dropped", self.dropped),
            ("masked", self.masked),
            ("hashed", self.hashed),
            ("truncated", self.truncated),
            ("bucketed", self.bucketed),
            ("rounded", self.rounded),
            ("pattern", self.patterns),
            ("misfit", self.misfits),
            ("unreadable", self.unreadable),
        ];
        let detected = Detector::ALL.into_iter().map(|detector| (detector.as_str(), self.detected(detector)));
        actions.into_iter().chain(detected).filter(|(_, count)| *count > 0)
    }
}
