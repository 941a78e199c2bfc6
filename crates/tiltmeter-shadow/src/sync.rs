//! What the gate synchronises with. `tests/loom.rs` compiles the gate with loom's instead, and tries all interleavings.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
