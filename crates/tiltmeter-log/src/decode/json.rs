//! One walk over a JSON body along a [`Plan`].
//!
//! The body is read once, without building a tree: what the plan does not want is skipped. Nesting is bounded by
//! `serde_json` (128 levels); of duplicate keys the last one counts.

use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::plan::{Each, Node, Plan};

/// A field as it stands in the body.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Cell {
    #[default]
    Missing,
    Boolean(bool),
    Integer(i64),
    /// A whole number above `i64::MAX`.
    Unsigned(u64),
    Float(f64),
    Text(Arc<str>),
    /// An array or object where a single value is wanted, as JSON text.
    Composite(Arc<str>),
}

/// The fields of one body.
#[derive(Debug, Default)]
pub(super) struct Fields {
    slots: usize,
    shared: Vec<Cell>,
    /// The slots of instance 0, then those of instance 1, …
    instances: Vec<Cell>,
    /// The length of each array of the plan, where the body has it.
    lengths: Vec<Option<usize>>,
}

impl Fields {
    /// Forgets everything; every field of `plan` is missing.
    pub(super) fn reset(&mut self, plan: &Plan) {
        self.slots = plan.slots;
        self.shared.clear();
        self.shared.resize(plan.slots, Cell::Missing);
        self.instances.clear();
        // one large body must not keep its memory for ever
        self.instances.shrink_to(KEPT_CELLS);
        self.lengths.clear();
        self.lengths.resize(plan.arrays, None);
    }

    /// How many instances there are.
    pub(super) fn instances(&self) -> Instances {
        let mut lengths = self.lengths.iter().flatten();
        match lengths.next() {
            None => Instances::Absent,
            Some(first) if lengths.all(|length| length == first) => Instances::Count(*first),
            Some(_) => Instances::Uneven,
        }
    }

    /// Bytes of text that all instances share, each of which would have it, in its column or rescued.
    pub(super) fn shared_text(&self) -> usize {
        let text = |cell: &Cell| match cell {
            Cell::Text(text) | Cell::Composite(text) => text.len(),
            _ => 0,
        };
        self.shared.iter().map(text).sum()
    }

    /// Forgets all that stands at or below `node`, before it is walked: its key may come a second time, and of duplicate
    /// keys the last counts.
    fn forget(&mut self, node: &Node, instance: Option<usize>) {
        for &slot in &node.slots {
            self.set(instance, slot, Cell::Missing);
        }
        for (_, member) in &node.members {
            self.forget(member, instance);
        }
        if let Some(each) = &node.each {
            for place in 0..self.lengths[each.array].take().unwrap_or(0) {
                self.forget(&each.element, Some(place));
            }
        }
    }

    /// The next element of `array` begins; returns its place.
    fn begin_element(&mut self, array: usize) -> usize {
        let place = self.lengths[array].unwrap_or(0);
        self.lengths[array] = Some(place + 1);
        if self.instances.len() < (place + 1) * self.slots {
            self.instances.resize((place + 1) * self.slots, Cell::Missing);
        }
        place
    }

    fn set(&mut self, instance: Option<usize>, slot: usize, cell: Cell) {
        match instance {
            Some(instance) => self.instances[instance * self.slots + slot] = cell,
            None => self.shared[slot] = cell,
        }
    }

    /// Takes the field `slot` of `instance`: the instance's own, or the one that all instances share, of which all but
    /// the `last` instance get a copy.
    pub(super) fn take(&mut self, instance: usize, slot: usize, last: bool) -> Cell {
        if slot >= self.slots {
            return Cell::Missing;
        }
        match self.instances.get_mut(instance * self.slots + slot).map(std::mem::take) {
            None | Some(Cell::Missing) => {}
            Some(cell) => return cell,
        }
        match self.shared.get_mut(slot) {
            Some(cell) if last => std::mem::take(cell),
            Some(cell) => cell.clone(),
            None => Cell::Missing,
        }
    }
}

/// How many instances a body has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instances {
    /// The body has none of the arrays whose elements they are.
    Absent,
    /// Its arrays are of different lengths.
    Uneven,
    Count(usize),
}

/// A body that is not JSON, or not of this kind.
#[derive(Debug)]
pub(super) struct Unreadable;

/// Reads the fields that `plan` wants out of `body`.
pub(super) fn read(plan: &Plan, body: &[u8], fields: &mut Fields) -> Result<(), Unreadable> {
    fields.reset(plan);
    // checked once for the whole body: quicker than for each of its strings
    let text = std::str::from_utf8(body).map_err(|_| Unreadable)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let walk = Walk { node: &plan.root, instance: None, fields };
    walk.deserialize(&mut deserializer).and_then(|()| deserializer.end()).map_err(|_| Unreadable)
}

