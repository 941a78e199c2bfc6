//! In which bucket a score is.

/// The edges between buckets. There is one more place than buckets: for what has no score.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ScoreBuckets {
    /// Ascending, within (0, 1), at most 99.
    edges: Box<[f64]>,
    /// By step of the score, the bucket of the least score in it: from there it is not far.
    starts: Box<[u8]>,
}

/// A power of two, so that the step of a score is exact.
const STEPS: f64 = 128.0;

impl ScoreBuckets {
    pub(crate) fn new(edges: Vec<f64>) -> Self {
        let start = |step: u8| edges.partition_point(|edge| *edge <= f64::from(step) / STEPS);
        let starts = (0..=128).map(|step| u8::try_from(start(step)).unwrap_or(0)).collect();
        Self { edges: edges.into(), starts }
    }

    /// How many places there are: the buckets, and one for what has no score.
    pub(crate) fn places(&self) -> usize {
        self.edges.len() + 2
    }

    /// The place of a score. NaN is none.
    pub(crate) fn place(&self, score: Option<f64>) -> usize {
        let Some(score) = score.filter(|score| !score.is_nan()) else { return self.edges.len() + 1 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 128")]
        let step = (score.clamp(0.0, 1.0) * STEPS) as usize;
        let mut place = self.starts.get(step).copied().map_or(0, usize::from);
        while self.edges.get(place).is_some_and(|edge| *edge <= score) {
            place += 1;
        }
        place
    }
}
