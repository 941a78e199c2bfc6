//! Pure statistics for watching models: slices in, named results out.
//!
//! For data scientists who call a statistic from a job of their own, and for the layers above. Each function says what
//! it computes (formula and source), what it expects when nothing has changed, and what it does with ties, missing values,
//! infinities and weights. Numbers are checked against scipy, scikit-learn and statsmodels; where tools disagree, the
//! definition and its reason are in the documentation of the function.
//!
//! There is no I/O, clock, async or Arrow in here, and no randomness but the bootstrap's, which is seeded or the caller's.
//! For the data of a model as a whole, with days, labels and verdicts, use `tiltmeter-monitor`, which is made of these
//! functions.
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
//! # Which statistic?
//! Where weights have a meaning rows may have them: in a [`Sample`] of one column (slices are samples), in [`Pairs`] of two
//! columns of the same rows, in [`ScoredLabels`], which are scores beside what turned out to be true; for categories in
//! the `_weighted` forms.
//!
//! | question | function | not when |
//! |---|---|---|
//! | **Has a number's distribution changed?** | [`ks_two_sample`] | it has under some 20 different values: [`chi_square_numeric`] |
//! | … by how much, comparably over months? | [`psi_numeric`], [`js_numeric`], [`hellinger_numeric`] | rows are few: all three are above 0 without drift, and say by how much |
//! | … from a distribution that is known? | [`ks_one_sample`] | the distribution was fitted to the same rows |
//! | … from where would a code lose most? | [`kl_numeric`], [`kl_categorical`] | the current sample lacks a bin: it is ∞, [`kl_smoothed_numeric`] is not |
//! | … by how much, in its own unit? | [`wasserstein`] | single extreme values must not count |
//! | … most of all in the tails? | [`cramer_von_mises`], [`energy_distance`] | a value of zero is not to mean "the same" |
//! | Is it greater or less than it was? | [`mann_whitney`], [`ks_one_sided`] | it is the mean that matters: [`welch_t`] |
//! | Has the mean changed? | [`welch_t`] | tails are heavy and rows few: [`mann_whitney`]; weighted rows have an effective size below 30 |
//! | **Have shares of categories changed?** | [`chi_square_categorical`], then [`psi_categorical`] | many categories are expected fewer than 5 times |
//! | … of given shares? | [`chi_square_goodness_of_fit`] | the shares are of a sample themselves: [`chi_square_categorical`] |
//! | … of which the most? | [`l_infinity_categorical`] | many small changes matter: [`psi_categorical`] |
//! | Has a rate changed (missing, positive)? | [`two_proportion_z`], [`newcombe_interval`] | there are fewer than 20 rows |
//! | **Does the classifier rank well?** | [`roc_auc`], [`roc_curve`]; rare positives: [`average_precision`], [`precision_recall_curve`] | one class is missing |
//! | Are its probabilities true? | [`calibration`] (of few rows: [`Calibration::debiased_calibration_error`]), [`spiegelhalter`] | probabilities are not meant: [`roc_auc`] |
//! | … and how good, in one number? | [`brier`], [`log_loss`], [`brier_decomposition`]; of many classes: [`multiclass_brier`], [`multiclass_log_loss`] | base rates differ between what is compared |
//! | Are its decisions right? | [`ConfusionMatrix`], [`MulticlassConfusion`] | no threshold is fixed yet: [`roc_auc`] |
//! | Which of two models is better? | [`roc_auc_paired`], [`mcnemar`], [`accuracy_difference`], [`brier_difference`], [`log_loss_difference`], [`calibration_difference`] | they saw different rows: [`RocAuc::difference`] |
//! | Do two models agree? | labels: [`cohen_kappa`]; scores: [`pearson`]; rankings: [`rank_biased_overlap`], [`kendall_tau_of_rankings`] | a label is rare: kappa is then low whatever they do |
//! | **How far off are predicted numbers?** | [`RegressionQuality`], [`median_absolute_error`], [`pinball_loss`] | R² of windows is compared: it falls when the targets vary less |
//! | Is the ranking good? | [`ndcg`], [`average_precision_at`], [`reciprocal_rank`], [`precision_at`], [`recall_at`]; over queries (MAP, MRR): [`mean_over_queries`] | items that were not shown count as irrelevant |
//! | **How sure is the model?** | [`prediction_uncertainty`], [`entropy`], [`confidence_uniformity`] | its probabilities are not calibrated |
//! | Make probabilities of scores | [`IsotonicRegression`], [`PlattScaling`] | with the rows that are evaluated afterwards |
//! | How good is it, while labels are missing? | [`expected_roc_auc`], [`expected_confusion`] | **as an all-clear**: it cannot see a changed relation of features to labels |
//! | **How uncertain is an estimate?** | [`hajek_mean`], [`hajek_ratio`], [`horvitz_thompson_total`], [`proportion_wilson`], [`proportion_wilson_weighted`]; any other: [`Bootstrap`] | rows come in clusters: the `_clustered` forms, [`Bootstrap::clusters`] |
//! | … of what all logged rows would give? | [`design_mean`], [`design_share`], [`design_roc_auc`], [`design_brier`], [`design_count`] | the model is judged, and not the sample: the functions with weights |
//! | **Do two columns go together?** | [`pearson`], [`spearman`], [`kendall_tau`] | the days of a series: they remember one another |
//! | Which of many p-values count? | [`benjamini_hochberg`]; whatever their dependence: [`benjamini_yekutieli`]; none may be wrong: [`holm`], [`bonferroni`] | one looks every day: no number of tests is fixed then; see the next |
//! | **May one look every day, and stop at will?** | rates and other means of bounded values: [`BoundedMean`]; whatever has a standard error: [`AsymptoticConfidenceSequence`]; is a challenger good enough: [`NonInferiority`] | there is one look, at a fixed time |
//! | **Is there a trend, or a step?** | [`mann_kendall`], [`sen_slope`], [`linear_trend`], [`change_point`] | days remember the day before: [`mann_kendall_yue_wang`] |
//! | … now, as values arrive? | [`PageHinkley`], [`Adwin`], [`rolling_window`] | the series has a season, which all three call a change |
//! | **What does one column look like?** | [`Moments`], [`quantile_linear`], [`quantile_inverted_cdf`], [`Histogram`] | it must be merged: [`Profile`] |
//! | … small enough to keep and to merge? | [`Profile`] | the rows are at hand |
//!
//! Other tools compute some of these differently. Where one wants to compare, their definitions are there under their
//! names: [`psi_evidently`], [`psi_feature_engine`], [`psi_frouros`], [`js_nannyml`], [`chi_square_evidently`] and others.
//!
//! # What every result says
//! - **What is expected without a change**, and its spread, where that has a meaning: no distance between two finite
//!   samples is 0, and a perfectly calibrated model has a calibration error. Compare with that, not with 0.
//! - **Undefined, because …** ([`Undefined`]) in place of NaN or 0; a mistake of the caller is an [`Error`] that
//!   [is invalid](Error::is_invalid).
//! - **How many rows** counted, and how many were missing. NaN is missing; ±∞ are values where ranks or bins matter.
//!
//! A small p-value says that there is a difference, not that it matters; with a million rows everything is significant.
//! An alarm needs an effect *and* evidence.
//!
//! # Weights
//! A weight is the inverse of the probability with which a row was kept. Estimates are those of repeated rows (Hájek);
//! p-values take Kish's [effective size](effective_sample_size) for n, or the linearised variance, since the sum of
//! weights would reject always. Rows that were drawn by the very value that is tested make these far too cautious: test
//! such a value on a [`Profile`] of all rows.
//!
//! The order of rows does not count, up to rounding: weights, also those of tied rows, are summed one after the other.
//! Whole weights, and so ranks and counts without weights, are exact.
//!
//! # What is sorted once, and what is kept
//! - [`sort_values`] and [`Sorted`], for the `*_sorted` forms: one sort of a column for all of its rank statistics, and with
//!   [`QuantileBins::of_sorted`] and [`QuantileBins::count_sorted`] for those of bins, such as [`Psi::between`].
//! - [`Ranks`]: the order of a column of which other rows, or other weights, are looked at every day;
//!   [`roc_auc_difference_ranked`].
//! - [`Ecdf`]: a distribution function with weights, merged from days to months, and thinned to be kept.
//! - [`QuantileBins`] and [`BinCounts`]: frozen bins, and mergeable counts in them.
//! - [`Profile`]: what is kept of a window of a column: moments, counts in frozen bins, a sketch of quantiles, frequent
//!   categories. Two of them tell exactly what is computed of counts and moments ([`NumericProfile::psi`],
//!   [`NumericProfile::chi_square`], [`NumericProfile::welch_t`], …), and the rest within bounds: [`KsBounds`],
//!   [`WassersteinBounds`], [`SuperiorityBounds`].
//! - [`Baseline`]: what a model is compared with, frozen and named by its content.
//! - Distributions: [`normal_sf`], [`chi_square_sf`], [`student_t_sf`], [`kolmogorov_sf`] and their quantiles.
//!
//! # Features
//! `long-simulations` draws thirty times as many samples in this crate's tests, and changes nothing else.

