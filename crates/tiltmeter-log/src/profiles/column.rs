//! A profile as a column of a delta.

use std::sync::Arc;

use tiltmeter_record::ColumnProfile;
use tiltmeter_stats::Profile;

/// The profile, encoded, and what can be read without decoding it.
pub(super) fn column_profile(name: &Arc<str>, profile: &Profile) -> ColumnProfile {
    let mut column = ColumnProfile::new(Arc::clone(name), profile.encode().into());
    column.present = profile.count();
    column.missing = profile.missing();
    if let Some(profile) = profile.numeric() {
        let moments = profile.moments();
        column.mean = moments.mean().ok();
        column.variance = moments.sample_variance().ok();
        column.min = moments.min().ok();
        column.max = moments.max().ok();
        column.bin_counts = profile.bin_counts().map(|counts| counts.counts.clone());
    }
    if let Some(profile) = profile.categorical() {
        column.bin_counts = profile.bin_counts().map(|counts| counts.counts);
    }
    column
}
