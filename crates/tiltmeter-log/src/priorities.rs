//! Which exchanges are the last to go when the queue fills.

use http::{HeaderMap, HeaderName};
use tiltmeter_record::Priority;

/// How important an exchange is, by what is known before it is decoded.
///
/// What is low may fill half of the queue, what is normal seven eighths, and what is high all of it: when the worker falls
/// behind, the low ones are refused first and the high ones last. Nothing that has been queued is thrown out for
/// something else.
///
/// The first of these that says something counts: the handler's word ([`RequestLog::set_priority`]); whether the exchange
/// failed, which is high; the header; the endpoint; else it is normal.
///
/// [`RequestLog::set_priority`]: crate::RequestLog::set_priority
///
/// ```
/// use tiltmeter_log::{Priorities, Priority};
///
/// let priorities = Priorities::new()
///     .with_endpoint("/predict/batch", Priority::Low)
///     .with_header(http::HeaderName::from_static("x-log-priority"));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Priorities {
    endpoints: Vec<(String, Priority)>,
    header: Option<HeaderName>,
}

impl Priorities {
    /// Failed exchanges are high, all others normal.
    pub fn new() -> Self {
        Self::default()
    }

    /// The exchanges of the route template `path`, as in the model's spec, have `priority`.
    pub fn with_endpoint(mut self, path: impl Into<String>, priority: Priority) -> Self {
        self.endpoints.push((path.into(), priority));
        self
    }

    /// The header `name` of a request says how important it is: `low`, `normal` or `high`. Anything else says nothing.
    ///
    /// Whoever can send the header can fill the queue: take one that a proxy of your own sets or strips.
    pub fn with_header(mut self, name: HeaderName) -> Self {
        self.header = Some(name);
        self
    }

    /// What the headers of a request say.
    pub(crate) fn by_header(&self, headers: &HeaderMap) -> Option<Priority> {
        let value = headers.get(self.header.as_ref()?)?.as_bytes();
        Priority::ALL.into_iter().find(|priority| value.eq_ignore_ascii_case(priority.as_str().as_bytes()))
    }

    /// What each of `endpoints` says.
    pub(crate) fn by_endpoint<'e>(&self, endpoints: impl Iterator<Item = &'e str>) -> Vec<Priority> {
        endpoints
            .map(|endpoint| {
                let stated = self.endpoints.iter().find(|(path, _)| path == endpoint);
                stated.map_or(Priority::Normal, |(_, priority)| *priority)
            })
            .collect()
    }

    /// The paths that have a priority of their own.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &str> {
        self.endpoints.iter().map(|(path, _)| &**path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_one_of_three_words() {
        let name = HeaderName::from_static("x-log-priority");
        let priorities = Priorities::new().with_header(name.clone());
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name.clone(), value.parse().unwrap());
            priorities.by_header(&headers)
        };
        assert_eq!((of("low"), of("HIGH"), of("urgent")), (Some(Priority::Low), Some(Priority::High), None));
        assert_eq!(priorities.by_header(&HeaderMap::new()), None);
        assert_eq!(Priorities::new().by_header(&HeaderMap::new()), None);
    }

    #[test]
    fn endpoints_that_are_not_named_are_normal() {
        let priorities = Priorities::new().with_endpoint("/b", Priority::Low);
        assert_eq!(priorities.by_endpoint(["/a", "/b"].into_iter()), [Priority::Normal, Priority::Low]);
    }
}
