//! A profile as bytes.
//!
//! ```text
//! offset  bytes
//!      0      8   "tiltprof"
//!      8      2   version of the encoding, little-endian
//!     10      8   the first of the SHA-256 of all that follows
//!     18      …   content, in the wire format of postcard (https://postcard.jamesmunns.com/wire-format)
//! ```

use sha2::{Digest as _, Sha256};

use super::Profile;
use crate::error::{Error, Result};

/// The version of the encoding that [`Profile::encode`] writes.
pub const PROFILE_ENCODING_VERSION: u16 = 1;

const MAGIC: [u8; 8] = *b"tiltprof";
const SUM_AT: usize = MAGIC.len() + 2;
const CONTENT_AT: usize = SUM_AT + 8;

fn sum(content: &[u8]) -> [u8; 8] {
    let mut sum = [0; 8];
    sum.copy_from_slice(&Sha256::digest(content)[..8]);
    sum
}

impl Profile {
    /// The profile as bytes, the same for the same profile.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // fails for nothing that there can be, and `decode` would refuse empty content
        let content = postcard::to_allocvec(self).unwrap_or_default();
        let mut bytes = Vec::with_capacity(CONTENT_AT + content.len());
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&PROFILE_ENCODING_VERSION.to_le_bytes());
        bytes.extend_from_slice(&sum(&content));
        bytes.extend_from_slice(&content);
        bytes
    }

    /// Reads what [`encode`](Self::encode) wrote. Takes memory in proportion to the bytes, whatever they say, and 2 KiB
    /// for a count of distinct values.
    ///
    /// # Errors
    /// When the bytes are not a profile, are damaged, or were written in a later version of the encoding.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let Some((header, content)) =
            bytes.split_at_checked(CONTENT_AT).filter(|(header, _)| header.starts_with(&MAGIC))
        else {
            return Err(Error::invalid("the bytes are not a profile"));
        };
        let version = u16::from_le_bytes([header[MAGIC.len()], header[MAGIC.len() + 1]]);
        if version != PROFILE_ENCODING_VERSION {
            return Err(Error::invalid(format!(
                "the profile has version {version} of the encoding, this build reads {PROFILE_ENCODING_VERSION}"
            )));
        }
        if sum(content) != header[SUM_AT..] {
            return Err(Error::invalid("the profile is damaged: its content does not have its sum"));
        }
        let (profile, rest) = postcard::take_from_bytes(content)
            .map_err(|error| Error::invalid(format!("the profile is malformed: {error}")))?;
        if rest.is_empty() {
            Ok(profile)
        } else {
            Err(Error::invalid("the profile is malformed: bytes follow its content"))
        }
    }
}
