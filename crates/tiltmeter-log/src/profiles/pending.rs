//! Deltas that wait to be handed over.

use std::collections::VecDeque;

use tiltmeter_record::ProfileDelta;

#[derive(Debug, Default)]
pub(super) struct Pending {
    deltas: VecDeque<ProfileDelta>,
    bytes: usize,
    /// Those for which there was no room, since the last were handed over.
    lost: u64,
}

impl Pending {
    /// Adds deltas. Where they take more than `most_bytes`, the oldest make room.
    pub(super) fn extend(&mut self, deltas: impl Iterator<Item = ProfileDelta>, most_bytes: usize) {
        for delta in deltas {
            self.bytes += delta.memory_size();
            self.deltas.push_back(delta);
            while self.bytes > most_bytes && self.deltas.len() > 1 {
                let Some(oldest) = self.deltas.pop_front() else { break };
                self.bytes = self.bytes.saturating_sub(oldest.memory_size());
                self.lost += 1;
            }
        }
    }

    /// Takes them, and logs how many there had been no room for.
    pub(super) fn take(&mut self) -> Vec<ProfileDelta> {
        if self.lost > 0 {
            let lost = std::mem::take(&mut self.lost);
            tracing::error!(
                lost,
                "profiles have been lost: they were not taken for so long that there was no room"
            );
        }
        self.bytes = 0;
        std::mem::take(&mut self.deltas).into()
    }
}
