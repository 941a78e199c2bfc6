//! A request on its way to the challengers.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Request, request};

use super::{HttpRules, HttpShared, SHADOW_HEADER};
use crate::copied::{Copied, CopiedBody};
use crate::exchange::CaseHandle;

/// A request on its way to the challengers. It is made ready for one of them, its credentials taken away, on the challengers'
/// thread.
pub struct CopiedRequest {
    head: request::Parts,
    copied: Copied,
    trailers: Option<HeaderMap>,
    /// The id, if the headers do not have it.
    id: Option<HeaderValue>,
    rules: Arc<HttpRules>,
}

impl CopiedRequest {
    pub(super) fn new(head: request::Parts, id: &str, rules: Arc<HttpRules>) -> Self {
        let found = head.headers.get(&rules.id_header);
        let has_id = found.is_some_and(|value| value.as_bytes() == id.as_bytes());
        let id = if has_id { None } else { HeaderValue::from_str(id).ok() };
        Self { head, copied: Copied::default(), trailers: None, id, rules }
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
        let Self { head, copied, trailers, id, rules } = self;
        let (head, copied) = (head.clone(), copied.clone());
        Self { head, copied, trailers: trailers.clone(), id: id.clone(), rules: Arc::clone(rules) }
    }

    /// The request as the challenger called `name` gets it; `None` where there is no room for its mark.
    pub(super) fn into_request(self, name: &str) -> Option<Request<CopiedBody>> {
        let Self { mut head, copied, mut trailers, id, rules } = self;
        rules.headers.strip_head(&mut head.headers, copied.len());
        if let Some(trailers) = &mut trailers {
            rules.headers.strip(trailers);
        }
        head.headers.try_insert(SHADOW_HEADER, HeaderValue::from_str(name).ok()?).ok()?;
        // a map that can take no more headers goes without
        if let Some(id) = id {
            let _ = head.headers.try_insert(&rules.id_header, id);
        }
        Some(Request::from_parts(head, CopiedBody::new(copied, trailers)))
    }
}

/// Shows nothing of it: it has not been masked.
impl fmt::Debug for CopiedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopiedRequest").field("method", &self.head.method).finish_non_exhaustive()
    }
}
