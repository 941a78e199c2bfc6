//! Pointers, compiled: a tree that a body is walked along once.

use std::collections::HashMap;

use tiltmeter_record::{BodyPointer, Token};

/// A place in a body that is wanted, or on the way to one.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Which of the wanted fields stand here.
    pub(super) slots: Vec<usize>,
    /// Members of an object, or elements of an array by their number.
    pub(super) members: Vec<(Box<str>, Node)>,
    places: HashMap<Box<str>, usize>,
    /// The members whose names are numbers: the elements of an array that are wanted, if it is one.
    elements: HashMap<usize, usize>,
    /// Every element of an array: the instances of a batched request.
    pub(super) each: Option<Box<Each>>,
}

/// Every element of an array.
#[derive(Debug)]
pub(super) struct Each {
    /// Which of the plan's arrays it is.
    pub(super) array: usize,
    pub(super) element: Node,
}

impl Node {
    pub(super) fn is_leaf(&self) -> bool {
        self.members.is_empty() && self.each.is_none()
    }

    /// The place of the member `key`. It is most likely at `hint`, since bodies of one kind have their keys in one order.
    pub(super) fn member(&self, key: &str, hint: usize) -> Option<usize> {
        match self.members.get(hint) {
            Some((name, _)) if **name == *key => Some(hint),
            _ => self.places.get(key).copied(),
        }
    }

    /// What is wanted of element `number` of an array.
    pub(super) fn element(&self, number: usize) -> Option<&Self> {
        self.elements.get(&number).map(|&place| &self.members[place].1)
    }

    fn member_or_new(&mut self, key: &str) -> &mut Self {
        let place = *self.places.entry(key.into()).or_insert_with(|| {
            self.members.push((key.into(), Self::default()));
            let place = self.members.len() - 1;
            if let Some(element) = element_number(key) {
                self.elements.insert(element, place);
            }
            place
        });
        &mut self.members[place].1
    }

    /// Whether a value is wanted where other fields stand inside, or one element of an array where all are: one walk
    /// could not give both.
    fn is_ambiguous(&self) -> bool {
        let here =
            (!self.slots.is_empty() && !self.is_leaf()) || (self.each.is_some() && !self.members.is_empty());
        here || self.members.iter().any(|(_, member)| member.is_ambiguous())
            || self.each.as_ref().is_some_and(|each| each.element.is_ambiguous())
    }
}

/// `key` as the number of an element: `01` and `+1` are names of members only.
fn element_number(key: &str) -> Option<usize> {
    let number = key.parse().ok()?;
    (key == "0" || !key.starts_with(['0', '+'])).then_some(number)
}

/// The fields that are wanted of a body.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) root: Node,
    pub(super) slots: usize,
    /// How many arrays there are whose elements are instances. They are parallel: element `i` of each belongs to instance
    /// `i`.
    pub(super) arrays: usize,
}

impl Plan {
    /// A plan whose slot `i` is `pointers[i]`; `None` is a field that the body does not have.
    pub(super) fn new<'p>(pointers: impl IntoIterator<Item = Option<&'p BodyPointer>>) -> Self {
        let mut plan = Self { root: Node::default(), slots: 0, arrays: 0 };
        for pointer in pointers {
            if let Some(pointer) = pointer {
                plan.add(pointer, plan.slots);
            }
            plan.slots += 1;
        }
        plan
    }

    /// Whether two of the pointers are in each other's way.
    pub(super) fn is_ambiguous(&self) -> bool {
        self.root.is_ambiguous()
    }

    /// Whether there are instances, however many.
    pub(super) fn is_batched(&self) -> bool {
        self.arrays > 0
    }

    fn add(&mut self, pointer: &BodyPointer, slot: usize) {
        let mut node = &mut self.root;
        for token in pointer.tokens() {
            node = match token {
                Token::Each => {
                    let each = node.each.get_or_insert_with(|| {
                        self.arrays += 1;
                        Box::new(Each { array: self.arrays - 1, element: Node::default() })
                    });
                    &mut each.element
                }
                Token::Key(key) => node.member_or_new(key),
            };
        }
        node.slots.push(slot);
    }
}
