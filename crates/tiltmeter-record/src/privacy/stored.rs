//! Features that a log has stored, before people see them.

use std::fmt;
use std::sync::Arc;

use super::action::{MASK, NumberAction, Rule, TextAction, first, mask};
use super::detect::Detectors;
use super::keyring::is_hash;
use super::scan::Scanner;
use super::{Action, MaskCounts, MaskerError, PatternRule, PrivacyPolicy, compile};
use crate::spec::FeatureSpec;
use crate::{ModelSpec, Value};

/// Applies the rules of features to values that a log has stored, so that nothing is shown raw that the spec's policy hides
/// now: rows may be older than the policy, or of a time when it was another.
///
/// Whether a value has been through the policy is not known, so that it goes through it once more:
/// - what is dropped, goes;
/// - buckets, rounding and truncation leave what they have left before;
/// - a text to be masked stays if it has the form of a masked one, and so does a text to be hashed; there are no keys here, so
///   that all else becomes `***`;
/// - texts that `scan` lists are looked through again; a pattern that hashes leaves `***`;
/// - a value that its rule is not made for goes.
///
/// ```
/// use tiltmeter_record::privacy::StoredMasker;
/// use tiltmeter_record::{ModelSpec, Value};
///
/// let spec = ModelSpec::from_yaml("model.yaml", "
///     {spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict},
///      response: {score: /score}, features: {age: integer, mail: string}, privacy: {features: {age: {round: 10}, mail: drop}}}")?;
/// let mut masker = StoredMasker::new(&spec)?;
/// assert_eq!(masker.apply(0, 47.into()), Value::Integer(50));
/// assert!(masker.drops(1) && masker.apply(1, "a@example.org".into()).is_missing());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Its `Debug` shows no values.
pub struct StoredMasker {
    /// By place in the spec's features.
    features: Vec<Again>,
    scanner: Option<Scanner>,
}

/// What becomes of a stored value.
#[derive(Debug)]
enum Again {
    Keep,
    LookThrough,
    Drop,
    Mask(usize),
    Hash,
    Truncate(usize),
    Number(NumberAction),
}

impl StoredMasker {
    /// Applies `spec.privacy`. No keys are needed.
    ///
    /// # Errors
    /// When a pattern of a policy that was not read from a spec is no regular expression.
    pub fn new(spec: &ModelSpec) -> Result<Self, MaskerError> {
        let Some(policy) = &spec.privacy else { return Ok(Self { features: Vec::new(), scanner: None }) };
        let again =
            |feature: &FeatureSpec| match policy.features.iter().find(|(name, _)| *name == feature.name) {
                Some((_, action)) => Again::of(action),
                None if policy.scan.contains(&feature.name) => Again::LookThrough,
                None => Again::Keep,
            };
        Ok(Self { features: spec.features.iter().map(again).collect(), scanner: scanner(policy)? })
    }

    /// Whether nothing of the feature at `place` in the spec is ever shown.
    #[must_use]
    pub fn drops(&self, place: usize) -> bool {
        matches!(self.features.get(place), Some(Again::Drop))
    }

    /// What may be shown of a value of the feature at `place` in the spec.
    #[must_use]
    pub fn apply(&mut self, place: usize, value: Value) -> Value {
        let scanner = &mut self.scanner;
        let mut scanned = |text: &Arc<str>| {
            let changed =
                scanner.as_mut().and_then(|scanner| scanner.changed(text, &mut MaskCounts::default()));
            changed.map_or_else(|| Arc::clone(text), Arc::from)
        };
        match (self.features.get(place), value) {
            (Some(Again::LookThrough), Value::Text(text)) => scanned(&text).into(),
            (None | Some(Again::Keep | Again::LookThrough), value) => value,
            (Some(Again::Mask(keep_last)), Value::Text(text)) if is_masked(&text, *keep_last) => text.into(),
            (Some(Again::Mask(keep_last)), Value::Text(text)) => mask(&text, *keep_last).into(),
            (Some(Again::Hash), Value::Text(text)) if is_hash(&text) => text.into(),
            (Some(Again::Hash), Value::Text(_)) => MASK.into(),
            (Some(Again::Truncate(keep_first)), Value::Text(text)) => {
                first(&scanned(&text), *keep_first).into()
            }
            (Some(Again::Number(action)), Value::Integer(number)) => action.of_whole(number),
            (Some(Again::Number(action)), Value::Float(number)) => action.of(number).into(),
            _ => Value::Missing,
        }
    }
}

impl Again {
    fn of(action: &Action) -> Self {
        match action {
            Action::Drop => Self::Drop,
            Action::Mask { keep_last } => Self::Mask(*keep_last),
            Action::Hash => Self::Hash,
            Action::Truncate { keep_first } => Self::Truncate(*keep_first),
            Action::Bucket { bounds } => Self::Number(NumberAction::Bucket(Arc::clone(bounds))),
            Action::Round { step } => Self::Number(NumberAction::Round(*step)),
        }
    }
}

