//! What a failed write means.

use std::error::Error as StdError;
use std::io::ErrorKind;

use object_store::Error;

/// What is known of a write that failed. An error that is not known is taken for one that passes: a wrapper that boxes
/// its errors in its own way must not turn retries off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nothing was written, and trying again cannot help.
    Final,
    /// Nothing was written: the request did not get there, or was refused for a reason that may pass.
    NotWritten,
    /// It may have been written: the store failed while it was at it, or its answer was lost.
    Unclear,
    /// As [`Unclear`](Self::Unclear), and it may still be under way: what is not there now may come.
    UnderWay,
    /// There is an object of that name; it may be ours, by an earlier attempt.
    Taken,
}

impl Failure {
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::AlreadyExists { .. } | Error::Precondition { .. } | Error::NotModified { .. } => {
                Self::Taken
            }
            // of a write it is the bucket or the folder that is missing
            Error::NotFound { .. }
            | Error::InvalidPath { .. }
            | Error::NotSupported { .. }
            | Error::NotImplemented { .. }
            | Error::UnknownConfigurationKey { .. } => Self::Final,
            // keys are renewed and rights are given while we hold the file
            Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => Self::NotWritten,
            other => Self::of_cause(other),
        }
    }

    /// Looks for the operating system's word among the causes; their chain is short, and cut off if it is not.
    fn of_cause(error: &Error) -> Self {
        const DEPTH: usize = 16;
        let causes = std::iter::successors(StdError::source(error), |&cause| cause.source());
        let kind = causes
            .take(DEPTH)
            .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
            .map(std::io::Error::kind)
            .find(|kind| *kind != ErrorKind::Other);
        match kind {
            Some(
                ErrorKind::ConnectionRefused
                | ErrorKind::NotConnected
                | ErrorKind::AddrNotAvailable
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
                | ErrorKind::NetworkDown,
            ) => Self::NotWritten,
            Some(
                ErrorKind::TimedOut
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof,
            ) => Self::UnderWay,
            Some(
                ErrorKind::PermissionDenied
                | ErrorKind::ReadOnlyFilesystem
                | ErrorKind::NotADirectory
                | ErrorKind::IsADirectory
                | ErrorKind::InvalidFilename
                | ErrorKind::AlreadyExists
                | ErrorKind::Unsupported,
            ) => Self::Final,
            // a full disk may be emptied
            _ => Self::Unclear,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug)]
    struct Wrapper(Box<dyn StdError + Send + Sync>);

    impl std::fmt::Display for Wrapper {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("wrapped")
        }
    }

    impl StdError for Wrapper {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&*self.0)
        }
    }

    fn generic(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        Error::Generic { store: "test", source: source.into() }
    }

    #[test]
    fn errors_are_told_apart() {
        let path = || "p".to_owned();
        for (error, failure) in [
            (Error::AlreadyExists { path: path(), source: "412".into() }, Failure::Taken),
            (Error::NotFound { path: path(), source: "no bucket".into() }, Failure::Final),
            (Error::PermissionDenied { path: path(), source: "403".into() }, Failure::NotWritten),
            (generic("503"), Failure::Unclear),
            (generic(io::Error::from(ErrorKind::ConnectionRefused)), Failure::NotWritten),
            (generic(io::Error::from(ErrorKind::ConnectionReset)), Failure::UnderWay),
            (generic(io::Error::from(ErrorKind::StorageFull)), Failure::Unclear),
            (generic(io::Error::from(ErrorKind::NotADirectory)), Failure::Final),
        ] {
            assert_eq!(Failure::of(&error), failure, "{error}");
        }
    }

    #[test]
    fn an_error_is_found_behind_others_and_one_that_is_not_known_is_tried_again() {
        let refused = io::Error::from(ErrorKind::ConnectionRefused);
        let wrapped = Wrapper(io::Error::other(Wrapper(refused.into())).into());
        assert_eq!(Failure::of(&generic(wrapped)), Failure::NotWritten);
        let wrapped = Wrapper(Box::new(Wrapper("boxed otherwise".into())));
        assert_eq!(Failure::of(&generic(wrapped)), Failure::Unclear);
    }
}
