//! What gates and their closing synchronise with. `tests/loom.rs` compiles them with loom's instead, and tries all interleavings.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
