//! The value of a key, read as what the format says it is.
//!
//! Every method returns `None` after it has noted the problem, so that a reader goes on and finds the next one.

use std::str::FromStr;
use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

use super::document::{Data, Kind, Node, Position};
use super::near::nearest;
use super::problem::Problem;
use crate::{BodyPointer, NameError};

pub(super) const TEXT: &str = "a text";
pub(super) const DURATION: &str = "a duration above zero such as 30d, 12h or 90s";

#[derive(Debug)]
pub(super) struct Field<'d> {
    /// The field's name from the top of the file on.
    pub(super) path: String,
    /// Where the key stands; for an element of a list, where the element does.
    pub(super) key_at: Position,
    pub(super) node: &'d Node,
}

impl<'d> Field<'d> {
    /// The problem that this value is; its position is the key's when there is no value.
    pub(super) fn problem(&self, found: impl Into<String>) -> Problem {
        let empty = matches!(&self.node.data, Data::Scalar(text, Kind::Null) if text.is_empty());
        let at = if empty { self.key_at } else { self.node.at };
        Problem::new(at, self.path.clone(), found)
    }

    pub(super) fn misfit(&self, allowed: impl Into<String>) -> Problem {
        self.problem(self.node.describe()).allow(allowed)
    }

    /// A text as written; a number or boolean must be in quotes, since other readers of the file would change it.
    fn text(&self, allowed: &str, problems: &mut Vec<Problem>) -> Option<&'d str> {
        match &self.node.data {
            Data::Scalar(text, Kind::Text) => Some(text),
            Data::Scalar(_, Kind::Boolean | Kind::Integer | Kind::Float) => {
                problems.push(
                    self.misfit(format!("{allowed}; what YAML takes for a number or boolean needs quotes")),
                );
                None
            }
            _ => {
                problems.push(self.misfit(allowed));
                None
            }
        }
    }

    pub(super) fn non_empty(&self, allowed: &str, problems: &mut Vec<Problem>) -> Option<String> {
        let text = self.text(allowed, problems)?;
        if text.trim().is_empty() {
            problems.push(self.misfit(allowed));
            return None;
        }
        Some(text.to_owned())
    }

    pub(super) fn name<T>(&self, allowed: &str, problems: &mut Vec<Problem>) -> Option<T>
    where
        T: FromStr<Err = NameError>,
    {
        self.text(allowed, problems)?
            .parse()
            .map_err(|error: NameError| problems.push(self.problem(error.found()).allow(allowed)))
            .ok()
    }

    pub(super) fn pointer(&self, problems: &mut Vec<Problem>) -> Option<BodyPointer> {
        match self.text(BodyPointer::ALLOWED, problems)?.parse::<BodyPointer>() {
            Ok(pointer) => Some(pointer),
            Err(error) => {
                problems.push(self.problem(error.found()).allow(BodyPointer::ALLOWED));
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&self, choices: &[(&str, T)], problems: &mut Vec<Problem>) -> Option<T> {
        let written = match &self.node.data {
            Data::Scalar(text, Kind::Text) => text.as_str(),
            _ => "",
        };
        let chosen = choices.iter().find(|(word, _)| *word == written);
        if chosen.is_none() {
            let words = || choices.iter().map(|(word, _)| *word);
            problems
                .push(self.misfit(words().collect::<Vec<_>>().join(", ")).suggest(nearest(written, words())));
        }
        chosen.map(|(_, choice)| *choice)
    }

    pub(super) fn boolean(&self, problems: &mut Vec<Problem>) -> Option<bool> {
        match &self.node.data {
            Data::Scalar(text, Kind::Boolean) => Some(text.eq_ignore_ascii_case("true")),
            _ => {
                problems.push(self.misfit("true, false"));
                None
            }
        }
    }

    /// The whole number that stands here, if one does.
    pub(super) fn integer(&self) -> Option<i64> {
        match &self.node.data {
            Data::Scalar(text, Kind::Integer) => text.parse().ok(),
            _ => None,
        }
    }

    /// Whether a whole number stands here, of any size.
    pub(super) fn is_integer(&self) -> bool {
        matches!(&self.node.data, Data::Scalar(_, Kind::Integer))
    }

    /// How many: a whole number from 1 to `max`.
    pub(super) fn count(&self, max: usize, problems: &mut Vec<Problem>) -> Option<usize> {
        let count = self.integer().and_then(|count| usize::try_from(count).ok());
        let count = count.filter(|count| (1..=max).contains(count));
        if count.is_none() {
            problems.push(self.misfit(format!("a whole number from 1 to {max}")));
        }
        count
    }

    /// A number for which `fits` holds.
    pub(super) fn number(
        &self,
        allowed: &str,
        fits: fn(f64) -> bool,
        problems: &mut Vec<Problem>,
    ) -> Option<f64> {
        let number = match &self.node.data {
            Data::Scalar(text, Kind::Integer | Kind::Float) => text.parse().ok(),
            _ => None,
        };
        let number = number.filter(|&number: &f64| number.is_finite() && fits(number));
        if number.is_none() {
            problems.push(self.misfit(allowed));
        }
        number
    }

    /// A duration above zero, in jiff's friendly format or ISO 8601. A day is 24 hours, a week 7 days; months and
    /// years have no fixed length and are refused.
    pub(super) fn duration(&self, allowed: &str, problems: &mut Vec<Problem>) -> Option<Duration> {
        let duration = match &self.node.data {
            Data::Scalar(text, Kind::Text) => parse_duration(text),
            _ => None,
        };
        if duration.is_none() {
            problems.push(self.misfit(allowed));
        }
        duration
    }

    /// Whether the value is the bare word `word`.
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(&self.node.data, Data::Scalar(text, Kind::Text) if text == word)
    }

    /// `None` for the bare word `off`.
    pub(super) fn or_off<T>(&self, read: impl FnOnce(&Self) -> Option<T>) -> Option<T> {
        if self.is_word("off") { None } else { read(self) }
    }

    /// The text that stands here, if it is one.
    pub(super) fn word(&self) -> Option<&'d str> {
        match &self.node.data {
            Data::Scalar(text, Kind::Text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_mapping(&self) -> bool {
        matches!(self.node.data, Data::Mapping(_))
    }

    pub(super) fn list(&self, allowed: &str, problems: &mut Vec<Problem>) -> Option<Vec<Field<'d>>> {
        let Data::List(nodes) = &self.node.data else {
            problems.push(self.misfit(allowed));
            return None;
        };
        let element = |(index, node): (usize, &'d Node)| Field {
            path: format!("{}[{index}]", self.path),
            key_at: node.at,
            node,
        };
        Some(nodes.iter().enumerate().map(element).collect())
    }
}

fn parse_duration(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(duration).ok().filter(|duration| !duration.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_positive_and_of_fixed_length() {
        let hours = |hours: u64| Some(Duration::from_secs(hours * 3600));
        for (text, duration) in [
            ("7d", hours(168)),
            ("1w", hours(168)),
            ("1 day 12 hours", hours(36)),
            ("P1D", hours(24)),
            ("90m", Some(Duration::from_secs(5400))),
            ("1.5s", Some(Duration::from_millis(1500))),
        ] {
            assert_eq!(parse_duration(text), duration, "{text}");
        }
        for text in ["", "7", "0d", "-1d", "1d ago", "1mo", "1y", "soon", "99999999999999999999d"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
