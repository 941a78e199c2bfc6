//! Which feature a name is.

use std::borrow::Cow;
use std::collections::HashMap;

use tiltmeter_record::{ModelSpec, Value};

/// The features of a model by their names.
#[derive(Debug)]
pub(super) struct FeatureNames {
    names: Vec<Box<str>>,
    places: HashMap<Box<str>, usize>,
    longest: usize,
}

impl FeatureNames {
    pub(super) fn new(spec: &ModelSpec) -> Self {
        let names: Vec<Box<str>> = spec.features.iter().map(|feature| feature.name.as_str().into()).collect();
        let places = names.iter().enumerate().map(|(place, name)| (name.clone(), place)).collect();
        let longest = names.iter().map(|name| name.len()).max().unwrap_or(0);
        Self { names, places, longest }
    }

    /// The place of the feature `name`. It is most likely at `hint`, since applications name features in one order.
    pub(super) fn place(&self, name: &str, hint: usize) -> Option<usize> {
        match self.names.get(hint) {
            Some(hinted) if **hinted == *name => Some(hint),
            // a long name need not even be hashed
            _ if name.len() > self.longest => None,
            _ => self.places.get(name).copied(),
        }
    }

    /// What an application said, where that is all features in the spec's order, and then only what is no feature: the
    /// values of the features, and the others.
    pub(super) fn in_order<'f>(&self, fields: &'f [Field]) -> Option<(&'f [Field], &'f [Field])> {
        let (features, others) = fields.split_at_checked(self.names.len())?;
        let is_in_order = features.iter().zip(&self.names).all(|((name, _), own)| **name == **own);
        let is_other = |(name, _): &Field| self.place(name, usize::MAX).is_none();
        (is_in_order && others.iter().all(is_other)).then_some((features, others))
    }
}

/// A feature or segment that an application names.
type Field = (Cow<'static, str>, Value);
