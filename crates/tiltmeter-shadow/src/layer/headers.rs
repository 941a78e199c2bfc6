//! Which headers a challenger gets.

use http::header::{
    CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, PROXY_AUTHENTICATE, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Marks the requests that challengers get; its value is the challenger's name. What lies behind a challenger stays
/// read-only by it, and a request that has it is not copied again. So a client that sets it is left out, and counted
/// nowhere: a proxy at the border should take it away.
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

/// What a header's name has in it that says who asks.
const WORDS: [&str; 12] = [
    "api-key",
    "api_key",
    "apikey",
    "auth",
    "cookie",
    "credential",
    "jwt",
    "passw",
    "secret",
    "session",
    "signature",
    "token",
];

/// Headers that say who asks though their names have no such word.
static CREDENTIALS: [HeaderName; 12] = [
    HeaderName::from_static("client-cert"),
    HeaderName::from_static("client-cert-chain"),
    HeaderName::from_static("dpop"),
    HeaderName::from_static("ocp-apim-subscription-key"),
    HeaderName::from_static("x-amzn-oidc-data"),
    HeaderName::from_static("x-amzn-oidc-identity"),
    HeaderName::from_static("x-client-cert"),
    HeaderName::from_static("x-forwarded-client-cert"),
    HeaderName::from_static("x-functions-key"),
    HeaderName::from_static("x-ms-client-principal"),
    HeaderName::from_static("x-ssl-cert"),
    HeaderName::from_static("x-ssl-client-cert"),
];

/// The headers that are taken away.
#[derive(Debug)]
pub(crate) struct HeaderRules {
    stripped: Vec<HeaderName>,
    allowed: Vec<HeaderName>,
    /// Of a request's name, which is none of its secrets whatever it is called.
    id: HeaderName,
}

impl HeaderRules {
    pub(crate) fn new(also_stripped: &[HeaderName], allowed: &[HeaderName], id: &HeaderName) -> Self {
        let stripped = CREDENTIALS.iter().chain(also_stripped).filter(|name| !allowed.contains(name));
        Self { stripped: stripped.cloned().collect(), allowed: allowed.to_vec(), id: id.clone() }
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
        let secret = |(name, value): (&HeaderName, &HeaderValue)| {
            let says_so = *name != self.id && WORDS.iter().any(|word| name.as_str().contains(word));
            // or the application has marked it as secret
            ((says_so || value.is_sensitive()) && !self.allowed.contains(name)).then(|| name.clone())
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

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;

    use super::*;

    const ID: HeaderName = HeaderName::from_static("x-request-id");

    fn map(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        headers
            .iter()
            .map(|&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    fn stripped(rules: &HeaderRules, headers: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut headers = map(headers);
        rules.strip_head(&mut headers, 7);
        let mut kept: Vec<_> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        kept.sort_unstable();
        kept
    }

    #[test]
    fn credentials_cookies_and_what_is_the_connections_are_taken_away() {
        let rules = HeaderRules::new(&[HeaderName::from_static("x-tenant")], &[], &ID);
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
        assert_eq!(kept, ["accept: */*", "content-length: 7", "content-type: application/json"]);
    }

    #[test]
    fn credentials_of_gateways_and_clouds_are_known_by_name_or_by_word() {
        let credentials = [
            "apikey",
            "api-key",
            "x_api_key",
            "cf-access-jwt-assertion",
            "cookie2",
            "dpop",
            "grpc-metadata-authorization",
            "ocp-apim-subscription-key",
            "private-token",
            "proxy-authorization",
            "x-amz-security-token",
            "x-amzn-oidc-accesstoken",
            "x-amzn-oidc-data",
            "x-auth-request-access-token",
            "x-authorization",
            "x-csrf-token",
            "x-forwarded-authorization",
            "x-forwarded-client-cert",
            "x-functions-key",
            "x-goog-api-key",
            "x-goog-iap-jwt-assertion",
            "x-hub-signature-256",
            "x-id-token",
            "x-ms-token-aad-id-token",
            "x-partner-credentials",
            "x-password",
            "x-session-id",
            "x-vault-token",
        ];
        let rules = HeaderRules::new(&[], &[], &ID);
        let headers = credentials.map(|name| (name, "s3cret"));
        assert_eq!(stripped(&rules, &headers), Vec::<String>::new());
        let harmless =
            ["accept", "content-type", "host", "traceparent", "user-agent", "x-request-id", "x-tenant"];
        assert_eq!(stripped(&rules, &harmless.map(|name| (name, "1"))).len(), harmless.len());
        // a request that is called by its session keeps its name
        let by_session = HeaderRules::new(&[], &[], &HeaderName::from_static("x-session-id"));
        assert_eq!(stripped(&by_session, &headers), ["x-session-id: s3cret"]);
    }

    #[test]
    fn what_was_allowed_stays_and_grpc_gets_its_trailers() {
        let rules = HeaderRules::new(&[], &[AUTHORIZATION], &ID);
        let kept = stripped(&rules, &[("authorization", "Bearer t"), ("te", "Trailers"), ("cookie", "s=1")]);
        assert_eq!(kept, ["authorization: Bearer t", "te: trailers"]);
    }

    #[test]
    fn what_the_application_marked_as_sensitive_is_a_secret_by_any_name() {
        let rules = HeaderRules::new(&[], &[], &ID);
        let mut headers = HeaderMap::new();
        let mut value = HeaderValue::from_static("s3cret");
        value.set_sensitive(true);
        headers.insert("x-partner", value);
        rules.strip(&mut headers);
        assert!(headers.is_empty());
    }
}
