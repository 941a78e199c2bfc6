//! A baseline as bytes.
//!
//! ```text
//! offset  bytes
//!      0      8   "tiltbase"
//!      8      2   version of the encoding, little-endian
//!     10     16   baseline id: of all that follows
//!     26      …   content, in the wire format of postcard (https://postcard.jamesmunns.com/wire-format)
//! ```

use super::{Baseline, BaselineId, Content};
use crate::error::{Error, Result};

/// The version of the encoding that [`Baseline::encode`] writes.
pub const ENCODING_VERSION: u16 = 1;

const MAGIC: [u8; 8] = *b"tiltbase";
const ID_AT: usize = MAGIC.len() + 2;
const PAYLOAD_AT: usize = ID_AT + BaselineId::LEN;

/// Serialising into memory fails for no content that there can be: an empty payload would be refused by `decode`.
pub(super) fn payload(content: &Content) -> Vec<u8> {
    postcard::to_allocvec(content).unwrap_or_default()
}

impl Baseline {
    /// The baseline as bytes, the same for the same baseline. Some kilobytes for a column of few distinct numbers, up
    /// to 16 bytes for each distinct number.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&ENCODING_VERSION.to_le_bytes());
        bytes.extend_from_slice(self.id.bytes());
        bytes.extend_from_slice(&payload(&self.content));
        bytes
    }

    /// Reads what [`encode`](Self::encode) wrote. Takes memory in proportion to the bytes, whatever they say.
    ///
    /// # Errors
    /// When the bytes are not a baseline, are damaged, or were written in a later version of the encoding.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let Some((header, payload)) =
            bytes.split_at_checked(PAYLOAD_AT).filter(|(header, _)| header.starts_with(&MAGIC))
        else {
            return Err(Error::invalid("the bytes are not a baseline"));
        };
        let version = u16::from_le_bytes([header[MAGIC.len()], header[MAGIC.len() + 1]]);
        if version != ENCODING_VERSION {
            return Err(Error::invalid(format!(
                "the baseline has version {version} of the encoding, this build reads {ENCODING_VERSION}"
            )));
        }
        if BaselineId::of(payload).bytes() != &header[ID_AT..] {
            return Err(Error::invalid("the baseline is damaged: its content does not have its id"));
        }
        let (content, rest): (Content, _) = postcard::take_from_bytes(payload)
            .map_err(|error| Error::invalid(format!("the baseline is malformed: {error}")))?;
        if !rest.is_empty() {
            return Err(Error::invalid("the baseline is malformed: bytes follow its content"));
        }
        Self::of_content(content)
    }
}
