//! Texts of which there are few.

use std::collections::HashMap;
use std::sync::Arc;

/// A column of texts of which there are few different ones, such as carriers; each may be missing.
///
/// A row is a number, the *code*, which stands for a name. Codes are given in the order in which names appear.
#[derive(Clone, Debug, Default)]
pub struct Categories {
    names: Vec<Arc<str>>,
    by_name: HashMap<Arc<str>, u32>,
    codes: Vec<u32>,
}

impl Categories {
    /// The code of a row that is missing; no name has it.
    pub const MISSING: u32 = u32::MAX;

    /// No rows, and no names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a row, or `None` for one that is missing.
    ///
    /// A column cannot have more than `u32::MAX` names: further ones would be missing. It would take 64 GiB of names
    /// to get there.
    pub fn push(&mut self, name: Option<&str>) {
        let code = name.map_or(Self::MISSING, |name| self.code_for(name));
        self.codes.push(code);
    }

    fn code_for(&mut self, name: &str) -> u32 {
        if let Some(&code) = self.by_name.get(name) {
            return code;
        }
        let code = u32::try_from(self.names.len()).unwrap_or(Self::MISSING);
        if code != Self::MISSING {
            let name: Arc<str> = name.into();
            self.names.push(name.clone());
            self.by_name.insert(name, code);
        }
        code
    }

    /// The name of a row; `None` when it is missing or there is no such row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        self.name(*self.codes.get(row)?)
    }

    /// The name that a code stands for.
    #[must_use]
    pub fn name(&self, code: u32) -> Option<&str> {
        usize::try_from(code).ok().and_then(|code| self.names.get(code)).map(|name| &**name)
    }

    /// The code of a name, if a row has had it.
    #[must_use]
    pub fn code(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    /// The code of each row.
    #[must_use]
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The names, in the order of their codes.
    #[must_use]
    pub fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }
}

impl<'a> Extend<Option<&'a str>> for Categories {
    fn extend<I: IntoIterator<Item = Option<&'a str>>>(&mut self, names: I) {
        names.into_iter().for_each(|name| self.push(name));
    }
}

impl<'a> FromIterator<Option<&'a str>> for Categories {
    fn from_iter<I: IntoIterator<Item = Option<&'a str>>>(names: I) -> Self {
        let mut column = Self::new();
        column.extend(names);
        column
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_one_code() {
        let column = Categories::from_iter([Some("UA"), None, Some("B6"), Some("UA")]);
        assert_eq!(column.codes(), [0, Categories::MISSING, 1, 0]);
        assert_eq!(column.names().iter().map(|name| &**name).collect::<Vec<_>>(), ["UA", "B6"]);
        assert_eq!((column.get(3), column.get(1), column.get(9)), (Some("UA"), None, None));
        assert_eq!((column.code("B6"), column.code("AA")), (Some(1), None));
    }
}
