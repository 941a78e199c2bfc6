//! What a model spec says about personal data.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Keyring, KeyringError};
use crate::{BodyPointer, FeatureName};

/// The spec's `privacy`: what becomes of values before anything sees a prediction.
///
/// What has no rule stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PrivacyPolicy {
    /// The rules of columns of our own.
    pub columns: Vec<(MaskedColumn, Action)>,
    /// The rules of features, each once.
    pub features: Vec<(FeatureName, Action)>,
    /// The rules of segments, by name, each once.
    pub segments: Vec<(Arc<str>, Action)>,
    /// The rule of all segments that have none of their own: `'*'` in the spec.
    pub other_segments: Option<Action>,
    /// The rules of places in `raw_input`.
    pub pointers: Vec<(BodyPointer, Action)>,
    /// The patterns that are looked for in text.
    pub patterns: Vec<PatternRule>,
    /// The detectors that look through text.
    pub detect: Vec<Detector>,
    /// The features that patterns and detectors look through, beside what they always do: `raw_input`, `generated_text`,
    /// `request_id`, `model_version`, the segments and rescued values.
    pub scan: Vec<FeatureName>,
    /// The columns of our own that they look through as well; see [`MaskedColumn::can_be_listed`].
    pub scan_columns: Vec<MaskedColumn>,
    /// Where the keys of hashes come from. `None`: the application hands them over.
    pub hash_key: Option<KeySource>,
}

impl PrivacyPolicy {
    /// Whether any rule hashes, so that keys are needed.
    #[must_use]
    pub fn hashes(&self) -> bool {
        let columns = self.columns.iter().map(|(_, action)| action);
        let features = self.features.iter().map(|(_, action)| action);
        let segments = self.segments.iter().map(|(_, action)| action).chain(&self.other_segments);
        let pointers = self.pointers.iter().map(|(_, action)| action);
        let patterns = self.patterns.iter().map(|rule| &rule.action);
        let mut all = columns.chain(features).chain(segments).chain(pointers).chain(patterns);
        all.any(|action| *action == Action::Hash)
    }

    /// Whether text is looked through by patterns or detectors.
    #[must_use]
    pub fn looks_through(&self) -> bool {
        !self.patterns.is_empty() || !self.detect.is_empty()
    }

    /// Whether rules are applied at places in `raw_input`, which they miss in a body of another shape.
    #[must_use]
    pub fn has_places(&self) -> bool {
        let entity_id = self.columns.iter().any(|(column, _)| *column == MaskedColumn::EntityId);
        entity_id || !self.features.is_empty() || !self.pointers.is_empty()
    }
}

/// What becomes of a value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// It is removed: NULL in a column, `null` at a pointer, an empty text in `request_id` and in a segment, nothing in
    /// the place of a pattern.
    Drop,
    /// Text: `***` and its last `keep_last` characters, or `***` alone when it has fewer than twice as many, so that
    /// never more than half of a text stays.
    Mask {
        /// How many characters stay.
        keep_last: usize,
    },
    /// Text: a keyed hash, see [`Keyring::hash`].
    Hash,
    /// Text: its first characters.
    Truncate {
        /// How many characters stay; above zero.
        keep_first: usize,
    },
    /// Numbers: the largest of these bounds that is not above the number; NULL below the first bound.
    Bucket {
        /// The bounds: at least one, finite, ascending.
        bounds: Arc<[f64]>,
    },
    /// Numbers: the nearest multiple of `step`, of two the one farther from zero.
    Round {
        /// The step: finite, above zero.
        step: f64,
    },
}

/// A column of our own that may have a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum MaskedColumn {
    /// `entity_id`.
    EntityId,
    /// `request_id`.
    RequestId,
    /// `model_version`: dropped or hashed.
    ModelVersion,
    /// `prediction`.
    Prediction,
    /// `class_probabilities`: the names of the classes.
    ClassProbabilities,
    /// `ranking`: the names of the items.
    Ranking,
    /// `generated_text`.
    GeneratedText,
    /// `raw_input`.
    RawInput,
}

impl MaskedColumn {
    /// All of them, in the order in which they are applied.
    pub const ALL: [Self; 8] = [
        Self::EntityId,
        Self::RequestId,
        Self::ModelVersion,
        Self::Prediction,
        Self::ClassProbabilities,
        Self::Ranking,
        Self::GeneratedText,
        Self::RawInput,
    ];

    /// The name of the column.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EntityId => "entity_id",
            Self::RequestId => "request_id",
            Self::ModelVersion => "model_version",
            Self::Prediction => "prediction",
            Self::ClassProbabilities => "class_probabilities",
            Self::Ranking => "ranking",
            Self::GeneratedText => "generated_text",
            Self::RawInput => "raw_input",
        }
    }

    /// Whether `scan` may list it. The others are looked through in any case; these only on demand, because a number of an
    /// entity or an item that happens to look like a card's would be replaced.
    #[must_use]
    pub fn can_be_listed(self) -> bool {
        matches!(self, Self::EntityId | Self::Prediction | Self::ClassProbabilities | Self::Ranking)
    }
}

/// A regular expression, and what becomes of each of its matches.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PatternRule {
    /// The expression, in the syntax of the crate `regex`; it never matches an empty text.
    pub pattern: String,
    /// Drop, mask, hash or truncate.
    pub action: Action,
}

/// What finds personal data in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Detector {
    /// E-mail addresses.
    Email,
    /// Telephone numbers.
    Phone,
    /// International bank account numbers.
    Iban,
    /// Numbers of payment cards.
    Card,
    /// IP addresses, of both versions.
    Ip,
}

impl Detector {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Email, Self::Phone, Self::Iban, Self::Card, Self::Ip];

    /// The word that stands in the spec.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Iban => "iban",
            Self::Card => "card",
            Self::Ip => "ip",
        }
    }

    /// What stands in the place of what was found.
    #[must_use]
    pub fn replacement(self) -> &'static str {
        match self {
            Self::Email => "<email>",
            Self::Phone => "<phone>",
            Self::Iban => "<iban>",
            Self::Card => "<card>",
            Self::Ip => "<ip>",
        }
    }

    pub(super) fn index(self) -> usize {
        self as usize
    }
}

/// Where the keys of hashes come from. Never the key itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySource {
    /// The environment variable of that name.
    Env(String),
    /// The file at that path; a relative one is looked for in the working directory of the process.
    File(PathBuf),
}

impl KeySource {
    /// Reads the keys.
    ///
    /// # Errors
    /// As [`Keyring::from_env`] and [`Keyring::from_file`].
    pub fn load(&self) -> Result<Keyring, KeyringError> {
        match self {
            Self::Env(name) => Keyring::from_env(name),
            Self::File(path) => Keyring::from_file(path),
        }
    }
}
