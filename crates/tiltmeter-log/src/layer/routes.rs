//! Which requests are predictions, and of which model.

use std::sync::Arc;

use http::Method;
use tiltmeter_record::ModelSpec;

use crate::error::BuildError;

/// A route of a model: what the spec calls its endpoint.
#[derive(Debug)]
struct Route {
    method: Method,
    /// The template, as written in the spec.
    endpoint: Arc<str>,
}

/// The routes of all models that one log watches; a route's place in it is the model's.
#[derive(Debug)]
pub(crate) struct Routes {
    by_path: matchit::Router<Vec<u16>>,
    routes: Vec<Route>,
}

impl Routes {
    pub(crate) fn new(specs: &[Arc<ModelSpec>]) -> Result<Self, BuildError> {
        let mut routes: Vec<Route> = Vec::with_capacity(specs.len());
        for spec in specs {
            let endpoint = &spec.endpoint;
            let method = Method::from_bytes(endpoint.method.as_bytes())
                .map_err(|_| BuildError::route(spec, "its method is not an HTTP method"))?;
            if routes.iter().any(|route| route.method == method && *route.endpoint == *endpoint.path) {
                return Err(BuildError::route(spec, "another model has the same method and path"));
            }
            routes.push(Route { method, endpoint: Arc::from(&*endpoint.path) });
        }
        let mut by_path: matchit::Router<Vec<u16>> = matchit::Router::new();
        for (place, route) in routes.iter().enumerate() {
            let spec = &specs[place];
            let place =
                u16::try_from(place).map_err(|_| BuildError::route(spec, "there are too many models"))?;
            if routes[..usize::from(place)].iter().any(|earlier| earlier.endpoint == route.endpoint) {
                continue; // stands with the first route of this path
            }
            let same_path = routes
                .iter()
                .enumerate()
                .filter(|(_, other)| other.endpoint == route.endpoint)
                .filter_map(|(place, _)| u16::try_from(place).ok())
                .collect();
            by_path
                .insert(&*route.endpoint, same_path)
                .map_err(|error| BuildError::route(spec, &format!("its path cannot be routed: {error}")))?;
        }
        Ok(Self { by_path, routes })
    }

    /// The route that a request takes, if it is one of a model's.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<u16> {
        let matched = self.by_path.at(path).ok()?;
        matched.value.iter().copied().find(|&route| self.routes[usize::from(route)].method == *method)
    }

    /// The route template of the model at `place`.
    pub(crate) fn endpoint(&self, place: usize) -> Arc<str> {
        self.routes.get(place).map_or_else(|| Arc::from(""), |route| Arc::clone(&route.endpoint))
    }
}
