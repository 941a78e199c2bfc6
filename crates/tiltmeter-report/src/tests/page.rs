//! The page: well-formed, self-contained, accessible, and whole when data is not.

use std::collections::BTreeSet;

use roxmltree::{Document, Node, ParsingOptions};

use super::{fixtures, problems};
use crate::{Report, fixture};

const SECTIONS: [&str; 9] =
    ["performance", "drift", "scores", "calibration", "segments", "labels", "books", "baseline", "notes"];

fn parsed(html: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(html, options).expect("well-formed XML")
}

fn elements<'a>(document: &'a Document<'a>, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(move |node| node.has_tag_name(name))
}

fn text(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(Node::is_text).filter_map(|text| text.text());
    texts.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn section<'a>(document: &'a Document<'a>, id: &str) -> Node<'a, 'a> {
    elements(document, "section").find(|node| node.attribute("id") == Some(id)).expect(id)
}

#[test]
fn it_needs_nothing_beside_itself() {
    for (name, analysis) in fixtures() {
        let html = Report::new(&analysis).html().unwrap();
        for reference in ["http:", "https:", "src=", "@import", "url(", "<script", "<link", "<iframe", "<img"]
        {
            assert!(!html.contains(reference), "{name}: {reference}");
        }
        let document = parsed(&html);
        for node in document.descendants() {
            let elsewhere = node.attribute("href").filter(|target| !target.starts_with('#'));
            assert_eq!(elsewhere, None, "{name}");
        }
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
        let html = Report::new(&analysis).html().unwrap();
        let document = parsed(&html);
        assert_eq!(elements(&document, "h1").count(), 1, "{name}");
        assert_eq!(elements(&document, "main").count(), 1, "{name}");
        let mut level = 0;
        for node in document.descendants() {
            let Some(digit) =
                node.tag_name().name().strip_prefix('h').and_then(|rest| rest.parse::<u8>().ok())
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
}

#[test]
fn charts_and_tables_speak() {
    for (name, analysis) in fixtures() {
        let html = Report::new(&analysis).html().unwrap();
        let document = parsed(&html);
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
