//! What the application says, beside the bodies and without them.

use tiltmeter_record::RankedItem;

use super::*;
use crate::layer::Said;

fn told(observations: Vec<Observation>) -> Said {
    Said { observations: observations.into(), ..Said::default() }
}

fn with(said: Said, exchange: Captured) -> Captured {
    Captured { said: Some(Box::new(said)), ..exchange }
}

fn uncaptured() -> Captured {
    exchange_with((b"", Extent::Uncaptured), (b"", Extent::Uncaptured), 200)
}

fn segments(row: &Prediction) -> Vec<(&str, &str)> {
    row.segments.iter().map(|(name, value)| (&**name, &**value)).collect()
}

#[test]
fn a_record_without_bodies() {
    let time = "2026-03-01T11:00:00Z".parse().unwrap();
    let observation = Observation::new()
        .with("visits", 3)
        .with("age", 41)
        .with("channel", "web")
        .with("active", None::<bool>)
        .with("age", 42.5)
        .with_event_time(time)
        .with_entity_id("c9")
        .with_score(0.25)
        .with_confidence(0.5)
        .with_prediction(true)
        .with_ranking([RankedItem { item: "a".into(), score: None }])
        .with_generated_text("x".repeat(5_000))
        .with_class_probabilities([("red", 0.5)]);
    let row = decode_with(SPEC, &with(told(vec![observation]), uncaptured())).unwrap().remove(0);
    assert_eq!(row.features, [Value::Float(42.5), Value::Integer(3), Value::Missing, Value::Missing]);
    assert_eq!(segments(&row), [("channel", "web")]);
    assert_eq!((row.event_time, row.entity_id.as_deref()), (time, Some("c9")));
    assert_eq!(
        (row.score, row.confidence, row.prediction.clone()),
        (Some(0.25), Some(0.5), Value::Boolean(true))
    );
    assert_eq!(row.ranking.as_deref().map(<[_]>::len), Some(1));
    assert_eq!(row.generated_text.as_deref().map(str::len), Some(4_096));
    assert_eq!(row.class_probabilities.as_deref(), Some(&[("red".into(), 0.5)][..]));
    assert_eq!((row.error_type, row.rescued.len()), (None, 0));
}

#[test]
fn nothing_said_and_nothing_captured_is_nothing_recorded() {
    for said in [None, Some(Box::default())] {
        let exchange = Captured { said, ..uncaptured() };
        assert_eq!(decode_with(SPEC, &exchange), Err(ExchangeDrop::NothingRecorded));
    }
}

#[test]
fn the_application_wins_field_by_field_and_the_bodies_fill_the_rest() {
    let raw = SPEC.replace("entity_id: /id}", "entity_id: /id, raw_input: true}");
    let body = exchange(
        br#"{"id": "body", "age": 1, "visits": 2, "plan": "gold"}"#,
        br#"{"version": "v3", "score": 0.1, "churns": true}"#,
        200,
    );
    let observation = Observation::new()
        .with("age", 10.0)
        .with("plan", None::<&str>)
        .with_score(0.9)
        .with_entity_id("told");
    let row = decode_with(&raw, &with(told(vec![observation]), body)).unwrap().remove(0);
    assert_eq!(
        row.features,
        [Value::Float(10.0), Value::Integer(2), Value::Missing, Value::Missing],
        "a feature that is said to be missing is missing"
    );
    assert_eq!((row.score, row.prediction), (Some(0.9), Value::Boolean(true)));
    assert_eq!(row.entity_id.as_deref(), Some("told"));
    assert!(row.raw_input.unwrap().contains("\"age\": 1"));
}

