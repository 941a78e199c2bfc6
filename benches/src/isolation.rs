//! A champion with a challenger in its shadow, each in a process of its own, and where on the machine they run.

mod challenger;
mod champion;
mod contest;
mod placement;
mod service;
mod variant;

pub use challenger::challenge;
pub use champion::{BYTES, FEW_BYTES, PERMITS, Standing, TIMEOUT, champion};
pub use contest::{Contest, Reading};
pub use placement::Placement;
pub use variant::Variant;
