//! The id of a baseline.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// The id of a baseline: the first 128 bits of the SHA-256 of its content, written as 32 hexadecimal digits.
///
/// Equal ids mean equal baselines; that two different ones have the same id by chance does not happen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BaselineId([u8; Self::LEN]);

impl BaselineId {
    pub(super) const LEN: usize = 16;

    pub(super) fn of(payload: &[u8]) -> Self {
        let digest = Sha256::digest(payload);
        let mut id = [0; Self::LEN];
        id.copy_from_slice(&digest[..Self::LEN]);
        Self(id)
    }

    pub(super) fn bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Display for BaselineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BaselineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaselineId({self})")
    }
}
