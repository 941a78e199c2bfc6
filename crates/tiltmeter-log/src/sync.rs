//! What the queue synchronises with. `tests/loom.rs` compiles the queue with loom's instead, and tries all interleavings.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) use crossbeam_channel::{Receiver, Sender, bounded};
