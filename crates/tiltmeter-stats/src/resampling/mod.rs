//! How uncertain an estimate is: survey estimators, and the bootstrap.
//!
//! | function | gives | its uncertainty |
//! |---|---|---|
//! | [`hajek_mean`], [`hajek_ratio`] | a mean or a ratio of weighted rows | linearised variance, Student's t |
//! | [`horvitz_thompson_total`] | a total of all rows, from those that were kept | exact variance, normal |
//! | [`Bootstrap`] | whatever one computes of rows | what resampling shows |
//!
//! Means and ratios are here about the population that the rows are drawn from, however many there are; about what all
//! *logged* rows would give, of which some were kept, see [`design_mean`](crate::design_mean).
//!
//! The first two are formulas: take them where they apply. The bootstrap is for statistics that have no formula: a
//! ratio of quantiles, a worst segment. All of them know *clusters*, rows that came about together (all of one user,
//! of one day): what such rows say is less than what as many independent rows would, and an interval that does not
//! know is too short.

mod bootstrap;
mod bootstrap_distribution;
mod hajek_mean;
mod hajek_ratio;
mod horvitz_thompson;
mod linearised;

pub use bootstrap::Bootstrap;
pub use bootstrap_distribution::BootstrapDistribution;
pub use hajek_mean::{HajekMean, HajekTotal, hajek_mean, hajek_mean_clustered};
pub use hajek_ratio::{HajekRatio, hajek_ratio, hajek_ratio_clustered};
pub use horvitz_thompson::{HorvitzThompsonTotal, horvitz_thompson_total};

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests;
