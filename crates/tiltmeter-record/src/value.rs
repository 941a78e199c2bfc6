//! The value of one feature or output.

use std::sync::Arc;

/// The value of one feature or output, as it stands in a record.
///
/// `Missing` covers both a field that is absent and one that is `null`: a service that distinguishes them
/// has two features.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Absent or null.
    #[default]
    Missing,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number; JSON has no NaN and no infinities, other codecs may.
    Float(f64),
    /// Text, shared by the rows that have it in common.
    Text(Arc<str>),
}

impl Value {
    /// Whether there is no value.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// The bytes of its text; 0 for what is no text.
    #[must_use]
    pub fn text_size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Missing | Self::Boolean(_) | Self::Integer(_) | Self::Float(_) => 0,
        }
    }
}

macro_rules! value_from {
    ($($from:ty => $variant:ident,)+) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        })+
    };
}

value_from! {
    bool => Boolean,
    i8 => Integer,
    i16 => Integer,
    i32 => Integer,
    i64 => Integer,
    u8 => Integer,
    u16 => Integer,
    u32 => Integer,
    f32 => Float,
    f64 => Float,
    &str => Text,
    String => Text,
    Arc<str> => Text,
}

/// `None` is missing.
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Missing, Into::into)
    }
}
