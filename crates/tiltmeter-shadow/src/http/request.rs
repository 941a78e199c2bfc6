//! A request on its way to the challengers.

use std::fmt;
use std::sync::Arc;

use http::{HeaderValue, Request, request};

use super::{HttpShared, SHADOW_HEADER};
use crate::copied::CopiedBody;
use crate::exchange::CaseHandle;

/// A request on its way to the challengers. It is made ready for one of them, its credentials taken away, on the challengers'
/// thread.
pub struct CopiedRequest {
    head: request::Parts,
    body: CopiedBody,
    /// The id, if the headers do not have it.
    id: Option<HeaderValue>,
    shared: Arc<HttpShared>,
}

impl CopiedRequest {
    pub(super) fn new(head: request::Parts, id: &str, shared: Arc<HttpShared>) -> Self {
        let has_id = head.headers.get(&shared.http.id_header).is_some_and(|value| value.as_bytes() == id.as_bytes());
        let id = if has_id { None } else { HeaderValue::from_str(id).ok() };
        Self { head, body: CopiedBody::default(), id, shared }
    }

    /// Queues it for all of these.
    pub(super) fn send(mut self, cases: Vec<CaseHandle>, body: CopiedBody) {
        self.body = body;
        let shared = Arc::clone(&self.shared);
        let mut request = Some(self);
        let last = cases.len().saturating_sub(1);
        for (place, case) in cases.into_iter().enumerate() {
            let its = if place == last { request.take() } else { request.as_ref().map(Self::copy) };
            if let Some(its) = its {
                shared.send(case, its);
            }
        }
    }

    fn copy(&self) -> Self {
        let Self { head, body, id, shared } = self;
        Self { head: head.clone(), body: body.clone(), id: id.clone(), shared: Arc::clone(shared) }
    }

    /// The request as the challenger called `name` gets it.
    pub(super) fn into_request(self, name: &str) -> Request<CopiedBody> {
        let Self { mut head, mut body, id, shared } = self;
        shared.http.headers.strip_head(&mut head.headers, body.copied().len());
        if let Some(trailers) = body.trailers_mut() {
            shared.http.headers.strip(trailers);
        }
        // a map that can take no more headers goes without the id
        if let Some(id) = id {
            let _ = head.headers.try_insert(&shared.http.id_header, id);
        }
        if let Ok(name) = HeaderValue::from_str(name) {
            let _ = head.headers.try_insert(SHADOW_HEADER, name);
        }
        Request::from_parts(head, body)
    }
}

/// Shows nothing of it: it has not been masked.
impl fmt::Debug for CopiedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopiedRequest").field("method", &self.head.method).finish_non_exhaustive()
    }
}
