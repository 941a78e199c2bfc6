//! Files that could not be read, and why.

use std::error::Error as StdError;
use std::{fmt, io};

use arrow_schema::DataType;

/// A file that could not be read: none of its rows are used. Or a folder of which the files could not be listed.
///
/// Its display is one line, the path and the reason: `/data/a.parquet: has no column score`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileProblem {
    /// The file or folder: its path on a local disk, or its key in an object store. What cannot be shown of it, such as
    /// a line break in a name, is written as Rust writes it: `\\n`.
    pub path: String,
    /// What is wrong, as a clause of which the file is the subject: `has no column score`.
    pub reason: String,
}

impl FileProblem {
    pub(crate) fn new(path: &str, reason: Reason) -> Self {
        Self { path: one_line(path), reason: reason.0 }
    }
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.reason)
    }
}

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason(String);

impl Reason {
    pub(crate) fn new(clause: impl Into<String>) -> Self {
        Self(clause.into())
    }

    pub(crate) fn fetch(error: &object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::new("was removed before it could be read"),
            error => Self(format!("cannot be fetched: {}", cause(error))),
        }
    }

    /// A listing that ended before its end.
    pub(crate) fn cut_listing(error: &object_store::Error) -> Self {
        Self(format!("cannot be listed to its end, so that files of it may be missing: {}", cause(error)))
    }

    /// What could not be done with a file or folder.
    pub(crate) fn io(failed: &str, error: &io::Error) -> Self {
        Self(format!("{failed}: {}", cause(error)))
    }

    pub(crate) fn damaged(error: &dyn StdError) -> Self {
        let text = error.to_string();
        // what Parquet says of a codec that was left out of the build
        if let Some((_, codec)) = text.split_once("Disabled feature at compile time: ") {
            let codec = clause(codec);
            return Self(format!(
                "is compressed in a way that is not read here ({codec}); zstd, snappy and none are"
            ));
        }
        Self(format!("is damaged: {}", clause(without_prefixes(&error.to_string()))))
    }

    pub(crate) fn too_large(size: u64, at_most: u64, of: &str) -> Self {
        Self(format!("is too large: {size} {of}, at most {at_most}"))
    }

    pub(crate) fn other_model(found: &str, wanted: &str) -> Self {
        Self(format!("is of the model {}, and lies in the table of {wanted}", clause(&format!("{found:?}"))))
    }

    pub(crate) fn panicked(said: &str) -> Self {
        Self(format!("is damaged: the decoder panicked: {}", clause(said)))
    }

    pub(crate) fn missing(column: &str) -> Self {
        Self(format!("has no column {column}"))
    }

    pub(crate) fn wrong_type(column: &str, found: &DataType, allowed: &str) -> Self {
        // texts are decoded as views, whatever the file says
        let found = match found {
            DataType::Utf8View => &DataType::Utf8,
            DataType::BinaryView => &DataType::Binary,
            found => found,
        };
        Self(format!("has a column {column} of type {}, allowed: {allowed}", clause(&found.to_string())))
    }

    pub(crate) fn without_value(column: &str, rows: usize) -> Self {
        Self(format!("has rows without a value in column {column}: {rows}"))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What went wrong at the bottom of an error: those above it name the library, and the path again.
fn cause(error: &(dyn StdError + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let said = deepest.to_string();
    // of the operating system: its number says the same
    let said = said.split(" (os error ").next().unwrap_or_default();
    let mut letters = said.chars();
    let said: String = letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect();
    clause(&said)
}

/// What is left when the layers of the decoder are taken away that an error came through.
fn without_prefixes(text: &str) -> &str {
    const PREFIXES: [&str; 9] = [
        "External: ",
        "External error: ",
        "Parquet argument error: ",
        "Parquet error: ",
        "Arrow: ",
        "EOF: ",
        "NYI: ",
        "Invalid argument error: ",
        "Parser error: ",
    ];
    let stripped = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix));
    stripped.filter(|rest| !rest.trim().is_empty()).map_or(text, without_prefixes)
}

/// The same with its control characters as Rust writes them.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() { line.extend(letter.escape_default()) } else { line.push(letter) }
    }
    line
}

/// What a dependency said, as the end of a clause: one line, not long.
fn clause(text: &str) -> String {
    const MAX_CHARS: usize = 200;
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    let cut: String = line.chars().take(MAX_CHARS).collect();
    let cut = cut.trim_end_matches('.');
    if cut.len() < line.trim_end_matches('.').len() { format!("{cut}…") } else { cut.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_wrong_is_said_once() {
        let denied = || io::Error::from_raw_os_error(13);
        assert_eq!(
            Reason::io("cannot be listed", &denied()).to_string(),
            "cannot be listed: permission denied"
        );
        let generic = object_store::Error::Generic { store: "LocalFileSystem", source: Box::new(denied()) };
        assert_eq!(Reason::fetch(&generic).to_string(), "cannot be fetched: permission denied");
        let external = parquet::errors::ParquetError::External("invalid utf-8 sequence".into());
        let arrow = arrow_schema::ArrowError::ParquetError(external.to_string());
        assert_eq!(Reason::damaged(&arrow).to_string(), "is damaged: invalid utf-8 sequence");
        assert_eq!(without_prefixes("EOF: "), "EOF: ");
    }

    #[test]
    fn a_problem_is_one_line() {
        let problem = FileProblem::new("/data/a\nb.parquet", Reason::missing("score"));
        assert_eq!(problem.to_string(), "/data/a\\nb.parquet: has no column score");
    }

    #[test]
    fn what_others_say_becomes_the_end_of_a_clause() {
        assert_eq!(clause("EOF: no more\n  bytes."), "EOF: no more bytes");
        assert_eq!(clause(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(clause(&"é".repeat(201)), format!("{}…", "é".repeat(200)));
    }
}
