//! The report of a comparison as a whole.

use roxmltree::Node;
use tiltmeter_monitor::Measured;
use tiltmeter_monitor::shadow::cost::{ShadowCost, ShadowUse};

use super::{ComparisonReport, fixture};
use crate::TerminalStyle;
use crate::tests::page::{elements, is_in_order, needs_nothing, parsed, section, speaks, text};

const SECTIONS: [&str; 12] = [
    "criteria",
    "agreement",
    "scores",
    "latency",
    "failures",
    "labels",
    "groups",
    "disagreements",
    "coverage",
    "noise",
    "cost",
    "notes",
];

const PLAIN: TerminalStyle = TerminalStyle { colour: false, width: 100 };

#[test]
fn the_page_is_whole_whatever_was_found() {
    let verdict = fixture::verdict(&fixture::rows());
    let cost = fixture::cost(&fixture::rows(), &verdict);
    for (name, comparison) in fixture::all() {
        let report = ComparisonReport::new(comparison);
        for report in [report, report.with_verdict(&verdict).with_cost(&cost)] {
            let html = report.html().unwrap();
            needs_nothing(name, &html);
            is_in_order(name, &html);
            speaks(name, &html);
            let document = parsed(&html);
            for id in SECTIONS {
                let blocks = section(&document, id).children().filter(Node::is_element).count();
                assert!(blocks > 2, "{name}: nothing but a heading in {id}");
            }
            assert!(html.len() < 600_000, "{name}: {} bytes", html.len());
        }
    }
}

#[test]
fn no_figure_is_no_number() {
    for (name, comparison) in fixture::all() {
        let html = ComparisonReport::new(comparison).html().unwrap();
        let document = parsed(&html);
        for node in
            document.descendants().filter(|node| node.ancestors().any(|above| above.has_tag_name("svg")))
        {
            for attribute in node.attributes().filter(|attribute| attribute.name() != "class") {
                let value = attribute.value();
                assert!(!value.contains("NaN") && !value.contains("inf"), "{name}: {value}");
            }
        }
        for cell in elements(&document, "td").chain(elements(&document, "p")).map(text) {
            let odd = cell
                .split(|character: char| !character.is_alphanumeric())
                .any(|word| word == "NaN" || word == "inf");
            assert!(!odd, "{name}: {cell}");
            assert!(cell.len() < 3_000, "{name}: {cell}");
        }
    }
}

#[test]
fn what_is_not_there_is_said_with_the_reason() {
    let comparison = fixture::unlabelled(&[]);
    let html = ComparisonReport::new(&comparison).html().unwrap();
    let document = parsed(&html);
    let reasons: Vec<String> =
        elements(&document, "p").filter(|node| node.attribute("class") == Some("absent")).map(text).collect();
    insta::assert_snapshot!(reasons.join("\n"));
}

#[test]
fn the_verdict_comes_first_with_its_criteria() {
    let (comparison, verdict) = (fixture::flights(), fixture::verdict(&fixture::rows()));
    let html = ComparisonReport::new(&comparison).with_verdict(&verdict).html().unwrap();
    let document = parsed(&html);
    let first = elements(&document, "li")
        .find(|node| node.attribute("class").is_some_and(|class| class.starts_with("story")));
    let first = text(first.unwrap());
    assert!(first.starts_with("○ Verdict Not yet:"), "{first}");
    let criteria = text(section(&document, "criteria"));
    for name in ["duration", "pairs", "coverage", "latency", "failures", "agreement", "score distribution"] {
        assert!(criteria.contains(name), "{name}: {criteria}");
    }
    for criterion in &verdict.criteria {
        assert!(criteria.contains(&criterion.sentence), "{}", criterion.sentence);
    }
    let html = ComparisonReport::new(&comparison).html().unwrap();
    assert!(text(section(&parsed(&html), "criteria")).contains("was not judged"));
}

