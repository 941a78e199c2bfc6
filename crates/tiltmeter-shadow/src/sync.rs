//! What gates, their closing and the end of queues synchronise with. `tests/loom.rs` compiles them with loom's instead, and tries all interleavings.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering, fence};
