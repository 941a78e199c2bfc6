//! Where in a body rules apply: their pointers as a tree.

use super::action::Rule;
use crate::Token;

/// A rule and the steps that lead to it.
pub(super) type Placed<'p> = (&'p [Token], &'p Rule);

/// A place in a body.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// What becomes of the value that stands here, whatever is said about what stands inside of it.
    pub(super) rule: Option<Rule>,
    /// Sorted by name.
    members: Vec<(Box<str>, Self)>,
    each: Option<Box<Self>>,
}

impl Place {
    /// The tree of `placed`. Of two rules at one place the first counts, and one with a number before one with `*`.
    ///
    /// Recurses as deep as the longest pointer.
    pub(super) fn new(placed: &[Placed<'_>]) -> Self {
        let rule = placed.iter().find(|(tokens, _)| tokens.is_empty()).map(|(_, rule)| (*rule).clone());
        let mut keys: Vec<&str> = placed.iter().filter_map(|(tokens, _)| key(tokens.first()?)).collect();
        keys.sort_unstable();
        keys.dedup();
        // groups by the first key: a policy may have too many rules to look at all of them for each key
        let mut first: Vec<Vec<Placed<'_>>> = vec![Vec::new(); keys.len()];
        let mut each: Vec<Placed<'_>> = Vec::new();
        for (tokens, rule) in placed {
            let Some((token, rest)) = tokens.split_first() else { continue };
            match key(token).map(|key| keys.binary_search(&key)) {
                Some(Ok(place)) => first[place].push((rest, rule)),
                Some(Err(_)) => {}
                None => each.push((rest, rule)),
            }
        }
        // what is said of every element is said of the one with rules of its own too, behind those
        for (key, placed) in keys.iter().zip(&mut first) {
            if key.bytes().all(|byte| byte.is_ascii_digit()) {
                placed.extend(&each);
            }
        }
        let members = keys.iter().zip(&first).map(|(key, placed)| ((*key).into(), Self::new(placed)));
        let members = members.collect();
        Self { rule, members, each: (!each.is_empty()).then(|| Box::new(Self::new(&each))) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rule.is_none() && self.members.is_empty() && self.each.is_none()
    }

    /// Whether the value that begins with that byte has another shape than the rules inside of this place are about, so
    /// that they would not meet what they are for.
    pub(super) fn misses(&self, first: u8) -> bool {
        let is_number = |(name, _): &(Box<str>, Self)| name.bytes().all(|byte| byte.is_ascii_digit());
        match first {
            _ if self.members.is_empty() && self.each.is_none() => false,
            b'n' => false,
            b'{' => self.each.is_some() && self.members.iter().all(is_number),
            b'[' => self.each.is_none() && !self.members.iter().all(is_number),
            _ => true,
        }
    }

    pub(super) fn member(&self, key: &str) -> Option<&Self> {
        let place = self.members.binary_search_by(|(name, _)| (**name).cmp(key)).ok()?;
        self.members.get(place).map(|(_, member)| member)
    }

    /// What stands at the element `index` of an array.
    pub(super) fn element(&self, index: usize) -> Option<&Self> {
        let numbered = if self.members.is_empty() { None } else { self.member(&index.to_string()) };
        numbered.or(self.each.as_deref())
    }
}

fn key(token: &Token) -> Option<&str> {
    match token {
        Token::Key(key) => Some(key),
        Token::Each => None,
    }
}
