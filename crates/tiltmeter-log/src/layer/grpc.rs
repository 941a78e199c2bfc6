//! What the gRPC status says, in the trailers, or in the headers of a response without a body.

use http::{HeaderMap, HeaderName};
use tiltmeter_record::ErrorType;

/// The status of an answer that has one that is no number, or none: a client takes it for that.
pub const UNKNOWN: u16 = 2;

/// The status, if there is one.
#[must_use]
pub fn grpc_status(headers: &HeaderMap) -> Option<u16> {
    const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
    let value = headers.get(GRPC_STATUS)?;
    Some(value.to_str().ok().and_then(|text| text.parse().ok()).unwrap_or(UNKNOWN))
}

/// What a status means.
#[must_use]
pub fn grpc_error(status: u16) -> Option<ErrorType> {
    match status {
        0 => None,
        1 => Some(ErrorType::Cancelled),
        4 => Some(ErrorType::Timeout),
        _ => Some(ErrorType::Status),
    }
}
