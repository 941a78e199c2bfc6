//! What the gRPC status says, in the trailers, or in the headers of a response without a body.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName};
use tiltmeter_record::ErrorType;

/// Whether a message is one of gRPC.
pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

pub(super) fn grpc_status(headers: &HeaderMap) -> Option<u16> {
    const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
    headers.get(GRPC_STATUS)?.to_str().ok()?.parse().ok()
}

/// What a status means, as the log has it.
pub(super) fn grpc_error(status: u16) -> Option<ErrorType> {
    match status {
        0 => None,
        1 => Some(ErrorType::Cancelled),
        4 => Some(ErrorType::Timeout),
        _ => Some(ErrorType::Status),
    }
}

/// Whether a status tells of a server in trouble: unknown, deadline exceeded, resource exhausted, internal, unavailable,
/// data loss. The others are answers.
pub(super) fn is_failing(status: u16) -> bool {
    matches!(status, 2 | 4 | 8 | 13 | 14 | 15)
}
