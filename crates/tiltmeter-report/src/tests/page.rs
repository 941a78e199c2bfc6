//! The page: well-formed, self-contained, accessible, and whole when data is not.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use roxmltree::{Document, Node, ParsingOptions};
use tiltmeter_monitor::{Analysis, Estimate, Measured, Period, PeriodKind};

use super::{fixtures, problems};
use crate::{ReadBooks, Report, fixture};

const SECTIONS: [&str; 9] =
    ["performance", "drift", "scores", "calibration", "segments", "labels", "books", "baseline", "notes"];

pub(crate) fn parsed(html: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(html, options).expect("well-formed XML")
}

pub(crate) fn elements<'a>(
    document: &'a Document<'a>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(move |node| node.has_tag_name(name))
}

pub(crate) fn text(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(Node::is_text).filter_map(|text| text.text());
    texts.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) fn section<'a>(document: &'a Document<'a>, id: &str) -> Node<'a, 'a> {
    elements(document, "section").find(|node| node.attribute("id") == Some(id)).expect(id)
}

#[test]
fn it_needs_nothing_beside_itself() {
    for (name, analysis) in fixtures() {
        needs_nothing(name, &Report::new(&analysis).html().unwrap());
    }
}

/// No network, no script.
pub(crate) fn needs_nothing(name: &str, html: &str) {
    for reference in ["http:", "https:", "src=", "@import", "url(", "<script", "<link", "<iframe", "<img"] {
        assert!(!html.contains(reference), "{name}: {reference}");
    }
    let document = parsed(html);
    for node in document.descendants() {
        let elsewhere = node.attribute("href").filter(|target| !target.starts_with('#'));
        assert_eq!(elsewhere, None, "{name}");
    }
}

#[test]
fn a_year_of_fourteen_columns_stays_small() {
    let (analysis, books) = (fixture::flights(), fixture::books());
    let html = Report::new(&analysis).with_books(&books).html().unwrap();
    assert!(html.len() < 500_000, "{} bytes", html.len());
}

#[test]
fn a_vast_analysis_is_drawn_in_part_and_says_so() {
    let analysis = fixture::vast();
    let html = Report::new(&analysis).html().unwrap();
    let document = parsed(&html);
    let drift = text(section(&document, "drift"));
    assert!(drift.contains("Of 98 columns the score and those with the most weeks of drift are drawn"));
    let names =
        elements(&document, "text").filter(|node| node.attribute("class") == Some("row-name")).count();
    assert!(names < 200, "{names}");
}

#[test]
fn headings_and_ids_are_in_order() {
    for (name, analysis) in fixtures() {
        is_in_order(name, &Report::new(&analysis).html().unwrap());
    }
}

/// Levels of headings, and ids that are there once and are referred to.
pub(crate) fn is_in_order(name: &str, html: &str) {
    let document = parsed(html);
    assert_eq!(elements(&document, "h1").count(), 1, "{name}");
    assert_eq!(elements(&document, "main").count(), 1, "{name}");
    let mut level = 0;
    for node in document.descendants() {
        let Some(digit) = node.tag_name().name().strip_prefix('h').and_then(|rest| rest.parse::<u8>().ok())
        else {
            continue;
        };
        assert!(digit <= level + 1, "{name}: h{digit} after h{level}: {}", text(node));
        level = digit;
    }
    let mut ids = BTreeSet::new();
    for id in document.descendants().filter_map(|node| node.attribute("id")) {
        assert!(ids.insert(id), "{name}: {id} is there twice");
    }
    for node in document.descendants() {
        let referred = node.attribute("aria-labelledby").into_iter().flat_map(str::split_whitespace);
        let linked = node.attribute("href").and_then(|target| target.strip_prefix('#'));
        for id in referred.chain(linked) {
            assert!(ids.contains(id), "{name}: nothing has the id {id}");
        }
    }
}

#[test]
fn charts_and_tables_speak() {
    for (name, analysis) in fixtures() {
        speaks(name, &Report::new(&analysis).html().unwrap());
    }
}

/// Charts and tables say what they show.
pub(crate) fn speaks(name: &str, html: &str) {
    let document = parsed(html);
    for svg in elements(&document, "svg") {
        assert_eq!(svg.attribute("role"), Some("img"), "{name}");
        for part in ["title", "desc"] {
            let words = svg.children().find(|node| node.has_tag_name(part)).map(text);
            assert!(words.is_some_and(|words| words.len() > 10), "{name}: {part}");
        }
    }
    for table in elements(&document, "table") {
        let region = table.parent().expect("a region");
        assert_eq!(region.attribute("role"), Some("region"), "{name}");
        assert_eq!(region.attribute("tabindex"), Some("0"), "{name}");
        assert!(region.attribute("aria-label").is_some_and(|label| !label.is_empty()), "{name}");
        assert!(table.children().any(|node| node.has_tag_name("caption")), "{name}");
    }
    for header in elements(&document, "th") {
        assert!(matches!(header.attribute("scope"), Some("col" | "row")), "{name}");
    }
}

