//! A request on its way to the challengers.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, Request, Uri, Version};

use super::{HttpRules, HttpShared, SHADOW_HEADER};
use crate::copied::{Copied, CopiedBody};
use crate::exchange::CaseHandle;

/// A request on its way to the challengers. It is made ready for one of them, its credentials taken away, on the challengers'
/// thread.
pub struct CopiedRequest {
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
    copied: Copied,
    trailers: Option<HeaderMap>,
    /// The id, if the headers do not have it.
    id: Option<HeaderValue>,
    rules: Arc<HttpRules>,
}

impl CopiedRequest {
    /// A copy of the head of `request`; `id` if its headers do not have that.
    pub(super) fn new<B>(request: &Request<B>, id: Option<HeaderValue>, rules: Arc<HttpRules>) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            headers: request.headers().clone(),
            copied: Copied::default(),
            trailers: None,
            id,
            rules,
        }
    }

    pub(super) fn set_trailers(&mut self, trailers: &HeaderMap) {
        self.trailers = Some(trailers.clone());
    }

    /// Queues it for all of these.
    pub(super) fn send(
        mut self: Box<Self>,
        shared: &HttpShared,
        cases: impl Iterator<Item = CaseHandle>,
        copied: Copied,
    ) {
        self.copied = copied;
        let mut cases = cases.peekable();
        while let Some(case) = cases.next() {
            if cases.peek().is_none() {
                return shared.send(case, self);
            }
            shared.send(case, Box::new(self.copy()));
        }
    }

    fn copy(&self) -> Self {
        Self {
            method: self.method.clone(),
            uri: self.uri.clone(),
            version: self.version,
            headers: self.headers.clone(),
            copied: self.copied.clone(),
            trailers: self.trailers.clone(),
            id: self.id.clone(),
            rules: Arc::clone(&self.rules),
        }
    }

    /// The request as the challenger called `name` gets it; `None` where there is no room for its mark.
    pub(super) fn into_request(self, name: &str) -> Option<Request<CopiedBody>> {
        let Self { method, uri, version, mut headers, copied, mut trailers, id, rules } = self;
        rules.headers.strip_head(&mut headers, copied.len());
        if let Some(trailers) = &mut trailers {
            rules.headers.strip(trailers);
        }
        headers.try_insert(SHADOW_HEADER, HeaderValue::from_str(name).ok()?).ok()?;
        // a map that can take no more headers goes without
        if let Some(id) = id {
            let _ = headers.try_insert(&rules.id_header, id);
        }
        let mut request = Request::new(CopiedBody::new(copied, trailers));
        (*request.method_mut(), *request.uri_mut()) = (method, uri);
        (*request.version_mut(), *request.headers_mut()) = (version, headers);
        Some(request)
    }
}

/// Shows nothing of it: it has not been masked.
impl fmt::Debug for CopiedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopiedRequest").field("method", &self.method).finish_non_exhaustive()
    }
}