/// Walks the value that comes next, which stands at `node`.
struct Walk<'p, 'f> {
    node: &'p Node,
    instance: Option<usize>,
    fields: &'f mut Fields,
}

impl Walk<'_, '_> {
    fn set(self, cell: Cell) {
        if let Some((&last, others)) = self.node.slots.split_last() {
            for &slot in others {
                self.fields.set(self.instance, slot, cell.clone());
            }
            self.fields.set(self.instance, last, cell);
        }
    }

    /// An array or object where a single value is wanted; or a number, which comes as an object where some other crate of
    /// the build has switched on `serde_json`'s arbitrary precision.
    fn composite(self, value: &serde_json::Value) {
        let cell = match value {
            serde_json::Value::Number(number) => number
                .as_i64()
                .map(Cell::Integer)
                .or_else(|| number.as_u64().map(Cell::Unsigned))
                .or_else(|| number.as_f64().filter(|number| number.is_finite()).map(Cell::Float))
                .unwrap_or_else(|| Cell::Composite(number.to_string().into())),
            value => Cell::Composite(value.to_string().into()),
        };
        self.set(cell);
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.set(Cell::Boolean(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.set(Cell::Integer(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.set(i64::try_from(value).map_or(Cell::Unsigned(value), Cell::Integer));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.set(Cell::Float(value));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.set(Cell::Text(value.into()));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.set(Cell::Missing);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { node, instance, fields } = self;
        if node.is_leaf() {
            let value =
                serde::de::Deserialize::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
            Walk { node, instance, fields }.composite(&value);
            return Ok(());
        }
        let mut hint = 0;
        while let Some(place) = map.next_key_seed(MemberKey { node, hint })? {
            match place {
                Some(place) => {
                    hint = place + 1;
                    let (fields, node) = (&mut *fields, &node.members[place].1);
                    // what a leaf had is overwritten anyway
                    if !node.is_leaf() {
                        fields.forget(node, instance);
                    }
                    map.next_value_seed(Walk { node, instance, fields })?;
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { node, instance, fields } = self;
        if node.is_leaf() {
            let value =
                serde::de::Deserialize::deserialize(serde::de::value::SeqAccessDeserializer::new(seq))?;
            Walk { node, instance, fields }.composite(&value);
            return Ok(());
        }
        if let Some(each) = &node.each {
            fields.lengths[each.array] = Some(0);
        }
        let mut place = 0_usize;
        loop {
            // a pointer has one `*` at most, so that instances never nest
            let element = match &node.each {
                Some(each) => Element::Instance(each),
                None => node.element(place).map_or(Element::Skipped, Element::Numbered),
            };
            let walk = ElementWalk { element, instance, fields: &mut *fields };
            if seq.next_element_seed(walk)?.is_none() {
                return Ok(());
            }
            place += 1;
        }
    }
}

enum Element<'p> {
    Instance(&'p Each),
    Numbered(&'p Node),
    Skipped,
}

/// Walks an element of an array, if there is another one.
struct ElementWalk<'p, 'f> {
    element: Element<'p>,
    instance: Option<usize>,
    fields: &'f mut Fields,
}

impl<'de> DeserializeSeed<'de> for ElementWalk<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Self { element, instance, fields } = self;
        match element {
            Element::Instance(each) => {
                let place = fields.begin_element(each.array);
                if place >= MAX_INSTANCES {
                    return Err(D::Error::custom("too many instances"));
                }
                let (node, instance) = (&each.element, Some(place));
                Walk { node, instance, fields }.deserialize(deserializer)
            }
            Element::Numbered(node) => Walk { node, instance, fields }.deserialize(deserializer),
            Element::Skipped => deserializer.deserialize_ignored_any(IgnoredAny).map(|_| ()),
        }
    }
}

/// Cells of instances that are kept from one body to the next.
const KEPT_CELLS: usize = 16_384;

/// The most instances that one request may have: enough for any batch, and a bound on what a small body of a million
/// empty objects can ask for.
pub(super) const MAX_INSTANCES: usize = 65_536;

/// Reads a key, and finds which member it is.
struct MemberKey<'p> {
    node: &'p Node,
    hint: usize,
}

impl<'de> DeserializeSeed<'de> for MemberKey<'_> {
    type Value = Option<usize>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for MemberKey<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.node.member(key, self.hint))
    }
}
