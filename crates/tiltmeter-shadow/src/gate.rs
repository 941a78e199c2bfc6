//! The permits of a challenger: how many pairs may be under way, and how many bytes they may hold.
//!
//! One atomic word, the *gate*, bounds both, closes, and tells who ends the shadow when nobody is inside any more:
//!
//! - Whoever finds it full is refused. Otherwise one item and the announced bytes are added to the word; if that is more than
//!   may be, since others came first, they are taken off again, and that is a refusal too. (Meanwhile they may keep somebody
//!   out who would have fitted in.)
//! - Who is inside may ask for more bytes, as they stream by, and is refused them in the same way.
//! - Closing sets the top bit, so that who comes later is refused.
//! - Who got in before still holds an item. What became of it is counted before it is given back; so once the gate is
//!   closed and shows none, the books are complete.

use std::fmt;

use crate::sync::{
    AtomicU64,
    Ordering::{AcqRel, Acquire},
};

const CLOSED: u64 = 1 << 63;
/// One item; bytes stand in the bits below.
const ITEM: u64 = 1 << 40;
const BYTES: u64 = ITEM - 1;

/// How much may be inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) items: u64,
    pub(crate) bytes: u64,
}

impl Bounds {
    /// Above these the fields would run into each other, with room for those that are about to be refused.
    pub(crate) const MOST: Self = Self { items: 1 << 20, bytes: 1 << 36 };
}

/// Why somebody was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no room.
    Full,
    Closed,
}

/// On a line of its own, so that nothing else is shared with it.
#[repr(align(128))]
pub(crate) struct Gate {
    word: AtomicU64,
    bounds: Bounds,
}

impl Gate {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { word: AtomicU64::new(0), bounds }
    }

    /// Lets in one item of `bytes`, or says why not.
    pub(crate) fn enter(&self, bytes: u64) -> Result<(), Refusal> {
        let held = self.word.load(Acquire);
        // a closed gate is left alone: somebody waits until it shows nothing
        if held & CLOSED != 0 {
            return Err(Refusal::Closed);
        }
        // seen to be full: refused without a write; and what can never fit must not run into the items
        if bytes > self.bounds.bytes || self.is_full(held, bytes) {
            return Err(Refusal::Full);
        }
        let held = self.word.fetch_add(ITEM + bytes, AcqRel);
        let refusal = if held & CLOSED != 0 {
            Refusal::Closed
        } else if self.is_full(held, bytes) {
            Refusal::Full
        } else {
            return Ok(());
        };
        self.leave(bytes);
        Err(refusal)
    }

    /// Lets an item that is inside hold `bytes` more, closed or not; tells whether there was room.
    pub(crate) fn grow(&self, bytes: u64) -> bool {
        if bytes > self.bounds.bytes {
            return false;
        }
        let held = self.word.fetch_add(bytes, AcqRel);
        let has_room = (held & BYTES) + bytes <= self.bounds.bytes;
        if !has_room {
            self.shrink(bytes);
        }
        has_room
    }

    /// Takes `bytes` back of an item that stays inside.
    pub(crate) fn shrink(&self, bytes: u64) {
        self.word.fetch_sub(bytes, AcqRel);
    }

    /// Takes back an item that holds `bytes`. What became of it has been counted.
    pub(crate) fn leave(&self, bytes: u64) {
        self.word.fetch_sub(ITEM + bytes, AcqRel);
    }

    /// Refuses who comes from now on.
    pub(crate) fn close(&self) {
        self.word.fetch_or(CLOSED, AcqRel);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.word.load(Acquire) & CLOSED != 0
    }

    /// Whether it is closed and nobody is inside.
    pub(crate) fn is_drained(&self) -> bool {
        self.word.load(Acquire) & !BYTES == CLOSED
    }

    /// How many items are inside.
    pub(crate) fn items(&self) -> u64 {
        (self.word.load(Acquire) & !CLOSED) / ITEM
    }

    /// How many bytes they hold.
    pub(crate) fn bytes(&self) -> u64 {
        self.word.load(Acquire) & BYTES
    }

    fn is_full(&self, held: u64, bytes: u64) -> bool {
        (held & !CLOSED) / ITEM >= self.bounds.items || (held & BYTES) + bytes > self.bounds.bytes
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("items", &self.items())
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}
