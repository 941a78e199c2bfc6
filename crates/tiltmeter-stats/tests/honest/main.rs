//! Whether p-values and intervals keep what they promise, by simulation.
//!
//! Without drift a test at 5 % may reject at most 5 % of the samples, from the n that its documentation states, and
//! with weights as without; with many rows it must reject at least 3 % of them, and see a middling effect. Intervals of
//! 95 % must hold the truth in 93 to 97 % of the samples, pooled over the sizes of their design, for each way to have
//! weights by itself. What is looked at every day must be wrong at any time in at most 5 % of the sequences. Where a case
//! has other bounds the reason stands beside them. The seeds are fixed, so that nothing
//! flickers:
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
mod figures_of_all_rows;
#[cfg(test)]
mod intervals_of_classifiers;
#[cfg(test)]
mod intervals_of_estimates;
#[cfg(test)]
mod labelled;
#[cfg(test)]
mod looked_at_daily;
#[cfg(test)]
mod sizes;
#[cfg(test)]
mod tests_of_classifiers;
#[cfg(test)]
mod tests_of_one_sample;
#[cfg(test)]
mod tests_of_two_samples;
