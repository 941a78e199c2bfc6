//! Which headers a challenger gets.

use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, EXPECT,
    PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Marks the requests that challengers get; its value is the challenger's name. What lies behind a challenger stays
/// read-only by it, and a request that has it is not copied again.
pub const SHADOW_HEADER: HeaderName = HeaderName::from_static("x-tiltmeter-shadow");

/// What belongs to a connection and not to the request (RFC 9110, 7.6.1), and what its new connection does anew.
static HOP_BY_HOP: [HeaderName; 10] = [
    CONNECTION,
    EXPECT,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("http2-settings"),
    PROXY_AUTHENTICATE,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Headers that say who asks.
static CREDENTIALS: [HeaderName; 18] = [
    AUTHORIZATION,
    PROXY_AUTHORIZATION,
    COOKIE,
    HeaderName::from_static("cookie2"),
    SET_COOKIE,
    HeaderName::from_static("api-key"),
    HeaderName::from_static("apikey"),
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-api-token"),
    HeaderName::from_static("x-access-token"),
    HeaderName::from_static("x-auth-token"),
    HeaderName::from_static("x-csrf-token"),
    HeaderName::from_static("x-xsrf-token"),
    HeaderName::from_static("x-amz-security-token"),
    HeaderName::from_static("x-goog-api-key"),
    HeaderName::from_static("x-goog-iap-jwt-assertion"),
    HeaderName::from_static("x-forwarded-access-token"),
    HeaderName::from_static("x-forwarded-client-cert"),
];

/// The headers that are taken away.
#[derive(Debug)]
pub(crate) struct HeaderRules {
    stripped: Vec<HeaderName>,
    allowed: Vec<HeaderName>,
}

impl HeaderRules {
    pub(crate) fn new(also_stripped: &[HeaderName], allowed: &[HeaderName]) -> Self {
        let stripped = CREDENTIALS.iter().chain(also_stripped).filter(|name| !allowed.contains(name));
        Self { stripped: stripped.cloned().collect(), allowed: allowed.to_vec() }
    }

    /// Takes away what a challenger does not get.
    pub(crate) fn strip(&self, headers: &mut HeaderMap) {
        for name in named_by_connection(headers) {
            headers.remove(name);
        }
        // gRPC asks for trailers by it, end to end
        let wants_trailers =
            headers.get(TE).is_some_and(|te| te.as_bytes().eq_ignore_ascii_case(b"trailers"));
        for name in HOP_BY_HOP.iter().chain(&self.stripped) {
            headers.remove(name);
        }
        if wants_trailers {
            headers.insert(TE, HeaderValue::from_static("trailers"));
        }
        // what the application has marked as secret
        let secret = |(name, value): (&HeaderName, &HeaderValue)| {
            (value.is_sensitive() && !self.allowed.contains(name)).then(|| name.clone())
        };
        let secret: Vec<HeaderName> = headers.iter().filter_map(secret).collect();
        for name in secret {
            headers.remove(name);
        }
    }

    /// The same, and sets the length to that of the copy.
    pub(crate) fn strip_head(&self, headers: &mut HeaderMap, len: u64) {
        self.strip(headers);
        if headers.remove(CONTENT_LENGTH).is_some() {
            headers.insert(CONTENT_LENGTH, len.into());
        }
    }
}

/// The headers that `connection` names: they are of the connection as well.
fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let names = values.flat_map(|value| value.split(',')).filter_map(|name| name.trim().parse().ok());
    names.filter(|name| *name != CONTENT_TYPE && *name != CONTENT_ENCODING).collect()
}

/// Whether a request is a shadow's itself.
pub(super) fn is_shadow(headers: &HeaderMap) -> bool {
    headers.contains_key(SHADOW_HEADER)
}

/// The headers without which a body cannot be read.
pub(super) fn format_headers(headers: &HeaderMap) -> HeaderMap {
    let mut format = HeaderMap::new();
    for name in [CONTENT_TYPE, CONTENT_ENCODING] {
        for value in headers.get_all(&name) {
            // a few headers fit
            let _ = format.try_append(name.clone(), value.clone());
        }
    }
    format
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        headers
            .iter()
            .map(|&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    fn stripped(rules: &HeaderRules, headers: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut headers = map(headers);
        rules.strip_head(&mut headers, 7);
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
    }

    #[test]
    fn credentials_cookies_and_what_is_the_connections_are_taken_away() {
        let rules = HeaderRules::new(&[HeaderName::from_static("x-tenant")], &[]);
        let kept = stripped(
            &rules,
            &[
                ("authorization", "Bearer s3cret"),
                ("cookie", "session=1"),
                ("x-api-key", "s3cret"),
                ("proxy-authorization", "s3cret"),
                ("x-tenant", "acme"),
                ("connection", "close, X-Hop"),
                ("x-hop", "1"),
                ("transfer-encoding", "chunked"),
                ("expect", "100-continue"),
                ("te", "trailers, deflate"),
                ("content-type", "application/json"),
                ("content-length", "99"),
                ("accept", "*/*"),
            ],
        );
        assert_eq!(kept, ["content-type: application/json", "accept: */*", "content-length: 7"]);
    }

    #[test]
    fn what_was_allowed_stays_and_grpc_gets_its_trailers() {
        let rules = HeaderRules::new(&[], &[AUTHORIZATION]);
        let kept = stripped(&rules, &[("authorization", "Bearer t"), ("te", "Trailers"), ("cookie", "s=1")]);
        assert_eq!(kept, ["authorization: Bearer t", "te: trailers"]);
    }

    #[test]
    fn what_the_application_marked_as_sensitive_is_a_secret_by_any_name() {
        let rules = HeaderRules::new(&[], &[]);
        let mut headers = HeaderMap::new();
        let mut value = HeaderValue::from_static("s3cret");
        value.set_sensitive(true);
        headers.insert("x-partner", value);
        rules.strip(&mut headers);
        assert!(headers.is_empty());
    }

    #[test]
    fn of_a_format_nothing_else_is_kept() {
        let headers =
            map(&[("content-type", "a/b"), ("content-encoding", "gzip"), ("authorization", "s3cret")]);
        assert_eq!(format_headers(&headers), map(&[("content-type", "a/b"), ("content-encoding", "gzip")]));
    }
}
