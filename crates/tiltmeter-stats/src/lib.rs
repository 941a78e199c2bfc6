//! Pure statistics for watching models: slices in, named results out.
//!
//! For data scientists who call a statistic from a job of their own, and for the layers above. Each function says what
//! it computes (formula and source), what it expects when nothing has changed, and what it does with ties, missing values,
//! infinities and weights. Numbers are checked against scipy, scikit-learn and statsmodels; where tools disagree, the
//! definition and its reason are in the documentation of the function.
//!
//! There is no I/O, clock, randomness, async or Arrow in here. For the data of a model as a whole, with days, labels and
//! verdicts, use `tiltmeter-monitor`, which is made of these functions.
//!
//! ```
//! use tiltmeter_stats::{ScoredLabels, ks_two_sample, psi_numeric, roc_auc};
//!
//! let january: Vec<f64> = (0..1000).map(|day| (f64::from(day) * 0.618).fract() * 40.0).collect();
//! let june: Vec<f64> = january.iter().step_by(2).map(|value| value + 4.0).collect();
//! let drift = ks_two_sample(&january, &june)?;
//! assert!(drift.statistic > 0.09 && drift.p_value < 0.01);
//!
//! // never 0 without drift: compare it with what is expected then
//! let psi = psi_numeric(&january, &june)?;
//! assert!(psi.value > 0.1 && psi.expected < 0.03);
//!
//! // one class only: undefined, with the reason
//! let error = roc_auc(ScoredLabels::new(&[true, true], &[0.9, 0.8])?).unwrap_err();
//! assert_eq!(error.to_string(), "undefined, because only one class is present");
//! # Ok::<(), tiltmeter_stats::Error>(())
//! ```
//!
//! # In reading order
//! - [`Sample`], [`ScoredLabels`]: what statistics are computed of. [`Error`], [`Undefined`]: why there is no number.
//! - Two samples: [`ks_two_sample`] and [`KsTest`]; [`psi_numeric`], [`psi_categorical`], [`psi_from_counts`] and
//!   [`Psi`].
//! - Classifiers: [`roc_auc`] with DeLong's variance, [`roc_auc_paired`], [`brier`], [`log_loss`], [`calibration`].
//! - One sample: [`Moments`], [`quantile_linear`], [`quantile_inverted_cdf`], [`Histogram`], [`histogram_edges`];
//!   [`proportion_wilson`], [`proportion_clopper_pearson`].
//! - Two columns: [`spearman`]. Many tests: [`benjamini_hochberg`], [`holm`].
//! - What is frozen and merged: [`Ecdf`], [`QuantileBins`], and the [`Baseline`], which has both for each column, and a
//!   profile for each day.
//! - Distributions: [`normal_sf`], [`chi_square_sf`], [`student_t_sf`], [`kolmogorov_sf`] and their quantiles.
//!
//! # Weights
//! A weight is the inverse of the probability with which a row was kept. Estimates are those of repeated rows (Hájek);
//! p-values take Kish's effective size for n, since the sum of weights would reject always.
//!
//! The order of rows does not count, up to rounding: weights, also those of tied rows, are summed one after the other.
//! Whole weights, and so ranks and counts without weights, are exact.

mod baseline;
mod bins;
mod calibrators;
mod classification;
mod correlation;
mod ecdf;
mod error;
mod histogram;
mod interval;
mod moments;
mod multiple;
mod order_statistics;
mod pairs;
mod profile;
mod proportion;
mod quantile;
#[cfg(test)]
mod random;
mod ranking;
mod regression;
mod resampling;
mod sample;
mod scored;
mod series;
mod sorted;
mod special;
mod spread;
mod two_samples;
mod uncertainty;

pub use baseline::{
    Baseline, BaselineColumn, BaselineFigures, BaselineId, BaselineQuality, ColumnSummary, DayProfile,
    ENCODING_VERSION as BASELINE_ENCODING_VERSION,
};
pub use bins::{BinCounts, BinInterval, QuantileBins};
pub use calibrators::*;
pub use classification::*;
pub use correlation::*;
pub use ecdf::Ecdf;
pub use error::{Error, Result, Undefined};
pub use histogram::{BinRule, Histogram, histogram_edges};
pub use interval::Interval;
pub use moments::Moments;
pub use multiple::{benjamini_hochberg, holm};
pub use pairs::Pairs;
pub use profile::*;
pub use proportion::{proportion_clopper_pearson, proportion_wilson};
pub use quantile::{
    quantile_inverted_cdf, quantile_inverted_cdf_sorted, quantile_linear, quantile_linear_sorted,
};
pub use ranking::*;
pub use regression::*;
pub use resampling::*;
pub use sample::{Sample, effective_sample_size};
pub use scored::ScoredLabels;
pub use series::*;
pub use sorted::{Sorted, sort_values};
pub use special::{
    chi_square_quantile, chi_square_sf, kolmogorov_sf, normal_quantile, normal_sf, student_t_quantile,
    student_t_sf,
};
pub use two_samples::*;
pub use uncertainty::*;
