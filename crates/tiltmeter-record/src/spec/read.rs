//! From a document to a model spec: the top level of the format.

use super::body::Body;
use super::document::{Node, Position};
use super::feature::{Declared, FEATURES};
use super::field::{Field, TEXT};
use super::fields::Fields;
use super::problem::Problem;
use super::{
    BaselineSource, Endpoint, LabelRule, ModelKind, ModelSpec, Promotion, RequestMap, ResponseMap, Sampling,
    Sla, Tier, ValueType,
};
use crate::{ModelName, ModelVersion};

const KNOWN: [&str; 17] = [
    "spec_version",
    "name",
    "version",
    "type",
    "owner",
    "tier",
    "endpoint",
    "request",
    "response",
    "features",
    "segments",
    "sla",
    "baseline",
    "labels",
    "promotion",
    "privacy",
    "sampling",
];

const SPEC_VERSION: &str = "1, the version that this build reads";

/// Reads a spec. It is whole only if no problem was noted; without one there always is a spec.
pub(super) fn read(document: &Node, problems: &mut Vec<Problem>) -> Option<ModelSpec> {
    let root = Field { path: String::new(), key_at: Position::START, node: document };
    if is_of_another_version(&root, problems) {
        return None;
    }
    let fields = Fields::known(&root, &KNOWN, problems)?;
    if let Some(field) = fields.required("spec_version", SPEC_VERSION, problems)
        && field.integer() != Some(1)
    {
        problems.push(field.misfit(SPEC_VERSION));
    }
    let name = fields
        .required("name", ModelName::ALLOWED, problems)
        .and_then(|field| field.name(ModelName::ALLOWED, problems));
    let version = fields.optional("version").and_then(|field| field.name(ModelVersion::ALLOWED, problems));
    let kind = fields
        .required("type", ModelKind::ALLOWED, problems)
        .and_then(|field| ModelKind::read(field, problems));
    let owner = fields.required("owner", TEXT, problems).and_then(|field| field.non_empty(TEXT, problems));
    let tier = fields.required("tier", Tier::ALLOWED, problems).and_then(|field| Tier::read(field, problems));
    let endpoint = fields
        .required("endpoint", "a mapping with path", problems)
        .and_then(|field| Endpoint::read(field, problems));

    let mut request_body = Body::default();
    let problems_before = problems.len();
    let (request, features_at) = fields
        .optional("request")
        .and_then(|field| RequestMap::read(field, &mut request_body, problems))
        .unwrap_or_default();
    let response = fields.required("response", "a mapping with at least one output", problems);
    let features = fields
        .required("features", FEATURES, problems)
        .and_then(|field| Declared::read(field, &features_at, &mut request_body, problems));
    // a pointer that could not be read may be one with '*'
    let has_instances = (request_body.has_instances() || problems.len() == problems_before)
        .then(|| request_body.has_instances());
    problems.append(&mut request_body.into_clashes());
    let response = response.and_then(|field| ResponseMap::read(field, kind, has_instances, problems));
    let segments = match (fields.optional("segments"), &features) {
        (Some(field), Some(features)) => features.segments(field, problems),
        _ => Vec::new(),
    };

    let sla = fields.optional("sla").and_then(|field| Sla::read(field, problems));
    let baseline = fields.optional("baseline").and_then(|field| BaselineSource::read(field, problems));
    let labels = fields.optional("labels").and_then(|field| LabelRule::read(field, problems));
    let promised = sla.unwrap_or_default();
    // of a model without a type nothing is known to be wrong that is right of a binary one
    let judged = kind.unwrap_or(ModelKind::Binary);
    let promotion = fields
        .optional("promotion")
        .and_then(|field| Promotion::read(field, judged, promised, labels.as_ref(), problems))
        .unwrap_or_else(|| Promotion::defaults(judged, promised, labels.as_ref()));
    let privacy = fields.optional("privacy").and_then(|field| {
        let said = response.as_ref().and_then(|response| response.prediction.as_ref());
        let usual = || kind.map_or(ValueType::String, ModelKind::prediction_type);
        let context = super::privacy::Context {
            features: features.as_ref(),
            request: &request,
            prediction: said.map_or_else(usual, |field| field.value_type),
            has_generated_text: response.as_ref().is_some_and(|response| response.generated_text.is_some()),
        };
        super::privacy::read(field, context, problems)
    });
    let sampling = fields
        .optional("sampling")
        .and_then(|field| Sampling::read(field, features.as_ref(), privacy.as_ref(), problems));
    Some(ModelSpec {
        name: name?,
        version,
        kind: kind?,
        owner: owner?,
        tier: tier?,
        endpoint: endpoint?,
        request,
        response: response?,
        features: features?.into_features(),
        segments,
        sla: promised,
        baseline,
        labels,
        promotion,
        privacy,
        sampling,
    })
}

/// A file of another version would only have problems that are none, so this one stands alone. What is no number names
/// no version, and is one problem among the others.
fn is_of_another_version(root: &Field<'_>, problems: &mut Vec<Problem>) -> bool {
    let mut ignored = Vec::new();
    let Some(fields) = Fields::any(root, "", &mut ignored) else {
        return false;
    };
    match fields.optional("spec_version") {
        Some(field) if field.is_integer() && field.integer() != Some(1) => {
            problems.push(field.misfit(SPEC_VERSION));
            true
        }
        _ => false,
    }
}
