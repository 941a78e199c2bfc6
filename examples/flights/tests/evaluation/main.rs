//! What the log of a year of flights tells, without a replay: the recorded flights, written as the log writes them.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

mod answers;
mod logged;
mod report;
