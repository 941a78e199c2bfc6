//! What a codec finds in one body.

use std::fmt;
use std::marker::PhantomData;

use super::slot::{EVENT_FIELDS, EventField, REQUEST_FIELDS, RESPONSE_FIELDS};
use super::{CodecError, FieldValue, RequestField, ResponseField, Slot};

/// The fields of a request.
pub type RequestFields = Fields<RequestField>;

/// The fields of a response.
pub type ResponseFields = Fields<ResponseField>;

/// The fields of one body: those of each instance, and those that all of them share.
///
/// A body without instances is of one prediction, or of as many as the other body or the application says. A field that
/// was not set is missing. A slot that the model does not have, a feature beyond its last, is ignored.
///
/// It is filled again for every body, so that it allocates little. Its `Debug` shows no values: they have not been masked.
pub struct Fields<S> {
    /// How many slots there are.
    width: usize,
    shared: Vec<FieldValue>,
    /// The slots of instance 0, then those of instance 1, …
    each: Vec<FieldValue>,
    instances: Option<usize>,
    /// Whether nothing has been set: then there is nothing to forget, to look for or to weigh.
    is_empty: bool,
    slot: PhantomData<fn(S)>,
}

/// Values of instances that are kept room for from one body to the next: one large body must not keep its memory for
/// ever.
const KEPT: usize = 16_384;

impl<S: Slot> Fields<S> {
    /// The most instances that one body may have: enough for any batch, and a bound on what a small body of a million
    /// empty objects can ask for.
    pub const MAX_INSTANCES: usize = 65_536;

    fn of_width(width: usize) -> Self {
        let shared = vec![FieldValue::Missing; width];
        Self { width, shared, each: Vec::new(), instances: None, is_empty: true, slot: PhantomData }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        if self.is_empty {
            return;
        }
        self.is_empty = true;
        // most have been taken
        for value in self.shared.iter_mut().filter(|value| !value.is_missing()) {
            *value = FieldValue::Missing;
        }
        self.each.clear();
        self.each.shrink_to(KEPT);
        self.instances = None;
    }

    /// Says how many instances there are. New ones have no fields yet; those beyond are forgotten.
    ///
    /// # Errors
    /// When there are more than [`MAX_INSTANCES`](Self::MAX_INSTANCES), or their slots would take more than 64 MiB.
    pub fn set_instances(&mut self, count: usize) -> Result<(), CodecError> {
        const MOST_SLOTS: usize = (64 << 20) / size_of::<FieldValue>();
        let slots = count.saturating_mul(self.width);
        if count > Self::MAX_INSTANCES || slots > MOST_SLOTS {
            return Err(CodecError::TooLarge);
        }
        self.is_empty = false;
        self.each.resize(slots, FieldValue::Missing);
        self.instances = Some(count);
        Ok(())
    }

    /// How many instances there are; `None` when the body has none of its own.
    #[must_use]
    pub fn instances(&self) -> Option<usize> {
        self.instances
    }

    /// Sets a field that all instances share, except those that have it themselves.
    pub fn set(&mut self, slot: S, value: FieldValue) {
        if let Some(place) = self.shared.get_mut(slot.index()) {
            self.is_empty = false;
            put(place, value);
        }
    }

    /// Sets a field of one instance. An instance beyond [their number](Self::set_instances) is ignored.
    pub fn set_of(&mut self, instance: usize, slot: S, value: FieldValue) {
        if let Some(place) = self.place_of(instance, slot) {
            put(place, value);
        }
    }

    /// The field of an instance: its own, or that which all share.
    #[must_use]
    pub fn get(&self, instance: usize, slot: S) -> &FieldValue {
        const MISSING: &FieldValue = &FieldValue::Missing;
        let index = slot.index();
        let place = instance.checked_mul(self.width).and_then(|first| first.checked_add(index));
        let own = place.filter(|_| index < self.width).and_then(|place| self.each.get(place));
        own.filter(|own| !own.is_missing()).or_else(|| self.shared.get(index)).unwrap_or(MISSING)
    }

