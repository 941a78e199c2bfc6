use proptest::prelude::*;

use super::*;

/// A plan of features.
fn plan(pointers: &[BodyPointer]) -> Plan<RequestField> {
    let mut plan = Plan::default();
    for (place, pointer) in pointers.iter().enumerate() {
        plan.add(pointer, RequestField::Feature(place), Shape::Single);
    }
    plan
}

/// Reads the one value of a body whose shape is `shape`.
fn shaped(shape: Shape, body: &str) -> Result<FieldValue, CodecError> {
    let mut plan = Plan::default();
    plan.add(&"/x".parse().unwrap(), ResponseField::Ranking, shape);
    let mut fields = ResponseFields::new();
    read(&plan, body.as_bytes(), &mut fields, &mut Scratch::default())?;
    Ok(fields.take(0, ResponseField::Ranking, true))
}

#[test]
fn a_plan_knows_pointers_that_are_in_each_others_way() {
    let is_ambiguous = |pointers: &[&str]| {
        let pointers: Vec<BodyPointer> = pointers.iter().map(|text| text.parse().unwrap()).collect();
        plan(&pointers).is_ambiguous()
    };
    assert!(is_ambiguous(&["/a", "/a/b"]) && is_ambiguous(&["/rows/*/x", "/rows/0/y"]));
    assert!(!is_ambiguous(&["/a/c", "/a/b", "/a/b"]) && !is_ambiguous(&["/rows/*/x", "/ages/*"]));
}

pub(crate) fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_filter("JSON has no NaN", |x| x.is_finite()).prop_map(Into::into),
        ".{0,8}".prop_map(Into::into),
    ];
    let key = prop_oneof![4 => "(age|visits|plan|active|id|rows|0|1)", 1 => ".{0,6}"];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(key.clone(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// The value that a field was read from, as `serde_json` has it.
fn expected(value: Option<&serde_json::Value>) -> FieldValue {
    use serde_json::Value as Json;
    match value {
        None | Some(Json::Null) => FieldValue::Missing,
        Some(Json::Bool(value)) => FieldValue::Boolean(*value),
        Some(Json::Number(number)) => number
            .as_i64()
            .map(FieldValue::Integer)
            .or_else(|| number.as_u64().map(FieldValue::Unsigned))
            .or_else(|| number.as_f64().map(FieldValue::Float))
            .unwrap(),
        Some(Json::String(text)) => FieldValue::Text(text.as_str().into()),
        Some(Json::Array(values)) => {
            FieldValue::List(values.iter().map(|value| expected(Some(value))).collect())
        }
        Some(Json::Object(members)) => FieldValue::Object(
            members.iter().map(|(name, value)| (name.as_str().into(), expected(Some(value)))).collect(),
        ),
    }
}

#[test]
fn of_a_list_where_one_value_is_wanted_as_much_is_read_as_is_rescued() {
    let body = format!("{{\"x\": [{}0]}}", "0,".repeat(500_000));
    let FieldValue::List(values) = shaped(Shape::Single, &body).unwrap() else { panic!("no list") };
    assert!(
        values.len() * 2 > tiltmeter_record::Rescued::MAX_LEN && values.len() < 1_000,
        "{}",
        values.len()
    );
    let members: String = (0..500_000).map(|member| format!("\"{member}\":0,")).collect();
    let FieldValue::Object(members) =
        shaped(Shape::Single, &format!("{{\"x\": {{{members}\"x\":0}}}}")).unwrap()
    else {
        panic!("no object")
    };
    assert!(members.len() < 1_000, "{}", members.len());
}

#[test]
fn of_a_ranking_one_item_more_than_is_kept_is_read_and_only_the_members_that_are_wanted() {
    let members = [Some("id".into()), Some("fit".into())];
    let shape = Shape::Ranking { members, max_items: 2 };
    let item = r#"{"text": "long", "fit": 0.5, "id": "a", "more": [1, 2]}"#;
    let read = shaped(shape, &format!("{{\"x\": [{item}, {item}, {item}, {item}]}}")).unwrap();
    let item = r#"{"fit":0.5,"id":"a"}"#;
    assert_eq!(read.to_json(1_000), format!("[{item},{item},{item}]"));
}

#[test]
fn a_ranking_that_comes_as_an_object_is_read_as_far_as_it_is_kept() {
    let shape = Shape::Ranking { members: [None, None], max_items: 2 };
    let body = r#"{"a": 1, "x": {"a": 1, "b": [2], "c": {"d": 3}, "e": {"f": [4]}, "g": 5}, "b": 2}"#;
    let read = shaped(shape, body).unwrap();
    assert_eq!(read.to_json(1_000), r#"{"a":1,"b":[2],"c":{}}"#);
}

#[test]
fn a_body_of_too_many_values_is_too_large() {
    let mut plan = Plan::default();
    plan.add(&"/*".parse().unwrap(), ResponseField::ClassProbabilities, Shape::Probabilities);
    let row = format!("[{}0]", "0,".repeat(3_999));
    let body = format!("[{}{row}]", format!("{row},").repeat(300));
    let read = read(&plan, body.as_bytes(), &mut ResponseFields::new(), &mut Scratch::default());
    assert_eq!(read, Err(CodecError::TooLarge));
}

#[test]
fn of_members_of_one_name_the_last_stays() {
    for count in [2, 50] {
        let early: String = (0..count).map(|member| format!("\"{member}\":1,")).collect();
        let read = shaped(Shape::Probabilities, &format!("{{\"x\": {{{early}\"0\": 2}}}}")).unwrap();
        let FieldValue::Object(members) = read else { panic!("no object") };
        assert_eq!(members.len(), count);
        assert_eq!(members.last().unwrap(), &("0".into(), FieldValue::Integer(2)));
    }
}

proptest! {
    /// One walk finds what looking up each pointer in a tree finds.
    #[test]
    fn the_walk_agrees_with_looking_up_each_pointer(body in any_json()) {
        let paths = ["/age", "/rows/0", "/rows/1/age", "/plan/0/id", "/visits"];
        let pointers: Vec<BodyPointer> = paths.iter().map(|path| path.parse().unwrap()).collect();
        let mut fields = RequestFields::new(paths.len());
        read(&plan(&pointers), body.to_string().as_bytes(), &mut fields, &mut Scratch::default()).unwrap();
        for (slot, path) in paths.iter().enumerate() {
            let found = fields.take(0, RequestField::Feature(slot), true);
            // `/rows/0` is on the way to nothing else; a place that other pointers go through is never a value
            prop_assert_eq!(found, expected(body.pointer(path)), "{}", path);
        }
    }
}
