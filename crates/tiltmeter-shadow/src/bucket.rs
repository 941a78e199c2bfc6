//! What became of a request at a challenger.

use std::fmt;

/// What became of a request at a challenger: exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Bucket {
    /// Both have answered, and the recorder has taken the pair. That the champion's answer is one that failed, or that
    /// its client left, is said by the pair.
    Paired,
    /// The challenger is shown a sample of the requests, and this one is not in it.
    SampledOut,
    /// As many pairs were under way as may be, or held as many bytes.
    NoPermit,
    /// A body, of the request or of an answer, was above the cap, or in a form that cannot be copied.
    BodyTooLarge,
    /// The champion answered without reading its request to the end, or the client left while sending it.
    RequestIncomplete,
    /// The challenger had failed too often, and was given a rest.
    BreakerOpen,
    /// The challenger was not ready, or had not answered, by its deadline.
    Timeout,
    /// The challenger failed: no connection, an error, a panic, a status of 400 or above, a gRPC status other than OK.
    ChallengerError,
    /// The champion had become slower, or the challengers had used up their budget of CPU time.
    Shed,
    /// The shadow was shut down before the challenger had answered, or had been already.
    ShuttingDown,
    /// Both have answered, and the recorder did not take the pair.
    LogDropped,
}

impl Bucket {
    /// Every bucket, in the order in which it is reported.
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

    /// Its name in data, metrics and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
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
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_place_and_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = Bucket::ALL.iter().map(|bucket| bucket.as_str()).collect();
        assert_eq!(names.len(), Bucket::ALL.len());
        assert!(Bucket::ALL.iter().enumerate().all(|(place, bucket)| bucket.index() == place));
    }
}
