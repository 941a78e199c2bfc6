//! The policy on whole rows: a marker is planted everywhere, and looked for in everything that is made of the row.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::*;
use crate::{ModelSpec, ModelVersion, Prediction, RankedItem, Rescued, Value};

const KEY: &str = "k1:000102030405060708090a0b0c0d0e0f";

fn spec(features: &str, privacy: &str) -> ModelSpec {
    let text = format!(
        "{{spec_version: 1, name: churn, type: multiclass, owner: crm, tier: 2, endpoint: {{path: /}},
          request: {{entity_id: /customer/id, raw_input: true}}, response: {{prediction: /class}},
          features: {{{features}}}, privacy: {{{privacy}}}}}"
    );
    ModelSpec::from_yaml("test", &text).unwrap()
}

fn masker(spec: &ModelSpec) -> Masker {
    Masker::new(spec, Some(&Keyring::from_text(KEY).unwrap())).unwrap()
}

fn row() -> Prediction {
    Prediction {
        prediction_id: Uuid::nil(),
        request_id: "r1".into(),
        instance_index: 0,
        sequence: 0,
        entity_id: None,
        model_version: None,
        event_time: Timestamp::UNIX_EPOCH,
        observed_at: Timestamp::UNIX_EPOCH,
        features: Vec::new(),
        raw_input: None,
        prediction: Value::Missing,
        score: None,
        confidence: None,
        class_probabilities: None,
        ranking: None,
        generated_text: None,
        segments: Vec::new(),
        latency: Duration::ZERO,
        endpoint: "/".into(),
        status: None,
        error_type: None,
        rescued: Vec::new(),
        inclusion: crate::Inclusion::default(),
    }
}

/// The raw input of a row after the policy.
fn raw(masker: &mut Masker, text: &str) -> Option<String> {
    let mut row = Prediction { raw_input: Some(text.into()), ..row() };
    masker.apply(&mut row);
    row.raw_input.map(|text| text.to_string())
}

/// Everything that is made of a row, as it is.
fn every_byte(spec: &ModelSpec, masker: &Masker, row: &Prediction) -> String {
    let mut all = format!("{row:?} {masker:?}");
    #[cfg(feature = "arrow")]
    {
        let writer = crate::WriterId::new("n", Uuid::nil());
        let mut builder = crate::RecordBatchBuilder::new(spec, writer, "n".into());
        builder.append(row);
        let batch = builder.finish().unwrap();
        for column in batch.columns() {
            for buffer in column.to_data().buffers() {
                all.push_str(&String::from_utf8_lossy(buffer.as_slice()));
            }
        }
    }
    write!(all, "{:?}", spec.name).unwrap();
    all
}

const MARKER: &str = "mallory@example.org";

