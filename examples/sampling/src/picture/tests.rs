use roxmltree::Document;

use super::*;
use crate::figures::Figure;
use crate::study::CalibrationStudy;

fn studies(rates: &[f64]) -> Vec<Study> {
    let of_rate = |&rate: &f64| {
        let figure = |figure: &Figure| FigureStudy {
            figure: figure.to_string(),
            cells: 120,
            truth: 0.9,
            bias: -1e-5,
            unweighted_bias: 0.04 * (1.0 - rate),
            width: 0.02 * (1.0 - rate),
            simple_width: 0.03 * (1.0 - rate),
            ..FigureStudy::default()
        };
        let figures = Figure::ALL.iter().map(figure).collect();
        let calibration = CalibrationStudy::default();
        Study { policy: "tails".to_owned(), rate, seeds: 12, kept: rate, figures, calibration }
    };
    rates.iter().map(of_rate).collect()
}

/// Well-formed, with numbers only.
fn checked(studies: &[Study]) -> String {
    let picture = draw(studies).unwrap();
    let document = Document::parse(&picture).unwrap();
    assert_eq!(document.root_element().tag_name().name(), "svg");
    assert!(!picture.contains("NaN") && !picture.contains("inf"), "{picture}");
    picture
}

#[test]
fn it_is_well_formed_and_shows_each_study_in_each_panel() {
    let picture = checked(&studies(&[0.01, 0.1, 1.0]));
    let document = Document::parse(&picture).unwrap();
    let of = |name| {
        document.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", name))).count()
    };
    let panels = 2 * Figure::ALL.len();
    assert_eq!((of("polyline"), of("circle")), (2 * panels, 3 * 2 * panels));
    assert!(picture.contains("means over 10 months and 12 keys"), "{picture}");
    assert!(!picture.contains(">-0<") && !picture.contains(">-0.0"), "{picture}");
}

#[test]
fn names_are_escaped() {
    let mut studies = studies(&[0.1]);
    studies[0].policy = "<tails> & \"others\"".to_owned();
    let picture = checked(&studies);
    let document = Document::parse(&picture).unwrap();
    assert!(
        document
            .descendants()
            .any(|node| node.text().is_some_and(|text| text.contains("<tails> & \"others\"")))
    );
}

#[test]
fn one_rate_is_a_picture_and_none_is_an_error() {
    checked(&studies(&[1.0]));
    assert_eq!(draw(&[]).unwrap_err().to_string(), "there is nothing to draw");
}

#[test]
fn steps_are_round() {
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9 * expected, "{found}");
    near(round_step(0.3), 0.5);
    near(round_step(1.0), 1.0);
    near(round_step(21.0), 50.0);
    assert_eq!((&*label(-1e-12, 0.1), &*label(0.25, 0.05)), ("0.0", "0.25"));
}
