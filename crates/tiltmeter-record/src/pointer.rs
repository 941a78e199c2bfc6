//! Where a field stands in the body of a request or response.

use std::error::Error as StdError;
use std::fmt;
use std::str::FromStr;

use crate::FeatureName;
use crate::quote::Quoted;

/// The place of a field in a body: a JSON pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)) in which
/// one token may be `*`, every element of an array.
///
/// The empty pointer is the whole body. In a token `~1` stands for `/` and `~0` for `~`. A token of digits is a
/// member of that name in an object, and the element of that number, from 0, in an array.
///
/// The elements that `*` stands for are the *instances* of a batched request, each of which is one prediction.
/// Several such arrays in one body are parallel: element `i` of each belongs to instance `i`. A member whose name is `*` has no pointer.
///
/// ```
/// use tiltmeter_record::{BodyPointer, Token};
///
/// let pointer: BodyPointer = "/instances/*/dep_delay".parse()?;
/// assert!(pointer.is_per_instance());
/// assert_eq!(pointer.tokens()[1], Token::Each);
/// # Ok::<(), tiltmeter_record::PointerError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BodyPointer {
    tokens: Box<[Token]>,
}

/// A step into a body.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Token {
    /// The member of an object; if it is a number, also the element of an array. Unescaped.
    Key(Box<str>),
    /// Every element of an array.
    Each,
}

impl BodyPointer {
    /// The most tokens of a pointer: walking along one and dropping what was made of it may recurse.
    pub const MAX_TOKENS: usize = 64;

    /// What is allowed, in words.
    pub(crate) const ALLOWED: &'static str =
        "a JSON pointer such as /score or /instances/*/score, with '*' at most once";

    /// The steps from the whole body to the field.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Whether the field stands once in every instance; otherwise it stands once in the body.
    #[must_use]
    pub fn is_per_instance(&self) -> bool {
        self.tokens.contains(&Token::Each)
    }

    /// Whether this may point at the value that `other` points at, or at one that has it inside: `/a` covers `/a/*/b`,
    /// and `/a/0` does.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let meets = |(own, others): (&Token, &Token)| match (own, others) {
            (Token::Each, Token::Key(key)) | (Token::Key(key), Token::Each) => {
                key.bytes().all(|byte| byte.is_ascii_digit())
            }
            (own, others) => own == others,
        };
        self.tokens.len() <= other.tokens.len() && self.tokens.iter().zip(&other.tokens).all(meets)
    }

    /// The member `key` of what this points at.
    ///
    /// The result may have one token more than [`MAX_TOKENS`](Self::MAX_TOKENS).
    #[must_use]
    pub fn join(&self, key: &FeatureName) -> Self {
        let key = Token::Key(key.as_str().into());
        Self { tokens: self.tokens.iter().cloned().chain([key]).collect() }
    }
}

impl FromStr for BodyPointer {
    type Err = PointerError;

    fn from_str(text: &str) -> Result<Self, PointerError> {
        let fail = |reason| Err(PointerError { found: Quoted(text).to_string(), reason });
        if text.is_empty() {
            return Ok(Self::default());
        }
        let Some(steps) = text.strip_prefix('/') else {
            return fail("it does not start with '/'");
        };
        if steps.split('/').nth(Self::MAX_TOKENS).is_some() {
            return fail("it has more than 64 tokens");
        }
        let mut tokens = Vec::new();
        for step in steps.split('/') {
            if step != "*" {
                match unescape(step) {
                    Some(key) => tokens.push(Token::Key(key)),
                    None => return fail("'~' is not followed by 0 or 1"),
                }
            } else if tokens.contains(&Token::Each) {
                return fail("'*' stands in it more than once");
            } else {
                tokens.push(Token::Each);
            }
        }
        Ok(Self { tokens: tokens.into() })
    }
}

/// `None` when a `~` is not the beginning of an escape.
fn unescape(step: &str) -> Option<Box<str>> {
    let mut parts = step.split('~');
    let mut key = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (sign, rest) = match part.as_bytes().first()? {
            b'0' => ('~', &part[1..]),
            b'1' => ('/', &part[1..]),
            _ => return None,
        };
        key.push(sign);
        key.push_str(rest);
    }
    Some(key.into())
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Each => f.write_str("*"),
            Self::Key(key) => f.write_str(&key.replace('~', "~0").replace('/', "~1")),
        }
    }
}

