//! How text is set off, and how wide it may be.

/// How a terminal shows text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalStyle {
    /// Whether to use ANSI colours.
    pub colour: bool,
    /// How many characters fit on a line; tables are made for 80 and more, text is wrapped at any width.
    pub width: usize,
}

/// Text is never wrapped to less than this.
const MIN_WIDTH: usize = 40;

/// Lines that are longer are hard to read.
const MAX_PROSE: usize = 100;

impl TerminalStyle {
    pub(crate) fn bold(self, text: &str) -> String {
        self.wrapped("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.wrapped("2", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.wrapped("31", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.wrapped("32", text)
    }

    /// The characters of a line of prose after `indent`.
    pub(crate) fn prose_width(self, indent: usize) -> usize {
        self.width.clamp(MIN_WIDTH, MAX_PROSE).saturating_sub(indent)
    }

    fn wrapped(self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// The text in lines of at most `width` characters, broken between words.
pub(crate) fn lines_of(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(lines_of("a bb  ccc dddddddd", 6), ["a bb", "ccc", "dddddddd"]);
        assert!(lines_of(" ", 6).is_empty());
    }

    #[test]
    fn colour_only_when_asked() {
        assert_eq!(TerminalStyle { colour: false, width: 80 }.red("x"), "x");
        assert_eq!(TerminalStyle { colour: true, width: 80 }.red("x"), "\x1b[31mx\x1b[0m");
    }
}
