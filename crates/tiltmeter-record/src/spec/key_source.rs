//! Where a key comes from: a key itself never stands in a spec.

use std::path::PathBuf;

use super::field::Field;
use super::fields::Fields;
use super::problem::Problem;
use crate::privacy::KeySource;

/// Nothing that stands here is repeated in a message: it may be a key.
pub(super) fn key_source(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<KeySource> {
    const ALLOWED: &str = "{env: NAME} or {file: path}; a key itself never stands in a spec";
    if !field.is_mapping() {
        problems.push(field.problem("a value that is no source of keys").allow(ALLOWED));
        return None;
    }
    let fields = Fields::known(field, &["env", "file"], problems)?;
    let text = |key: &str| fields.optional(key);
    match (text("env"), text("file")) {
        (Some(field), None) => {
            let mut unshown = Vec::new();
            let name = field.non_empty(ALLOWED, &mut unshown).filter(|name| is_variable(name));
            if name.is_none() {
                let allowed = "letters, digits and '_', the first not a digit";
                problems.push(field.problem("what is no name of an environment variable").allow(allowed));
            }
            name.map(KeySource::Env)
        }
        (None, Some(field)) => {
            let mut unshown = Vec::new();
            let path = field.non_empty(ALLOWED, &mut unshown);
            if path.is_none() {
                problems.push(field.problem("what is no path").allow("the path of a file"));
            }
            path.map(|path| KeySource::File(PathBuf::from(path)))
        }
        _ => {
            problems.push(field.problem("not one of env and file").allow(ALLOWED));
            None
        }
    }
}

fn is_variable(name: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.len() <= 128 && !name.starts_with(|c: char| c.is_ascii_digit()) && name.bytes().all(safe)
}
