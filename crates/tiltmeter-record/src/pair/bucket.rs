//! What became of a request that a challenger could have seen.

use std::fmt;

use serde::Serialize;

/// The one bucket in which a request ends that a challenger could have seen: paired, or not, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PairBucket {
    /// Champion and challenger both answered.
    Paired,
    /// The sample did not take it: its challenger was not meant to be asked.
    SampledOut,
    /// So many requests were under way that the challenger was not asked.
    NoPermit,
    /// The request was too large to be copied.
    BodyTooLarge,
    /// The champion answered without reading its request to the end, or the client left while it sent it.
    RequestIncomplete,
    /// The challenger was not asked, because it had failed before.
    BreakerOpen,
    /// The challenger did not answer in time.
    Timeout,
    /// The challenger answered with an error, or its answer could not be read.
    ChallengerError,
    /// The challenger was not asked, to leave the machine to the champion.
    Shed,
    /// The process was about to end.
    ShuttingDown,
    /// The pair was there, and the log lost it.
    LogDropped,
}

impl PairBucket {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 11] = [
        Self::Paired,
        Self::SampledOut,
        Self::NoPermit,
        Self::BodyTooLarge,
        Self::RequestIncomplete,
        Self::BreakerOpen,
        Self::Timeout,
        Self::ChallengerError,
        Self::Shed,
        Self::ShuttingDown,
        Self::LogDropped,
    ];

    /// The word that stands in the data.
    ///
    /// ```
    /// use tiltmeter_record::PairBucket;
    ///
    /// assert_eq!(PairBucket::NoPermit.as_str(), "no_permit");
    /// assert_eq!(PairBucket::of("no_permit"), Some(PairBucket::NoPermit));
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paired => "paired",
            Self::SampledOut => "sampled_out",
            Self::NoPermit => "no_permit",
            Self::BodyTooLarge => "body_too_large",
            Self::RequestIncomplete => "request_incomplete",
            Self::BreakerOpen => "breaker_open",
            Self::Timeout => "timeout",
            Self::ChallengerError => "challenger_error",
            Self::Shed => "shed",
            Self::ShuttingDown => "shutting_down",
            Self::LogDropped => "log_dropped",
        }
    }

    /// Its place in [`ALL`](Self::ALL).
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The bucket of a word that stands in the data.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bucket| bucket.as_str() == word)
    }

    /// Whether the challenger was asked, and it is known what came of it: an answer, an error, or nothing in time.
    #[must_use]
    pub fn was_asked(self) -> bool {
        matches!(self, Self::Paired | Self::Timeout | Self::ChallengerError)
    }
}

impl fmt::Display for PairBucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bucket_has_one_word() {
        for (place, bucket) in PairBucket::ALL.into_iter().enumerate() {
            assert_eq!((PairBucket::of(bucket.as_str()), bucket.index()), (Some(bucket), place));
            assert!(PairBucket::ALL[place + 1..].iter().all(|other| *other != bucket));
        }
        assert_eq!(PairBucket::of("Paired"), None);
    }
}
