//! A YAML document as a tree whose nodes know their place.
//!
//! Built from the parser's events without recursion. Aliases are leaves, never expanded, and nesting is bounded:
//! no file is small and yet costs much memory or stack.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};

use super::problem::Problem;
use crate::quote::Quoted;

/// The deepest nesting of a document.
const MAX_DEPTH: usize = 32;

/// A place in the text, both counted from 1; the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Position {
    pub(super) const START: Self = Self { line: 1, column: 1 };

    fn of(marker: Marker) -> Self {
        Self { line: marker.line().max(1), column: marker.col() + 1 }
    }
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) data: Data,
}

#[derive(Debug)]
pub(super) enum Data {
    /// A leaf, as written.
    Scalar(String, Kind),
    List(Vec<Node>),
    Mapping(Vec<Entry>),
    Alias,
    /// A node with a tag, without what stands in it: this format has no tags.
    Tagged,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Node,
    pub(super) value: Node,
}

/// What a scalar is in the core schema of YAML 1.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Boolean,
    Integer,
    Float,
    Text,
}

impl Kind {
    fn of(text: &str, style: ScalarStyle) -> Self {
        if style != ScalarStyle::Plain {
            return Self::Text;
        }
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Self::Boolean,
            ".nan" | ".NaN" | ".NAN" => Self::Float,
            _ => Self::of_number(text),
        }
    }

    fn of_number(text: &str) -> Self {
        let all = |digits: &str, is_digit: fn(&u8) -> bool| {
            !digits.is_empty() && digits.as_bytes().iter().all(is_digit)
        };
        if text.strip_prefix("0x").is_some_and(|digits| all(digits, u8::is_ascii_hexdigit))
            || text
                .strip_prefix("0o")
                .is_some_and(|digits| all(digits, |digit| (b'0'..=b'7').contains(digit)))
        {
            return Self::Integer;
        }
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        if all(unsigned, u8::is_ascii_digit) {
            return Self::Integer;
        }
        let infinite = matches!(unsigned, ".inf" | ".Inf" | ".INF");
        // Rust reads the same floats, and beyond them words such as `inf` and `nan`
        if infinite
            || (unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') && text.parse::<f64>().is_ok())
        {
            return Self::Float;
        }
        Self::Text
    }
}

impl Node {
    /// What stands here, for a message.
    pub(super) fn describe(&self) -> String {
        match &self.data {
            Data::Scalar(text, Kind::Text) => Quoted(text).to_string(),
            Data::Scalar(text, Kind::Null) if text.is_empty() => "nothing".to_owned(),
            Data::Scalar(_, Kind::Null) => "null".to_owned(),
            Data::Scalar(text, Kind::Boolean) => format!("the boolean {text}"),
            Data::Scalar(text, _) if text.len() > 40 => "a very long number".to_owned(),
            Data::Scalar(text, _) => format!("the number {text}"),
            Data::List(_) => "a list".to_owned(),
            Data::Mapping(_) => "a mapping".to_owned(),
            Data::Alias => "an alias".to_owned(),
            Data::Tagged => "a tagged value".to_owned(),
        }
    }
}

/// A collection whose end has not been seen yet.
struct Open {
    at: Position,
    tagged: bool,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    Mapping(Vec<Entry>, Option<Node>),
}

/// The document of a text; `None` when it has none.
pub(super) fn load(text: &str) -> Result<Option<Node>, Problem> {
    let mut root = None;
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| syntax(&error))?;
        let at = Position::of(span.start);
        let (data, at) = match event {
            Event::DocumentStart(_) if root.is_some() => {
                return Err(Problem::new(at, "", "a second document").allow("one document in a file"));
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => continue,
            Event::SequenceStart(_, tag) => {
                open.push(Open { at, tagged: tag.is_some(), items: Items::List(Vec::new()) });
                bound(&open)?;
                continue;
            }
            Event::MappingStart(_, tag) => {
                open.push(Open { at, tagged: tag.is_some(), items: Items::Mapping(Vec::new(), None) });
                bound(&open)?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open { at, tagged: true, .. }) => (Data::Tagged, at),
                Some(Open { at, items: Items::List(nodes), .. }) => (Data::List(nodes), at),
                Some(Open { at, items: Items::Mapping(entries, _), .. }) => (Data::Mapping(entries), at),
                None => continue,
            },
            Event::Alias(_) => (Data::Alias, at),
            Event::Scalar(_, _, _, Some(_)) => (Data::Tagged, at),
            Event::Scalar(text, style, _, None) => {
                let kind = Kind::of(&text, style);
                (Data::Scalar(text.into_owned(), kind), at)
            }
        };
        let node = Node { at, data };
        match open.last_mut().map(|open| &mut open.items) {
            None => root = Some(node),
            Some(Items::List(nodes)) => nodes.push(node),
            Some(Items::Mapping(entries, key)) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push(Entry { key, value: node }),
            },
        }
    }
    Ok(root)
}

fn bound(open: &[Open]) -> Result<(), Problem> {
    match open.last() {
        Some(innermost) if open.len() > MAX_DEPTH => {
            let found = format!("more than {MAX_DEPTH} levels of nesting");
            Err(Problem::new(innermost.at, "", found).allow("a model spec, which has 4"))
        }
        _ => Ok(()),
    }
}

fn syntax(error: &ScanError) -> Problem {
    let at = Position::of(*error.marker());
    Problem::new(at, "", format!("invalid YAML at column {}: {}", at.column, error.info()))
}
