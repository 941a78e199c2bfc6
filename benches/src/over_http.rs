//! The flights service in a process of its own, and a load for it.

mod connection;
mod load;
mod process;
mod server;

pub use load::{Load, Schedule};
pub use process::ServerProcess;
pub use server::{Farewell, Reading, serve};
