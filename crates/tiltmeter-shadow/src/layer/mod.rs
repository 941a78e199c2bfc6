//! The tower layer for HTTP and gRPC: what happens on the champion's path.
//!
//! [`Shadow`] wraps the champion's service. For requests of the routes that were listed it copies the request and the
//! response while they stream past, up to a cap; when the request has gone by, the copy is put into a queue, which the
//! challengers' thread polls. Every other request passes through unwatched, and so does one that is marked as a shadow's
//! itself: a challenger may run the same program.
//!
//! **On the champion's path** the layer forwards readiness unchanged, which is the champion's alone, and never awaits,
//! never waits for a lock that a challenger holds, never wakes a thread, never logs. (There is one place where it may spin:
//! see [`with_threads`](crate::ShadowBuilder::with_threads).) For a request that a challenger gets
//! it reads the clock some three times, copies the headers and frames of up to 4 KiB, takes handles of larger ones, and
//! allocates six to eight times, and some four times more for each further challenger, or where the request has no id. One
//! that no challenger gets costs less: its headers are not copied. The shadow's threads make the pair, also where the
//! champion has answered last; it makes it itself where they are blocked, or have ended, or there was not even a
//! [bystander's](crate::ShadowBuilder::with_bystanders) permit. A request that is sampled out costs a hash and a counter, and
//! allocates nothing if it has an id.
//!
//! **What a challenger gets**: method, URI, headers and body of the request, with its trailers. Without credentials and
//! cookies, unless they were [allowed](crate::ShadowBuilder::with_allowed_header), without the headers of the connection,
//! and with [`SHADOW_HEADER`], whose value is the challenger's name, so that what lies behind it can stay read-only. The
//! request's id is set where it had none.
//!
//! # Credentials
//! A header is one when the application has marked its value as sensitive, when its name has one of these words in it:
//! `api-key`, `api_key`, `apikey`, `auth`, `cookie`, `credential`, `jwt`, `passw`, `secret`, `session`, `signature`,
//! `token`, or when it is one of a few that are known to be, such as `dpop` and `x-functions-key`. The header of the
//! request's id is none. **Any other has to be listed**, by
//! [`with_stripped_header`](crate::ShadowBuilder::with_stripped_header), gRPC's metadata among them. Credentials in the
//! URI, such as a key among the query's parameters, are not recognised.
//!
//! # The request id
//! It is what [`PredictionLog`](tiltmeter_log::layer) takes: the header's (`x-request-id`) if that is usable, else the
//! trace's id in `traceparent`, else what the champion sets on its response, else a UUIDv7 made here, which the response
//! then carries. The sample is drawn by it, so requests should have one: what is drawn for a request without can be
//! repeated by nobody, and the challenger is told the id that was made before the champion has answered.
//!
//! **Where to put it**: inside of [`PredictionLog`](tiltmeter_log::PredictionLog), so that both give one request one name
//! also where the client has given none; inside of what makes bodies unreadable (compression); outside of what limits the
//! champion's concurrency, so that its waiting counts as its latency.
//!
//! **However an exchange ends**, each challenger's books have it once: body ended, trailers, error, client gone before
//! the head of the response or after, a panic of the champion. The client's leaving does not cancel what a challenger was
//! sent.

mod body;
mod challenge;
mod future;
mod grpc;
mod headers;
#[allow(clippy::module_inception, reason = "one role, one file: layer, service, future, body")]
mod layer;
mod probe;
mod request;
mod routes;
mod service;
#[cfg(test)]
mod tests;

pub use body::ShadowBody;
pub use future::ShadowFuture;
pub use headers::SHADOW_HEADER;
pub use layer::ShadowLayer;
pub use request::CopiedRequest;
pub use service::Shadow;

pub(crate) use challenge::HttpChallenge;
pub(crate) use headers::HeaderRules;
pub(crate) use routes::SafeRoutes;

use http::HeaderName;

use crate::dispatch::Shared;

/// What the layers of a shadow of HTTP share.
pub(crate) type HttpShared = Shared<CopiedRequest>;

/// What is copied, and how. A shadow of values has none of it.
#[derive(Debug)]
pub(crate) struct HttpRules {
    pub(crate) routes: SafeRoutes,
    pub(crate) headers: HeaderRules,
    pub(crate) id_header: HeaderName,
}
