//! The baseline that a running service compares with: a versioned object, which is polled.
//!
//! - `handle`: the baseline of now, shared by those who use it.
//! - `watch`: the thread that looks whether there is another one; `file` and `object` are where it looks.
//! - `ranges`: which values are outside of what the baseline has seen.

mod file;
mod handle;
#[cfg(feature = "parquet")]
mod object;
mod ranges;
mod watch;

pub use handle::BaselineHandle;
pub(crate) use ranges::BaselineRanges;
pub use watch::BaselineWatch;

/// The largest encoded baseline that is read, in bytes: some 5,000 columns of numbers that are all different.
const MAX_LEN: u64 = 256 << 20;
