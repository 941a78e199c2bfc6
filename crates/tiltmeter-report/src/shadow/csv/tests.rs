use std::collections::HashMap;

use super::*;
use crate::shadow::fixture;

/// The rows by the names of the columns, as another program reads them.
fn read(csv: &str) -> Vec<HashMap<String, String>> {
    let mut reader = ::csv::Reader::from_reader(csv.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn it_is_what_was_drawn() {
    let found = fixture::flights().disagreements.rows;
    let rows = read(&disagreements(&found));
    assert_eq!(rows.len(), found.len());
    for (cells, row) in rows.iter().zip(&found) {
        assert_eq!(cells["request_id"], row.request_id.clone().unwrap());
        assert_eq!(cells["event_time"].parse::<jiff::Timestamp>().ok(), row.event_time);
        assert_eq!((&*cells["instance_index"], &*cells["champion_version"]), ("0", "gbm-1"));
        let (champion, challenger) = (&row.champion, &row.challenger);
        let decisions = [champion, challenger].map(|answer| answer.decision.clone().unwrap());
        assert_eq!(cells["flip"], decisions.join(" to "));
        assert_eq!(cells["segment_carrier"], row.segments[0].1.clone().unwrap_or_default());
        for (name, value) in [
            ("champion_score", champion.score),
            ("challenger_score", challenger.score),
            ("challenger_latency_ms", challenger.latency_ms),
            ("score_distance", row.score_distance),
            ("weight", Some(row.weight)),
            ("label", row.label),
        ] {
            assert_eq!(cells[name].parse::<f64>().ok(), value, "{name}");
        }
        assert!(["champion", "challenger"].contains(&&*cells["right"]));
        assert_eq!((&*cells["input_origin"], &cells["input_flight"]), ("EWR", &cells["request_id"]));
    }
}

#[test]
fn without_rows_there_is_a_head() {
    let csv = disagreements(&[]);
    assert_eq!(csv.matches("\r\n").count(), 1);
    assert!(csv.starts_with("request_id,instance_index,event_time,flip,champion_version,"), "{csv}");
}

#[test]
fn what_is_missing_is_empty() {
    let mut found = fixture::flights().disagreements.rows;
    found[0].inputs.clear();
    found[1].inputs = vec![("zone".to_owned(), String::new())];
    (found[0].request_id, found[0].event_time, found[0].champion.score) = (None, None, None);
    let rows = read(&disagreements(&found));
    for name in ["request_id", "event_time", "champion_score", "input_origin", "input_zone"] {
        assert_eq!(rows[0][name], "", "{name}");
    }
    assert_eq!((&*rows[1]["input_origin"], &*rows[2]["input_origin"]), ("", "EWR"));
}

#[test]
fn no_text_is_a_formula() {
    for (given, cell) in [
        ("=HYPERLINK(\"//x\")", "\"'=HYPERLINK(\"\"//x\"\")\""),
        ("+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""),
        ("-2+3", "\"'-2+3\""),
        ("@SUM(A1)", "\"'@SUM(A1)\""),
        ("'tis", "\"''tis\""),
        ("\u{ff1d}1+1", "\"'\u{ff1d}1+1\""),
        ("\t=1", "\"\t'=1\""),
        ("a;=1+1", "\"a;'=1+1\""),
        ("a\n=1+1", "\"a\n'=1+1\""),
        ("-inf", "\"'-inf\""),
        // what is no formula is as it was
        ("-12.5", "\"-12.5\""),
        ("+1e3", "\"+1e3\""),
        ("a=b, c-d", "\"a=b, c-d\""),
        ("", "\"\""),
    ] {
        assert_eq!(text(given), cell);
    }
    let hostile = fixture::hostile();
    let rows = read(&disagreements(&hostile.disagreements.rows));
    assert_eq!(rows.len(), hostile.disagreements.rows.len());
    // names of columns come from outside as well
    let mut found = fixture::flights().disagreements.rows;
    found[0].inputs = vec![("a\",\n=1;=1".to_owned(), "x".to_owned())];
    assert_eq!(read(&disagreements(&found))[0]["input_a\",\n'=1;'=1"], "x");
}
