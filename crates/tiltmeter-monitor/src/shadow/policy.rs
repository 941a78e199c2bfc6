//! How champion and challenger are compared.

use std::time::Duration;

/// How champion and challenger are compared.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ComparisonPolicy {
    /// How long the challenger is waited for: what a timeout counts for at least, where latencies are judged. That of
    /// the shadow layer; 1 s.
    pub shadow_timeout: Duration,
    /// Into how many strata of about the same size requests are divided by the champion's score; 10.
    pub score_strata: usize,
    /// A cell of coverage (segments and score stratum) with fewer pairs is taken together with the other small ones of
    /// its stratum; where these have fewer together, all pairs of the stratum stand for them; 20. 0 is 1: a cell without pairs has none to stand
    /// for it.
    pub min_cell_pairs: u64,
    /// A value of a segment with fewer pairs is taken together with the others of that kind; 100.
    pub min_rows: u64,
    /// How many disagreements are drawn for a person to look at; 50, and 1,000 at most.
    pub disagreements: usize,
    /// Draws of the bootstrap; 200, and 10,000 at most. Below 40 there are no intervals of this kind.
    pub replicates: usize,
    /// What the bootstrap and the drawing of disagreements begin with; 1.
    pub seed: u64,
}

impl Default for ComparisonPolicy {
    fn default() -> Self {
        Self {
            shadow_timeout: Duration::from_secs(1),
            score_strata: 10,
            min_cell_pairs: 20,
            min_rows: 100,
            disagreements: 50,
            replicates: 200,
            seed: 1,
        }
    }
}
