//! Where the fields of a response stand.

use super::body::Body;
use super::field::Field;
use super::fields::Fields;
use super::problem::Problem;
use super::{ModelKind, ValueType};
use crate::BodyPointer;
use crate::quote::Quoted;

/// Where the fields of a response's body stand: the spec's `response`. At least one of `score` and `prediction` is
/// there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseMap {
    /// The version of the model that answered.
    pub model_version: Option<BodyPointer>,
    /// The model's score, a number.
    pub score: Option<BodyPointer>,
    /// The model's confidence in its prediction, a number.
    pub confidence: Option<BodyPointer>,
    /// The decision.
    pub prediction: Option<OutputField>,
}

/// A field of the response that has a type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutputField {
    /// Where it stands.
    pub pointer: BodyPointer,
    /// Its type; if the spec does not say, [`ModelKind::prediction_type`].
    pub value_type: ValueType,
}

impl ResponseMap {
    /// `has_instances` tells whether the request has instances, if that is known.
    pub(super) fn read(
        field: &Field<'_>,
        kind: ModelKind,
        has_instances: Option<bool>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let known = ["model_version", "score", "confidence", "prediction"];
        let fields = Fields::known(field, &known, problems)?;
        if fields.optional("score").is_none() && fields.optional("prediction").is_none() {
            let problem = Problem::new(field.key_at, field.path.clone(), "neither score nor prediction");
            problems.push(problem.allow("at least one of them"));
        }
        let mut body = Body::default();
        let mut pointer = |key| fields.optional(key).and_then(|field| body.pointer(field, problems));
        let (model_version, score, confidence) =
            (pointer("model_version"), pointer("score"), pointer("confidence"));
        let prediction = fields
            .optional("prediction")
            .and_then(|field| OutputField::read(field, kind, &mut body, problems));
        problems.append(&mut body.into_clashes());

        let prediction_pointer = prediction.as_ref().map(|prediction| &prediction.pointer);
        for (key, pointer) in [("score", score.as_ref()), ("prediction", prediction_pointer)] {
            if let (Some(field), Some(pointer), Some(has_instances)) =
                (fields.optional(key), pointer, has_instances)
            {
                problems.extend(stands_otherwise(field, pointer, has_instances));
            }
        }
        Some(Self { model_version, score, confidence, prediction })
    }
}

/// The problem of an output that does not stand once per prediction.
fn stands_otherwise(field: &Field<'_>, pointer: &BodyPointer, has_instances: bool) -> Option<Problem> {
    let (fault, allowed) = match (has_instances, pointer.is_per_instance()) {
        (true, false) => {
            ("it stands once for all instances of a request", "a pointer with '*', like the request's")
        }
        (false, true) => (
            "it stands in every instance, but the request has none",
            "a pointer without '*', like the request's",
        ),
        _ => return None,
    };
    let found = format!("{} ({fault})", Quoted(&pointer.to_string()));
    Some(field.problem(found).allow(allowed))
}

impl OutputField {
    fn read(
        field: &Field<'_>,
        kind: ModelKind,
        body: &mut Body,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        if !field.is_mapping() {
            return Some(Self {
                pointer: body.pointer(field, problems)?,
                value_type: kind.prediction_type(),
            });
        }
        let fields = Fields::known(field, &["pointer", "type"], problems)?;
        let pointer = fields
            .required("pointer", BodyPointer::ALLOWED, problems)
            .and_then(|field| body.pointer(field, problems));
        let value_type = match fields.optional("type") {
            Some(field) => ValueType::read(field, problems),
            None => Some(kind.prediction_type()),
        };
        Some(Self { pointer: pointer?, value_type: value_type? })
    }
}
