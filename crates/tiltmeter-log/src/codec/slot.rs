//! The fields that a codec can find in a body.

/// A field of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestField {
    /// When the event happened: RFC 3339 text.
    EventTime,
    /// What the prediction is about: text or a whole number.
    EntityId,
    /// The feature of that place in the model's spec, from 0.
    Feature(usize),
}

/// A field of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResponseField {
    /// The version of the model that answered: text or a whole number.
    ModelVersion,
    /// The model's score: a number.
    Score,
    /// The model's confidence in its prediction: a number.
    Confidence,
    /// The decision: a single value.
    Prediction,
    /// The probability of each class: an object of numbers by class, or a list of numbers in the order that the spec
    /// gives the classes.
    ClassProbabilities,
    /// The ranked items, the best first: a list of names, or of objects with the members that the spec says.
    Ranking,
    /// The text that was generated.
    GeneratedText,
}

/// A field of one kind of body: [`RequestField`] or [`ResponseField`].
pub trait Slot: Copy + Send + sealed::Indexed + 'static {}

impl Slot for RequestField {}
impl Slot for ResponseField {}
impl Slot for EventField {}

/// A field of one event of a streamed response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventField {
    /// A part of the response.
    Output(ResponseField),
    /// Which element of an array it is.
    Index,
}

pub(crate) mod sealed {
    /// Where a field stands among those of its body.
    pub trait Indexed {
        fn index(self) -> usize;
    }
}

/// The fields of a request beside its features.
pub(super) const REQUEST_FIELDS: usize = 2;

/// The fields of a response.
pub(super) const RESPONSE_FIELDS: usize = 7;

impl sealed::Indexed for RequestField {
    #[inline]
    fn index(self) -> usize {
        match self {
            Self::EventTime => 0,
            Self::EntityId => 1,
            Self::Feature(place) => place.saturating_add(REQUEST_FIELDS),
        }
    }
}

/// The fields of an event.
pub(super) const EVENT_FIELDS: usize = RESPONSE_FIELDS + 1;

impl sealed::Indexed for EventField {
    #[inline]
    fn index(self) -> usize {
        match self {
            Self::Output(field) => field.index(),
            Self::Index => RESPONSE_FIELDS,
        }
    }
}

impl sealed::Indexed for ResponseField {
    #[inline]
    fn index(self) -> usize {
        match self {
            Self::ModelVersion => 0,
            Self::Score => 1,
            Self::Confidence => 2,
            Self::Prediction => 3,
            Self::ClassProbabilities => 4,
            Self::Ranking => 5,
            Self::GeneratedText => 6,
        }
    }
}
