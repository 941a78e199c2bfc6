//! One walk over a JSON text along a [`Plan`].

use std::fmt;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::plan::{Each, Node, Plan};
use super::tree::{Budget, Tree};
use crate::codec::{CodecError, FieldValue, Fields, Slot};

/// What a walk needs to know of the text it has read.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The length of each array of the plan, where the text has it.
    lengths: Vec<Option<usize>>,
    budget: Budget,
    has_too_many: bool,
}

/// Reads the fields that `plan` wants out of `text`.
pub(super) fn walk<S: Slot>(
    plan: &Plan<S>,
    text: &str,
    fields: &mut Fields<S>,
    scratch: &mut Scratch,
) -> Result<(), CodecError> {
    scratch.lengths.clear();
    scratch.lengths.resize(plan.arrays, None);
    scratch.budget.refill();
    scratch.has_too_many = false;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let walk = Walk { node: &plan.root, instance: None, fields, scratch };
    walk.deserialize(&mut deserializer).and_then(|()| deserializer.end()).map_err(|_| {
        let is_too_large = scratch.has_too_many || scratch.budget.is_spent();
        if is_too_large { CodecError::TooLarge } else { CodecError::Malformed }
    })?;
    if plan.is_batched() {
        let mut lengths = scratch.lengths.iter().flatten();
        // without any of the arrays it is another kind of body than the spec describes
        let Some(&length) = lengths.next() else {
            return if plan.needs_arrays { Err(CodecError::Malformed) } else { Ok(()) };
        };
        if lengths.any(|other| *other != length) {
            return Err(CodecError::UnevenInstances);
        }
        fields.set_instances(length)?;
    }
    Ok(())
}

/// Walks the value that comes next, which stands at `node`.
struct Walk<'p, 'f, S> {
    node: &'p Node<S>,
    instance: Option<usize>,
    fields: &'f mut Fields<S>,
    scratch: &'f mut Scratch,
}

fn set<S: Slot>(fields: &mut Fields<S>, instance: Option<usize>, slot: S, value: FieldValue) {
    match instance {
        Some(instance) => fields.set_of(instance, slot, value),
        None => fields.set(slot, value),
    }
}

impl<S: Slot> Walk<'_, '_, S> {
    fn set(self, value: FieldValue) {
        if let Some((&last, others)) = self.node.slots.split_last() {
            for &slot in others {
                set(self.fields, self.instance, slot, value.clone());
            }
            set(self.fields, self.instance, last, value);
        }
    }
}

/// Forgets all that stands at or below `node`, before it is walked: its key may come a second time, and of duplicate keys
/// the last counts.
fn forget<S: Slot>(node: &Node<S>, instance: Option<usize>, fields: &mut Fields<S>, scratch: &mut Scratch) {
    for &slot in &node.slots {
        set(fields, instance, slot, FieldValue::Missing);
    }
    for (_, member) in &node.members {
        forget(member, instance, fields, scratch);
    }
    if let Some(each) = &node.each {
        for place in 0..scratch.lengths[each.array].take().unwrap_or(0) {
            forget(&each.element, Some(place), fields, scratch);
        }
    }
}

impl<'de, S: Slot> DeserializeSeed<'de> for Walk<'_, '_, S> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Slot> Visitor<'de> for Walk<'_, '_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.set(FieldValue::Boolean(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.set(FieldValue::Integer(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.set(FieldValue::from_unsigned(value));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.set(FieldValue::Float(value));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        if !self.node.slots.is_empty() {
            self.set(FieldValue::Text(value.into()));
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.set(FieldValue::Missing);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { node, instance, fields, scratch } = self;
        if node.is_leaf() {
            let value = Tree::new(&node.shape, &mut scratch.budget).visit_map(map)?;
            Walk { node, instance, fields, scratch }.set(value);
            return Ok(());
        }
        let mut hint = 0;
        while let Some(place) = map.next_key_seed(MemberKey { node, hint })? {
            match place {
                Some(place) => {
                    hint = place + 1;
                    let node = &node.members[place].1;
                    // what a leaf had is overwritten anyway
                    if !node.is_leaf() {
                        forget(node, instance, fields, scratch);
                    }
                    map.next_value_seed(Walk { node, instance, fields, scratch })?;
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { node, instance, fields, scratch } = self;
        if node.is_leaf() {
            let value = Tree::new(&node.shape, &mut scratch.budget).visit_seq(seq)?;
            Walk { node, instance, fields, scratch }.set(value);
            return Ok(());
        }
        if let Some(each) = &node.each {
            scratch.lengths[each.array] = Some(0);
        }
        let mut place = 0_usize;
        loop {
            // a pointer has one `*` at most, so that instances never nest
            let element = match &node.each {
                Some(each) => Element::Instance(each),
                None => node.element(place).map_or(Element::Skipped, Element::Numbered),
            };
            let walk = ElementWalk { element, instance, fields: &mut *fields, scratch: &mut *scratch };
            if seq.next_element_seed(walk)?.is_none() {
                return Ok(());
            }
            place += 1;
        }
    }
}

enum Element<'p, S> {
    Instance(&'p Each<S>),
    Numbered(&'p Node<S>),
    Skipped,
}

/// Walks an element of an array, if there is another one.
struct ElementWalk<'p, 'f, S> {
    element: Element<'p, S>,
    instance: Option<usize>,
    fields: &'f mut Fields<S>,
    scratch: &'f mut Scratch,
}

impl<'de, S: Slot> DeserializeSeed<'de> for ElementWalk<'_, '_, S> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Self { element, instance, fields, scratch } = self;
        match element {
            Element::Instance(each) => {
                let place = scratch.lengths[each.array].unwrap_or(0);
                scratch.lengths[each.array] = Some(place + 1);
                if fields.instances().is_none_or(|count| count <= place)
                    && fields.set_instances(place + 1).is_err()
                {
                    scratch.has_too_many = true;
                    return Err(D::Error::custom("too many instances"));
                }
                let (node, instance) = (&each.element, Some(place));
                Walk { node, instance, fields, scratch }.deserialize(deserializer)
            }
            Element::Numbered(node) => Walk { node, instance, fields, scratch }.deserialize(deserializer),
            Element::Skipped => deserializer.deserialize_ignored_any(IgnoredAny).map(|_| ()),
        }
    }
}

/// Reads a key, and finds which member it is.
struct MemberKey<'p, S> {
    node: &'p Node<S>,
    hint: usize,
}

impl<'de, S> DeserializeSeed<'de> for MemberKey<'_, S> {
    type Value = Option<usize>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<S> Visitor<'_> for MemberKey<'_, S> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.node.member(key, self.hint))
    }
}
