//! The privacy policy: what is dropped, masked or hashed before anything sees a prediction.
//!
//! A [`PrivacyPolicy`] stands in the model spec, as `privacy`. A [`Masker`] applies it to each decoded prediction, in place,
//! before observers, sinks, debug output and errors see it. A spec without a policy costs one comparison a row.
//!
//! # What goes where
//! - **Rules by field**: columns of our own by name, `features`, `segments`. A rule of a feature or of `entity_id` is applied to
//!   `raw_input` too, at the place where the field stands in the body: it would be the same value once more.
//! - **Rules by pointer** are about `raw_input` alone. They and the former need JSON: a `raw_input` that is none, or is nested
//!   deeper than 128 levels, is dropped and counted. A value of another shape than the path of a rule becomes `null`.
//! - **Patterns and detectors** look through `raw_input`, `generated_text`, segments and their names, `request_id`,
//!   `model_version`, and what `scan` lists. In JSON they look through strings (unescaped), keys and numbers, and it stays
//!   JSON: a number in which something is found becomes a string. What is left is what the detectors' modules say they do
//!   not find; escapes inside of a text that itself holds JSON are not resolved, nor is `%40` in the text of a form.
//! - **Rescued values**: those of a field with a rule, or around the place of one by pointer, keep their JSON type alone,
//!   `"<masked string>"`. The others are looked through; one that was cut cannot be, and keeps its type.
//!
//! A field with a rule is not looked through as well, but for `truncate`, which leaves text that someone wrote.
//!
//! Readers that show stored values to people put them through a [`StoredMasker`]: what lies in a file may be older than the
//! policy.
//!
//! # What it is not
//! Detectors find what has a form. Names and addresses have none: give such fields a rule, or do not log them. `raw_input` is
//! not logged at all unless the spec says so.
//!
//! # Example
//! ```
//! use tiltmeter_record::{Keyring, Masker, ModelSpec};
//!
//! let spec = ModelSpec::from_yaml("model.yaml", r"
//! spec_version: 1
//! name: churn
//! type: binary
//! owner: crm
//! tier: 2
//! endpoint: {path: /predict}
//! request: {entity_id: /customer, raw_input: true}
//! response: {score: /score}
//! features: {email: string, age: integer, comment: string}
//! privacy:
//!   entity_id: hash
//!   features: {email: drop, age: {bucket: [0, 18, 30, 45, 65]}}
//!   detect: [email, phone, iban, card, ip]
//!   scan: [comment]
//!   hash_key: {env: TILTMETER_HASH_KEY}
//! ")?;
//! let keys = Keyring::from_text("2026a:000102030405060708090a0b0c0d0e0f")?;
//! let mut masker = Masker::new(&spec, Some(&keys))?;
//! // for each decoded row: masker.apply(&mut row);
//! assert_eq!(masker.take_counts().iter().count(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod action;
mod counts;
mod detect;
mod error;
mod field;
mod json;
mod keyring;
mod masker;
mod places;
mod policy;
mod scan;
mod stored;
#[cfg(test)]
mod tests;

pub use counts::MaskCounts;
pub use error::MaskerError;
pub use keyring::{Keyring, KeyringError};
pub use masker::Masker;
pub use policy::{Action, Detector, KeySource, MaskedColumn, PatternRule, PrivacyPolicy};
pub use stored::StoredMasker;

/// Compiles a pattern of a policy; its size is bounded, so that a spec cannot ask for all the memory.
pub(crate) fn compile(pattern: &str) -> Result<regex::Regex, regex::Error> {
    regex::RegexBuilder::new(pattern).size_limit(1 << 20).dfa_size_limit(1 << 20).build()
}
