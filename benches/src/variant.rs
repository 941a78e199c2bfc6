//! What is compared with what.

/// A variant that takes part in a comparison, under a name.
#[derive(Clone, Copy, Debug)]
pub struct Contender<V> {
    /// The name in the tables.
    pub name: &'static str,
    /// How what is measured is made.
    pub variant: V,
}

impl<V> Contender<V> {
    /// The variant under `name`; a variant that takes part twice shows how far equal things differ.
    #[must_use]
    pub const fn new(name: &'static str, variant: V) -> Self {
        Self { name, variant }
    }
}
