//! The keys of keyed hashes.

use std::error::Error as StdError;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Stands before every value that is hashed, and nothing else does: not the model, not the field.
const DOMAIN: &[u8] = b"tiltmeter.hash.v1\0";

/// What the id of a bare key is made of.
const KEY_ID_DOMAIN: &[u8] = b"tiltmeter.key-id.v1";

/// The bytes of a hash that are kept: 128 bits.
const KEPT: usize = 16;

/// The keys of keyed hashes, the newest first.
///
/// A hash is `h:<key id>:<32 hexadecimal digits>`: the first 128 bits of the HMAC-SHA256 of `tiltmeter.hash.v1`, a zero
/// byte and the value. It depends on the key and the value alone, not on model, field or service: equal values are equal
/// wherever they were hashed with the same key, so that tables can be joined on them. Whoever must not be able to join
/// two tables gives them different keys. Nothing is normalised: `A@x.org` and `a@x.org` have different hashes.
///
/// The newest key hashes. Older ones stay in the ring while data that was hashed with them is joined: a label job looks
/// up [`hashes`](Self::hashes), those of all keys, or picks the key that stands beside a hash by [`hash_with`](Self::hash_with).
///
/// # Text format
/// One key a line, the newest first: `<key id>:<key>`. A key id has 1 to 32 letters, digits, `_` and `-`; a key has 16 to
/// 256 random bytes, in hexadecimal digits or else in base64 (with or without padding, either alphabet). Empty lines and
/// those that begin with `#` mean nothing. A text that is one bare key is fine too: its id is then made of the key.
///
/// `openssl rand -hex 32` makes a good key.
///
/// ```
/// use tiltmeter_record::Keyring;
///
/// // no keys to use: everybody knows them
/// let keyring = Keyring::from_text("2026b:000102030405060708090a0b0c0d0e0f\n2026a:QUJDREVGR0hJSktMTU5PUA==")?;
/// assert!(keyring.hash("c1").starts_with("h:2026b:"));
/// assert!(keyring.hash_with("2026a", "c1").is_some_and(|hash| hash.starts_with("h:2026a:")));
/// assert_eq!(keyring.hashes("c1").count(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Its `Debug` shows the ids alone.
#[derive(Clone)]
pub struct Keyring {
    /// At least one.
    keys: Arc<[Key]>,
}

/// A key as the state of the hash after it: the bytes themselves are not kept.
struct Key {
    id: Box<str>,
    state: Hmac<Sha256>,
}

impl Keyring {
    /// The fewest bytes of a key.
    pub const MIN_KEY_LEN: usize = 16;
    /// The most bytes of a key.
    pub const MAX_KEY_LEN: usize = 256;
    /// The most keys of a ring.
    pub const MAX_KEYS: usize = 32;
    /// The longest text, in bytes.
    pub const MAX_TEXT_LEN: usize = 64 << 10;

    /// Reads keys in the [text format](Self#text-format).
    ///
    /// # Errors
    /// When there is no key, a key is short, not random or not readable, or an id stands twice.
    pub fn from_text(text: &str) -> Result<Self, KeyringError> {
        Self::parse(text).map_err(|fault| KeyringError { source: None, fault })
    }

    /// Reads keys from the environment variable `name`.
    ///
    /// # Errors
    /// When there is no such variable or it is not UTF-8, and as [`from_text`](Self::from_text).
    pub fn from_env(name: &str) -> Result<Self, KeyringError> {
        let text = std::env::var(name).map_err(|error| match error {
            std::env::VarError::NotPresent => Fault::Unreadable("is not set"),
            std::env::VarError::NotUnicode(_) => Fault::Unreadable("is not UTF-8"),
        });
        let source = || Some(format!("the environment variable {name}"));
        text.and_then(|text| Self::parse(&text)).map_err(|fault| KeyringError { source: source(), fault })
    }

    /// Reads keys from a file.
    ///
    /// # Errors
    /// When the file cannot be read, is larger than [`MAX_TEXT_LEN`](Self::MAX_TEXT_LEN) or not UTF-8, and as
    /// [`from_text`](Self::from_text).
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyringError> {
        let path = path.as_ref();
        let source = || Some(format!("the file {}", path.display()));
        read(path)
            .and_then(|text| Self::parse(&text))
            .map_err(|fault| KeyringError { source: source(), fault })
    }