    fn place_of(&mut self, instance: usize, slot: S) -> Option<&mut FieldValue> {
        let index = slot.index();
        if index >= self.width {
            return None;
        }
        self.each.get_mut(instance.checked_mul(self.width)?.checked_add(index)?)
    }

    /// Whether an instance has the field only because all share it.
    pub(crate) fn is_shared(&mut self, instance: usize, slot: S) -> bool {
        self.place_of(instance, slot).is_none_or(|own| own.is_missing())
    }

    /// Takes the field of an instance: its own, or that which all share, of which all but the `last` get a copy.
    #[inline]
    pub(crate) fn take(&mut self, instance: usize, slot: S, last: bool) -> FieldValue {
        if self.is_empty {
            return FieldValue::Missing;
        }
        if !self.each.is_empty()
            && let Some(own) = self.place_of(instance, slot)
            && !own.is_missing()
        {
            return std::mem::take(own);
        }
        match self.shared.get_mut(slot.index()) {
            Some(shared) if last => std::mem::take(shared),
            Some(shared) => shared.clone(),
            None => FieldValue::Missing,
        }
    }

    /// Bytes of what all instances share, which each of them would have, in its column or rescued.
    pub(crate) fn shared_weight(&self) -> usize {
        self.shared.iter().map(FieldValue::weight).sum()
    }
}

/// Sets a field, which nearly always was missing: then there is nothing to drop.
fn put(place: &mut FieldValue, value: FieldValue) {
    let before = std::mem::replace(place, value);
    if before.is_missing() {
        std::mem::forget(before);
    }
}

impl Fields<RequestField> {
    /// The empty fields of a request of a model with so many features.
    #[must_use]
    pub fn new(features: usize) -> Self {
        Self::of_width(features.saturating_add(REQUEST_FIELDS))
    }
}

impl Fields<ResponseField> {
    /// The empty fields of a response.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "the fields of a request have none")]
    pub fn new() -> Self {
        Self::of_width(RESPONSE_FIELDS)
    }
}

impl Fields<EventField> {
    /// The empty fields of an event.
    pub(super) fn new() -> Self {
        Self::of_width(EVENT_FIELDS)
    }
}

impl<S> fmt::Debug for Fields<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fields")
            .field("slots", &self.width)
            .field("instances", &self.instances)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_has_its_own_field_or_the_shared_one() {
        let mut fields = ResponseFields::new();
        fields.set(ResponseField::Score, FieldValue::Integer(1));
        fields.set_instances(2).unwrap();
        fields.set_of(1, ResponseField::Score, FieldValue::Integer(2));
        assert_eq!(fields.get(0, ResponseField::Score), &FieldValue::Integer(1));
        assert_eq!(fields.get(1, ResponseField::Score), &FieldValue::Integer(2));
        assert_eq!(fields.take(0, ResponseField::Score, false), FieldValue::Integer(1));
        assert_eq!(fields.take(1, ResponseField::Score, true), FieldValue::Integer(2));
    }

    #[test]
    fn what_is_out_of_bounds_is_ignored_or_refused() {
        let mut fields = RequestFields::new(1);
        for place in [1, usize::MAX] {
            fields.set(RequestField::Feature(place), FieldValue::Integer(1));
            fields.set_of(0, RequestField::Feature(place), FieldValue::Integer(1));
            assert!(fields.get(0, RequestField::Feature(place)).is_missing());
        }
        fields.set_of(usize::MAX, RequestField::Feature(0), FieldValue::Integer(1));
        assert_eq!(fields.set_instances(RequestFields::MAX_INSTANCES + 1), Err(CodecError::TooLarge));
        assert_eq!(RequestFields::new(100_000).set_instances(60_000), Err(CodecError::TooLarge));
    }
}
