//! What a log may be told before it starts, and what not.

use std::sync::Arc;

use tiltmeter_record::ModelSpec;

use crate::error::BuildError;
use crate::queue::QueueBounds;

pub(super) fn check_sink_names<'n>(names: impl Iterator<Item = &'n str>) -> Result<(), BuildError> {
    let mut seen = Vec::new();
    for name in names {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        if !(1..=32).contains(&name.len()) || !name.bytes().all(is_plain) {
            return Err(BuildError::configuration(format!(
                "a sink is to be called {:?}; allowed: 1 to 32 lower-case letters, digits, '_' and '-'",
                name.chars().take(64).collect::<String>()
            )));
        }
        if seen.contains(&name) {
            return Err(BuildError::configuration(format!("two sinks are to be called {name:?}")));
        }
        seen.push(name);
    }
    Ok(())
}

/// Two specs of one name would write two schemas into one table.
pub(super) fn check_names(models: &[Arc<ModelSpec>]) -> Result<(), BuildError> {
    for (place, spec) in models.iter().enumerate() {
        let name = spec.name.as_str();
        if models[..place].iter().any(|earlier| earlier.name.as_str().eq_ignore_ascii_case(name)) {
            return Err(BuildError::configuration(format!(
                "two specs are of the model {name}; a model has one spec, and names differ in more than case"
            )));
        }
    }
    Ok(())
}

pub(super) fn check_bounds(bounds: QueueBounds, body_cap: usize) -> Result<(), BuildError> {
    /// What an exchange takes besides its bodies, generously.
    const OVERHEAD: u64 = 64 << 10;
    /// A text column of a batch holds at most 2 GiB.
    const LARGEST_BODY_CAP: usize = 256 << 20;
    if bounds.items == 0 {
        return Err(BuildError::configuration(
            "the queue has room for 0 exchanges, and must have some for one",
        ));
    }
    let most = QueueBounds::MOST;
    if bounds.items > most.items {
        return Err(BuildError::configuration(format!(
            "the queue is to have room for {} exchanges; at most {} are possible",
            bounds.items, most.items
        )));
    }
    if body_cap > LARGEST_BODY_CAP {
        return Err(BuildError::configuration(format!(
            "bodies are to be captured up to {body_cap} bytes; at most {LARGEST_BODY_CAP} are possible"
        )));
    }
    let least = (body_cap as u64).saturating_mul(2).saturating_add(OVERHEAD);
    if bounds.bytes < least || bounds.bytes > most.bytes {
        return Err(BuildError::configuration(format!(
            "the queue is to hold {} bytes; it must hold at least {least}, so that an exchange with two bodies of the \
             body cap fits, and at most {}",
            bounds.bytes, most.bytes
        )));
    }
    Ok(())
}
