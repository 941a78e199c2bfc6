//! The one place that writes to the terminal: the summary to stdout, all else to stderr.

use std::{
    env,
    fmt::Write as _,
    io::{self, IsTerminal, Write as _},
};

use anyhow::{Error, Result};

use crate::advice::Advice;

/// How text is set off: by ANSI colours, or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    colour: bool,
}

impl Style {
    /// No colours: files, pipes, tests.
    pub const PLAIN: Self = Self { colour: false };

    /// Colours when stdout is a terminal and `NO_COLOR` is not set.
    #[must_use]
    pub fn of_stdout() -> Self {
        Self { colour: io::stdout().is_terminal() && colours_are_welcome() }
    }

    /// Colours when stderr is a terminal and `NO_COLOR` is not set.
    #[must_use]
    pub fn of_stderr() -> Self {
        Self { colour: io::stderr().is_terminal() && colours_are_welcome() }
    }

    /// Whether there are colours.
    #[must_use]
    pub fn has_colour(self) -> bool {
        self.colour
    }

    /// For headings.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.wrapped("1", text)
    }

    /// For what matters less.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.wrapped("2", text)
    }

    /// For what is wrong.
    #[must_use]
    pub fn red(self, text: &str) -> String {
        self.wrapped("31", text)
    }

    /// For what is right.
    #[must_use]
    pub fn green(self, text: &str) -> String {
        self.wrapped("32", text)
    }

    fn wrapped(self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// The convention of <https://no-color.org>: set and not empty means no colours.
fn colours_are_welcome() -> bool {
    env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Writes `text` to stdout. A reader that has gone away (`| head`) is not an error.
///
/// # Errors
/// When stdout cannot be written for another reason.
pub fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes a line to stderr. That stderr is closed is nothing that anyone could be told.
pub fn note(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Tells on stderr what failed, why, and what to do.
pub fn report(error: &Error) {
    note(&describe(error, Style::of_stderr()));
}

fn describe(error: &Error, style: Style) -> String {
    let mut text = format!("{} {error}", style.red("error:"));
    for cause in error.chain().skip(1) {
        let _ = write!(text, "\n  {} {cause}", style.dim("caused by:"));
    }
    if let Some(advice) = error.downcast_ref::<Advice>() {
        let _ = write!(text, "\n  {} {}", style.bold("to do:"), advice.what_to_do());
    }
    text
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn an_error_is_told_with_its_causes_and_with_what_to_do() {
        let error = anyhow!("address in use")
            .context(Advice::new("cannot listen on port 80", "pass another --port"))
            .context("cannot start");
        assert_eq!(
            describe(&error, Style::PLAIN),
            "error: cannot start\n  caused by: cannot listen on port 80\n  caused by: address in use\n  to do: pass another --port"
        );
    }

    #[test]
    fn plain_text_has_no_escapes() {
        assert_eq!(Style::PLAIN.bold("x"), "x");
        assert_eq!(Style { colour: true }.bold("x"), "\x1b[1mx\x1b[0m");
    }
}
