//! The report as a whole.

pub(crate) mod page;
mod terminal;

use tiltmeter_monitor::Analysis;

use crate::{Report, TerminalStyle, fixture};

/// All fixtures, each with its name.
fn fixtures() -> [(&'static str, Analysis); 7] {
    [
        ("flights", fixture::flights()),
        ("nothing", fixture::nothing()),
        ("unlabelled", fixture::unlabelled()),
        ("without_baseline", fixture::without_baseline()),
        ("odd", fixture::odd()),
        ("stray", fixture::stray()),
        ("hostile", fixture::hostile()),
    ]
}

fn problems() -> [String; 1] {
    ["predictions/date=2013-05-04/0007.parquet: the footer is cut short".to_owned()]
}

#[test]
fn the_same_input_gives_the_same_text() {
    let style = TerminalStyle { colour: true, width: 100 };
    let texts = || {
        let (analysis, books, problems) = (fixture::flights(), fixture::books(), problems());
        let report = Report::new(&analysis).with_books(&books).with_problems(&problems);
        (report.html().unwrap(), report.terminal(style))
    };
    assert_eq!(texts(), texts());
}

/// Writes what the fixtures look like, for people to look at:
/// `REPORT_DIR=/tmp cargo test -p tiltmeter-report --lib -- --ignored`.
#[test]
#[ignore = "writes files for people to look at"]
fn write_reports() {
    let folder = std::path::PathBuf::from(std::env::var_os("REPORT_DIR").expect("REPORT_DIR names a folder"));
    let (books, read, problems) = (fixture::books(), fixture::read(), problems());
    for (name, analysis) in fixtures().into_iter().chain([("vast", fixture::vast())]) {
        let mut report = Report::new(&analysis);
        if name == "flights" {
            report = report.with_books(&books).with_made_at("2014-01-02T06:00:00Z".parse().unwrap());
        }
        if name == "odd" {
            report = report.with_problems(&problems).with_books(&books).with_read(&read);
        }
        std::fs::write(folder.join(format!("{name}.html")), report.html().unwrap()).unwrap();
        for width in [80, 120] {
            let text = report.terminal(TerminalStyle { colour: false, width });
            std::fs::write(folder.join(format!("{name}-{width}.txt")), text).unwrap();
        }
    }
}
