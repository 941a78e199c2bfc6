//! The text for a terminal.

use super::{fixtures, problems};
use crate::{Report, TerminalStyle, fixture};

const PLAIN: TerminalStyle = TerminalStyle { colour: false, width: 80 };

#[test]
fn flights() {
    let (analysis, books) = (fixture::flights(), fixture::books());
    insta::assert_snapshot!(Report::new(&analysis).with_books(&books).terminal(PLAIN));
}

#[test]
fn odd() {
    let (analysis, problems) = (fixture::odd(), problems());
    insta::assert_snapshot!(Report::new(&analysis).with_problems(&problems).terminal(PLAIN));
}

#[test]
fn nothing() {
    let analysis = fixture::nothing();
    insta::assert_snapshot!(Report::new(&analysis).terminal(PLAIN));
}

#[test]
fn eighty_columns_are_enough() {
    for (name, analysis) in fixtures().into_iter().filter(|(name, _)| *name != "hostile") {
        for width in [80, 120] {
            for line in Report::new(&analysis).terminal(TerminalStyle { colour: false, width }).lines() {
                assert!(line.chars().count() <= width, "{name}: {line}");
            }
        }
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    let analysis = fixture::odd();
    let coloured = Report::new(&analysis).terminal(TerminalStyle { colour: true, width: 80 });
    assert!(coloured.contains("\x1b[31m"));
    let mut plain = coloured;
    for code in ["\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[0m"] {
        plain = plain.replace(code, "");
    }
    assert_eq!(plain, Report::new(&analysis).terminal(PLAIN));
}

#[test]
fn names_from_outside_do_not_steer() {
    let analysis = fixture::hostile();
    let text = Report::new(&analysis).terminal(PLAIN);
    assert!(!text.contains(|character: char| character.is_control() && character != '\n'));
    assert!(!text.contains('\u{202e}'));
}