#[test]
fn every_section_is_there_and_says_why_it_is_empty() {
    for (name, analysis) in fixtures() {
        let html = Report::new(&analysis).html().unwrap();
        let document = parsed(&html);
        for id in SECTIONS {
            let content = section(&document, id);
            let blocks = content.children().filter(Node::is_element).count();
            assert!(blocks > 2, "{name}: nothing but a heading in {id}");
        }
    }
    let analysis = fixture::nothing();
    let html = Report::new(&analysis).html().unwrap();
    let document = parsed(&html);
    let reasons: Vec<String> =
        elements(&document, "p").filter(|node| node.attribute("class") == Some("absent")).map(text).collect();
    insta::assert_snapshot!(reasons.join("\n"));
}

#[test]
fn what_is_missing_is_said() {
    let analysis = fixture::unlabelled();
    let html = Report::new(&analysis).html().unwrap();
    let document = parsed(&html);
    for id in ["performance", "calibration", "segments", "labels"] {
        assert!(text(section(&document, id)).contains("There are no labels"), "{id}");
    }
    assert!(text(section(&document, "drift")).contains("9.25"), "the rest goes on");

    let analysis = fixture::without_baseline();
    let html = Report::new(&analysis).html().unwrap();
    let document = parsed(&html);
    for id in ["drift", "scores", "baseline"] {
        assert!(text(section(&document, id)).contains("There is no baseline"), "{id}");
    }
    assert!(text(section(&document, "notes")).contains("belongs to the model `arrivals`"));
    assert!(text(section(&document, "performance")).contains("0.882"), "the rest goes on");
}

#[test]
fn odd_months_and_files_are_said() {
    let (analysis, problems) = (fixture::odd(), problems());
    let html = Report::new(&analysis).with_problems(&problems).html().unwrap();
    let document = parsed(&html);
    let performance = text(section(&document, "performance"));
    assert!(performance.contains("May 2013 (there are no predictions), Aug 2013 (all labels are 0)"));
    assert!(text(section(&document, "drift")).contains("all values are missing"));
    assert!(text(section(&document, "labels")).contains("before prediction 9"));
    assert!(text(section(&document, "notes")).contains("0007.parquet: the footer is cut short"));
    assert!(html.contains("One thing could not be read"));
}

#[test]
fn names_from_outside_are_only_names() {
    let analysis = fixture::hostile();
    let problems = ["\u{1b}[2J<img src=x onerror=alert(1)>".to_owned()];
    let html = Report::new(&analysis).with_problems(&problems).html().unwrap();
    let document = parsed(&html);
    let known = ["script", "img", "b"];
    assert!(!document.descendants().any(|node| known.contains(&node.tag_name().name())));
    assert!(!document.descendants().any(|node| node.attributes().any(|each| each.name().starts_with("on"))));
    let steers = |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
    assert!(!html.contains(steers));
    let heading = elements(&document, "h1").next().map(text).unwrap();
    assert!(heading.starts_with("<script>alert(\"x\")</script>&amp;'⟨U+202E⟩"), "{heading}");
}

#[test]
fn the_head_of_the_page() {
    let (analysis, books) = (fixture::flights(), fixture::books());
    let html = Report::new(&analysis).with_books(&books).html().unwrap();
    let (_, body) = html.split_once("</style>").unwrap();
    let (head, _) = body.split_once("<section id=\"drift\"").unwrap();
    let (before, chart) = head.split_once("<svg").unwrap();
    let (_, after) = chart.rsplit_once("</svg>").unwrap();
    insta::assert_snapshot!(format!("{before}…{after}"));
}

#[test]
fn what_was_written_and_not_read_is_said() {
    let (analysis, books) = (fixture::flights(), fixture::books());
    let report = Report::new(&analysis).with_books(&books);
    let of = |read: Option<&ReadBooks>| {
        let html = read.map_or(report, |read| report.with_read(read)).html().unwrap();
        let document = parsed(&html);
        text(section(&document, "books"))
    };
    let balanced = "✓ Balanced: every one of them is accounted for.";
    assert_eq!(of(None).matches(balanced).count(), 2);
    assert!(!of(None).contains("Rows read"));

    let less = of(Some(&fixture::read()));
    assert!(less.ends_with("▲ 300 written predictions are not among what was read."), "{less}");
    assert_eq!(less.matches(balanced).count(), 1, "{less}");
    assert!(less.contains("Written by the log 149,988 read 149,688 not found 300"), "{less}");
    assert!(less.contains("copies of them 300 Files read 50 Files unreadable 1"), "{less}");

    let all = of(Some(&ReadBooks { rows: 149_988, files: 51, ..ReadBooks::default() }));
    assert!(all.ends_with("✓ Everything that was written was read."), "{all}");
    assert_eq!(all.matches(balanced).count(), 2, "{all}");

    let more = of(Some(&ReadBooks { rows: 150_000, files: 51, ..ReadBooks::default() }));
    assert!(
        more.contains("▲ 12 predictions more were read than this run wrote: the folder holds other runs")
    );
    assert!(more.contains("not found 0 Read beyond that 12"), "{more}");
    assert_eq!(more.matches(balanced).count(), 1, "{more}");
}

