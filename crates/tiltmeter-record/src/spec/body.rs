//! The pointers into one body, which must not be in each other's way.
//!
//! A body is walked along once, and each value in it is either taken or entered: no field stands inside of another,
//! and an array is entered by `*` or by number. Fields at one place are not in each other's way.

use std::collections::HashMap;

use super::field::Field;
use super::problem::Problem;
use crate::quote::Quoted;
use crate::{BodyPointer, Token};

/// The fields of one body, as a tree of the pointers' tokens: a file may have too many to compare each with each.
#[derive(Debug)]
pub(super) struct Body {
    nodes: Vec<Node>,
    has_instances: bool,
    clashes: Vec<Problem>,
}

/// A place in a body.
#[derive(Debug, Default)]
struct Node {
    /// The first field that stands here.
    field: Option<Named>,
    /// The first field that led to each of the two kinds of children.
    through_member: Option<Named>,
    through_each: Option<Named>,
    members: HashMap<Box<str>, usize>,
    each: Option<usize>,
}

/// A field and its line, in words.
type Named = std::rc::Rc<str>;

impl Default for Body {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], has_instances: false, clashes: Vec::new() }
    }
}

impl Body {
    /// Reads a pointer into this body.
    pub(super) fn pointer(&mut self, field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<BodyPointer> {
        let pointer = field.pointer(problems)?;
        self.add(field, &pointer);
        Some(pointer)
    }

    /// Adds what stands at `pointer`; `field` is what says so. Of two that clash, the second has the problem.
    pub(super) fn add(&mut self, field: &Field<'_>, pointer: &BodyPointer) {
        self.has_instances |= pointer.is_per_instance();
        match self.clash(pointer) {
            Some((fault, allowed)) => {
                let found = format!("{} ({fault})", Quoted(&pointer.to_string()));
                self.clashes.push(field.problem(found).allow(allowed));
            }
            None => self.insert(pointer, format!("{} in line {}", field.path, field.key_at.line).into()),
        }
    }

    /// Whether one of the fields stands in every instance.
    pub(super) fn has_instances(&self) -> bool {
        self.has_instances
    }

    /// The problems of fields that are in the way of one that was added before.
    pub(super) fn into_clashes(self) -> Vec<Problem> {
        self.clashes
    }

    /// What is wrong with a pointer beside those that are there, and what is allowed.
    fn clash(&self, pointer: &BodyPointer) -> Option<(String, &'static str)> {
        const APART: &str = "fields of which none stands inside of another";
        const EITHER: &str = "for one array '*' or elements by number, not both";
        let mut node = &self.nodes[0];
        for token in pointer.tokens() {
            if let Some(outer) = &node.field {
                return Some((format!("it stands inside of {outer}"), APART));
            }
            let next = match (token, &node.through_member, &node.through_each) {
                (Token::Key(_), _, Some(other)) => {
                    return Some((format!("it has one element where {other} has '*'"), EITHER));
                }
                (Token::Each, Some(other), _) => {
                    return Some((format!("it has '*' where {other} has one element"), EITHER));
                }
                (Token::Key(key), ..) => node.members.get(key).copied(),
                (Token::Each, ..) => node.each,
            };
            node = &self.nodes[next?];
        }
        let inner = node.through_member.as_ref().or(node.through_each.as_ref())?;
        Some((format!("{inner} stands inside of it"), APART))
    }

    fn insert(&mut self, pointer: &BodyPointer, name: Named) {
        let mut at = 0;
        for token in pointer.tokens() {
            let new = self.nodes.len();
            let node = &mut self.nodes[at];
            at = match token {
                Token::Key(key) => {
                    node.through_member.get_or_insert_with(|| name.clone());
                    match node.members.get(key) {
                        Some(&member) => member,
                        None => {
                            node.members.insert(key.clone(), new);
                            new
                        }
                    }
                }
                Token::Each => {
                    node.through_each.get_or_insert_with(|| name.clone());
                    *node.each.get_or_insert(new)
                }
            };
            if at == new {
                self.nodes.push(Node::default());
            }
        }
        self.nodes[at].field.get_or_insert(name);
    }
}