#[test]
fn figures_stand_with_their_intervals() {
    let comparison = fixture::flights();
    let html = ComparisonReport::new(&comparison).html().unwrap();
    let document = parsed(&html);
    let agreement = comparison.overall.agreement_rate.estimate().unwrap();
    let (low, high) = agreement.interval.unwrap();
    let said = format!("{:.1} % {:.1}–{:.1}", agreement.value * 100.0, low * 100.0, high * 100.0);
    let found = text(section(&document, "agreement"));
    assert!(found.contains(&said), "{said}: {found}");
    let latency = text(section(&document, "latency"));
    assert!(
        latency.contains("8 of them timeouts") && latency.contains("describe, and prove nothing"),
        "{latency}"
    );
    let coverage = text(section(&document, "coverage"));
    assert!(coverage.contains("✓ The buckets add up to all requests."), "{coverage}");
}

#[test]
fn costs_stand_with_what_is_not_known_of_them() {
    let (comparison, verdict) = (fixture::flights(), fixture::verdict(&fixture::rows()));
    let mut cost = fixture::cost(&fixture::rows(), &verdict);
    let report = ComparisonReport::new(&comparison).with_verdict(&verdict).with_cost(&cost);
    let html = report.html().unwrap();
    let document = parsed(&html);
    let found = text(section(&document, "cost"));
    for said in
        ["125.0 µs", "263 B", "104 B", "there is no row of a request that the sample left out", "replicas"]
    {
        assert!(found.contains(said), "{said}: {found}");
    }
    let terminal = report.terminal(PLAIN);
    let terminal = terminal.split_once("What the shadow costs").unwrap().1;
    insta::assert_snapshot!(terminal.split("\nNotes").next().unwrap());

    let unknown = ShadowCost::of(&ShadowUse::new(10));
    let html = ComparisonReport::new(&comparison).with_cost(&unknown).html().unwrap();
    let found = text(section(&parsed(&html), "cost"));
    assert!(found.contains("it was not measured") && found.contains("is not known"), "{found}");
    // no cost that is not known is shown as one of 0
    cost.per_day.cpu_seconds = Measured::Undefined("nobody looked".to_owned());
    let html = ComparisonReport::new(&comparison).with_cost(&cost).html().unwrap();
    assert!(text(section(&parsed(&html), "cost")).contains("nobody looked"));
}

#[test]
fn buckets_that_do_not_add_up_are_an_alarm() {
    let mut comparison = fixture::flights();
    comparison.coverage.eligible += 1;
    let html = ComparisonReport::new(&comparison).html().unwrap();
    assert!(text(section(&parsed(&html), "coverage")).contains("▲ The buckets do not add up"));
}

#[test]
fn the_books_are_beside_the_rows() {
    let comparison = fixture::with_books(&fixture::rows());
    let html = ComparisonReport::new(&comparison).html().unwrap();
    let coverage = text(section(&parsed(&html), "coverage"));
    for said in [
        "by the shadow's books",
        "sampled out 0 0.0 % 770",
        "not known yet: under way 10",
        "By the books of 1 shadow, 47.5 %",
    ] {
        assert!(coverage.contains(said), "{said}: {coverage}");
    }
    let html = ComparisonReport::new(&fixture::flights()).html().unwrap();
    assert!(text(section(&parsed(&html), "coverage")).contains("The shadow's books are not here"));
}

#[test]
fn strata_without_pairs_are_a_headline() {
    let mut rows = fixture::rows();
    for row in rows.iter_mut().filter(|row| row.scores[0] > 0.5) {
        row.bucket = tiltmeter_record::PairBucket::Timeout;
    }
    let comparison = fixture::unlabelled(&rows);
    let html = ComparisonReport::new(&comparison).html().unwrap();
    assert!(html.contains("No figure speaks for"));
    assert!(text(section(&parsed(&html), "coverage")).contains("▲"), "an alarm");
}

