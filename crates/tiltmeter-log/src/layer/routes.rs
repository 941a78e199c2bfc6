//! Which requests are predictions, and of which model.

use std::collections::HashMap;
use std::sync::Arc;

use http::Method;
use tiltmeter_record::{ModelSpec, ModelVersion};

use crate::error::BuildError;

/// A parameter of a path that names the model, and one that names its version.
const MODEL: &str = "model";
const VERSION: &str = "version";

/// A route of a model: what the spec calls its endpoint.
#[derive(Debug)]
struct Route {
    model: Arc<str>,
    method: Method,
    /// The template, as written in the spec.
    endpoint: Arc<str>,
    /// Whether the path names the model: then several models may share it.
    names_model: bool,
    names_version: bool,
}

/// The routes of all models that one log watches; a route's place in it is the model's.
#[derive(Debug)]
pub(crate) struct Routes {
    by_path: matchit::Router<Vec<(Method, Places)>>,
    by_model: HashMap<Arc<str>, u16>,
    routes: Vec<Route>,
    /// The only route, where there is one, if its path has no parameters: looked at before the others.
    only: bool,
}

/// The models behind one path and method.
#[derive(Debug)]
enum Places {
    One(u16),
    /// The path names the model.
    ByModel(HashMap<Arc<str>, u16>),
}

/// The route that a request takes.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) route: u16,
    /// The version that the path names.
    pub(crate) version: Option<ModelVersion>,
}

impl Routes {
    pub(crate) fn new(specs: &[Arc<ModelSpec>]) -> Result<Self, BuildError> {
        let mut routes: Vec<Route> = Vec::with_capacity(specs.len());
        for spec in specs {
            let endpoint = &spec.endpoint;
            let method = Method::from_bytes(endpoint.method.as_bytes())
                .map_err(|_| BuildError::route(spec, "its method is not an HTTP method"))?;
            let route = Route {
                model: spec.name.as_str().into(),
                method,
                endpoint: Arc::from(&*endpoint.path),
                names_model: has_parameter(&endpoint.path, MODEL),
                names_version: has_parameter(&endpoint.path, VERSION),
            };
            let is_taken = |other: &Route| {
                other.method == route.method && other.endpoint == route.endpoint && !route.names_model
            };
            if routes.iter().any(is_taken) {
                return Err(BuildError::route(
                    spec,
                    "another model has the same method and path: give the path a parameter {model}, or each model a path",
                ));
            }
            routes.push(route);
        }
        let mut by_model = HashMap::with_capacity(routes.len());
        let mut paths: HashMap<Arc<str>, Vec<(Method, Places)>> = HashMap::new();
        for (place, route) in routes.iter().enumerate() {
            let place = u16::try_from(place)
                .map_err(|_| BuildError::route(&specs[place], "there are too many models"))?;
            by_model.insert(Arc::clone(&route.model), place);
            let methods = paths.entry(Arc::clone(&route.endpoint)).or_default();
            let known = methods.iter_mut().find(|(method, _)| *method == route.method);
            match known {
                Some((_, Places::ByModel(models))) => {
                    models.insert(Arc::clone(&route.model), place);
                }
                // taken: see above
                Some((_, Places::One(_))) => {}
                None => {
                    let places = if route.names_model {
                        Places::ByModel(HashMap::from([(Arc::clone(&route.model), place)]))
                    } else {
                        Places::One(place)
                    };
                    methods.push((route.method.clone(), places));
                }
            }
        }
        let mut by_path = matchit::Router::new();
        for (route, spec) in routes.iter().zip(specs) {
            // with the first route of the path
            let Some(methods) = paths.remove(&route.endpoint) else { continue };
            by_path
                .insert(&*route.endpoint, methods)
                .map_err(|error| BuildError::route(spec, &format!("its path cannot be routed: {error}")))?;
        }
        let only = matches!(&routes[..], [route] if !route.endpoint.contains('{'));
        Ok(Self { by_path, by_model, routes, only })
    }

