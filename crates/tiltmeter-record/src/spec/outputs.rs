//! What a model puts out, and where it stands in a response.
//!
//! Each of them is written as a pointer alone, or as a mapping with `pointer` and what else is to be said.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::field::Field;
use super::fields::Fields;
use super::problem::Problem;
use super::response::ResponseBody;
use super::{ModelKind, ValueType};
use crate::BodyPointer;
use crate::quote::Quoted;

const MEMBER: &str = "the name of a member of each element";
const CLASSES: &str = "a list of at least one class";
const CLASS: &str = "the name of a class";

/// A field of the response that has a type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutputField {
    /// Where it stands.
    pub pointer: BodyPointer,
    /// Its type; if the spec does not say, [`ModelKind::prediction_type`].
    pub value_type: ValueType,
}

/// Where the probabilities of the classes stand: an object with a member for each class, or an array of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbabilityField {
    /// Where the object or array stands.
    pub pointer: BodyPointer,
    /// The names of the classes, in the order of the array; each once. Empty: an object names its own, and the elements of
    /// an array are called by their numbers, from 0.
    pub classes: Vec<Arc<str>>,
}

/// Where a ranking stands: an array of items, the best first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RankingField {
    /// Where the array stands.
    pub pointer: BodyPointer,
    /// The member of an element that names the item. `None`: the elements are the names.
    pub item: Option<Arc<str>>,
    /// The member of an element that is its score; only where [`item`](Self::item) is one as well.
    pub score: Option<Arc<str>>,
    /// How many items are kept, from the first on: 1 to 10,000. 100, unless the spec says otherwise.
    pub max_items: usize,
}

/// Where generated text stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextField {
    /// Where it stands in a response that is one JSON text. A response that is plain text is the text itself.
    pub pointer: BodyPointer,
    /// Where the next piece of it stands in each event of a streamed response (`text/event-stream`); `None`: at
    /// [`pointer`](Self::pointer).
    pub stream: Option<BodyPointer>,
    /// How many bytes of it are kept: 1 to 1 MiB. 4,096, unless the spec says otherwise.
    pub max_bytes: usize,
}

impl OutputField {
    pub(super) fn read(
        field: &Field<'_>,
        kind: Option<ModelKind>,
        body: &mut ResponseBody,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let default = kind.map(ModelKind::prediction_type);
        if !field.is_mapping() {
            return Some(Self { pointer: body.output(field, problems)?, value_type: default? });
        }
        let fields = Fields::known(field, &["pointer", "type"], problems)?;
        let pointer = pointer(&fields, body, problems);
        let value_type = match fields.optional("type") {
            Some(field) => ValueType::read(field, problems),
            None => default,
        };
        Some(Self { pointer: pointer?, value_type: value_type? })
    }
}

impl ProbabilityField {
    pub(super) fn read(
        field: &Field<'_>,
        body: &mut ResponseBody,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        if !field.is_mapping() {
            return Some(Self { pointer: body.output(field, problems)?, classes: Vec::new() });
        }
        let fields = Fields::known(field, &["pointer", "classes"], problems)?;
        let pointer = pointer(&fields, body, problems);
        let classes = match fields.optional("classes") {
            Some(field) => classes(field, problems),
            None => Vec::new(),
        };
        Some(Self { pointer: pointer?, classes })
    }
}

fn classes(field: &Field<'_>, problems: &mut Vec<Problem>) -> Vec<Arc<str>> {
    let Some(elements) = field.list(CLASSES, problems) else { return Vec::new() };
    if elements.is_empty() {
        problems.push(field.problem("an empty list").allow(CLASSES));
    }
    let mut seen = BTreeSet::new();
    let mut classes = Vec::with_capacity(elements.len());
    for element in elements {
        let Some(class) = element.non_empty(CLASS, problems) else { continue };
        let class: Arc<str> = class.into();
        if seen.insert(Arc::clone(&class)) {
            classes.push(class);
        } else {
            let found = format!("{} a second time", Quoted(&class));
            problems.push(element.problem(found).allow("each class once"));
        }
    }
    classes
}

impl RankingField {
    /// How many items are kept if the spec does not say.
    pub const DEFAULT_MAX_ITEMS: usize = 100;

    /// How many items a spec may have kept.
    pub const MAX_ITEMS: usize = 10_000;

    pub(super) fn read(
        field: &Field<'_>,
        body: &mut ResponseBody,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        if !field.is_mapping() {
            let pointer = body.output(field, problems)?;
            return Some(Self { pointer, item: None, score: None, max_items: Self::DEFAULT_MAX_ITEMS });
        }
        let fields = Fields::known(field, &["pointer", "item", "score", "max_items"], problems)?;
        let pointer = pointer(&fields, body, problems);
        let mut member = |key| fields.optional(key).and_then(|field| field.non_empty(MEMBER, problems));
        let (item, score) = (member("item").map(Arc::from), member("score").map(Arc::from));
        if let (None, Some(field)) = (fields.optional("item"), fields.optional("score")) {
            let found = "a member of elements that are the names of the items themselves";
            problems.push(field.problem(found).allow("a score beside item"));
        }
        let max_items = fields.count_or(Self::DEFAULT_MAX_ITEMS, "max_items", Self::MAX_ITEMS, problems);
        Some(Self { pointer: pointer?, item, score, max_items: max_items? })
    }
}

impl TextField {
    /// How many bytes are kept if the spec does not say.
    pub const DEFAULT_MAX_BYTES: usize = 4096;

    /// How many bytes a spec may have kept: 1 MiB.
    pub const MAX_BYTES: usize = 1 << 20;

    pub(super) fn read(
        field: &Field<'_>,
        body: &mut ResponseBody,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        if !field.is_mapping() {
            let pointer = body.output(field, problems)?;
            return Some(Self { pointer, stream: None, max_bytes: Self::DEFAULT_MAX_BYTES });
        }
        let fields = Fields::known(field, &["pointer", "stream", "max_bytes"], problems)?;
        let pointer = pointer(&fields, body, problems);
        let stream = fields.optional("stream").and_then(|field| body.output_elsewhere(field, problems));
        let max_bytes = fields.count_or(Self::DEFAULT_MAX_BYTES, "max_bytes", Self::MAX_BYTES, problems);
        Some(Self { pointer: pointer?, stream, max_bytes: max_bytes? })
    }
}

/// The `pointer` of an output that is a mapping.
fn pointer(fields: &Fields<'_>, body: &mut ResponseBody, problems: &mut Vec<Problem>) -> Option<BodyPointer> {
    fields.required("pointer", BodyPointer::ALLOWED, problems).and_then(|field| body.output(field, problems))
}
