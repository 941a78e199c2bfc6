//! Where the fields of a response stand.

use super::ModelKind;
use super::body::Body;
use super::field::Field;
use super::fields::Fields;
use super::outputs::{OutputField, ProbabilityField, RankingField, TextField};
use super::problem::Problem;
use crate::BodyPointer;
use crate::quote::Quoted;

const KNOWN: [&str; 7] = [
    "model_version",
    "score",
    "confidence",
    "prediction",
    "class_probabilities",
    "ranking",
    "generated_text",
];

/// The keys that say what the model put out.
const OUTPUTS: [&str; 5] = ["prediction", "score", "class_probabilities", "ranking", "generated_text"];

/// Where the fields of a response's body stand: the spec's `response`. At least one output is there: `score`,
/// `prediction`, `class_probabilities`, `ranking` or `generated_text`, and at least one that
/// [belongs to the kind](super#outputs-and-types) of the model.
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
    /// The probability of each class.
    pub class_probabilities: Option<ProbabilityField>,
    /// The ranked items.
    pub ranking: Option<RankingField>,
    /// The text that was generated.
    pub generated_text: Option<TextField>,
}

impl ResponseMap {
    /// `kind` is the model's kind, and `has_instances` tells whether the request has instances, if that is known.
    pub(super) fn read(
        field: &Field<'_>,
        kind: Option<ModelKind>,
        has_instances: Option<bool>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let fields = Fields::known(field, &KNOWN, problems)?;
        let (whose, outputs) = match kind {
            Some(kind) => (format!("no output of a {kind} model"), outputs_of(kind)),
            None => ("no output".to_owned(), &OUTPUTS[..]),
        };
        if outputs.iter().all(|key| fields.optional(key).is_none()) {
            let problem = Problem::new(field.key_at, field.path.clone(), whose);
            problems.push(problem.allow(format!("at least one of {}", outputs.join(", "))));
        }

        let mut body = ResponseBody::new(has_instances);
        let model_version = fields.optional("model_version").and_then(|field| body.pointer(field, problems));
        let score = fields.optional("score").and_then(|field| body.output(field, problems));
        let confidence = fields.optional("confidence").and_then(|field| body.pointer(field, problems));
        let prediction = fields
            .optional("prediction")
            .and_then(|field| OutputField::read(field, kind, &mut body, problems));
        let class_probabilities = fields
            .optional("class_probabilities")
            .and_then(|field| ProbabilityField::read(field, &mut body, problems));
        let ranking =
            fields.optional("ranking").and_then(|field| RankingField::read(field, &mut body, problems));
        let generated_text =
            fields.optional("generated_text").and_then(|field| TextField::read(field, &mut body, problems));
        problems.append(&mut body.body.into_clashes());
        Some(Self {
            model_version,
            score,
            confidence,
            prediction,
            class_probabilities,
            ranking,
            generated_text,
        })
    }
}

/// The outputs of which a model of that kind has at least one; it may have any others beside it.
fn outputs_of(kind: ModelKind) -> &'static [&'static str] {
    match kind {
        ModelKind::Binary | ModelKind::Multiclass => &["prediction", "score", "class_probabilities"],
        ModelKind::Regression => &["prediction", "score"],
        ModelKind::Ranking => &["ranking", "prediction", "score"],
        ModelKind::Text => &["generated_text"],
    }
}

/// The pointers into a response, of which those of outputs stand once per prediction.
#[derive(Debug)]
pub(super) struct ResponseBody {
    body: Body,
    has_instances: Option<bool>,
}

impl ResponseBody {
    fn new(has_instances: Option<bool>) -> Self {
        Self { body: Body::default(), has_instances }
    }

    /// Reads a pointer to what may stand once for all instances.
    fn pointer(&mut self, field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<BodyPointer> {
        self.body.pointer(field, problems)
    }

    /// Reads a pointer to what stands once per prediction.
    pub(super) fn output(&mut self, field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<BodyPointer> {
        let pointer = self.body.pointer(field, problems)?;
        problems.extend(self.stands_otherwise(field, &pointer));
        Some(pointer)
    }

    /// The same, into a document of its own: nothing in the response is in its way.
    pub(super) fn output_elsewhere(
        &self,
        field: &Field<'_>,
        problems: &mut Vec<Problem>,
    ) -> Option<BodyPointer> {
        let pointer = field.pointer(problems)?;
        problems.extend(self.stands_otherwise(field, &pointer));
        Some(pointer)
    }

    /// The problem of an output that does not stand once per prediction.
    fn stands_otherwise(&self, field: &Field<'_>, pointer: &BodyPointer) -> Option<Problem> {
        let (fault, allowed) = match (self.has_instances?, pointer.is_per_instance()) {
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
}
