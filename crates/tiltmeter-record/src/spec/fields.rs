//! The keys of a mapping, checked against those that the format knows.

use std::collections::BTreeMap;

use super::document::{Data, Entry, Kind, Position};
use super::field::Field;
use super::near::nearest;
use super::problem::Problem;
use crate::quote::Quoted;

/// What begins the keys that are the user's own.
const OWN: &str = "x-";

/// The keys of a mapping in file order, each once.
#[derive(Debug)]
pub(super) struct Fields<'d> {
    path: String,
    at: Position,
    fields: Vec<(&'d str, Field<'d>)>,
}

impl<'d> Fields<'d> {
    /// A mapping whose keys are known. Other keys are problems, except the user's own.
    pub(super) fn known(field: &Field<'d>, known: &[&str], problems: &mut Vec<Problem>) -> Option<Self> {
        let mut fields = Self::any(field, "a mapping", problems)?;
        for (key, field) in &fields.fields {
            if !known.contains(key) {
                let problem = Problem::new(field.key_at, field.path.clone(), "an unknown key");
                problems.push(problem.allow(known.join(", ")).suggest(nearest(key, known.iter().copied())));
            }
        }
        fields.fields.retain(|(key, _)| known.contains(key));
        Some(fields)
    }

    /// A mapping whose keys are names.
    pub(super) fn any(field: &Field<'d>, allowed: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let Data::Mapping(entries) = &field.node.data else {
            problems.push(field.misfit(allowed));
            return None;
        };
        let mut fields = Self { path: field.path.clone(), at: field.key_at, fields: Vec::new() };
        let mut first_lines = BTreeMap::new();
        for Entry { key, value } in entries {
            let Data::Scalar(text, Kind::Text) = &key.data else {
                let found = format!("{} as a key", key.describe());
                problems.push(Problem::new(key.at, field.path.clone(), found).allow("a text"));
                continue;
            };
            if text.starts_with(OWN) {
                continue;
            }
            let path = fields.path_of(text);
            if let Some(first) = first_lines.get(text.as_str()) {
                let found = format!("a duplicate key, which stands in line {first} already");
                problems.push(Problem::new(key.at, path, found).allow("each key once"));
                continue;
            }
            first_lines.insert(text.as_str(), key.at.line);
            fields.fields.push((text, Field { path, key_at: key.at, node: value }));
        }
        Some(fields)
    }

    pub(super) fn optional(&self, key: &str) -> Option<&Field<'d>> {
        self.fields.iter().find(|(known, _)| *known == key).map(|(_, field)| field)
    }

    /// How many: what stands at `key`, a whole number from 1 to `max`, or `default` if nothing does.
    pub(super) fn count_or(
        &self,
        default: usize,
        key: &str,
        max: usize,
        problems: &mut Vec<Problem>,
    ) -> Option<usize> {
        self.optional(key).map_or(Some(default), |field| field.count(max, problems))
    }

    pub(super) fn required(
        &self,
        key: &str,
        allowed: &str,
        problems: &mut Vec<Problem>,
    ) -> Option<&Field<'d>> {
        let field = self.optional(key);
        if field.is_none() {
            let found = "nothing for a required key";
            problems.push(Problem::new(self.at, self.path_of(key), found).allow(allowed));
        }
        field
    }

    /// Of two keys that say the same in different ways only one may be there.
    pub(super) fn one_of(&self, [one, other]: [&str; 2], problems: &mut Vec<Problem>) {
        if let (Some(_), Some(field)) = (self.optional(one), self.optional(other)) {
            problems.push(field.problem(format!("{other} beside {one}")).allow("one of the two"));
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(&'d str, Field<'d>)> {
        self.fields.iter()
    }

    /// The keys may be any text, the path stays one line.
    fn path_of(&self, key: &str) -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        let key = match key.len() {
            1..=64 if key.bytes().all(plain) => key.to_owned(),
            _ => Quoted(key).to_string(),
        };
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }
}
