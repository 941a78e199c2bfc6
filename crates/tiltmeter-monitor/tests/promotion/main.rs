//! Whether verdicts keep what they promise, by simulated shadow runs that are looked at every day.
//!
//! ```text
//! cargo test --release -p tiltmeter-monitor --test promotion --features long-simulations -- --nocapture
//! ```
//!
//! draws some thousand times as many runs, and prints the tables.

#[cfg(test)]
mod errors;
#[cfg(test)]
mod power;
#[cfg(test)]
mod world;
