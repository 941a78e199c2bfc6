//! What the columns of profiles and baselines are called.

use super::{FEATURE_PREFIX, feature_column};
use crate::FeatureName;

/// The column of the model's score.
pub const SCORE_COLUMN: &str = "score";

/// The column of its confidence.
pub const CONFIDENCE_COLUMN: &str = "confidence";

/// The column of the entropy of its class probabilities, in nats.
pub const ENTROPY_COLUMN: &str = "entropy";

/// What the column of a feature is called in profiles and baselines: by the feature's name, but where that is the name of a
/// column of ours, or one that such a feature gets: `feature_score` of a feature `score`.
///
/// ```
/// use tiltmeter_record::schema::profiled_column;
///
/// assert_eq!(profiled_column(&"age".parse()?), "age");
/// assert_eq!(profiled_column(&"score".parse()?), "feature_score");
/// assert_eq!(profiled_column(&"feature_score".parse()?), "feature_feature_score");
/// # Ok::<(), tiltmeter_record::NameError>(())
/// ```
#[must_use]
pub fn profiled_column(feature: &FeatureName) -> String {
    match feature.as_str().trim_start_matches(FEATURE_PREFIX) {
        SCORE_COLUMN | CONFIDENCE_COLUMN | ENTROPY_COLUMN => feature_column(feature),
        _ => feature.to_string(),
    }
}
