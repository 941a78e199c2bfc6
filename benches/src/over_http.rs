//! The flights service in a process of its own, and a load for it.

mod child;
mod connection;
mod handlers;
mod load;
mod peers;
mod process;
mod server;
mod variant;

pub use child::Child;
pub(crate) use child::{attend, say};
pub use load::{Load, Schedule};
pub use process::ServerProcess;
pub use server::{Farewell, Reading, serve};
pub use variant::Variant;
