//! A panic in what a layer watches.

use std::fmt;
use std::thread;

/// What has to know that a panic came by.
pub trait Unwound {
    /// A panic unwinds through what was watched. It must not block or panic.
    fn unwound(&mut self);
}

impl<T: Unwound> Unwound for Option<T> {
    fn unwound(&mut self) {
        if let Some(watched) = self {
            watched.unwound();
        }
    }
}

impl<T: Unwound> Unwound for &mut T {
    fn unwound(&mut self) {
        T::unwound(self);
    }
}

/// Watches a call or a poll of the inner service. A panic in it is told there and then: later, when what was watched is
/// dropped, the panic may have been caught.
pub struct Unwinding<T: Unwound> {
    watched: T,
    /// Of another panic, which this one is not to be taken for.
    already: bool,
}

impl<T: Unwound> Unwinding<T> {
    /// Watches until it is dropped.
    pub fn new(watched: T) -> Self {
        Self { watched, already: thread::panicking() }
    }
}

impl<T: Unwound> Drop for Unwinding<T> {
    fn drop(&mut self) {
        if !self.already && thread::panicking() {
            self.watched.unwound();
        }
    }
}

impl<T: Unwound> fmt::Debug for Unwinding<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unwinding").finish_non_exhaustive()
    }
}
