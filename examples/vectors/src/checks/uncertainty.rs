//! Uncertainty of predictions.

use tiltmeter_stats::{Entropy, entropy_from_counts, entropy_of_categories};

use super::Checks;
use crate::entry::Entry;

pub(crate) const CHECKS: Checks = &[("entropy", entropy)];

fn entropy(entry: &mut Entry) -> anyhow::Result<()> {
    let entropy = if entry.has_input("counts") {
        entropy_from_counts(&entry.numbers("counts")?)
    } else {
        let weights = entry.weights("weights")?;
        entropy_of_categories(&entry.categories("values")?, weights.as_deref())
    };
    entry.expect("nats", entropy.clone().map(|entropy| entropy.nats));
    entry.expect("bits", entropy.map(|entropy: Entropy| entropy.bits()));
    Ok(())
}