    /// The route that a request takes, if it is one of a model's.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<Found> {
        if self.only {
            let is_it = self.routes.first().is_some_and(|r| *r.endpoint == *path && r.method == *method);
            return is_it.then_some(Found { route: 0, version: None });
        }
        let matched = self.by_path.at(path).ok()?;
        let (_, places) = matched.value.iter().find(|(known, _)| known == method)?;
        let place = match places {
            Places::One(place) => *place,
            Places::ByModel(models) => *models.get(matched.params.get(MODEL)?)?,
        };
        let names_version = self.routes.get(usize::from(place))?.names_version;
        let version = names_version.then(|| matched.params.get(VERSION)?.parse().ok());
        Some(Found { route: place, version: version.flatten() })
    }

    /// The place of the model `name`.
    pub(crate) fn of_model(&self, name: &str) -> Option<u16> {
        self.by_model.get(name).copied()
    }

    /// The route template of the model at `place`.
    pub(crate) fn endpoint(&self, place: u16) -> Arc<str> {
        self.routes.get(usize::from(place)).map_or_else(|| Arc::from(""), |route| Arc::clone(&route.endpoint))
    }

    /// The name of the model at `place`.
    pub(crate) fn model(&self, place: u16) -> Arc<str> {
        self.routes.get(usize::from(place)).map_or_else(|| Arc::from(""), |route| Arc::clone(&route.model))
    }

    /// The route templates, in the order of the models.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &str> {
        self.routes.iter().map(|route| &*route.endpoint)
    }
}

fn has_parameter(path: &str, name: &str) -> bool {
    path.split('/').any(|segment| {
        segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).is_some_and(|found| found == name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::spec;

    fn routes(paths: &[(&str, &str)]) -> Result<Routes, BuildError> {
        let specs: Vec<_> = paths
            .iter()
            .map(|(name, path)| {
                spec(&format!(
                    "{{spec_version: 1, name: {name}, type: binary, owner: crm, tier: 2, \
                     endpoint: {{path: '{path}'}}, response: {{score: /score}}, features: {{age: float}}}}"
                ))
            })
            .collect();
        Routes::new(&specs)
    }

    fn find(routes: &Routes, path: &str) -> Option<(u16, Option<String>)> {
        let found = routes.find(&Method::POST, path)?;
        Some((found.route, found.version.map(|version| version.as_str().to_owned())))
    }

    #[test]
    fn the_only_route_is_found_as_any_other() {
        let routes = routes(&[("a", "/predict")]).unwrap();
        assert_eq!(find(&routes, "/predict"), Some((0, None)));
        assert_eq!(find(&routes, "/predict/"), None);
        assert!(routes.find(&Method::GET, "/predict").is_none());
    }

    #[test]
    fn a_path_may_name_the_model_and_its_version() {
        let path = "/v1/models/{model}/versions/{version}";
        let routes = routes(&[("a", path), ("b", path), ("c", "/c")]).unwrap();
        assert_eq!(find(&routes, "/v1/models/b/versions/7"), Some((1, Some("7".to_owned()))));
        assert_eq!(find(&routes, "/v1/models/a/versions/x"), Some((0, Some("x".to_owned()))));
        assert_eq!(find(&routes, "/v1/models/c/versions/7"), None, "it has another path");
        assert_eq!(find(&routes, "/v1/models/b/versions/a%20b"), Some((1, None)), "that is no version");
        assert_eq!(find(&routes, "/c"), Some((2, None)));
    }

    #[test]
    fn two_models_do_not_share_a_path_that_names_neither() {
        let error = routes(&[("a", "/predict"), ("b", "/predict")]).unwrap_err();
        assert!(error.is_route() && error.to_string().contains("{model}"), "{error}");
    }

    #[test]
    fn models_are_found_by_name() {
        let routes = routes(&[("a", "/a"), ("b", "/b")]).unwrap();
        assert_eq!((routes.of_model("b"), routes.of_model("B")), (Some(1), None));
    }
}
