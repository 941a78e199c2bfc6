//! What became of a request that a challenger could have seen.

use std::fmt;

use serde::Serialize;

/// The one bucket in which a request ends that a challenger could have seen: paired, or not, and why.
///
/// It is the shadow's word in its books, which are metrics and stand [in the data](crate::ShadowHeartbeat). The log, which
/// decodes what was answered, turns `paired` into `challenger_error` where the challenger's answer cannot be read: so in the
/// table of pairs there may be more of the one, and less of the other. Requests that are `sampled_out` or `log_dropped` have no
/// row there, nor have those that came after the end, which are `shutting_down`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PairBucket {
    /// The challenger answered. So did the champion, or it failed, or its client left: that is its own error.
    Paired,
    /// The sample did not take it: its challenger was not meant to be asked.
    SampledOut,
    /// So many requests were under way that the challenger was not asked; or that there was no room for its answer, or for
    /// the champion's.
    NoPermit,
    /// The request was above the cap, and the challenger not asked; or the champion's answer was.
    BodyTooLarge,
    /// The champion answered without reading its request to the end, or the client left while it sent it. Of a service without
    /// HTTP: the application's code panicked that clones the request, or observes the champion.
    RequestIncomplete,
    /// The challenger was not asked, because it had failed before.
    BreakerOpen,
    /// The challenger did not answer in time.
    Timeout,
    /// The challenger answered with an error, or panicked, or its answer could not be read: it broke off, or it alone was above
    /// the cap.
    ChallengerError,
    /// The challenger was not asked, to leave the machine to the champion.
    Shed,
    /// The process was about to end: the challenger was not asked, or given up before its deadline.
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

    /// Whether the challenger was asked and had its chance: it answered, with or without an error, or did not in time. What
    /// kept the others from a pair was not the challenger's doing, also where it was asked, as with `no_permit` and
    /// `body_too_large`: its error and timeout rates are of those that this is true of.
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
