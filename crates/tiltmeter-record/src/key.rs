//! Who wrote a record, and as which of its records.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

/// The name of a writer: one incarnation of one serving instance.
///
/// A process that restarts is another writer, so that its `sequence` may start again at zero.
/// `(writer_id, sequence)` is the key by which copies of a row are recognised.
///
/// The text is `<instance>.<incarnation>`: the instance is where the process runs (a host or pod name),
/// the incarnation is a UUID, written without hyphens. Both are safe in a path, a label and a SQL string.
///
/// ```
/// use tiltmeter_record::WriterId;
/// use uuid::Uuid;
///
/// let writer = WriterId::new("flights-7d4f", Uuid::from_u128(0xa1));
/// assert_eq!(writer.as_str(), "flights-7d4f.000000000000000000000000000000a1");
/// assert_eq!(writer.incarnation(), "000000000000000000000000000000a1");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriterId {
    text: Arc<str>,
    instance_len: usize,
}

impl WriterId {
    /// The longest instance name that is kept, in bytes; the incarnation keeps longer names apart.
    pub const MAX_INSTANCE_LEN: usize = 64;

    /// Names the writer `incarnation` of `instance`.
    ///
    /// Characters of `instance` other than ASCII letters, digits, `-` and `_` become `_`, and what exceeds
    /// [`MAX_INSTANCE_LEN`](Self::MAX_INSTANCE_LEN) is cut: a host name is not worth a failed start.
    #[must_use]
    pub fn new(instance: &str, incarnation: Uuid) -> Self {
        let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
        let instance: String = instance.chars().take(Self::MAX_INSTANCE_LEN).map(safe).collect();
        let instance = if instance.is_empty() { "unnamed".to_owned() } else { instance };
        let text = format!("{instance}.{}", incarnation.simple());
        Self { text: text.into(), instance_len: instance.len() }
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The instance's part of the name.
    #[must_use]
    pub fn instance(&self) -> &str {
        &self.text[..self.instance_len]
    }

    /// The incarnation's part of the name: 32 hexadecimal digits.
    #[must_use]
    pub fn incarnation(&self) -> &str {
        &self.text[self.instance_len + 1..]
    }
}

impl fmt::Display for WriterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for WriterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WriterId").field(&self.text).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_instance_names_stay_inside_one_path_segment() {
        let writer = WriterId::new("../../etc/pass wd\u{0}é", Uuid::nil());
        assert_eq!(writer.instance(), "______etc_pass_wd__");
        assert_eq!(writer.incarnation().len(), 32);
    }

    #[test]
    fn an_empty_instance_gets_a_name() {
        assert_eq!(WriterId::new("", Uuid::nil()).instance(), "unnamed");
    }

    #[test]
    fn long_instance_names_are_cut() {
        let writer = WriterId::new(&"x".repeat(1000), Uuid::nil());
        assert_eq!(writer.instance().len(), WriterId::MAX_INSTANCE_LEN);
    }
}
