//! Profiles on their way to the store.
//!
//! ```text
//! <root>/profiles/date=2013-04-03/<incarnation>-07.parquet     of the windows of an hour (UTC), 07:00 to 08:00
//! <root>/profiles/date=2013-04-03/<incarnation>-day.parquet    of windows of whole days
//! ```
//!
//! An object is written anew with all of its deltas whenever there are more, as long as it is held: the latest of them are. What
//! comes of an hour that has been let go goes into an object of another name.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use tiltmeter_record::{Journal, ProfileDelta, WindowWidth, WriterId};

use super::journal_rows::encode_profiles;
use super::partition::{date_folder, utc_day};

/// Bytes of deltas that are held so that their objects can be written anew, about; beyond that those go that were changed the
/// longest ago.
const BYTES: usize = 32 << 20;

/// Objects that are held, at most.
const OBJECTS: usize = 64;

/// Slots that are remembered as taken, at most: a replay goes through thousands.
const REMEMBERED: usize = 1_024;

/// The UTC day of a window, and its hour; `None` for a window of the whole day.
pub(super) type Slot = (i32, Option<i64>);

/// The profiles of a writer, by the objects that they go into.
#[derive(Debug, Default)]
pub(super) struct ProfileBook {
    held: BTreeMap<Slot, Held>,
    bytes: usize,
    /// Objects that have been let go: so many names are taken.
    let_go: u64,
    /// The slots of those, whose objects must not be written again.
    taken: HashSet<Slot>,
}

#[derive(Debug)]
struct Held {
    name: String,
    journal: Journal,
    /// The deltas that are known: they come again until their journal has been signed.
    sequences: HashSet<u64>,
    bytes: usize,
    changed: u64,
    written: u64,
}

impl Held {
    fn is_due(&self) -> bool {
        self.changed > self.written
    }
}

/// An object that is to be written.
#[derive(Debug)]
pub(super) struct ProfileObject {
    pub(super) slot: Slot,
    pub(super) path: Path,
    pub(super) bytes: Bytes,
    pub(super) change: u64,
}

impl ProfileBook {
    /// Takes a delta over: change number `change`. Returns how many objects were let go that had not been written: what they are
    /// of must not be signed for.
    pub(super) fn add(&mut self, delta: &Arc<ProfileDelta>, journal: &Journal, change: u64) -> u64 {
        let slot = slot_of(delta);
        // when there were too many to remember, any name may be taken
        let may_be_taken = self.taken.contains(&slot) || self.taken.len() >= REMEMBERED;
        let name = || name_of(&journal.writer_id, slot, may_be_taken.then_some(self.let_go));
        let held = self.held.entry(slot).or_insert_with(|| Held {
            name: name(),
            journal: Journal::new(journal.writer_id.clone(), Arc::clone(&journal.serving_node)),
            sequences: HashSet::new(),
            bytes: 0,
            changed: 0,
            written: 0,
        });
        if held.sequences.insert(delta.sequence) {
            let bytes = delta.memory_size();
            held.bytes += bytes;
            self.bytes += bytes;
            held.journal.profiles.push(Arc::clone(delta));
            held.changed = change;
        }
        self.let_some_go(change)
    }

    /// What has been written goes first, and of that what was changed the longest ago. What has come with the journal of
    /// `change` stays until it has been tried once, however much that is: the log bounds a journal.
    fn let_some_go(&mut self, change: u64) -> u64 {
        let mut unwritten = 0;
        while self.held.len() > OBJECTS || self.bytes > BYTES && self.held.len() > 1 {
            let may_go = self.held.iter().filter(|(_, held)| !held.is_due() || held.changed < change);
            let stalest = may_go.min_by_key(|(_, held)| (held.is_due(), held.changed));
            let Some((&slot, held)) = stalest else { break };
            unwritten += u64::from(held.is_due());
            self.bytes = self.bytes.saturating_sub(held.bytes);
            self.held.remove(&slot);
            self.let_go += 1;
            if self.taken.len() < REMEMBERED {
                self.taken.insert(slot);
            }
        }
        if unwritten > 0 {
            tracing::warn!("profiles are let go: the store has been out of reach for too long");
        }
        unwritten
    }

    /// What is to be written now; `None` in place of an object that cannot be encoded.
    pub(super) fn due(&self, root: &Path) -> Vec<Option<ProfileObject>> {
        let due = self.held.iter().filter(|(_, held)| held.is_due());
        let object = |(&slot, held): (&Slot, &Held)| match encode_profiles(&held.journal) {
            Ok(bytes) => {
                let path = root.clone().join("profiles").join(date_folder(slot.0)).join(&*held.name);
                Some(ProfileObject { slot, path, bytes, change: held.changed })
            }
            Err(error) => {
                tracing::error!(%error, "profiles cannot be encoded");
                None
            }
        };
        due.map(object).collect()
    }

    /// The object of `slot` has been written up to the change of that number.
    pub(super) fn written(&mut self, slot: Slot, change: u64) {
        if let Some(held) = self.held.get_mut(&slot) {
            held.written = held.written.max(change);
        }
    }
}

fn slot_of(delta: &ProfileDelta) -> Slot {
    let start = delta.window.start();
    let is_of_a_day = delta.window.width() == WindowWidth::Day;
    (utc_day(start), (!is_of_a_day).then(|| start.as_second().rem_euclid(86_400) / 3_600))
}

fn name_of(writer_id: &WriterId, (_, hour): Slot, number: Option<u64>) -> String {
    let incarnation = writer_id.incarnation();
    let of = hour.map_or_else(|| "day".to_owned(), |hour| format!("{hour:02}"));
    match number {
        Some(number) => format!("{incarnation}-{of}-{number}.parquet"),
        None => format!("{incarnation}-{of}.parquet"),
    }
}

#[cfg(test)]
#[path = "tests/profile_book.rs"]
mod tests;