fn full_row() -> Prediction {
    let marker = || Arc::<str>::from(MARKER);
    let rescued = |column: &str, json: &str| Rescued { column: column.into(), json: json.into() };
    Prediction {
        request_id: marker(),
        entity_id: Some(marker()),
        features: vec![
            Value::Text(marker()),
            Value::Text(marker()),
            Value::Text(marker()),
            Value::Text(marker()),
            Value::Text(marker()),
            Value::Text(marker()),
            Value::Text(marker()),
            Value::Text(marker()), // beyond the spec
        ],
        raw_input: Some(
            r#"{"customer": {"id": "mallory@example.org", "name": "mallory"}, "note": ["a mallory\u0040example.org b"],
                "mallory@example.org": 1, "mallory\u0040example.org": {"x": "\u006dallory@example.org"}, "mail": "mallory",
                "mail": "mallory"}"#
                .into(),
        ),
        prediction: Value::Text(marker()),
        class_probabilities: Some([(marker(), 0.5)].into()),
        ranking: Some([RankedItem { item: marker(), score: None }].into()),
        generated_text: Some(format!("write to {MARKER}.").into()),
        segments: vec![("free".into(), marker()), ("plan".into(), marker()), ("gone".into(), marker())],
        rescued: vec![
            rescued("feature_mail", r#""mallory""#),
            rescued("entity_id", r#"["mallory"]"#),
            rescued("ranking", r#"{"mallory": 1}"#),
            rescued("segments.plan", r#""mallory""#),
            rescued("score", r#"{"x": "mallory\u0040example.org"}"#),
            rescued("event_time", r#""mallory@exam"#),
        ],
        ..row()
    }
}

#[test]
fn no_byte_of_a_marker_is_left_anywhere() {
    let spec = spec(
        "mail: string, masked: string, cut: string, hashed: string, comment: string, age: float, bucket: integer",
        "entity_id: hash, request_id: {mask: {keep_last: 4}}, prediction: hash, class_probabilities: hash, ranking: drop,
         features: {mail: drop, masked: mask, cut: {truncate: 2}, hashed: hash, bucket: {bucket: [0, 10]}},
         segments: {plan: hash, gone: drop}, pointers: {/customer/name: drop},
         detect: [email], scan: [comment]",
    );
    let mut masker = masker(&spec);
    let mut row = full_row();
    masker.apply(&mut row);
    let all = every_byte(&spec, &masker, &row);
    assert!(!all.contains("mallory"), "{all}");
    let hash = Keyring::from_text(KEY).unwrap().hash(MARKER);
    assert_eq!(row.entity_id.as_deref(), Some(&*hash));
    assert_eq!(row.features[3], Value::Text(hash.as_str().into()), "equal values are equal in every field");
    assert_eq!((&*row.request_id, row.features.len()), ("***.org", 7));
    assert_eq!(row.generated_text.as_deref(), Some("write to <email>."));
    let raw: serde_json::Value = serde_json::from_str(row.raw_input.as_deref().unwrap()).unwrap();
    assert_eq!(raw["customer"], serde_json::json!({"id": hash, "name": null}));
    assert_eq!(raw["note"][0], "a <email> b");
    let rescued: Vec<_> =
        row.rescued.iter().map(|entry| format!("{} {}", entry.column, entry.json)).collect();
    insta::assert_snapshot!(rescued.join("\n"), @r#"
    feature_mail "<masked string>"
    entity_id "<masked array>"
    ranking "<masked object>"
    segments.plan "<masked string>"
    score {"x": "<email>"}
    event_time "<masked string>"
    feature_bucket "<masked string>"
    "#);
    let counts: Vec<_> = masker.take_counts().iter().map(|(what, count)| format!("{what} {count}")).collect();
    insta::assert_snapshot!(counts.join(", "), @r"
    dropped 6, masked 2, hashed 6, truncated 1, misfit 5, email 10
    ");
    assert_eq!(masker.take_counts(), MaskCounts::default());
}

#[test]
fn a_misfit_is_ruled_by_the_name_of_its_column() {
    let spec = spec("mail: {type: string, column: address}", "features: {mail: {truncate: 2}}");
    let mut masker = masker(&spec);
    let rescued = vec![Rescued { column: "feature_address".into(), json: "[\"mallory\"]".into() }];
    let mut row = Prediction { rescued, ..row() };
    masker.apply(&mut row);
    assert_eq!(row.rescued[0].json, "\"<masked array>\"");
}

#[test]
fn a_body_of_another_shape_keeps_nothing_where_rules_are() {
    let mut masker = masker(&spec(
        "age: float",
        "pointers: {/a/name: drop, /b/*: hash, /b/1: drop, /c/*/x: drop, /c/y: drop, /d/0: drop}",
    ));
    for (body, kept) in [
        (r#"{"a":"mallory","z":1}"#, r#"{"a":null,"z":1}"#),
        (r#"{"a":[{"name":"mallory"}]}"#, r#"{"a":null}"#),
        (r#"{"a":null,"b":{"0":"mallory"}}"#, r#"{"a":null,"b":null}"#),
        (r#"{"c":{"x":1,"y":2}}"#, r#"{"c":{"x":1,"y":null}}"#),
        (r#"{"c":[{"x":1}]}"#, r#"{"c":[{"x":null}]}"#),
        (r#"{"d":{"0":1}}"#, r#"{"d":{"0":null}}"#),
        (r#"{"d":[1,2]}"#, r#"{"d":[null,2]}"#),
        (r#"[{"a":{"name":"mallory"}}]"#, "null"),
        ("\"mallory\"", "null"),
        ("true", "null"),
    ] {
        assert_eq!(raw(&mut masker, body).as_deref(), Some(kept), "{body}");
    }
}

#[test]
fn what_a_client_chooses_is_looked_through() {
    let mut spec = spec("age: float", "detect: [email, ip, card], scan: []");
    spec.version = Some("1.2.3.4".parse().unwrap());
    let mut masker = masker(&spec);
    let row = |version: &str| Prediction {
        request_id: "mallory@example.org-17".into(),
        model_version: Some(version.parse().unwrap()),
        segments: vec![("203.0.113.9".into(), "x".into()), ("plan".into(), "x".into())],
        rescued: vec![Rescued { column: "segments.mallory@example.org".into(), json: "1".into() }],
        ..row()
    };
    for version in ["mallory@example.org", "203.0.113.9", "4111111111111111"] {
        let mut row = row(version);
        masker.apply(&mut row);
        assert_eq!(row.model_version, None, "{version}");
        assert_eq!(
            (&*row.rescued[1].column, &*row.rescued[1].json),
            ("model_version", "\"<masked string>\"")
        );
        assert_eq!(&*row.request_id, "<email>");
        assert_eq!(row.segments, [("plan".into(), "x".into())]);
        assert_eq!(&*row.rescued[0].column, "segments");
    }
    for version in ["1.2.3.4", "v7", "v7", "sha256:0a1b"] {
        let mut row = row(version);
        masker.apply(&mut row);
        assert_eq!(
            row.model_version.as_ref().map(ModelVersion::as_str),
            Some(version),
            "the spec's own is no client's"
        );
    }
}

#[test]
fn a_version_is_dropped_or_hashed() {
    for (rule, left) in [("drop", None), ("hash", Some(Keyring::from_text(KEY).unwrap().hash("v7")))] {
        let mut masker = masker(&spec("age: float", &format!("model_version: {rule}")));
        let mut row = Prediction { model_version: Some("v7".parse().unwrap()), ..row() };
        masker.apply(&mut row);
        assert_eq!(row.model_version.map(|version| version.to_string()), left);
    }
}

#[test]
fn listed_columns_are_looked_through_and_others_are_not() {
    let full = |scan: &str| {
        let spec = spec("age: float", &format!("detect: [email], scan: [{scan}]"));
        let mut row = Prediction { request_id: "r".into(), raw_input: None, ..full_row() };
        masker(&spec).apply(&mut row);
        format!("{:?} {:?} {:?} {:?}", row.entity_id, row.prediction, row.class_probabilities, row.ranking)
    };
    assert_eq!(full("").matches(MARKER).count(), 4);
    assert_eq!(full("entity_id, prediction, class_probabilities, ranking").matches("<email>").count(), 4);
    assert_eq!(full("class_probabilities").matches("<email>").count(), 2, "and the decision that is a class");
}

/// A table of probabilities has each name once; a thousand alike are told apart in no time.
#[test]
fn classes_that_become_alike_are_told_apart() {
    let mut masker = masker(&spec("age: float", "detect: [email], scan: [class_probabilities]"));
    let names = |row: &Prediction| -> Vec<String> {
        row.class_probabilities
            .iter()
            .flat_map(|classes| classes.iter())
            .map(|(name, _)| name.to_string())
            .collect()
    };
    let classes = [("a@x.org".into(), 0.5), ("b".into(), 0.3), ("c@x.org".into(), 0.2)];
    let mut few = Prediction { class_probabilities: Some(classes.into()), ..row() };
    masker.apply(&mut few);
    assert_eq!(names(&few), ["<email>", "b", "<email> 2"]);
    let classes = (0..20_000).map(|number| (format!("u{number}@x.org").into(), 0.0)).collect();
    let mut many = Prediction { class_probabilities: Some(classes), ..row() };
    masker.apply(&mut many);
    let distinct: std::collections::HashSet<_> = names(&many).into_iter().collect();
    assert_eq!(distinct.len(), 20_000);
}

#[test]
fn a_decision_becomes_what_its_class_becomes() {
    let mut masker = masker(&spec("age: float", "class_probabilities: hash"));
    let classes = || Some([("mallory".into(), 0.9), ("b".into(), 0.1)].into());
    let mut row = Prediction { prediction: "mallory".into(), class_probabilities: classes(), ..row() };
    masker.apply(&mut row);
    let hash = Keyring::from_text(KEY).unwrap().hash("mallory");
    assert_eq!(row.prediction, Value::from(&*hash));
    assert_eq!(*row.class_probabilities.unwrap()[0].0, *hash);
}

#[test]
fn a_misfit_around_a_place_with_a_rule_keeps_its_type() {
    let mut masker = masker(&spec(
        "profile: {type: string, pointer: /profile}, age: float",
        "pointers: {/profile/name: drop}",
    ));
    let misfit = |column: &str| Rescued { column: column.into(), json: r#"{"name":"mallory"}"#.into() };
    let mut row = Prediction { rescued: vec![misfit("feature_profile"), misfit("feature_age")], ..row() };
    masker.apply(&mut row);
    assert_eq!(row.rescued[0].json, "\"<masked object>\"");
    assert_eq!(row.rescued[1].json, misfit("").json);
}

#[test]
fn a_rule_for_all_other_segments() {
    let mut masker = masker(&spec("age: float", "segments: {'*': drop, plan: {truncate: 2}}"));
    let segments = vec![("emial".into(), "mallory".into()), ("plan".into(), "gold".into())];
    let rescued = vec![Rescued { column: "segments.e mail".into(), json: "\"mallory\"".into() }];
    let mut row = Prediction { segments, rescued, ..row() };
    masker.apply(&mut row);
    assert_eq!(row.segments, [("emial".into(), "".into()), ("plan".into(), "go".into())]);
    assert_eq!(row.rescued[0].json, "\"<masked string>\"");
}

#[test]
fn a_card_is_found_however_its_number_is_written() {
    let mut masker = masker(&spec("age: float", "detect: [card]"));
    for number in ["4111111111111111.0", "4.111111111111111e15", "4111111111111111E0", "4111111111111111.00"]
    {
        let left = raw(&mut masker, &format!("[{number}]")).unwrap();
        assert!(left.contains("<card>") && !left.contains("1111"), "{number}: {left}");
    }
    for number in ["4111111111111111.5", "4.111111111111112e15", "1e300", "-1e-7", "0.0"] {
        assert_eq!(raw(&mut masker, &format!("[{number}]")), Some(format!("[{number}]")));
    }
}

#[test]
fn patterns_look_at_what_was_written() {
    let patterns = r"patterns: [{pattern: 'ORD-\d+', action: drop}, {pattern: '[a-z]+ [a-z]+ \d+', action: mask},
                                {pattern: 'u\d+', action: hash}, {pattern: '[0-9a-f]{8,}', action: drop}]";
    let mut masker = masker(&spec("age: float", patterns));
    let hash = Keyring::from_text(KEY).unwrap().hash("u7");
    for (text, left) in [
        ("ORORD-1D-22", String::new()),
        ("u7", hash),
        ("ab cd ORD-7", "ab cd ".to_owned()),
        ("ab cd 12 ORD-7", "*** ".to_owned()),
        ("ab ORORD-3D-4 x", "ab  x".to_owned()),
    ] {
        assert_eq!(raw(&mut masker, text).as_deref(), Some(&*left), "{text}");
    }
    let nested = format!("{}{}", "ORD-".repeat(0), "OR".repeat(9)) + "ORD-1" + &"D-1".repeat(9);
    assert_eq!(raw(&mut masker, &nested).as_deref(), Some("<masked>"), "rounds are bounded");
}

#[test]
fn what_else_an_overlapping_match_has_goes() {
    let patterns = r"patterns: [{pattern: 'b+', action: mask}, {pattern: 'a[ab]+c', action: hash}]";
    let mut masker = masker(&spec("age: float", patterns));
    assert_eq!(raw(&mut masker, "x abbac y").as_deref(), Some("x *** y"));
}

#[test]
fn the_marker_test_can_fail() {
    let spec = spec("mail: string", "detect: [card]");
    let mut masker = masker(&spec);
    let mut row = Prediction { features: vec![MARKER.into()], ..row() };
    masker.apply(&mut row);
    assert!(every_byte(&spec, &masker, &row).contains(MARKER));
}

#[test]
fn without_a_policy_nothing_changes() {
    let mut spec = spec("mail: string", "");
    spec.privacy = None;
    let mut masker = Masker::new(&spec, None).unwrap();
    let mut row = full_row();
    masker.apply(&mut row);
    assert_eq!(row, full_row());
    assert!(!masker.is_active());
}

#[test]
fn a_hash_needs_keys() {
    let error = Masker::new(&spec("a: string", "features: {a: hash}"), None).unwrap_err();
    assert!(error.is_without_keys());
    insta::assert_snapshot!(error, @"the privacy policy hashes, but there are no keys: give it a keyring");
    Masker::new(&spec("a: string", "features: {a: mask}"), None).unwrap();
}

#[test]
fn what_no_rule_touches_stays_as_it_was_written() {
    let mut masker = masker(&spec("age: float", "pointers: {/secret: drop}, detect: [card]"));
    let text = " {\"b\": 1.10, \"a\" : [1e5, \"\\u00e9\", {}],\n\"b\":\t12345678901234567890}";
    assert_eq!(raw(&mut masker, text).as_deref(), Some(text));
    assert_eq!(
        raw(&mut masker, r#"{"x":1.0,"secret":{"deep":["}",[]]} ,"y":[]}"#).as_deref(),
        Some(r#"{"x":1.0,"secret":null ,"y":[]}"#)
    );
    assert_eq!(raw(&mut masker, r#"{"x":4242424242424242}"#).as_deref(), Some(r#"{"x":"<card>"}"#));
}

#[test]
fn every_rule_is_applied_at_its_pointer() {
    let mut masker = masker(&spec(
        "age: float",
        "pointers: {/m: {mask: {keep_last: 2}}, /h/*: hash, /h/1: drop, /t: {truncate: 2}, /r: {round: 5},
                    /b: {bucket: [0, 10]}, /rows/*/id: mask, /a~1b: drop}",
    ));
    insta::assert_snapshot!(raw(&mut masker, r#"{"m":"abcdef","h":["u",2,null],"t":"éàü","r":12.6,"b":11,"a/b":1,"rows":[{"id":"x","y":1},{"id":7}]}"#).unwrap(), @r#"
    {"m":"***ef","h":["h:k1:5f001d9db0b08a60e809e4a469cf8306",null,null],"t":"éà","r":15.0,"b":10,"a/b":null,"rows":[{"id":"***","y":1},{"id":"***"}]}
    "#);
    // what a rule is not made for becomes null, and so does an object where text is expected
    insta::assert_snapshot!(raw(&mut masker, r#"{"m":{"x":"abcdef"},"h":"u","t":true,"r":"12","b":-1,"rows":{"0":{"id":"x"}}}"#).unwrap(), @r#"
    {"m":null,"h":null,"t":null,"r":null,"b":null,"rows":null}
    "#);
    assert_eq!(masker.take_counts().misfits, 5);
}

#[test]
fn raw_input_that_cannot_be_looked_through_is_dropped() {
    let mut by_pointer = masker(&spec("age: float", "pointers: {/secret: drop}"));
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
    for text in ["secret=1", "{\"secret\":1", "{\"secret\":1} x", &deep] {
        assert_eq!(raw(&mut by_pointer, text), None, "{text}");
    }
    assert_eq!(by_pointer.take_counts().unreadable, 4);
    let mut by_detector = masker(&spec("age: float", "detect: [email]"));
    assert_eq!(raw(&mut by_detector, "m=a@x.org&n=1").as_deref(), Some("<email>&n=1"));
    assert_eq!(raw(&mut by_detector, "\u{feff} {\"m\":\"a\\u0040x.org\""), None);
    assert_eq!(
        raw(&mut by_detector, r#"{"half \ud800 a":"\ud800 a"}"#).as_deref(),
        Some(r#"{"<masked>":"<masked>"}"#)
    );
}

#[test]
fn patterns_replace_their_matches() {
    let mut masker = masker(&spec(
        "comment: string",
        r"patterns: [{pattern: 'ORD-\d+', action: {mask: {keep_last: 2}}}, {pattern: '(?i)secret ', action: drop},
                     {pattern: 'u\d+', action: hash}], scan: [comment]",
    ));
    let mut row = Prediction { features: vec!["Secret ORD-1234, u7".into()], ..row() };
    masker.apply(&mut row);
    let hash = Keyring::from_text(KEY).unwrap().hash("u7");
    assert_eq!(row.features[0], Value::Text(format!("***34, {hash}").into()));
    assert_eq!(masker.take_counts().patterns, 3);
    assert_eq!(raw(&mut masker, r#"["ORD-1234"]"#).as_deref(), Some(r#"["***34"]"#));
}

#[test]
fn what_rows_share_is_hashed_once() {
    let mut masker = masker(&spec("age: float", "request_id: hash"));
    let shared: Arc<str> = "r1".into();
    let mut rows = [(); 2].map(|()| Prediction { request_id: Arc::clone(&shared), ..row() });
    for row in &mut rows {
        masker.apply(row);
    }
    assert!(Arc::ptr_eq(&rows[0].request_id, &rows[1].request_id));
    assert_eq!(masker.take_counts().hashed, 2);
}

#[test]
fn a_truncated_field_is_looked_through_before_it_is_cut() {
    let mut masker = masker(&spec("c: string", "features: {c: {truncate: 6}}, detect: [email]"));
    let mut row = Prediction { features: vec!["a mallory@example.org".into()], ..row() };
    masker.apply(&mut row);
    assert_eq!(row.features[0], Value::from("a <ema"));
}
