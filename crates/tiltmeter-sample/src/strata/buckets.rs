//! In which bucket a score is.

/// The edges between buckets. There is one more place than buckets: for what has no score.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ScoreBuckets {
    /// Ascending, at most 99.
    edges: Box<[f64]>,
}

impl ScoreBuckets {
    pub(crate) fn new(edges: Vec<f64>) -> Self {
        Self { edges: edges.into() }
    }

    /// How many places there are: the buckets, and one for what has no score.
    pub(crate) fn places(&self) -> usize {
        self.edges.len() + 2
    }

    /// The place of a score. NaN is none.
    pub(crate) fn place(&self, score: Option<f64>) -> usize {
        match score {
            Some(score) if !score.is_nan() => self.edges.partition_point(|edge| *edge <= score),
            _ => self.edges.len() + 1,
        }
    }
}