#[test]
fn rows_read_are_said_without_ledgers() {
    let (analysis, read) = (fixture::flights(), fixture::read());
    let html = Report::new(&analysis).with_read(&read).html().unwrap();
    let document = parsed(&html);
    let books = text(section(&document, "books"));
    assert!(books.contains("ledgers were not given") && books.contains("Rows read 149,988"), "{books}");
    assert!(!books.contains("Written by the log"), "{books}");
}

#[test]
fn what_could_not_be_read_comes_first() {
    let (analysis, problems) = (fixture::flights(), problems());
    let html = Report::new(&analysis).with_problems(&problems).html().unwrap();
    let place = |text: &str| html.find(text).expect(text);
    assert!(place("could not be read</a>") < place("Performance fell in April 2013"));
}

#[test]
fn an_area_has_its_count_beside_it() {
    let analysis = fixture::flights();
    let html = Report::new(&analysis).html().unwrap();
    let document = parsed(&html);
    let performance = text(section(&document, "performance"));
    for figures in [
        "labelled of all ROC AUC 95 % interval",
        "2013-03 14,994 14,371 95.8 % 0.930",
        "gbm-1 2013-03-01 2013-10-01 105,379 100,862 95.7 % 0.902",
        "1 Apr 2013, 00:00 UTC 14,994 13,670 91.2 % 0.929",
    ] {
        assert!(performance.contains(figures), "{figures}: {performance}");
    }
}

#[test]
fn the_baseline_says_why_it_has_no_calibration() {
    let analysis = fixture::flights();
    let html = Report::new(&analysis).html().unwrap();
    let document = parsed(&html);
    let calibration = text(section(&document, "calibration"));
    assert!(calibration.contains("baseline 50,009 0.227 0.228 – a – a – a"), "{calibration}");
    assert!(calibration.ends_with("a not kept in the baseline"), "{calibration}");
}

#[test]
fn a_segment_with_few_labels_has_a_reason_and_no_dot() {
    let analysis = fixture::stray();
    let html = Report::new(&analysis).html().unwrap();
    let document = parsed(&html);
    let segments = text(section(&document, "segments"));
    assert!(segments.contains("OO 29 28 96.6 % – a 32.1 % – a – a"), "{segments}");
    assert!(segments.contains("a fewer than 100 labelled predictions"), "{segments}");
    assert!(segments.contains("1 further value with fewer rows or without a figure in the table only"));
    let names = elements(&document, "text").filter(|node| node.attribute("class") == Some("row-name"));
    assert!(names.map(text).all(|name| name != "OO"));
}

#[test]
fn a_date_that_is_years_off_is_a_gap_that_is_said() {
    let analysis = fixture::stray();
    let html = Report::new(&analysis).html().unwrap();
    assert!(html.len() < 500_000, "{} bytes", html.len());
    let document = parsed(&html);
    for (id, gap) in [
        ("performance", "is cut out: 1 Feb 1970 – 28 Feb 2013."),
        ("drift", "is cut out: 5 Jan 1970 – 24 Feb 2013."),
        ("labels", "is cut out: 5 Jan 1970 – 24 Feb 2013."),
    ] {
        let said = text(section(&document, id));
        assert!(said.contains(gap), "{id}: {said}");
    }
    assert!(!Report::new(&fixture::flights()).html().unwrap().contains("is cut out"));
}

#[test]
fn cut_intervals_are_in_the_legend_where_they_are() {
    let key = |analysis: &Analysis, id: &str| {
        let html = Report::new(analysis).html().unwrap();
        let document = parsed(&html);
        text(section(&document, id)).contains("longer than what is drawn")
    };
    let mut analysis = fixture::flights();
    assert!(key(&analysis, "performance") && !key(&analysis, "segments"));
    analysis.months.pop();
    let segment = analysis.segments.first_mut().unwrap();
    segment.quality.roc_auc = Measured::Known(Estimate::new(0.9, Some((0.4, 1.0)), Some(0.2)));
    assert!(!key(&analysis, "performance") && key(&analysis, "segments"));
}

#[test]
fn months_that_do_not_fit_paper_stand_on_it_in_parts() {
    let mut analysis = fixture::flights();
    let tables = |analysis: &Analysis, class: &str| {
        let html = Report::new(analysis).html().unwrap();
        let document = parsed(&html);
        let regions = elements(&document, "div").filter(|node| node.attribute("class") == Some(class));
        regions
            .map(|region| region.descendants().filter(|node| node.has_tag_name("th")).count())
            .collect::<Vec<_>>()
    };
    assert!(tables(&analysis, "scroll on-paper").is_empty());
    let mut late = analysis.drift.clone();
    late.retain(|finding| finding.period.kind() == PeriodKind::Month);
    for finding in &mut late {
        let first = finding.period.first_day().saturating_add(1.year());
        finding.period = Period::containing(PeriodKind::Month, first);
    }
    analysis.drift.extend(late);
    // 22 months, and the names of 14 columns
    assert_eq!(tables(&analysis, "scroll on-screen"), [23 + 14]);
    assert_eq!(tables(&analysis, "scroll on-paper"), [13 + 14, 11 + 14]);
}
