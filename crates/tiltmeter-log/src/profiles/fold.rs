//! Values of a block into profiles.

use tiltmeter_stats::{Profile, Sample};

use super::dictionary::{Dictionary, MISSING};

/// Folds numbers. Without weights each counts once.
pub(super) fn fold_numbers(profile: &mut Profile, values: &[f64], weights: Option<&[f64]>) {
    let Profile::Numeric(profile) = profile else { return };
    let sample = match weights {
        None => Ok(Sample::new(values)),
        Some(weights) => Sample::weighted(values, weights),
    };
    let folded = sample.and_then(|sample| profile.update(sample));
    // weights are as many, and in the range that is allowed
    debug_assert!(folded.is_ok(), "{folded:?}");
}

/// How often each code of a run of rows came. Costs by the rows of the run, not by the texts of the block.
#[derive(Debug, Default)]
pub(super) struct CodeCounts {
    /// By code; all 0 between two runs.
    counts: Vec<u64>,
    found: Vec<u32>,
}

impl CodeCounts {
    /// Folds the categories of a run of rows, each counting once.
    pub(super) fn fold(&mut self, profile: &mut Profile, codes: &[u32], dictionary: &Dictionary) {
        let Profile::Categorical(profile) = profile else { return };
        let texts = dictionary.texts();
        let Self { counts, found } = self;
        if counts.len() < texts.len() {
            counts.resize(texts.len(), 0);
        }
        let mut missing = 0;
        for &code in codes {
            match counts.get_mut(code as usize) {
                Some(count) if code != MISSING => {
                    if *count == 0 {
                        found.push(code);
                    }
                    *count += 1;
                }
                _ => missing += 1,
            }
        }
        for code in found.drain(..) {
            if let (Some(text), Some(count)) = (texts.get(code as usize), counts.get_mut(code as usize)) {
                profile.add_rows(Some(text), std::mem::take(count));
            }
        }
        if missing > 0 {
            profile.add_rows(None, missing);
        }
    }
}
