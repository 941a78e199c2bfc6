//! An array or object where a field is wanted: as much of it as the field can use.

use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::plan::Shape;
use crate::codec::{FieldValue, MAX_CLASSES};

/// Values that are read of an array or object where a single one is wanted: each takes two bytes of JSON at least, so
/// that there are more of them than can be rescued.
const RESCUED: usize = tiltmeter_record::Rescued::MAX_LEN / 2 + 1;

/// Values in arrays and objects that are read of one body, at most: about 64 MiB.
const MOST: usize = 1 << 20;

/// What `serde_json` calls a number if some other crate of the build has switched on its arbitrary precision.
const NUMBER: &str = "$serde_json::private::Number";

/// The longest name of a class that is kept for the next body.
const LONGEST_KEPT_NAME: usize = 128;

/// What is left to read, and the names that were read last.
#[derive(Debug, Default)]
pub(super) struct Budget {
    /// Of this value.
    value: usize,
    /// Of this body.
    body: usize,
    /// The names of the classes by their place: they are most likely those of the last object.
    classes: Vec<Arc<str>>,
}

impl Budget {
    /// A new body begins.
    pub(super) fn refill(&mut self) {
        self.body = MOST;
    }

    /// Whether the body held more than is read.
    pub(super) fn is_spent(&self) -> bool {
        self.body == 0
    }

    fn class(&mut self, place: usize, name: &str) -> Arc<str> {
        match self.classes.get(place) {
            Some(last) if **last == *name => return Arc::clone(last),
            _ => {}
        }
        let new: Arc<str> = name.into();
        if name.len() <= LONGEST_KEPT_NAME {
            let known = self.classes.len();
            match self.classes.get_mut(place) {
                Some(last) => *last = Arc::clone(&new),
                None if place == known && place < MAX_CLASSES => self.classes.push(Arc::clone(&new)),
                None => {}
            }
        }
        new
    }
}

/// Reads a value that stands where a field of `shape` is wanted.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    shape: &'a Shape,
    /// 0 for the value of the field itself.
    depth: usize,
    budget: &'a mut Budget,
}

impl<'a> Tree<'a> {
    pub(super) fn new(shape: &'a Shape, budget: &'a mut Budget) -> Self {
        budget.value = match shape {
            Shape::Single => RESCUED,
            Shape::Probabilities => MAX_CLASSES + RESCUED,
            // an item, and the two members of it that are read
            Shape::Ranking { max_items, .. } => max_items.saturating_mul(3).saturating_add(RESCUED),
        };
        Self { shape, depth: 0, budget }
    }

    fn inner(&mut self) -> Tree<'_> {
        Tree { shape: self.shape, depth: self.depth + 1, budget: self.budget }
    }

    /// Takes the next value into account; `false` when it need not be read.
    fn is_wanted<E: serde::de::Error>(&mut self, place: usize) -> Result<bool, E> {
        let is_kept = match self.shape {
            Shape::Ranking { max_items, .. } if self.depth == 0 => place <= *max_items,
            _ => true,
        };
        if self.budget.value == 0 || !is_kept {
            return Ok(false);
        }
        self.budget.value -= 1;
        self.budget.body = self.budget.body.saturating_sub(1);
        if self.budget.is_spent() { Err(E::custom("too many values")) } else { Ok(true) }
    }

    /// Whether a member of that name is of use.
    fn is_member(&self, name: &str) -> bool {
        match self.shape {
            Shape::Ranking { members, .. } if self.depth == 1 => {
                members.iter().flatten().any(|member| **member == *name)
            }
            _ => true,
        }
    }

    fn name(&mut self, place: usize, name: &str) -> Arc<str> {
        match self.shape {
            Shape::Probabilities if self.depth == 0 => self.budget.class(place, name),
            Shape::Ranking { members, .. } if self.depth == 1 => {
                let known = members.iter().flatten().find(|member| ***member == *name);
                known.map_or_else(|| name.into(), Arc::clone)
            }
            _ => name.into(),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = FieldValue;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<FieldValue, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = FieldValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<FieldValue, E> {
        Ok(FieldValue::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<FieldValue, E> {
        Ok(FieldValue::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<FieldValue, E> {
        Ok(FieldValue::from_unsigned(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<FieldValue, E> {
        Ok(FieldValue::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<FieldValue, E> {
        Ok(FieldValue::Text(value.into()))
    }

    fn visit_unit<E>(self) -> Result<FieldValue, E> {
        Ok(FieldValue::Missing)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<FieldValue, A::Error> {
        let mut values = Vec::new();
        while self.is_wanted(values.len())? {
            match seq.next_element_seed(self.inner())? {
                Some(value) => values.push(value),
                None => return Ok(FieldValue::List(values.into())),
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(FieldValue::List(values.into()))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<FieldValue, A::Error> {
        let mut members: Vec<(Arc<str>, FieldValue)> = Vec::new();
        while let Some(name) = map.next_key_seed(Name { tree: &mut self, place: members.len() })? {
            let Some(name) = name.filter(|_| self.budget.value > 0) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if self.is_wanted(members.len())? {
                members.push((name, map.next_value_seed(self.inner())?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if let [(name, FieldValue::Text(digits))] = &members[..]
            && **name == *NUMBER
        {
            return Ok(number(digits));
        }
        keep_last(&mut members);
        Ok(FieldValue::Object(members.into()))
    }
}

/// Reads the name of a member; `None` if the member is of no use.
struct Name<'t, 'a> {
    tree: &'t mut Tree<'a>,
    place: usize,
}

impl<'de> DeserializeSeed<'de> for Name<'_, '_> {
    type Value = Option<Arc<str>>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_, '_> {
    type Value = Option<Arc<str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let is_wanted = self.tree.budget.value > 0 && self.tree.is_member(name);
        Ok(is_wanted.then(|| self.tree.name(self.place, name)))
    }
}

/// A number that comes as its digits.
fn number(digits: &str) -> FieldValue {
    if let Ok(number) = digits.parse() {
        return FieldValue::Integer(number);
    }
    if let Ok(number) = digits.parse() {
        return FieldValue::Unsigned(number);
    }
    match digits.parse::<f64>() {
        Ok(number) if number.is_finite() => FieldValue::Float(number),
        // where a number is wanted it does not fit, as it does not fit into a float
        _ => FieldValue::List([FieldValue::Text(digits.into())].into()),
    }
}

/// Of members of one name only the last stays.
fn keep_last(members: &mut Vec<(Arc<str>, FieldValue)>) {
    const FEW: usize = 12;
    let is_new = |place: usize| members[..place].iter().all(|(name, _)| *name != members[place].0);
    if members.len() <= FEW && (0..members.len()).all(is_new) {
        return;
    }
    let mut by_name: Vec<usize> = (0..members.len()).collect();
    by_name.sort_by(|&a, &b| members[a].0.cmp(&members[b].0).then(a.cmp(&b)));
    let mut earlier: Vec<usize> = by_name
        .windows(2)
        .filter(|pair| members[pair[0]].0 == members[pair[1]].0)
        .map(|pair| pair[0])
        .collect();
    if earlier.is_empty() {
        return;
    }
    earlier.sort_unstable();
    let mut place = 0;
    members.retain(|_| {
        let is_earlier = earlier.binary_search(&place).is_ok();
        place += 1;
        !is_earlier
    });
}
