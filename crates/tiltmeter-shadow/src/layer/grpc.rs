//! What is one of gRPC, and which of its failures count against a challenger.

use crate::format::BodyFormat;

/// Whether a message is one of gRPC.
pub(super) fn is_grpc(format: &BodyFormat) -> bool {
    format.content_type().is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

/// Whether a status tells of a server in trouble: unknown, deadline exceeded, resource exhausted, internal, unavailable,
/// data loss. The others are answers.
pub(super) fn is_failing(status: u16) -> bool {
    matches!(status, 2 | 4 | 8 | 13 | 14 | 15)
}
