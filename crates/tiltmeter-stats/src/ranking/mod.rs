//! How good an ordering is, and how alike two orderings are.
//!
//! # The items of one query, in order of their scores
//! [`RankedItems`] has the relevance of each item beside its score.
//!
//! | function | asks | of relevances |
//! |---|---|---|
//! | [`dcg`], [`ndcg`] | are the most relevant items first? | graded |
//! | [`average_precision_at`] | are the relevant items first? | above 0 or not |
//! | [`reciprocal_rank`] | how soon does the first relevant item come? | above 0 or not |
//! | [`precision_at`], [`recall_at`] | how many of the first k are relevant, how many relevant ones are there? | above 0 or not |
//!
//! Items with equal scores have no order. Each measure is the *mean over all orders of tied items*, in closed form
//! (McSherry & Najork, *ECIR* 2008, 414–421), so that the order in which rows happen to be stored changes nothing.
//! What a measure is [expected](RankingScore::expected) to be for an order that says nothing is thus its value when
//! all items are tied. [`mean_over_queries`] brings queries together: MAP, MRR, mean NDCG.
//!
//! # Two orderings
//! [`kendall_tau_of_rankings`] counts pairs of items in opposite order, all of them alike; [`rank_biased_overlap`]
//! looks at the top more than at the rest, and copes with items that only one list has.

mod average_precision;
mod dcg;
mod items;
mod kendall;
mod overlap;
mod precision_recall;
mod queries;
mod reciprocal_rank;
mod score;

pub use average_precision::average_precision_at;
pub use dcg::{Gain, dcg, ndcg};
pub use items::RankedItems;
pub use kendall::{RankingTau, kendall_tau_of_rankings};
pub use overlap::{RankBiasedOverlap, rank_biased_overlap};
pub use precision_recall::{precision_at, recall_at};
pub use queries::{MeanOverQueries, mean_over_queries};
pub use reciprocal_rank::reciprocal_rank;
pub use score::RankingScore;

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests;
