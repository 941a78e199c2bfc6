//! What is compared with what.

use clap::ValueEnum;

/// How the service is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Variant {
    /// Not at all.
    Bare,
    /// By a layer that wraps both bodies and the future, and only forwards.
    PassThrough,
    /// By the logging layer, whose sink keeps up.
    Log,
    /// By the logging layer, whose sink never finishes a write: the queue is full, every exchange is dropped.
    DeadSink,
}

/// A variant that takes part in a comparison, under a name.
#[derive(Clone, Copy, Debug)]
pub struct Contender {
    /// The name in the tables.
    pub name: &'static str,
    /// How its service is wrapped.
    pub variant: Variant,
}

impl Contender {
    /// The variant under `name`; a variant that takes part twice shows how far equal things differ.
    #[must_use]
    pub const fn new(name: &'static str, variant: Variant) -> Self {
        Self { name, variant }
    }
}