mod baseline;
mod bins;
mod calibrators;
mod classification;
mod clusters;
mod correlation;
mod design;
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
mod ranks;
mod regression;
mod resampling;
mod sample;
mod scored;
mod sequential;
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
pub use design::*;
pub use ecdf::Ecdf;
pub use error::{Error, Result, Undefined};
pub use histogram::{BinRule, Histogram, histogram_edges};
pub use interval::Interval;
pub use moments::Moments;
pub use multiple::*;
pub use pairs::Pairs;
pub use profile::*;
pub use proportion::{proportion_clopper_pearson, proportion_wilson, proportion_wilson_weighted};
pub use quantile::{
    quantile_inverted_cdf, quantile_inverted_cdf_sorted, quantile_linear, quantile_linear_sorted,
};
pub use ranking::*;
pub use ranks::Ranks;
pub use regression::*;
pub use resampling::*;
pub use sample::{Sample, effective_sample_size};
pub use scored::ScoredLabels;
pub use sequential::*;
pub use series::*;
pub use sorted::{Sorted, sort_values};
pub use special::{
    chi_square_quantile, chi_square_sf, kolmogorov_exact_sf, kolmogorov_sf, normal_quantile, normal_sf,
    smirnov_sf, student_t_quantile, student_t_sf,
};
pub use two_samples::*;
pub use uncertainty::*;
