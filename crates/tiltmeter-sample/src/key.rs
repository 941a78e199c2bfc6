//! The key of the hash.

use std::fmt;
use std::fs::File;
use std::hash::Hasher;
use std::io::Read;
use std::path::Path;

use siphasher::sip::SipHasher24;

use crate::{Draw, SampleError};

/// The key of the hash that decides which requests are kept: 128 bits.
///
/// All who are to keep the same requests have the same key. It is worth keeping secret where a client gains by being
/// left out, or being kept: clients choose the ids of their requests. [`PUBLIC`](Self::PUBLIC) is for where nobody does.
///
/// Its text is 32 hexadecimal digits; `openssl rand -hex 16` makes a good one. Its `Debug` shows nothing of it.
///
/// ```
/// use tiltmeter_sample::SampleKey;
///
/// // no key to use: everybody knows it
/// let key = SampleKey::from_text("000102030405060708090a0b0c0d0e0f")?;
/// assert_eq!(key.draw(b"").to_bits(), 0x726f_db47_dd0e_0e31);
/// # Ok::<(), tiltmeter_sample::SampleError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SampleKey([u8; Self::LEN]);

impl SampleKey {
    /// The bytes of a key.
    pub const LEN: usize = 16;

    /// A key that everybody knows: the bytes of `tiltmeter.sample`.
    pub const PUBLIC: Self = Self(*b"tiltmeter.sample");

    /// The longest text, in bytes: digits, and space around them.
    const MAX_TEXT_LEN: usize = 1 << 10;

    /// The key of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Reads 32 hexadecimal digits, with or without white space around them.
    ///
    /// # Errors
    /// When there is anything else.
    pub fn from_text(text: &str) -> Result<Self, SampleError> {
        const FAULT: SampleError =
            SampleError::new("a sample key is 32 hexadecimal digits: make one with `openssl rand -hex 16`");
        let digits = text.trim().as_bytes();
        let mut key = [0; Self::LEN];
        if digits.len() != 2 * Self::LEN {
            return Err(FAULT);
        }
        for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = [pair[0], pair[1]].map(|digit| char::from(digit).to_digit(16));
            let value = high.zip(low).and_then(|(high, low)| u8::try_from(high << 4 | low).ok());
            *byte = value.ok_or(FAULT)?;
        }
        Ok(Self(key))
    }

    /// Reads the key from the environment variable `name`.
    ///
    /// # Errors
    /// When there is no such variable, and as [`from_text`](Self::from_text).
    pub fn from_env(name: &str) -> Result<Self, SampleError> {
        let text = std::env::var(name).map_err(|error| match error {
            std::env::VarError::NotPresent => SampleError::new("is not set"),
            std::env::VarError::NotUnicode(_) => SampleError::new("is not UTF-8"),
        });
        text.and_then(|text| Self::from_text(&text))
            .map_err(|error| error.of(format!("the environment variable {name}")))
    }

    /// Reads the key from a file.
    ///
    /// # Errors
    /// When the file cannot be read or is larger than 1 KiB, and as [`from_text`](Self::from_text).
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SampleError> {
        let path = path.as_ref();
        read(path)
            .and_then(|text| Self::from_text(&text))
            .map_err(|error| error.of(format!("the file {}", path.display())))
    }

    /// What the request `id` draws with this key: SipHash-2-4 of its bytes. Some tens of nanoseconds for 32 bytes.
    #[must_use]
    pub fn draw(&self, id: &[u8]) -> Draw {
        let mut hasher = SipHasher24::new_with_key(&self.0);
        hasher.write(id);
        Draw::from_bits(hasher.finish())
    }
}

fn read(path: &Path) -> Result<String, SampleError> {
    let file = File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => SampleError::new("does not exist"),
        std::io::ErrorKind::PermissionDenied => SampleError::new("may not be read by this user"),
        _ => SampleError::new("cannot be opened"),
    })?;
    let mut text = String::new();
    let read = file.take(SampleKey::MAX_TEXT_LEN as u64 + 1).read_to_string(&mut text);
    match read {
        Ok(length) if length > SampleKey::MAX_TEXT_LEN => Err(SampleError::new("is larger than 1 KiB")),
        Ok(_) => Ok(text),
        Err(_) => Err(SampleError::new("cannot be read as text")),
    }
}

impl fmt::Debug for SampleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SampleKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: &str = "000102030405060708090a0b0c0d0e0f";

    /// From `vectors_sip64` of the reference implementation (<https://github.com/veorq/SipHash>): the hashes of no byte,
    /// of 0, of 0 to 6, 0 to 7, 0 to 14 (that of the paper's appendix A) and 0 to 62.
    #[test]
    fn the_hash_is_that_of_the_reference() {
        let key = SampleKey::from_text(REFERENCE).unwrap();
        let message: Vec<u8> = (0..63).collect();
        for (length, hash) in [
            (0, 0x726f_db47_dd0e_0e31),
            (1, 0x74f8_39c5_93dc_67fd),
            (7, 0xab02_00f5_8b01_d137),
            (8, 0x93f5_f579_9a93_2462),
            (15, 0xa129_ca61_49be_45e5),
            (63, 0x958a_324c_eb06_4572),
        ] {
            assert_eq!(key.draw(&message[..length]).to_bits(), hash, "{length}");
        }
    }

    /// Each `hex(siphash24(bytes(range(16)), id.encode()))` with the Python that the crate's page shows.
    #[test]
    fn python_agrees() {
        let key = SampleKey::from_text(REFERENCE).unwrap();
        for (id, hash) in [
            ("r0000001", 0x7f64_3a2e_ae59_8063),
            ("order-4711", 0xa144_930d_dbbb_97b4),
            ("4bf92f3577b34da6a3ce929d0e0e4736", 0xa07e_8200_d6b8_33c6),
            ("018f2d3c-5f2e-7c3a-9b1d-2f4e6a8c0d1e", 0x6bc8_fd8f_789b_f5f9),
        ] {
            assert_eq!(key.draw(id.as_bytes()).to_bits(), hash, "{id}");
        }
    }

    #[test]
    fn a_key_is_read_from_a_text_and_a_file_and_is_not_shown() {
        let key = SampleKey::from_text(&format!(" {}\n", REFERENCE.to_uppercase())).unwrap();
        assert_eq!(key, SampleKey::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]));
        assert_eq!(format!("{key:?}"), "SampleKey { .. }");
        for bad in [
            "",
            "00",
            &REFERENCE[1..],
            &format!("{REFERENCE}00"),
            &REFERENCE.replace('f', "g"),
            &"é".repeat(16),
        ] {
            let error = SampleKey::from_text(bad).unwrap_err().to_string();
            assert!(error.contains("32 hexadecimal digits") && !error.contains(&REFERENCE[..4]), "{error}");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let of_file = |text: &str| {
            std::fs::write(&path, text).unwrap();
            SampleKey::from_file(&path)
        };
        assert_eq!(of_file(&format!("{REFERENCE}\n")).unwrap(), key);
        assert!(of_file(&" ".repeat(1 << 20)).unwrap_err().to_string().ends_with("is larger than 1 KiB"));
        let error = SampleKey::from_file(folder.path().join("none")).unwrap_err();
        assert!(error.to_string().ends_with("/none: does not exist"), "{error}");
        let error = SampleKey::from_env("TILTMETER_SAMPLE_KEY_THAT_IS_NOT_THERE").unwrap_err();
        assert!(error.to_string().ends_with("is not set"), "{error}");
    }
}