#[test]
fn the_noise_floor_is_shown_where_it_is() {
    let comparison = fixture::noisy();
    let html = ComparisonReport::new(&comparison).html().unwrap();
    let noise = text(section(&parsed(&html), "noise"));
    assert!(noise.contains("champion against itself") && noise.contains("beyond noise"), "{noise}");
    assert!(noise.contains("Of 712 requests that all three answered."), "{noise}");
    // the second instance answers as the challenger does
    let terminal = ComparisonReport::new(&comparison).terminal(PLAIN);
    for text in [&terminal, &html] {
        let said = "A second instance of gbm-1 decides like it in 96.3 % of requests";
        assert!(
            text.contains(said) && text.contains("What lr-1 differs beyond that: 0 percentage points"),
            "{text}"
        );
    }
    assert!(terminal.contains("The noise floor"), "{terminal}");
}

#[test]
fn disagreements_have_both_answers_and_what_was_asked() {
    let comparison = fixture::flights();
    let row = &comparison.disagreements.rows[0];
    let html = ComparisonReport::new(&comparison).html().unwrap();
    let document = parsed(&html);
    let found = text(section(&document, "disagreements"));
    let id = row.request_id.as_deref().unwrap();
    assert!(found.contains(&format!("origin EWR flight {id}")), "{found}");
    assert!(found.contains("carrier UA") && found.contains("label"), "{found}");
}

#[test]
fn names_from_outside_are_only_names() {
    let comparison = fixture::hostile();
    let problems = ["\u{1b}[2J<img src=x onerror=alert(1)>".to_owned()];
    let report = ComparisonReport::new(&comparison).with_problems(&problems);
    let html = report.html().unwrap();
    let document = parsed(&html);
    let known = ["script", "img", "b"];
    assert!(!document.descendants().any(|node| known.contains(&node.tag_name().name())));
    assert!(!document.descendants().any(|node| node.attributes().any(|each| each.name().starts_with("on"))));
    let steers = |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
    assert!(!html.contains(steers));
    assert!(!report.terminal(PLAIN).contains(steers));
}

#[test]
fn the_same_input_gives_the_same_text() {
    let texts = || {
        let (comparison, verdict) = (fixture::flights(), fixture::verdict(&fixture::rows()));
        let report = ComparisonReport::new(&comparison).with_verdict(&verdict);
        (report.html().unwrap(), report.terminal(PLAIN))
    };
    assert_eq!(texts(), texts());
}

#[test]
fn the_terminal() {
    let (comparison, verdict) = (fixture::flights(), fixture::verdict(&fixture::rows()));
    insta::assert_snapshot!(ComparisonReport::new(&comparison).with_verdict(&verdict).terminal(PLAIN));
}

#[test]
fn the_terminal_without_anything() {
    insta::assert_snapshot!(ComparisonReport::new(&fixture::unlabelled(&[])).terminal(PLAIN));
}

#[test]
fn a_hundred_columns_are_enough() {
    let verdict = fixture::verdict(&fixture::rows());
    for (name, comparison) in fixture::all().iter().filter(|(name, _)| !matches!(*name, "hostile" | "vast")) {
        for line in ComparisonReport::new(comparison).with_verdict(&verdict).terminal(PLAIN).lines() {
            assert!(line.chars().count() <= 100, "{name}: {line}");
        }
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    let comparison = fixture::flights();
    let report = ComparisonReport::new(&comparison);
    let mut coloured = report.terminal(TerminalStyle { colour: true, ..PLAIN });
    for code in ["\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[0m"] {
        coloured = coloured.replace(code, "");
    }
    assert_eq!(coloured, report.terminal(PLAIN));
}

/// Writes what the fixtures look like, for people to look at:
/// `REPORT_DIR=/tmp cargo test -p tiltmeter-report --lib shadow -- --ignored`.
#[test]
#[ignore = "writes files for people to look at"]
fn write_reports() {
    let folder = std::path::PathBuf::from(std::env::var_os("REPORT_DIR").expect("REPORT_DIR names a folder"));
    for (name, comparison) in fixture::all() {
        let verdict = fixture::verdict(&fixture::rows());
        let report = ComparisonReport::new(comparison).with_verdict(&verdict);
        std::fs::write(folder.join(format!("shadow-{name}.html")), report.html().unwrap()).unwrap();
        std::fs::write(folder.join(format!("shadow-{name}.txt")), report.terminal(PLAIN)).unwrap();
    }
}
