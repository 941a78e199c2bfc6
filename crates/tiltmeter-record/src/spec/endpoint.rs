//! Which requests are predictions.

use super::field::Field;
use super::fields::Fields;
use super::problem::Problem;

const PATH: &str = "a route such as /predict, /models/{name} or /v1/{*rest}";
const METHODS: [(&str, &str); 3] = [("POST", "POST"), ("PUT", "PUT"), ("PATCH", "PATCH")];

/// The endpoint that serves the model: the spec's `endpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// The HTTP method: `POST` (the default), `PUT` or `PATCH`, which have a body to read a prediction from.
    pub method: String,
    /// The route template: it starts with `/`, a segment may be `{name}`, and the last may be `{*rest}`, which
    /// stands for all segments that follow.
    ///
    /// Two parameters have a meaning. A request is this model's only if `{model}` is the model's name: several specs may
    /// share such a path. `{version}` is the version of the model that answers.
    pub path: String,
}

impl Endpoint {
    pub(super) fn read(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<Self> {
        let fields = Fields::known(field, &["method", "path"], problems)?;
        let method = match fields.optional("method") {
            Some(field) => field.choice(&METHODS, problems),
            None => Some("POST"),
        };
        let path = fields.required("path", PATH, problems).and_then(|field| path(field, problems));
        Some(Self { method: method?.to_owned(), path: path? })
    }
}

fn path(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<String> {
    let text = field.non_empty(PATH, problems)?;
    if let Some(fault) = fault(&text) {
        problems.push(field.problem(format!("{} ({fault})", field.node.describe())).allow(PATH));
        return None;
    }
    Some(text)
}

/// What is wrong with a route template, if anything is.
fn fault(path: &str) -> Option<&'static str> {
    let Some(segments) = path.strip_prefix('/') else {
        return Some("it does not start with '/'");
    };
    let mut names = Vec::new();
    let mut segments = segments.split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if let Some(parameter) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let name = parameter.strip_prefix('*').unwrap_or(parameter);
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                return Some("a parameter's name is letters, digits and '_'");
            }
            if parameter != name && !is_last {
                return Some("'{*' stands only in the last segment");
            }
            if names.contains(&name) {
                return Some("two parameters have one name");
            }
            names.push(name);
        } else if segment.contains(['{', '}']) {
            return Some("a parameter is a whole segment");
        } else if segment.contains(['?', '#']) {
            return Some("it has a query or fragment");
        } else if !segment.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`|".contains(&byte)) {
            return Some("it has a character that a path does not have");
        } else if segment.is_empty() && !is_last {
            return Some("it has an empty segment");
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes() {
        for good in [
            "/",
            "/predict",
            "/predict/",
            "/v1/models/{name}:predict".trim_end_matches(":predict"),
            "/a/{*rest}",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in [
            "", "predict", "/a b", "/a//b", "/{a", "/{}", "/{*}", "/x{a}", "/{*a}/b", "/{a}/{a}", "/a?b",
            "/a#b", "/é", "/{a-b}",
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }
}
