//! The bounded queue between the request path and the worker.

mod gate;
#[cfg(test)]
mod tests;

pub(crate) use gate::{Intake, PATIENCE, Places, Queue, QueueBounds, Queued, Shares, queue};