    fn parse(text: &str) -> Result<Self, Fault> {
        if text.len() > Self::MAX_TEXT_LEN {
            return Err(Fault::Unreadable("is larger than 64 KiB"));
        }
        let lines = text.lines().map(str::trim).enumerate();
        let lines: Vec<(usize, &str)> =
            lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).collect();
        let mut keys: Vec<Key> = Vec::new();
        for &(place, line) in &lines {
            let fail = |what| Fault::Line { line: place + 1, what };
            if keys.len() == Self::MAX_KEYS {
                return Err(fail("it is the 33rd key, 32 are allowed"));
            }
            let (id, key) = match line.split_once(':') {
                Some((id, key)) => (Some(id.trim_end()), key.trim_start()),
                None if lines.len() == 1 => (None, line),
                None => return Err(fail("it is not <key id>:<key>")),
            };
            let state = keyed(key).map_err(fail)?;
            let id: Box<str> = match id {
                Some(id) if is_key_id(id) => id.into(),
                Some(_) => return Err(fail("a key id has 1 to 32 letters, digits, '_' and '-'")),
                None => id_of(&state).into(),
            };
            if keys.iter().any(|key| key.id == id) {
                return Err(fail("its key id stands in a line before"));
            }
            let key = Key { id, state };
            if keys.iter().any(|other| other.digest("") == key.digest("")) {
                return Err(fail("its key stands in a line before, under another id"));
            }
            keys.push(key);
        }
        if keys.is_empty() { Err(Fault::Unreadable("has no key")) } else { Ok(Self { keys: keys.into() }) }
    }

    /// The ids of the keys, the newest first.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| &*key.id)
    }

    /// The hash of `value` with the newest key. About 300 ns for a short one.
    #[must_use]
    pub fn hash(&self, value: &str) -> String {
        self.keys[0].hash(value)
    }

    /// The hash of `value` with the key of that id; `None` when there is no such key.
    #[must_use]
    pub fn hash_with(&self, key_id: &str, value: &str) -> Option<String> {
        self.keys.iter().find(|key| &*key.id == key_id).map(|key| key.hash(value))
    }

    /// The hashes of `value` with every key, the newest first.
    pub fn hashes<'k>(&'k self, value: &'k str) -> impl Iterator<Item = String> + 'k {
        self.keys.iter().map(move |key| key.hash(value))
    }
}

impl Key {
    fn digest(&self, value: &str) -> [u8; KEPT] {
        let mut mac = self.state.clone();
        mac.update(DOMAIN);
        mac.update(value.as_bytes());
        let mut kept = [0; KEPT];
        kept.copy_from_slice(&mac.finalize().into_bytes()[..KEPT]);
        kept
    }

    fn hash(&self, value: &str) -> String {
        let mut hash = String::with_capacity(3 + self.id.len() + 2 * KEPT);
        hash.push_str("h:");
        hash.push_str(&self.id);
        hash.push(':');
        push_hex(&self.digest(value), &mut hash);
        hash
    }
}

/// Whether a text has the form of a hash.
pub(super) fn is_hash(text: &str) -> bool {
    let rest = text.strip_prefix("h:").and_then(|rest| rest.split_once(':'));
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    rest.is_some_and(|(id, digits)| is_key_id(id) && digits.len() == 2 * KEPT && digits.bytes().all(is_digit))
}

fn push_hex(bytes: &[u8], text: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Two bare keys that follow each other must not have one id.
fn id_of(state: &Hmac<Sha256>) -> String {
    let mut mac = state.clone();
    mac.update(KEY_ID_DOMAIN);
    let mut id = String::from("k");
    push_hex(&mac.finalize().into_bytes()[..4], &mut id);
    id
}

fn is_key_id(id: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    (1..=32).contains(&id.len()) && id.bytes().all(safe)
}

fn keyed(text: &str) -> Result<Hmac<Sha256>, &'static str> {
    let bytes = from_hex(text).or_else(|| from_base64(text));
    let bytes = bytes.ok_or("the key is neither hexadecimal digits nor base64")?;
    match bytes.len() {
        0..Keyring::MIN_KEY_LEN => return Err("the key is shorter than 16 bytes"),
        Keyring::MIN_KEY_LEN..=Keyring::MAX_KEY_LEN => {}
        _ => return Err("the key is longer than 256 bytes"),
    }
    // 16 random bytes have fewer than 8 different ones once in 10^10 times
    let mut different = bytes.clone();
    different.sort_unstable();
    different.dedup();
    if different.len() < 8 {
        return Err("the key has fewer than 8 different bytes, so it is not random");
    }
    Hmac::new_from_slice(&bytes).map_err(|_| "the key has no length that HMAC takes")
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(pair).collect()
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let mut engines = [STANDARD, URL_SAFE].into_iter().map(|alphabet| GeneralPurpose::new(&alphabet, config));
    engines.find_map(|engine| engine.decode(text).ok())
}

fn read(path: &Path) -> Result<String, Fault> {
    let file = File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Fault::Unreadable("does not exist"),
        std::io::ErrorKind::PermissionDenied => Fault::Unreadable("may not be read by this user"),
        _ => Fault::Unreadable("cannot be opened"),
    })?;
    let mut bytes = Vec::new();
    let read = file.take(Keyring::MAX_TEXT_LEN as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|_| Fault::Unreadable("cannot be read"))?;
    if bytes.len() > Keyring::MAX_TEXT_LEN {
        return Err(Fault::Unreadable("is larger than 64 KiB"));
    }
    String::from_utf8(bytes).map_err(|_| Fault::Unreadable("is not UTF-8"))
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("key_ids", &self.key_ids().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Why keys could not be read. It never shows any part of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyringError {
    source: Option<String>,
    fault: Fault,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Fault {
    /// What is wrong with the whole.
    Unreadable(&'static str),
    /// What is wrong in a line, from 1.
    Line { line: usize, what: &'static str },
}

impl fmt::Display for KeyringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source.as_deref().unwrap_or("the text of the keys"))?;
        match &self.fault {
            Fault::Unreadable(what) => write!(f, " {what}"),
            Fault::Line { line, what } => write!(f, ", line {line}: {what}"),
        }
    }
}

impl StdError for KeyringError {}

#[cfg(test)]
mod tests;