impl fmt::Display for BodyPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tokens.iter().try_for_each(|token| write!(f, "/{token}"))
    }
}

/// A text that is not a pointer into a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointerError {
    found: String,
    reason: &'static str,
}

impl PointerError {
    /// What was found, in quotes, and what is wrong with it.
    pub(crate) fn found(&self) -> String {
        format!("{} ({})", self.found, self.reason)
    }
}

impl fmt::Display for PointerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a pointer into a body: {}", self.found, self.reason)
    }
}

impl StdError for PointerError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> Token {
        Token::Key(text.into())
    }

    #[test]
    fn reads_the_examples_of_the_rfc() {
        let cases: [(&str, Vec<Token>); 9] = [
            ("", vec![]),
            ("/foo", vec![key("foo")]),
            ("/foo/0", vec![key("foo"), key("0")]),
            ("/", vec![key("")]),
            ("/a~1b", vec![key("a/b")]),
            ("/m~0n", vec![key("m~n")]),
            ("/~01", vec![key("~1")]),
            ("/ /k\"l", vec![key(" "), key("k\"l")]),
            ("/*/a*/**", vec![Token::Each, key("a*"), key("**")]),
        ];
        for (text, tokens) in cases {
            assert_eq!(text.parse::<BodyPointer>().unwrap().tokens(), tokens, "{text:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_pointer() {
        let long = "/a".repeat(65);
        for text in ["a", "a/b", "/~", "/~2", "/a~", "/~~0", "/*/a/*", "*", "#/a", &long] {
            assert!(text.parse::<BodyPointer>().is_err(), "{text:?}");
        }
        insta::assert_snapshot!(
            "/a/*/*".parse::<BodyPointer>().unwrap_err(),
            @r#""/a/*/*" is not a pointer into a body: '*' stands in it more than once"#
        );
    }

    #[test]
    fn covers_what_it_may_point_at() {
        let covers = |own: &str, other: &str| {
            own.parse::<BodyPointer>().unwrap().covers(&other.parse::<BodyPointer>().unwrap())
        };
        for (own, other) in [("", "/a"), ("/a", "/a"), ("/a", "/a/b"), ("/a/0", "/a/*/b"), ("/a/*", "/a/0/b")]
        {
            assert!(covers(own, other), "{own} {other}");
        }
        for (own, other) in [("/a/b", "/a"), ("/b", "/a/b"), ("/a/x", "/a/*/b"), ("/a/*", "/a/x")] {
            assert!(!covers(own, other), "{own} {other}");
        }
    }

    #[test]
    fn knows_its_instances() {
        let shared: BodyPointer = "/score".parse().unwrap();
        assert!(!shared.is_per_instance());
        let each: BodyPointer = "/*".parse().unwrap();
        assert!(each.is_per_instance());
        let joined = each.join(&"dep_delay".parse().unwrap());
        assert_eq!(joined.to_string(), "/*/dep_delay");
    }

    proptest! {
        #[test]
        fn what_is_read_is_written(text in "(/([a-z0-9*/ é]|~0|~1){0,4}){0,6}") {
            if let Ok(pointer) = text.parse::<BodyPointer>() {
                prop_assert_eq!(pointer.to_string(), text);
            }
        }

        #[test]
        fn what_is_written_is_read(keys in prop::collection::vec(any::<String>(), 0..6), each in 0..8_usize) {
            let mut tokens: Vec<Token> = keys.iter().filter(|key| *key != "*").map(|text| key(text)).collect();
            if each <= tokens.len() {
                tokens.insert(each, Token::Each);
            }
            let pointer = BodyPointer { tokens: tokens.into() };
            prop_assert_eq!(pointer.to_string().parse::<BodyPointer>(), Ok(pointer));
        }

        #[test]
        fn any_text_is_a_pointer_or_an_error(text in any::<String>()) {
            let _ = text.parse::<BodyPointer>();
        }
    }
}
