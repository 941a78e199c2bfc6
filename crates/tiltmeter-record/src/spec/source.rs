//! The text of a spec's file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::{ModelSpec, SpecError};

/// Reads at most one byte more than a spec may have.
pub(super) fn read(path: &Path) -> Result<String, SpecError> {
    let name = path.display().to_string();
    let fail = |source| SpecError::io(&name, source);
    let file = File::open(path).map_err(fail)?;
    if file.metadata().map_err(fail)?.is_dir() {
        return Err(SpecError::unreadable(&name, "found a directory, allowed: a file"));
    }
    let bytes = read_bounded(file).map_err(fail)?;
    check_len(&name, bytes.len())?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|&&byte| byte == b'\n').count() + 1;
        SpecError::unreadable(
            &name,
            format!("found a byte in line {line} that is not UTF-8, allowed: UTF-8 text"),
        )
    })
}

fn read_bounded(file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(ModelSpec::MAX_LEN as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn check_len(name: &str, len: usize) -> Result<(), SpecError> {
    if len > ModelSpec::MAX_LEN {
        return Err(SpecError::unreadable(name, "found more than 1 MiB, allowed: at most 1 MiB"));
    }
    Ok(())
}
