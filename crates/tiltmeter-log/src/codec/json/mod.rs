//! JSON, at the places that the model's spec names.
//!
//! A body is read once, without building a tree: what the spec does not want is skipped. Nesting is bounded by
//! `serde_json` (128 levels); of duplicate keys the last one counts.
//!
//! A response that is a stream of events is read event by event, each by the same pointers: see [`events`]. Where the
//! spec has generated text, a plain text is that text.

mod events;
mod plan;
mod tree;
mod walk;

use tiltmeter_record::spec::{RankingField, ResponseMap};
use tiltmeter_record::{BodyPointer, ModelSpec};

use self::events::Events;
use self::plan::{Plan, Shape};
use self::walk::Scratch;
use super::slot::EventField;
use super::{
    Body, Codec, CodecError, FieldValue, MediaType, RequestField, RequestFields, ResponseField,
    ResponseFields, Slot,
};
use crate::error::BuildError;

/// Reads JSON by the pointers of a model's spec.
#[derive(Debug)]
pub struct JsonCodec {
    request: Plan<RequestField>,
    response: Plan<ResponseField>,
    events: Events,
    has_text: bool,
    scratch: Scratch,
}

impl JsonCodec {
    /// The codec of the model that `spec` describes.
    ///
    /// # Errors
    /// When pointers of the spec are in each other's way: a value of a body is wanted and another one inside of it, or
    /// one element of an array besides all of them.
    pub fn new(spec: &ModelSpec) -> Result<Self, BuildError> {
        let request = request_plan(spec);
        let output = &spec.response;
        let text = output.generated_text.as_ref();
        let response = response_plan(output, text.map(|text| &text.pointer), |field| field);
        let is_ambiguous = [("request", request.is_ambiguous()), ("response", response.is_ambiguous())];
        if let Some((body, _)) = is_ambiguous.into_iter().find(|(_, is_ambiguous)| *is_ambiguous) {
            return Err(BuildError::configuration(format!(
                "the spec of model {} wants a value of the {body} and another one inside of it, or one element of \
                 an array besides all of them: change one of the pointers",
                spec.name
            )));
        }
        Ok(Self {
            request,
            response,
            events: Events::new(
                |text| response_plan(output, text, EventField::Output),
                text.map(|text| text.stream.as_ref().unwrap_or(&text.pointer)),
                text.map_or(0, |text| text.max_bytes),
            ),
            has_text: text.is_some(),
            scratch: Scratch::default(),
        })
    }
}

impl Codec for JsonCodec {
    fn read_request(&mut self, body: Body<'_>, fields: &mut RequestFields) -> Result<(), CodecError> {
        read(&self.request, body.whole().ok_or(CodecError::Malformed)?, fields, &mut self.scratch)
    }

    fn read_response(&mut self, body: Body<'_>, fields: &mut ResponseFields) -> Result<(), CodecError> {
        match body.media_type() {
            MediaType::EventStream => self.events.read(body, fields, &mut self.scratch),
            MediaType::PlainText if self.has_text => {
                let text = plain_text(body).ok_or(CodecError::Malformed)?;
                fields.set(ResponseField::GeneratedText, FieldValue::Text(text.into()));
                Ok(())
            }
            _ => read(&self.response, body.whole().ok_or(CodecError::Malformed)?, fields, &mut self.scratch),
        }
    }
}

fn request_plan(spec: &ModelSpec) -> Plan<RequestField> {
    let mut plan = Plan::default();
    let request = &spec.request;
    for (pointer, slot) in
        [(&request.event_time, RequestField::EventTime), (&request.entity_id, RequestField::EntityId)]
    {
        if let Some(pointer) = pointer {
            plan.add(pointer, slot, Shape::Single);
        }
    }
    for (place, feature) in spec.features.iter().enumerate() {
        plan.add(&feature.pointer, RequestField::Feature(place), Shape::Single);
    }
    plan
}

/// The plan of a response, or of one event of it, whose text stands at `text`.
fn response_plan<S>(
    output: &ResponseMap,
    text: Option<&BodyPointer>,
    slot_of: impl Fn(ResponseField) -> S,
) -> Plan<S> {
    let ranking = |field: &RankingField| Shape::Ranking {
        members: [field.item.clone(), field.score.clone()],
        max_items: field.max_items,
    };
    let fields = [
        (output.model_version.as_ref(), ResponseField::ModelVersion, Shape::Single),
        (output.score.as_ref(), ResponseField::Score, Shape::Single),
        (output.confidence.as_ref(), ResponseField::Confidence, Shape::Single),
        (output.prediction.as_ref().map(|field| &field.pointer), ResponseField::Prediction, Shape::Single),
        (
            output.class_probabilities.as_ref().map(|field| &field.pointer),
            ResponseField::ClassProbabilities,
            Shape::Probabilities,
        ),
        (
            output.ranking.as_ref().map(|field| &field.pointer),
            ResponseField::Ranking,
            output.ranking.as_ref().map_or(Shape::Single, ranking),
        ),
        (text, ResponseField::GeneratedText, Shape::Single),
    ];
    let mut plan = Plan::default();
    for (pointer, slot, shape) in fields {
        if let Some(pointer) = pointer {
            plan.add(pointer, slot_of(slot), shape);
        }
    }
    plan
}

/// Reads what `plan` wants out of a JSON text.
fn read<S: Slot>(
    plan: &Plan<S>,
    body: &[u8],
    fields: &mut super::Fields<S>,
    scratch: &mut Scratch,
) -> Result<(), CodecError> {
    // checked once for the whole body: quicker than for each of its strings
    let text = std::str::from_utf8(body).map_err(|_| CodecError::Malformed)?;
    walk::walk(plan, text, fields, scratch)
}

/// A body as text; the beginning of one may end within a character.
fn plain_text(body: Body<'_>) -> Option<&str> {
    match std::str::from_utf8(body.bytes()) {
        Ok(text) => Some(text),
        Err(error) if body.whole().is_none() && error.error_len().is_none() => {
            std::str::from_utf8(&body.bytes()[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::any_json;
