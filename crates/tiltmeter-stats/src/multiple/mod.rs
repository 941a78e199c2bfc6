//! Many looks at once: p-values that are adjusted for their number.
//!
//! With 100 columns and no drift, five p-values are below 0.05. An adjusted p-value is the smallest level at which its
//! test is rejected when all are judged together, so that it is compared with the level as one p-value would be:
//!
//! | function | keeps at the level | when the tests are | use it |
//! |---|---|---|---|
//! | [`benjamini_hochberg`] | the expected share of false ones among the rejected | independent or positively dependent | to list what deserves a look: columns that drifted |
//! | [`benjamini_yekutieli`] | the same | dependent in any way | when tests exclude each other, or nothing is known |
//! | [`holm`] | the probability of any false rejection | dependent in any way | when each rejection raises an alarm |
//! | [`bonferroni`] | the same | dependent in any way | to explain it in one sentence; [`holm`] never rejects less |
//!
//! What each costs and finds is simulated at [`benjamini_hochberg`]. All keep the order of the input, give empty output
//! for empty input, and refuse NaN. Weights of rows have no part in this: they are in the p-values already.

mod benjamini_hochberg;
mod benjamini_yekutieli;
mod bonferroni;
mod holm;
mod p_values;

#[cfg(test)]
mod tests;

pub use benjamini_hochberg::benjamini_hochberg;
pub use benjamini_yekutieli::benjamini_yekutieli;
pub use bonferroni::bonferroni;
pub use holm::holm;
