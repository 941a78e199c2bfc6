//! Which requests may be copied.

use std::fmt;
use std::sync::Arc;

use http::Method;

/// The routes that were listed as safe: by method and path template.
#[derive(Default)]
pub(crate) struct SafeRoutes {
    by_path: matchit::Router<(Arc<str>, Vec<Method>)>,
}

impl SafeRoutes {
    /// The routes of `listed`, or what is wrong with one of them.
    pub(crate) fn new(listed: &[(Method, String)]) -> Result<Self, String> {
        let mut paths: Vec<(Arc<str>, Vec<Method>)> = Vec::new();
        for (method, path) in listed {
            match paths.iter_mut().find(|(known, _)| **known == **path) {
                Some((_, methods)) => methods.push(method.clone()),
                None => paths.push((path.as_str().into(), vec![method.clone()])),
            }
        }
        let mut by_path = matchit::Router::new();
        for (path, methods) in paths {
            by_path
                .insert(&*path, (Arc::clone(&path), methods))
                .map_err(|error| format!("the path {path:?} cannot be routed: {error}"))?;
        }
        Ok(Self { by_path })
    }

    /// The template of the route that a request takes, if it is a safe one.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<&Arc<str>> {
        let (template, methods) = self.by_path.at(path).ok()?.value;
        methods.contains(method).then_some(template)
    }
}

impl fmt::Debug for SafeRoutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SafeRoutes").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_what_was_listed_is_safe() {
        let listed = [
            (Method::POST, "/predict".to_owned()),
            (Method::POST, "/models/{model}/score".to_owned()),
            (Method::GET, "/predict".to_owned()),
        ];
        let routes = SafeRoutes::new(&listed).unwrap();
        let find = |method: Method, path: &str| routes.find(&method, path).map(ToString::to_string);
        assert_eq!(find(Method::POST, "/predict").as_deref(), Some("/predict"));
        assert_eq!(find(Method::GET, "/predict").as_deref(), Some("/predict"));
        assert_eq!(find(Method::POST, "/models/lr/score").as_deref(), Some("/models/{model}/score"));
        for (method, path) in
            [(Method::PUT, "/predict"), (Method::GET, "/other"), (Method::GET, "/models/lr/score")]
        {
            assert_eq!(find(method, path), None);
        }
        assert!(
            SafeRoutes::new(&[(Method::POST, "/{".to_owned())]).unwrap_err().contains("cannot be routed")
        );
    }
}
