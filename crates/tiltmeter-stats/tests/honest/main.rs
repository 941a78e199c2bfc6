//! Whether p-values and intervals keep what they promise, by simulation.
//!
//! Without drift a test at 5 % may reject at most 5 % of the samples, from the n that its documentation states, and
//! with weights as without; what it then detects is printed beside. Intervals of 95 % must hold the truth in 93 to 97 %
//! of the samples, pooled over the cells of their design. The seeds are fixed, so that nothing flickers:
//!
//! ```text
//! cargo test --release -p tiltmeter-stats --test honest --features long-simulations -- --nocapture
//! ```
//!
//! draws thirty times as many samples, and prints the tables.

#[cfg(test)]
mod coverage;
#[cfg(test)]
mod design;
#[cfg(test)]
mod intervals;
#[cfg(test)]
mod sizes;
#[cfg(test)]
mod tests_of_pairs;
#[cfg(test)]
mod tests_of_two_samples;