#[test]
fn what_an_application_says_has_to_fit_as_well() {
    let observation = Observation::new().with("age", "old").with("visits", 2.0).with_prediction("perhaps");
    let body = exchange(br#"{"age": 1}"#, b"{}", 200);
    let row = decode_with(SPEC, &with(told(vec![observation]), body)).unwrap().remove(0);
    assert_eq!(row.features[..2], [Value::Missing, Value::Integer(2)]);
    assert_eq!(rescued(&row), [("feature_age", r#""old""#), ("prediction", r#""perhaps""#)]);
}

#[test]
fn numbers_of_instances_have_to_agree() {
    let two = || told(vec![Observation::new().with("age", 1.0), Observation::new().with("age", 2.0)]);
    let request = br#"{"rows": [{"id": "a"}, {"id": "b"}]}"#;
    let response = br#"{"out": [{"value": 1}, {"value": 2}]}"#;
    let rows = decode_with(BATCHED, &with(two(), exchange(request, response, 200))).unwrap();
    let seen: Vec<_> = rows.iter().map(|row| (row.entity_id.as_deref(), row.features[0].clone())).collect();
    assert_eq!(seen, [(Some("a"), Value::Float(1.0)), (Some("b"), Value::Float(2.0))]);
    let three = exchange(br#"{"rows": [{}, {}, {}]}"#, b"", 200);
    assert_eq!(decode_with(BATCHED, &with(two(), three)), Err(ExchangeDrop::InstanceMismatch));
    let shared = exchange(br#"{"id": "both"}"#, b"{}", 200);
    let rows = decode_with(SPEC, &with(two(), shared)).unwrap();
    assert_eq!(rows.len(), 2, "a body without instances is shared");
    assert_eq!(rows[1].entity_id.as_deref(), Some("both"));
}

#[test]
fn a_body_that_cannot_be_read_does_not_matter_to_an_application_that_speaks_for_itself() {
    let observation = Observation::new().with("age", 1.0).with_score(0.5);
    let row = decode_with(SPEC, &with(told(vec![observation]), exchange(b"\x08\x96", b"\x01", 200)));
    let row = row.unwrap().remove(0);
    assert_eq!((row.features[0].clone(), row.score, row.error_type), (Value::Float(1.0), Some(0.5), None));
    let silent = Observation::new().with("age", 1.0);
    let row = decode_with(SPEC, &with(told(vec![silent]), exchange(b"{}", b"\x01", 200))).unwrap().remove(0);
    assert_eq!(row.error_type, Some(ErrorType::Unreadable), "nobody says what was answered");
}

#[test]
fn the_version_is_the_most_particular_one() {
    let named = |text: &str| Some(text.parse::<ModelVersion>().unwrap());
    let version = |said: Said, response: &str| {
        let row =
            decode_with(SPEC, &with(said, exchange(b"{}", response.as_bytes(), 200))).unwrap().remove(0);
        row.model_version.unwrap().as_str().to_owned()
    };
    let path = || Said { path_version: named("path"), ..Said::default() };
    let said = || Said { model_version: named("said"), ..path() };
    let observed = Observation::new().with_model_version(named("observed").unwrap());
    let answered = r#"{"version": "answered"}"#;
    assert_eq!(version(Said { observations: vec![observed].into(), ..said() }, answered), "observed");
    assert_eq!(version(said(), answered), "said");
    assert_eq!(version(path(), answered), "answered");
    assert_eq!(version(path(), "{}"), "path");
    assert_eq!(version(Said::default(), "{}"), "v0");
}

/// Fields in the spec's order take a shorter way.
#[test]
fn the_order_of_fields_changes_nothing_but_which_word_is_the_last() {
    let fields: [(&str, Value); 6] = [
        ("age", 30.0.into()),
        ("visits", "many".into()),
        ("plan", "gold".into()),
        ("active", true.into()),
        ("channel", "web".into()),
        ("shop", 7.into()),
    ];
    let row_of = |order: &[usize], more: Option<(&'static str, Value)>| {
        let of_order = order.iter().map(|&place| fields[place].clone());
        let mut observation = Observation::new();
        of_order.chain(more).for_each(|(name, value)| observation.set(name, value));
        let exchange = Captured { said: Some(Box::new(told(vec![observation]))), ..exchange(b"", b"", 200) };
        let row = decode_with(SPEC, &exchange).unwrap().remove(0);
        (row.features, row.segments, row.rescued)
    };
    let in_order = row_of(&[0, 1, 2, 3, 4, 5], None);
    let (age, visits, plan, active) = (30.0.into(), Value::Missing, "gold".into(), true.into());
    assert_eq!(in_order.0, [age, visits, plan, active]);
    assert_eq!((in_order.1.len(), in_order.2.len()), (2, 1));
    for order in [[5, 4, 3, 2, 1, 0], [4, 0, 1, 2, 3, 5], [1, 0, 2, 3, 5, 4]] {
        assert_eq!(row_of(&order, None), in_order);
    }
    // a feature once more, and a segment
    assert_eq!(row_of(&[0, 1, 2, 3], Some(("age", 31.0.into()))).0[0], Value::Float(31.0));
    let twice = row_of(&[0, 1, 2, 3, 4, 5], Some(("channel", "shop".into())));
    assert_eq!(&*twice.1[0].1, "shop");
}

#[test]
fn segments_are_sorted_bounded_and_the_last_word_counts() {
    let observation = Observation::new()
        .with("b", 2)
        .with("a", "first")
        .with("c", 1.5)
        .with("a", true)
        .with("gone", "x")
        .with("gone", Value::Missing)
        .with("big", 1e300)
        .with("bad name", "v")
        .with("", "v")
        .with("long", "é".repeat(100));
    let shared = vec![("region".into(), Value::from("eu")), ("a".into(), Value::from("all"))];
    let said = Said { segments: shared, ..told(vec![observation]) };
    let row = decode_with(SPEC, &with(said, uncaptured())).unwrap().remove(0);
    let cut = "é".repeat(64);
    assert_eq!(
        segments(&row),
        [("a", "true"), ("b", "2"), ("big", "1e+300"), ("c", "1.5"), ("long", &*cut), ("region", "eu")]
    );
    let columns: Vec<_> = rescued(&row).into_iter().map(|(column, _)| column).collect();
    assert_eq!(columns, ["segments.", "segments.bad name", "segments.long"]);
}

#[test]
fn a_million_fields_are_bounded() {
    let mut observation = Observation::new();
    for place in 0..1_000_000 {
        observation.set(format!("field{place}"), 1);
    }
    observation.set("x".repeat(1 << 20), 1);
    observation.set("age", 7.0);
    let mut decoder = Decoder::new(spec(SPEC), "/p".into()).unwrap();
    let row = decode_by(&mut decoder, &with(told(vec![observation]), uncaptured())).unwrap().remove(0);
    assert_eq!((row.features[0].clone(), row.segments.len()), (Value::Float(7.0), 32));
    assert_eq!(row.rescued.len(), 32);
    assert!(row.rescued.iter().all(|entry| entry.column.len() <= 80));
    assert_eq!(decoder.misfits().collect::<Vec<_>>(), [("segments", 1_000_000 - 32 + 1)]);
}

proptest! {
    /// The order in which fields are said, and the hint that lives on it, change nothing.
    #[test]
    fn features_are_found_in_any_order(
        order in Just(vec!["age", "visits", "plan", "active", "x", "y"]).prop_shuffle(),
        kept in 0..7_usize,
    ) {
        let mut observation = Observation::new();
        for name in &order[..kept.min(6)] {
            match *name {
                "plan" => observation.set("plan", "gold"),
                "active" => observation.set("active", true),
                name => observation.set(name, 1),
            }
        }
        let row = decode_with(SPEC, &with(told(vec![observation]), uncaptured())).unwrap().remove(0);
        let is_said = |name: &str| order[..kept.min(6)].contains(&name);
        for (place, name) in ["age", "visits", "plan", "active"].iter().enumerate() {
            prop_assert_eq!(!row.features[place].is_missing(), is_said(name), "{}", name);
        }
        prop_assert_eq!(row.segments.len(), ["x", "y"].iter().filter(|name| is_said(name)).count());
    }
}

#[test]
fn of_several_numbers_of_one_class_the_last_counts() {
    let observation =
        Observation::new().with_class_probabilities([("red", 0.5), ("green", 0.2), ("red", 0.1)]);
    let row = decode_with(SPEC, &with(told(vec![observation]), uncaptured())).unwrap().remove(0);
    assert_eq!(row.class_probabilities.as_deref(), Some(&[("green".into(), 0.2), ("red".into(), 0.1)][..]));
}

#[test]
fn a_segment_that_is_cut_does_not_end_in_half_of_what_a_detector_finds() {
    let policy = SPEC.trim_end().to_owned() + "\nprivacy: {detect: [card], scan: []}\n";
    let value = format!("{} 4111 1111 1111 1111 1", "notes ".repeat(18));
    let observation = || Observation::new().with("note", value.as_str());
    let said = |spec: &str| {
        let row = decode_with(spec, &with(told(vec![observation()]), uncaptured())).unwrap().remove(0);
        segments(&row)[0].1.to_owned()
    };
    assert!(said(SPEC).ends_with("4111 1111 1111 1111"));
    assert!(said(&policy).ends_with("notes"));
}
