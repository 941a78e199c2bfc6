//! Rows that are there more than once.

use std::collections::HashMap;

/// The keys that were seen.
///
/// A writer counts its rows, so that the keys of a table lie close to one another: 64 of a writer that follow one
/// another share a word of bits. That is less than a byte for a row; for rows that lie far apart it is about 40.
#[derive(Debug, Default)]
pub(crate) struct SeenKeys {
    writers: HashMap<Box<str>, u32>,
    /// By writer and sequence / 64: which of the 64.
    words: HashMap<(u32, i64), u64>,
    last_writer: Option<(Box<str>, u32)>,
}

impl SeenKeys {
    /// Whether the key has been seen.
    pub(super) fn contains(&self, writer_id: &str, sequence: i64) -> bool {
        let is_seen = |writer: &u32| {
            let word = self.words.get(&(*writer, sequence >> 6));
            word.is_some_and(|word| word & (1 << (sequence & 63)) != 0)
        };
        self.writers.get(writer_id).is_some_and(is_seen)
    }

    /// Adds the keys of another.
    pub(super) fn merge(&mut self, other: Self) {
        let writers: HashMap<u32, u32> =
            other.writers.iter().map(|(writer_id, &number)| (number, self.writer(writer_id))).collect();
        for ((number, place), word) in other.words {
            if let Some(&writer) = writers.get(&number) {
                *self.words.entry((writer, place)).or_default() |= word;
            }
        }
    }

    /// Whether the key has not been seen before; it has been from now on.
    pub(crate) fn insert(&mut self, writer_id: &str, sequence: i64) -> bool {
        let writer = self.writer(writer_id);
        let word = self.words.entry((writer, sequence >> 6)).or_default();
        let bit = 1_u64 << (sequence & 63);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// A number for a writer. The rows of a file are of one writer, or of few.
    fn writer(&mut self, writer_id: &str) -> u32 {
        if let Some((last, number)) = &self.last_writer
            && **last == *writer_id
        {
            return *number;
        }
        let next = u32::try_from(self.writers.len()).unwrap_or(u32::MAX);
        let number = match self.writers.get(writer_id) {
            Some(&number) => number,
            None => *self.writers.entry(writer_id.into()).or_insert(next),
        };
        self.last_writer = Some((writer_id.into(), number));
        number
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn it_is_a_set_of_keys() {
        let mut seen = SeenKeys::default();
        let mut expected = HashSet::new();
        let sequences = [0, 1, 63, 64, 65, 127, 128, -1, -64, -65, i64::MIN, i64::MAX, 1, 64, -1, i64::MIN];
        for writer in ["a", "b", "a", ""] {
            for sequence in sequences {
                let is_new = expected.insert((writer, sequence));
                assert_eq!(seen.contains(writer, sequence), !is_new, "{writer} {sequence}");
                assert_eq!(seen.insert(writer, sequence), is_new, "{writer} {sequence}");
            }
        }
    }

    #[test]
    fn two_sets_become_one() {
        let of = |keys: &[(&str, i64)]| {
            let mut seen = SeenKeys::default();
            assert!(keys.iter().all(|(writer_id, sequence)| seen.insert(writer_id, *sequence)));
            seen
        };
        let mut all = of(&[("a", 1), ("b", 2)]);
        all.merge(of(&[("c", 3), ("b", 4), ("b", -70), ("a", 1)]));
        for (writer_id, sequence) in [("a", 1), ("b", 2), ("b", 4), ("b", -70), ("c", 3)] {
            assert!(all.contains(writer_id, sequence), "{writer_id} {sequence}");
        }
        for (writer_id, sequence) in [("a", 3), ("b", 1), ("c", 2), ("d", 1)] {
            assert!(!all.contains(writer_id, sequence), "{writer_id} {sequence}");
        }
    }
}