/// What looks through text; what a pattern hashes is masked.
fn scanner(policy: &PrivacyPolicy) -> Result<Option<Scanner>, MaskerError> {
    let pattern = |rule: &PatternRule| {
        let compiled = compile(&rule.pattern).map_err(|_| MaskerError::pattern(&rule.pattern))?;
        let action = Rule::new(&rule.action, None).map_or(TextAction::Mask(0), Rule::into_text);
        Ok((compiled, action))
    };
    let patterns = policy.patterns.iter().map(pattern).collect::<Result<_, _>>()?;
    Ok(Scanner::new(patterns, Detectors::new(&policy.detect)))
}

/// Whether masking may have left that text.
fn is_masked(text: &str, keep_last: usize) -> bool {
    text.strip_prefix(MASK).is_some_and(|kept| kept.chars().count() <= keep_last)
}

impl fmt::Debug for StoredMasker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredMasker").field("features", &self.features).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Keyring, Masker, Prediction};

    const FEATURES: [&str; 8] =
        ["dropped", "masked", "hashed", "cut", "bucketed", "rounded", "scanned", "free"];

    fn spec() -> ModelSpec {
        ModelSpec::from_yaml(
            "test",
            r"{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /},
               response: {score: /score},
               features: {dropped: boolean, masked: string, hashed: string, cut: string, bucketed: integer, rounded: float,
                          scanned: string, free: string},
               privacy: {features: {dropped: drop, masked: {mask: {keep_last: 2}}, hashed: hash, cut: {truncate: 3},
                                    bucketed: {bucket: [0, 18, 65]}, rounded: {round: 0.1}},
                         patterns: [{pattern: 'K\d+', action: hash}], detect: [email], scan: [scanned]}}",
        )
        .unwrap()
    }

    /// What is shown of a value of the feature of that name.
    fn shown(name: &str, value: impl Into<Value>) -> Value {
        let place = FEATURES.iter().position(|feature| *feature == name).unwrap();
        StoredMasker::new(&spec()).unwrap().apply(place, value.into())
    }

    #[test]
    fn what_was_stored_before_the_policy_goes_through_it() {
        assert_eq!(shown("dropped", true), Value::Missing);
        assert_eq!(shown("masked", "Anna"), "***na".into());
        assert_eq!(shown("masked", "Ann"), "***".into());
        assert_eq!(shown("hashed", "Anna"), "***".into());
        assert_eq!(shown("hashed", "h:Anna:5"), "***".into());
        assert_eq!(shown("cut", "a@example.org"), "<em".into());
        assert_eq!(shown("bucketed", 47), Value::Integer(18));
        assert_eq!(shown("bucketed", -1), Value::Missing);
        assert_eq!(shown("scanned", "of K471, a@example.org"), "of ***, <email>".into());
        assert_eq!(shown("free", "Anna"), "Anna".into());
        assert!(!format!("{:?}", StoredMasker::new(&spec()).unwrap()).contains("example"));
    }

    #[test]
    fn what_a_rule_is_not_made_for_goes() {
        assert_eq!(shown("bucketed", "47"), Value::Missing);
        assert_eq!(shown("masked", 47), Value::Missing);
        assert_eq!(shown("hashed", 47.5), Value::Missing);
    }

    #[test]
    fn without_a_policy_all_is_shown() {
        let mut spec = spec();
        spec.privacy = None;
        let mut masker = StoredMasker::new(&spec).unwrap();
        assert!(!masker.drops(0));
        assert_eq!(masker.apply(1, "Anna".into()), "Anna".into());
    }

    fn row(features: Vec<Value>) -> Prediction {
        Prediction {
            prediction_id: uuid::Uuid::nil(),
            request_id: "r1".into(),
            instance_index: 0,
            sequence: 0,
            entity_id: None,
            model_version: None,
            event_time: jiff::Timestamp::UNIX_EPOCH,
            observed_at: jiff::Timestamp::UNIX_EPOCH,
            features,
            raw_input: None,
            prediction: Value::Missing,
            score: None,
            confidence: None,
            class_probabilities: None,
            ranking: None,
            generated_text: None,
            segments: Vec::new(),
            latency: std::time::Duration::ZERO,
            endpoint: "/".into(),
            status: None,
            error_type: None,
            rescued: Vec::new(),
            inclusion: crate::Inclusion::default(),
        }
    }

    proptest! {
        #[test]
        fn what_the_log_has_masked_stays_as_it_is(text in ".{0,12}", whole in any::<i64>(), number in -1e9..1e9_f64) {
            let of_text = || Value::Text(text.as_str().into());
            let raw = vec![
                Value::Boolean(true), of_text(), of_text(), of_text(), whole.into(), number.into(), Value::Missing, of_text(),
            ];
            let keys = Keyring::from_text("k1:000102030405060708090a0b0c0d0e0f").unwrap();
            let mut logged = row(raw);
            Masker::new(&spec(), Some(&keys)).unwrap().apply(&mut logged);
            let mut stored = StoredMasker::new(&spec()).unwrap();
            for (place, value) in logged.features.iter().enumerate() {
                prop_assert_eq!(&stored.apply(place, value.clone()), value);
            }
        }
    }
}
