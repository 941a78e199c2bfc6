//! How the bodies of an exchange become fields of its predictions.
//!
//! A [`Codec`] reads the bodies of one model. [`JsonCodec`] is the one that a log uses by itself: JSON, at the places
//! that the model's spec names. A serving protocol of its own (tensors, protobuf messages, Arrow) is a codec of its own,
//! here or in another crate.
//!
//! A codec gets a body as it was meant: whole, or as much as was captured, and inflated. It fills [`Fields`], the slots
//! of [`RequestField`] or [`ResponseField`], with [`FieldValue`]s as they stand in the body. Whether a value fits the type
//! of its column is not its concern: what does not fit becomes NULL and is rescued.
//!
//! # When not
//! What an application says itself (an [`Observation`](tiltmeter_record::Observation)) goes through no codec.
//!
//! # Example
//! A request of comma-separated numbers, the features in the spec's order, one line for each instance:
//!
//! ```
//! use tiltmeter_log::codec::{
//!     Body, Codec, CodecError, FieldValue, RequestField, RequestFields, ResponseField, ResponseFields,
//! };
//!
//! #[derive(Debug)]
//! struct Lines;
//!
//! fn lines<'a>(body: &Body<'a>) -> Result<std::str::Lines<'a>, CodecError> {
//!     body.whole().and_then(|bytes| std::str::from_utf8(bytes).ok()).map(str::lines).ok_or(CodecError::Malformed)
//! }
//!
//! fn number(text: &str) -> FieldValue {
//!     text.trim().parse().map_or_else(|_| FieldValue::Text(text.into()), FieldValue::Float)
//! }
//!
//! impl Codec for Lines {
//!     fn read_request(&mut self, body: Body<'_>, fields: &mut RequestFields) -> Result<(), CodecError> {
//!         for (instance, line) in lines(&body)?.enumerate() {
//!             fields.set_instances(instance + 1)?;
//!             for (place, text) in line.split(',').enumerate() {
//!                 fields.set_of(instance, RequestField::Feature(place), number(text));
//!             }
//!         }
//!         Ok(())
//!     }
//!
//!     fn read_response(&mut self, body: Body<'_>, fields: &mut ResponseFields) -> Result<(), CodecError> {
//!         for (instance, line) in lines(&body)?.enumerate() {
//!             fields.set_instances(instance + 1)?;
//!             fields.set_of(instance, ResponseField::Score, number(line));
//!         }
//!         Ok(())
//!     }
//! }
//!
//! let mut fields = RequestFields::new(2);
//! Lines.read_request(Body::new(b"1.5,2\n3,x"), &mut fields)?;
//! assert_eq!(fields.instances(), Some(2));
//! assert_eq!(fields.get(0, RequestField::Feature(1)), &FieldValue::Float(2.0));
//! assert_eq!(fields.get(1, RequestField::Feature(1)), &FieldValue::Text("x".into()));
//! # Ok::<(), CodecError>(())
//! ```

mod body;
mod fields;
mod json;
mod slot;
mod value;

use std::error::Error as StdError;
use std::fmt;

pub use body::{Body, MediaType};
pub use fields::{Fields, RequestFields, ResponseFields};
pub use json::JsonCodec;
#[cfg(test)]
pub(crate) use json::any_json;
pub use slot::{RequestField, ResponseField, Slot};
pub use value::FieldValue;

/// Reads the bodies of one model's exchanges.
///
/// It is called on the worker's thread, for one body at a time, and may keep buffers from one to the next. Bodies come
/// from outside: a codec bounds what it does by their size, and every body is either read or an error. A panic costs the
/// one exchange, which is counted; [`reset`](Self::reset) is called before the codec is used again. The
/// [module](self#example) has an example.
pub trait Codec: fmt::Debug + Send + 'static {
    /// Reads the fields of a request. `fields` comes empty.
    ///
    /// # Errors
    /// When it cannot be read. The exchange is dropped and counted then, unless the application said something of it
    /// itself or it failed. What was set until then is forgotten.
    fn read_request(&mut self, body: Body<'_>, fields: &mut RequestFields) -> Result<(), CodecError>;

    /// Reads the fields of a response to a request that did not fail. `fields` comes empty.
    ///
    /// # Errors
    /// When it cannot be read. The predictions have no outputs then and the error type `unreadable`. What was set until
    /// then is forgotten.
    fn read_response(&mut self, body: Body<'_>, fields: &mut ResponseFields) -> Result<(), CodecError>;

    /// Forgets what a call has left behind that did not come to its end, because the codec panicked.
    fn reset(&mut self) {}
}

/// The most classes that a model has probabilities of.
pub(crate) const MAX_CLASSES: usize = 4_096;

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodecError {
    /// It is not what the codec reads, or only a part of it.
    Malformed,
    /// It does not say one number of instances.
    UnevenInstances,
    /// It holds more instances or values than are read.
    TooLarge,
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the body is not what the model's codec reads",
            Self::UnevenInstances => "the arrays of the body hold different numbers of instances",
            Self::TooLarge => "the body holds more instances or values than are read",
        })
    }
}

impl StdError for CodecError {}
