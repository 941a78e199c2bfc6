//! Pointers, compiled: a tree that a body is walked along once.

use std::collections::HashMap;
use std::sync::Arc;

use tiltmeter_record::{BodyPointer, Token};

/// A place in a body that is wanted, or on the way to one.
#[derive(Debug)]
pub(super) struct Node<S> {
    /// Which of the wanted fields stand here.
    pub(super) slots: Vec<S>,
    /// What is read of an array or object that stands here.
    pub(super) shape: Shape,
    /// Members of an object, or elements of an array by their number.
    pub(super) members: Vec<(Box<str>, Node<S>)>,
    places: HashMap<Box<str>, usize>,
    /// The members whose names are numbers: the elements of an array that are wanted, if it is one.
    elements: HashMap<usize, usize>,
    /// Every element of an array: the instances of a batched request.
    pub(super) each: Option<Box<Each<S>>>,
}

/// Every element of an array.
#[derive(Debug)]
pub(super) struct Each<S> {
    /// Which of the plan's arrays it is.
    pub(super) array: usize,
    pub(super) element: Node<S>,
}

/// What is read of an array or object that stands where a field is wanted.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// A single value is wanted: as much as is rescued.
    Single,
    /// Numbers by class.
    Probabilities,
    /// Items: one more than the `max_items` that are kept, and of each only these members, if it has members.
    Ranking { members: [Option<Arc<str>>; 2], max_items: usize },
}

impl<S> Default for Node<S> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            shape: Shape::Single,
            members: Vec::new(),
            places: HashMap::new(),
            elements: HashMap::new(),
            each: None,
        }
    }
}

impl<S> Node<S> {
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

    fn add_to_each(&mut self, key: &str, slot: S)
    where
        S: Copy,
    {
        for (_, member) in &mut self.members {
            member.add_to_each(key, slot);
        }
        let Some(each) = &mut self.each else { return };
        // an element that is a value itself has no members
        if each.element.is_leaf() {
            return;
        }
        let member = each.element.member_or_new(key);
        if member.is_leaf() {
            member.slots.push(slot);
        }
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
pub(super) fn element_number(key: &str) -> Option<usize> {
    let number = key.parse().ok()?;
    (key == "0" || !key.starts_with(['0', '+'])).then_some(number)
}

/// The fields that are wanted of a body.
#[derive(Debug)]
pub(super) struct Plan<S> {
    pub(super) root: Node<S>,
    /// How many arrays there are whose elements are instances. They are parallel: element `i` of each belongs to instance
    /// `i`.
    pub(super) arrays: usize,
    /// Whether a body without any of the arrays is of another kind than the one that is described.
    pub(super) needs_arrays: bool,
}

impl<S> Default for Plan<S> {
    fn default() -> Self {
        Self { root: Node::default(), arrays: 0, needs_arrays: true }
    }
}

impl<S> Plan<S> {
    /// Whether two of the pointers are in each other's way.
    pub(super) fn is_ambiguous(&self) -> bool {
        self.root.is_ambiguous()
    }

    /// Whether there are instances, however many.
    pub(super) fn is_batched(&self) -> bool {
        self.arrays > 0
    }

    /// Wants the field that stands at `pointer`.
    pub(super) fn add(&mut self, pointer: &BodyPointer, slot: S, shape: Shape) {
        self.add_tokens(pointer.tokens(), slot, shape);
    }

    /// Wants the field to which `tokens` lead.
    pub(super) fn add_tokens<'t>(
        &mut self,
        tokens: impl IntoIterator<Item = &'t Token>,
        slot: S,
        shape: Shape,
    ) {
        let mut node = &mut self.root;
        for token in tokens {
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
        // of several fields at one place the one that can use the most says what is read
        if shape != Shape::Single {
            node.shape = shape;
        }
    }

    /// Wants the member `key` of every instance, where nothing else is wanted there or inside of it.
    pub(super) fn add_to_each(&mut self, key: &str, slot: S)
    where
        S: Copy,
    {
        self.root.add_to_each(key, slot);
    }
}
