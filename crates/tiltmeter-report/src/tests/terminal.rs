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
    let (books, read) = (fixture::books(), fixture::read());
    let report = Report::new(&analysis).with_problems(&problems).with_books(&books).with_read(&read);
    insta::assert_snapshot!(report.terminal(PLAIN));
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
fn what_can_be_missed_goes_where_there_is_no_room() {
    let mut analysis = fixture::flights();
    for month in &mut analysis.months {
        month.quality.predictions *= 1_000;
        month.quality.labelled *= 1_000;
    }
    let report = Report::new(&analysis);
    let header = |width| {
        let text = report.terminal(TerminalStyle { colour: false, width });
        assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
        text.lines().find(|line| line.starts_with("  month")).map(str::to_owned).unwrap()
    };
    assert!(header(100).contains("loss"));
    assert!(!header(80).contains("loss") && header(80).contains("verdict"), "{}", header(80));
}

#[test]
fn remarks_use_the_line_and_are_cut_at_its_end() {
    let analysis = fixture::flights();
    let remark = |width| {
        let text = Report::new(&analysis).terminal(TerminalStyle { colour: false, width });
        text.lines().find(|line| line.trim_start().starts_with("unused")).map(str::to_owned).unwrap()
    };
    assert!(remark(80).ends_with("another is nearer, or came too early"), "{}", remark(80));
    assert!(remark(60).ends_with('…') && remark(60).chars().count() == 60, "{}", remark(60));
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
