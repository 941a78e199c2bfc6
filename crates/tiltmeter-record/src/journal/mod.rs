//! The books inside of the data: gaps and heartbeats, and what is told of predictions whose rows are not kept.
//!
//! What a log could not keep is a *gap*: so many exchanges, predictions or pairs, in which minute, of which stratum, for
//! what reason. What it has counted so far is a *heartbeat*, cumulative, once a minute. Whoever reads the predictions of a
//! writer finds both beside them: losses can be corrected for, and after a `kill -9` the last heartbeat says how many
//! predictions there should be, so that the tail that is missing is bounded and has a number.
//! [`WriterAccount`] puts them and the rows that were found together. Where a challenger is asked as well, the *books of its
//! shadow* come with each heartbeat; [`ShadowAccounts`] puts those together. The [profiles](ProfileDelta) of all predictions and
//! the [changes](RateChange) of sampling rates go the same way.

mod account;
mod gap;
mod heartbeat;
mod priority;
mod rate;
mod shadow;
mod shadow_account;
mod size_class;

pub use account::{RowsFound, WriterAccount};
pub use gap::{Gap, GapUnit};
pub use heartbeat::{Heartbeat, SinkLedger};
pub use priority::Priority;
pub use rate::RateChange;
pub use shadow::{ShadowBooks, ShadowHeartbeat, ShadowUsage};
pub use shadow_account::{ShadowAccount, ShadowAccounts};
pub use size_class::SizeClass;

use std::sync::Arc;

use crate::{ProfileDelta, WriterId};

/// Gaps, heartbeats, the books of shadows, profiles and changes of rates of one writer, on their way to a sink.
#[derive(Clone, Debug, PartialEq)]
pub struct Journal {
    /// Who counted.
    pub writer_id: WriterId,
    /// Where: a host or pod name.
    pub serving_node: Arc<str>,
    /// Losses that the sink has not confirmed yet: new ones, and those that come again.
    pub gaps: Vec<Gap>,
    /// The books as they stand.
    pub heartbeats: Vec<Heartbeat>,
    /// The books of shadows as they stand, one of each challenger. They are of the last of the heartbeats.
    pub shadows: Vec<ShadowHeartbeat>,
    /// Profile deltas that the sink has not confirmed yet: new ones, and those that come again.
    pub profiles: Vec<Arc<ProfileDelta>>,
    /// Changes of sampling rates that it has not confirmed yet.
    pub rates: Vec<RateChange>,
}

impl Journal {
    /// A journal without entries.
    #[must_use]
    pub fn new(writer_id: WriterId, serving_node: Arc<str>) -> Self {
        Self {
            writer_id,
            serving_node,
            gaps: Vec::new(),
            heartbeats: Vec::new(),
            shadows: Vec::new(),
            profiles: Vec::new(),
            rates: Vec::new(),
        }
    }

    /// Whether it has entries that come again until the sink has confirmed them: all but heartbeats and books.
    #[must_use]
    pub fn has_owed_entries(&self) -> bool {
        !(self.gaps.is_empty() && self.profiles.is_empty() && self.rates.is_empty())
    }
}
