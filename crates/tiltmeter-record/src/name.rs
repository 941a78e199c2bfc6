//! Names that come from outside, validated once.
//!
//! A value of these types is safe as a path segment, as the value of a label, and inside quotes in SQL.

use std::error::Error as StdError;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::quote::Quoted;

/// What a kind of name may look like.
struct Rule {
    what: &'static str,
    allowed: &'static str,
    max_len: usize,
    first: fn(u8) -> bool,
    rest: fn(u8) -> bool,
}

impl Rule {
    fn check(&self, text: &str) -> Result<Arc<str>, NameError> {
        let fits = match text.as_bytes() {
            [first, rest @ ..] => {
                rest.len() < self.max_len
                    && (self.first)(*first)
                    && rest.iter().all(|&byte| (self.rest)(byte))
            }
            [] => false,
        };
        if fits {
            Ok(text.into())
        } else {
            Err(NameError { found: Quoted(text).to_string(), what: self.what, allowed: self.allowed })
        }
    }
}

const MODEL_NAME: Rule = Rule {
    what: "model name",
    allowed: "1 to 64 letters, digits, '.', '_' and '-', the first a letter or digit",
    max_len: 64,
    first: |byte| byte.is_ascii_alphanumeric(),
    rest: |byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte),
};

const MODEL_VERSION: Rule = Rule {
    what: "model version",
    allowed: "1 to 128 letters, digits, '.', '_', '+', ':', '@' and '-', the first a letter or digit",
    max_len: 128,
    first: |byte| byte.is_ascii_alphanumeric(),
    rest: |byte| byte.is_ascii_alphanumeric() || b"._+:@-".contains(&byte),
};

const FEATURE_NAME: Rule = Rule {
    what: "feature name",
    allowed: "1 to 63 letters, digits and '_', the first not a digit",
    max_len: 63,
    first: |byte| byte.is_ascii_alphabetic() || byte == b'_',
    rest: |byte| byte.is_ascii_alphanumeric() || byte == b'_',
};

/// A text that is not a valid name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    found: String,
    what: &'static str,
    allowed: &'static str,
}

impl NameError {
    /// What was found, in quotes.
    pub(crate) fn found(&self) -> &str {
        &self.found
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a {}, allowed: {}", self.found, self.what, self.allowed)
    }
}

impl StdError for NameError {}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $rule:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// What is allowed, in words.
            pub(crate) const ALLOWED: &'static str = $rule.allowed;

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                $rule.check(text).map(Self)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = NameError;

            fn try_from(text: &str) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }
    };
}

name! {
    /// The name of a model: 1 to 64 ASCII letters, digits, `.`, `_` and `-`, the first a letter or digit.
    ///
    /// ```
    /// use tiltmeter_record::ModelName;
    ///
    /// let name: ModelName = "flight-delay".parse()?;
    /// assert_eq!(name.as_str(), "flight-delay");
    /// assert!("../etc".parse::<ModelName>().is_err());
    /// # Ok::<(), tiltmeter_record::NameError>(())
    /// ```
    ModelName, MODEL_NAME
}

name! {
    /// The version of a model: 1 to 128 ASCII letters, digits, `.`, `_`, `+`, `:`, `@` and `-`, the first a letter
    /// or digit. What a registry or a build calls it; versions are compared as text, not as numbers.
    ModelVersion, MODEL_VERSION
}

name! {
    /// The name of a feature: 1 to 63 ASCII letters, digits and `_`, the first not a digit.
    ///
    /// Names that differ only in case are two names here, and are refused together in one model spec.
    FeatureName, FEATURE_NAME
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_everywhere() {
        let longest = "m".repeat(64);
        for good in ["m", "0", "flight-delay", "a.b_c-1", "a..b", &longest] {
            assert_eq!(ModelName::try_from(good).unwrap().as_str(), good);
        }
        let too_long = "m".repeat(65);
        for bad in
            ["", ".", "..", ".a", "-a", "_a", "a/b", "a b", "a'b", "a\\b", "a\n", "é", "a\0", &too_long]
        {
            assert!(ModelName::try_from(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn versions_may_look_like_tags_and_digests() {
        let longest = "1".repeat(128);
        for good in ["gbm-1", "1.2.3+build.7", "sha256:0a1b", "model@v2", &longest] {
            assert_eq!(ModelVersion::try_from(good).unwrap().as_str(), good);
        }
        let too_long = "1".repeat(129);
        for bad in ["", "..", "a/b", "a\"b", "a'b", "a b", "a\\b", "+1", "ü", &too_long] {
            assert!(ModelVersion::try_from(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn features_are_identifiers() {
        let longest = "f".repeat(63);
        for good in ["a", "_a", "dep_delay", "X1", &longest] {
            assert_eq!(FeatureName::try_from(good).unwrap().as_str(), good);
        }
        let too_long = "f".repeat(64);
        for bad in ["", "1a", "a-b", "a.b", "a b", "*", &too_long] {
            assert!(FeatureName::try_from(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_error_says_what_is_allowed() {
        insta::assert_snapshot!(
            ModelName::try_from("a b").unwrap_err(),
            @r#""a b" is not a model name, allowed: 1 to 64 letters, digits, '.', '_' and '-', the first a letter or digit"#
        );
    }

    #[test]
    fn shows_itself() {
        let name = ModelName::try_from("churn").unwrap();
        assert_eq!((name.to_string(), format!("{name:?}")), ("churn".into(), r#"ModelName("churn")"#.into()));
    }
}
