use std::time::Duration;

use proptest::prelude::*;

use super::*;

mod outputs;
mod promotion;
mod sampling;

/// Every key of the format, in the form of the module's documentation but without instances.
const GOOD: &str = "\
# a comment
spec_version: 1
name: flight-delay
version: gbm-1
type: binary
owner: arrivals@example.org
tier: 2
endpoint:
  method: POST
  path: /predict
request:
  event_time: /event_time
  max_skew: 36h
  entity_id: /instances/*/id
  features: /instances/*
  raw_input: true
response:
  model_version: /model_version
  score: /out/*/score
  confidence: /out/*/confidence
  prediction: {pointer: /out/*/late, type: integer}
  class_probabilities: {pointer: /out/*/classes, classes: [in time, late]}
  ranking: {pointer: /out/*/gates, item: gate, score: fit, max_items: 10}
  generated_text: {pointer: /out/*/text, stream: /*/delta, max_bytes: 256}
features:
  carrier: string
  hour: {type: integer, column: local_hour}
  dep_delay: {type: float, pointer: /instances/*/flight/dep_delay}
  holiday: {type: boolean, pointer: /holiday}
segments: [carrier, holiday]
sla:
  latency_p99_ms: 50
  error_rate: 0.001
  availability: 1
baseline:
  path: data/reference.parquet
labels:
  path: data/labels.parquet
  entity_id: flight
  label: late
  arrival_time: label_timestamp
  event_time: landed_at
  revisions: latest_arrival_wins
  events: nearest_in_time
  maturity: 30d
x-team: {anything: [goes, &here 1, *here, !even this]}
";

const SMALL: &str = "
spec_version: 1
name: churn
type: multiclass
owner: crm
tier: 3
endpoint: {path: /}
response: {prediction: /class}
features: {age: float}
";

fn read(text: &str) -> ModelSpec {
    ModelSpec::from_yaml("model.yaml", text).unwrap()
}

/// What is said about a text that has mistakes.
fn refusal(text: &str) -> String {
    let error = ModelSpec::from_yaml("model.yaml", text).unwrap_err();
    assert!(!error.problems().is_empty() && !error.is_unreadable(), "{error}");
    error.to_string()
}

/// What is said about the good file with a part replaced.
fn refusal_of(part: &str, replacement: &str) -> String {
    assert_eq!(GOOD.matches(part).count(), 1, "{part:?}");
    refusal(&GOOD.replace(part, replacement))
}

#[test]
fn reads_every_key() {
    let spec = read(GOOD);
    assert_eq!((spec.name.as_str(), spec.version.as_ref().unwrap().as_str()), ("flight-delay", "gbm-1"));
    assert_eq!(
        (spec.kind, spec.tier, &*spec.owner),
        (ModelKind::Binary, Tier::Operational, "arrivals@example.org")
    );
    assert_eq!((&*spec.endpoint.method, &*spec.endpoint.path), ("POST", "/predict"));
    let pointer = |text: &str| Some(text.parse().unwrap());
    assert_eq!(
        spec.request,
        RequestMap {
            event_time: pointer("/event_time"),
            max_skew: Some(Duration::from_secs(36 * 3600)),
            entity_id: pointer("/instances/*/id"),
            raw_input: true,
        }
    );
    assert_eq!(
        spec.response,
        ResponseMap {
            model_version: pointer("/model_version"),
            score: pointer("/out/*/score"),
            confidence: pointer("/out/*/confidence"),
            prediction: Some(OutputField {
                pointer: "/out/*/late".parse().unwrap(),
                value_type: ValueType::Integer
            }),
            class_probabilities: Some(ProbabilityField {
                pointer: "/out/*/classes".parse().unwrap(),
                classes: vec!["in time".into(), "late".into()],
            }),
            ranking: Some(RankingField {
                pointer: "/out/*/gates".parse().unwrap(),
                item: Some("gate".into()),
                score: Some("fit".into()),
                max_items: 10,
            }),
            generated_text: Some(TextField {
                pointer: "/out/*/text".parse().unwrap(),
                stream: pointer("/*/delta"),
                max_bytes: 256,
            }),
        }
    );
    let features: Vec<_> =
        spec.features.iter().map(|f| (f.name.as_str(), f.value_type, f.pointer.to_string())).collect();
    assert_eq!(
        features,
        [
            ("carrier", ValueType::String, "/instances/*/carrier".to_owned()),
            ("hour", ValueType::Integer, "/instances/*/hour".to_owned()),
            ("dep_delay", ValueType::Float, "/instances/*/flight/dep_delay".to_owned()),
            ("holiday", ValueType::Boolean, "/holiday".to_owned()),
        ]
    );
    let columns: Vec<_> = spec.features.iter().map(FeatureSpec::column).collect();
    let expected = ["feature_carrier", "feature_local_hour", "feature_dep_delay", "feature_holiday"];
    assert_eq!(columns, expected);
    assert_eq!(spec.segments, ["carrier".parse().unwrap(), "holiday".parse().unwrap()]);
    assert_eq!(
        spec.sla,
        Sla { latency_p99_ms: Some(50.0), error_rate: Some(0.001), availability: Some(1.0) }
    );
    assert_eq!(spec.baseline, Some(BaselineSource { path: "data/reference.parquet".into() }));
    assert_eq!(
        spec.labels,
        Some(LabelRule {
            path: "data/labels.parquet".into(),
            entity_id: "flight".into(),
            label: "late".into(),
            arrival_time: "label_timestamp".into(),
            event_time: Some("landed_at".into()),
            revisions: RevisionRule::LatestArrivalWins,
            events: EventRule::NearestInTime,
            maturity: Duration::from_secs(30 * 24 * 3600),
        })
    );
}

#[test]
fn what_is_absent_has_a_default() {
    let spec = read(&format!("{SMALL}labels: {{path: l.parquet, maturity: 1d}}\n"));
    assert_eq!(spec.request, RequestMap::default());
    assert_eq!(spec.request.max_skew, Some(Duration::from_secs(604_800)));
    assert_eq!((&*spec.endpoint.method, spec.sla), ("POST", Sla::default()));
    assert_eq!((spec.version, spec.baseline, spec.segments.len()), (None, None, 0));
    assert_eq!(spec.features[0].pointer.to_string(), "/age");
    assert_eq!(spec.response.prediction.unwrap().value_type, ValueType::String);
    let labels = spec.labels.unwrap();
    assert_eq!(
        (&*labels.entity_id, &*labels.label, &*labels.arrival_time),
        ("entity_id", "label", "arrival_time")
    );
    assert_eq!(labels.event_time, None);
}

#[test]
fn the_type_of_the_prediction_follows_from_the_kind() {
    for (kind, value_type) in
        [("binary", ValueType::Boolean), ("multiclass", ValueType::String), ("regression", ValueType::Float)]
    {
        let spec = read(&SMALL.replace("multiclass", kind));
        assert_eq!(spec.response.prediction.unwrap().value_type, value_type);
    }
}

#[test]
fn the_skew_may_be_off() {
    assert_eq!(read(&GOOD.replace("36h", "off")).request.max_skew, None);
}

#[test]
fn features_are_found_by_name() {
    let spec = read(GOOD);
    assert_eq!(spec.feature("hour").map(|feature| feature.value_type), Some(ValueType::Integer));
    assert_eq!(spec.feature("Hour"), None);
}

#[test]
fn other_ends_of_line_and_a_mark_at_the_start_change_nothing() {
    assert_eq!(read(&GOOD.replace('\n', "\r\n")), read(GOOD));
    assert_eq!(read(&format!("\u{feff}{GOOD}")), read(GOOD));
    assert_eq!(read(&format!("---\n{GOOD}...\n")), read(GOOD));
}

#[test]
fn every_mistake_is_reported_at_once() {
    insta::assert_snapshot!(refusal(r#"spec_version: 1
name: flight delay
version: 1.10
type: binari
owner: ""
tier: 4
tier: 2
endpoint:
  method: post
  path: predict
request:
  max_skew: 7
  entity_id: /rows/*/id
  raw_input: "yes"
  event_tme: /at
response:
  confidence: confidence
features:
  carrier: string
  dep_delay:
    type: flot
    pointer: /instances/*/delay
  Carrier: string
  9lives: int
  hour: {pointer: /hour}
segments: [carrier, dep_dealy, origin, carrier]
sla:
  latency_p99_ms: 0
  error_rate: 1.5
  availability: [1]
baseline: data.parquet
labels:
  path:
  maturity: 1mo
  revisions: first
ownr: me
"#), @r#"
    model.yaml: 29 problems
    model.yaml:2: name: found "flight delay", allowed: 1 to 64 letters, digits, '.', '_' and '-', the first a letter or digit
    model.yaml:3: version: found the number 1.10, allowed: 1 to 128 letters, digits, '.', '_', '+', ':', '@' and '-', the first a letter or digit; what YAML takes for a number or boolean needs quotes
    model.yaml:4: type: found "binari", allowed: binary, multiclass, regression, ranking, text; did you mean "binary"?
    model.yaml:5: owner: found "", allowed: a text
    model.yaml:6: tier: found the number 4, allowed: 1 (revenue-critical), 2 (operational), 3 (experimental)
    model.yaml:7: tier: found a duplicate key, which stands in line 6 already, allowed: each key once
    model.yaml:9: endpoint.method: found "post", allowed: POST, PUT, PATCH; did you mean "POST"?
    model.yaml:10: endpoint.path: found "predict" (it does not start with '/'), allowed: a route such as /predict, /models/{name} or /v1/{*rest}
    model.yaml:12: request.max_skew: found the number 7, allowed: a duration above zero such as 7d or 12h, or off
    model.yaml:14: request.raw_input: found "yes", allowed: true, false
    model.yaml:15: request.event_tme: found an unknown key, allowed: event_time, max_skew, entity_id, features, raw_input; did you mean "event_time"?
    model.yaml:16: response: found no output, allowed: at least one of prediction, score, class_probabilities, ranking, generated_text
    model.yaml:17: response.confidence: found "confidence" (it does not start with '/'), allowed: a JSON pointer such as /score or /instances/*/score, with '*' at most once
    model.yaml:21: features.dep_delay.type: found "flot", allowed: float, integer, string, boolean; did you mean "float"?
    model.yaml:23: features.Carrier: found a name that differs only in case from "carrier" in line 19, allowed: names that differ in more
    model.yaml:24: features: found "9lives" as a name, allowed: 1 to 63 letters, digits and '_', the first not a digit
    model.yaml:24: features.9lives: found "int", allowed: float, integer, string, boolean; did you mean "integer"?
    model.yaml:25: features.hour.type: found nothing for a required key, allowed: float, integer, string, boolean
    model.yaml:26: segments[1]: found "dep_dealy", allowed: a feature that is declared in features; did you mean "dep_delay"?
    model.yaml:26: segments[2]: found "origin", allowed: a feature that is declared in features
    model.yaml:26: segments[3]: found "carrier" a second time, allowed: each feature once
    model.yaml:28: sla.latency_p99_ms: found the number 0, allowed: a number of milliseconds above 0
    model.yaml:29: sla.error_rate: found the number 1.5, allowed: a number from 0 to 1
    model.yaml:30: sla.availability: found a list, allowed: a number from 0 to 1
    model.yaml:31: baseline: found "data.parquet", allowed: a mapping
    model.yaml:33: labels.path: found nothing, allowed: the path of a file, relative to this one
    model.yaml:34: labels.maturity: found "1mo", allowed: a duration above zero such as 30d, 12h or 90s
    model.yaml:35: labels.revisions: found "first", allowed: latest_arrival_wins
    model.yaml:36: ownr: found an unknown key, allowed: spec_version, name, version, type, owner, tier, endpoint, request, response, features, segments, sla, baseline, labels, promotion, privacy, sampling; did you mean "owner"?
    "#);
}

#[test]
fn names_the_mapping_that_lacks_a_key() {
    insta::assert_snapshot!(refusal("x-a: 1"), @r#"
    model.yaml: 8 problems
    model.yaml:1: spec_version: found nothing for a required key, allowed: 1, the version that this build reads
    model.yaml:1: name: found nothing for a required key, allowed: 1 to 64 letters, digits, '.', '_' and '-', the first a letter or digit
    model.yaml:1: type: found nothing for a required key, allowed: binary, multiclass, regression, ranking, text
    model.yaml:1: owner: found nothing for a required key, allowed: a text
    model.yaml:1: tier: found nothing for a required key, allowed: 1 (revenue-critical), 2 (operational), 3 (experimental)
    model.yaml:1: endpoint: found nothing for a required key, allowed: a mapping with path
    model.yaml:1: response: found nothing for a required key, allowed: a mapping with at least one output
    model.yaml:1: features: found nothing for a required key, allowed: a mapping of at least one feature, name: type
    "#);
    insta::assert_snapshot!(refusal_of("  path: /predict\n", ""), @r#"
    model.yaml: 1 problem
    model.yaml:8: endpoint.path: found nothing for a required key, allowed: a route such as /predict, /models/{name} or /v1/{*rest}
    "#);
    insta::assert_snapshot!(refusal_of("pointer: /out/*/late, ", ""), @r#"
    model.yaml: 1 problem
    model.yaml:21: response.prediction.pointer: found nothing for a required key, allowed: a JSON pointer such as /score or /instances/*/score, with '*' at most once
    "#);
    insta::assert_snapshot!(refusal_of("  maturity: 30d\n", ""), @r#"
    model.yaml: 1 problem
    model.yaml:37: labels.maturity: found nothing for a required key, allowed: a duration above zero such as 30d, 12h or 90s
    "#);
}

#[test]
fn of_another_version_says_only_that() {
    insta::assert_snapshot!(refusal("name: m\nspec_version: 2\nkind: [of, another, format]\n"), @r#"
    model.yaml: 1 problem
    model.yaml:2: spec_version: found the number 2, allowed: 1, the version that this build reads
    "#);
    let large = "9".repeat(30);
    let error = refusal(&format!("spec_version: {large}\nkind: another\n"));
    insta::assert_snapshot!(error.replace(&large, "9…"), @r#"
    model.yaml: 1 problem
    model.yaml:1: spec_version: found the number 9…, allowed: 1, the version that this build reads
    "#);
}

#[test]
fn what_is_no_version_is_one_mistake_among_others() {
    insta::assert_snapshot!(refusal(&SMALL.replace("spec_version: 1", "spec_version: '1'").replace("tier: 3", "tier: 4")), @r#"
    model.yaml: 2 problems
    model.yaml:2: spec_version: found "1", allowed: 1, the version that this build reads
    model.yaml:6: tier: found the number 4, allowed: 1 (revenue-critical), 2 (operational), 3 (experimental)
    "#);
    insta::assert_snapshot!(refusal_of("spec_version: 1", "spec_version: 1.0"), @r#"
    model.yaml: 1 problem
    model.yaml:2: spec_version: found the number 1.0, allowed: 1, the version that this build reads
    "#);
}

#[test]
fn a_prediction_has_a_request_body() {
    insta::assert_snapshot!(refusal_of("method: POST", "method: GET"), @r#"
    model.yaml: 1 problem
    model.yaml:9: endpoint.method: found "GET", allowed: POST, PUT, PATCH
    "#);
    assert_eq!(read(&GOOD.replace("POST", "PATCH")).endpoint.method, "PATCH");
}

#[test]
fn no_field_stands_inside_of_another() {
    insta::assert_snapshot!(refusal_of("pointer: /holiday", "pointer: /event_time/at"), @r#"
    model.yaml: 1 problem
    model.yaml:29: features.holiday.pointer: found "/event_time/at" (it stands inside of request.event_time in line 12), allowed: fields of which none stands inside of another
    "#);
    insta::assert_snapshot!(refusal_of("pointer: /instances/*/flight/dep_delay", "pointer: /instances/*"), @r#"
    model.yaml: 1 problem
    model.yaml:28: features.dep_delay.pointer: found "/instances/*" (request.entity_id in line 14 stands inside of it), allowed: fields of which none stands inside of another
    "#);
    insta::assert_snapshot!(refusal_of("pointer: /holiday", "pointer: ''"), @r#"
    model.yaml: 1 problem
    model.yaml:29: features.holiday.pointer: found "" (request.event_time in line 12 stands inside of it), allowed: fields of which none stands inside of another
    "#);
    insta::assert_snapshot!(refusal_of("confidence: /out/*/confidence", "confidence: /out/*/score/value"), @r#"
    model.yaml: 1 problem
    model.yaml:20: response.confidence: found "/out/*/score/value" (it stands inside of response.score in line 19), allowed: fields of which none stands inside of another
    "#);
    insta::assert_snapshot!(refusal_of("pointer: /out/*/late", "pointer: /out/*"), @r#"
    model.yaml: 1 problem
    model.yaml:21: response.prediction.pointer: found "/out/*" (response.score in line 19 stands inside of it), allowed: fields of which none stands inside of another
    "#);
    // names that begin alike are not inside of one another, and the two bodies are apart
    read(&SMALL.replace(
        "{age: float}",
        "{age: float, age_group: string, class: {type: string, pointer: /class/name}}",
    ));
}

#[test]
fn an_array_is_entered_in_one_way() {
    insta::assert_snapshot!(refusal_of("pointer: /holiday", "pointer: /instances/0/holiday"), @r#"
    model.yaml: 1 problem
    model.yaml:29: features.holiday.pointer: found "/instances/0/holiday" (it has one element where request.entity_id in line 14 has '*'), allowed: for one array '*' or elements by number, not both
    "#);
    insta::assert_snapshot!(
        refusal(&SMALL.replace("{age: float}", "\n  age: {type: float, pointer: /rows/0/age}\n  sex: {type: string, pointer: /rows/*/sex}").replace("/class", "/class/*")),
        @r#"
    model.yaml: 1 problem
    model.yaml:11: features.sex.pointer: found "/rows/*/sex" (it has '*' where features.age.pointer in line 10 has one element), allowed: for one array '*' or elements by number, not both
    "#
    );
    // inside of an instance an element has a number
    read(&GOOD.replace("/flight/dep_delay", "/legs/0"));
}

#[test]
fn fields_may_stand_at_one_place() {
    read(&GOOD.replace("/instances/*/flight/dep_delay", "/instances/*/hour"));
    read(&GOOD.replace("/out/*/late", "/out/*/score"));
}

#[test]
fn outputs_stand_once_per_prediction() {
    insta::assert_snapshot!(
        refusal(&GOOD.replace("score: /out/*/score", "score: /score").replace("pointer: /out/*/late", "pointer: /late")),
        @r#"
    model.yaml: 2 problems
    model.yaml:19: response.score: found "/score" (it stands once for all instances of a request), allowed: a pointer with '*', like the request's
    model.yaml:21: response.prediction.pointer: found "/late" (it stands once for all instances of a request), allowed: a pointer with '*', like the request's
    "#
    );
    insta::assert_snapshot!(refusal_of("score: /out/*/score", "score: /score"), @r#"
    model.yaml: 1 problem
    model.yaml:19: response.score: found "/score" (it stands once for all instances of a request), allowed: a pointer with '*', like the request's
    "#);
    insta::assert_snapshot!(refusal(&SMALL.replace("/class", "/classes/*")), @r#"
    model.yaml: 1 problem
    model.yaml:8: response.prediction: found "/classes/*" (it stands in every instance, but the request has none), allowed: a pointer without '*', like the request's
    "#);
    // what could not be read may be where the instances are
    insta::assert_snapshot!(refusal(&SMALL.replace("/class", "/classes/*").replace("float", "{type: float, pointer: rows/*/age}")), @r#"
    model.yaml: 1 problem
    model.yaml:9: features.age.pointer: found "rows/*/age" (it does not start with '/'), allowed: a JSON pointer such as /score or /instances/*/score, with '*' at most once
    "#);
}

#[test]
fn many_fields_that_clash_are_found_in_time() {
    let features: String =
        (0..20_000).map(|n| format!("  f{n}: {{type: float, pointer: /age/{n}}}\n")).collect();
    let text = format!("{}{features}", SMALL.replace("features: {age: float}", "features:\n  age: float"));
    let error = ModelSpec::from_yaml("model.yaml", &text).unwrap_err();
    assert_eq!(error.problems().len(), 20_000);
}

#[test]
fn what_is_no_mapping() {
    insta::assert_snapshot!(refusal(""), @r#"
    model.yaml: 1 problem
    model.yaml:1: found an empty file, allowed: a model spec
    "#);
    insta::assert_snapshot!(refusal("# only a comment\n"), @r#"
    model.yaml: 1 problem
    model.yaml:1: found an empty file, allowed: a model spec
    "#);
    insta::assert_snapshot!(refusal("- a\n- b\n"), @r#"
    model.yaml: 1 problem
    model.yaml:1: found a list, allowed: a mapping
    "#);
    insta::assert_snapshot!(refusal("just text"), @r#"
    model.yaml: 1 problem
    model.yaml:1: found "just text", allowed: a mapping
    "#);
    insta::assert_snapshot!(refusal(&format!("{GOOD}---\n{GOOD}")), @r#"
    model.yaml: 1 problem
    model.yaml:47: found a second document, allowed: one document in a file
    "#);
}

#[test]
fn what_is_no_yaml() {
    insta::assert_snapshot!(refusal("spec_version: 1\nname: [a\ntype: binary\n"), @r#"
    model.yaml: 1 problem
    model.yaml:3: found invalid YAML at column 5: illegal placement of ':' indicator
    "#);
    insta::assert_snapshot!(refusal("a: b: c"), @r#"
    model.yaml: 1 problem
    model.yaml:1: found invalid YAML at column 5: mapping values are not allowed in this context
    "#);
    insta::assert_snapshot!(refusal("a: 'b"), @r#"
    model.yaml: 1 problem
    model.yaml:1: found invalid YAML at column 4: while scanning a quoted scalar, found unexpected end of stream
    "#);
    insta::assert_snapshot!(refusal("a: *nowhere"), @r#"
    model.yaml: 1 problem
    model.yaml:1: found invalid YAML at column 4: while parsing node, found unknown anchor
    "#);
    insta::assert_snapshot!(refusal("a:\n\t- b"), @r#"
    model.yaml: 1 problem
    model.yaml:2: found invalid YAML at column 2: tabs disallowed within this context (block indentation)
    "#);
}

#[test]
fn tags_and_aliases_are_not_part_of_the_format() {
    insta::assert_snapshot!(
        refusal(&GOOD.replace("name: flight-delay", "name: &n a").replace("owner: arrivals@example.org", "owner: *n")),
        @r#"
    model.yaml: 1 problem
    model.yaml:6: owner: found an alias, allowed: a text
    "#
    );
    insta::assert_snapshot!(refusal_of("tier: 2", "tier: !!int 2"), @r#"
    model.yaml: 1 problem
    model.yaml:7: tier: found a tagged value, allowed: 1 (revenue-critical), 2 (operational), 3 (experimental)
    "#);
    insta::assert_snapshot!(refusal_of("x-team:", "<<:"), @r#"
    model.yaml: 1 problem
    model.yaml:46: "<<": found an unknown key, allowed: spec_version, name, version, type, owner, tier, endpoint, request, response, features, segments, sla, baseline, labels, promotion, privacy, sampling
    "#);
}

#[test]
fn keys_are_text_and_stand_once() {
    insta::assert_snapshot!(refusal_of("  carrier: string\n", "  true: string\n  3: float\n  [a]: float\n"), @r#"
    model.yaml: 4 problems
    model.yaml:26: features: found the boolean true as a key, allowed: a text
    model.yaml:27: features: found the number 3 as a key, allowed: a text
    model.yaml:28: features: found a list as a key, allowed: a text
    model.yaml:32: segments[0]: found "carrier", allowed: a feature that is declared in features
    "#);
    insta::assert_snapshot!(refusal_of("  hour: {type: integer, column: local_hour}\n", "  carrier: float\n"), @r#"
    model.yaml: 1 problem
    model.yaml:27: features.carrier: found a duplicate key, which stands in line 26 already, allowed: each key once
    "#);
    insta::assert_snapshot!(refusal_of("x-team", "a very\\n \u{1f} \"odd\" key"), @r#"
    model.yaml: 1 problem
    model.yaml:46: "a very\\n \u{1f} \"odd\" key": found an unknown key, allowed: spec_version, name, version, type, owner, tier, endpoint, request, response, features, segments, sla, baseline, labels, promotion, privacy, sampling
    "#);
}

#[test]
fn an_instance_has_no_instances() {
    insta::assert_snapshot!(refusal_of("/instances/*/flight/dep_delay", "/*/*"), @r#"
    model.yaml: 1 problem
    model.yaml:28: features.dep_delay.pointer: found "/*/*" ('*' stands in it more than once), allowed: a JSON pointer such as /score or /instances/*/score, with '*' at most once
    "#);
}

#[test]
fn there_is_at_least_one_feature_and_one_output() {
    insta::assert_snapshot!(refusal(&SMALL.replace("{age: float}", "{}").replace("prediction: /class", "")), @r#"
    model.yaml: 2 problems
    model.yaml:8: response: found no output of a multiclass model, allowed: at least one of prediction, score, class_probabilities
    model.yaml:9: features: found no feature, allowed: a mapping of at least one feature, name: type
    "#);
    insta::assert_snapshot!(refusal(&SMALL.replace("{age: float}", "{x-mine: float}")), @r#"
    model.yaml: 1 problem
    model.yaml:9: features: found no feature, allowed: a mapping of at least one feature, name: type
    "#);
    insta::assert_snapshot!(refusal(&SMALL.replace("{age: float}", "")), @r#"
    model.yaml: 1 problem
    model.yaml:9: features: found nothing, allowed: a mapping of at least one feature, name: type
    "#);
}

#[test]
fn segments_are_features_that_can_be_sliced() {
    insta::assert_snapshot!(refusal_of("[carrier, holiday]", "[dep_delay, Carrier, 7, [hour]]"), @r#"
    model.yaml: 4 problems
    model.yaml:30: segments[0]: found "dep_delay", a feature of type float, allowed: features of type string, boolean, integer
    model.yaml:30: segments[1]: found "Carrier", allowed: a feature that is declared in features; did you mean "carrier"?
    model.yaml:30: segments[2]: found the number 7, allowed: the name of a feature; what YAML takes for a number or boolean needs quotes
    model.yaml:30: segments[3]: found a list, allowed: the name of a feature
    "#);
    insta::assert_snapshot!(refusal_of("[carrier, holiday]", "carrier"), @r#"
    model.yaml: 1 problem
    model.yaml:30: segments: found "carrier", allowed: a list of features
    "#);
    // a feature that has problems of its own makes no second problem here
    insta::assert_snapshot!(refusal_of("carrier: string", "carrier: str"), @r#"
    model.yaml: 1 problem
    model.yaml:26: features.carrier: found "str", allowed: float, integer, string, boolean; did you mean "string"?
    "#);
}

#[test]
fn a_problem_is_structured() {
    let error =
        ModelSpec::from_yaml("dir/model.yaml", &GOOD.replace("type: float", "type: flot")).unwrap_err();
    assert_eq!(error.source_name(), "dir/model.yaml");
    let [problem] = error.problems() else { panic!("{error}") };
    assert_eq!((problem.line, problem.column, &*problem.path), (28, 21, "features.dep_delay.type"));
    assert_eq!((&*problem.found, problem.suggestion.as_deref()), ("\"flot\"", Some("float")));
    assert_eq!(problem.allowed.as_deref(), Some("float, integer, string, boolean"));
}

#[test]
fn deep_nesting_is_refused_early() {
    for open in ["[", "{a: ", "- ", "? ", "[{"] {
        for count in [33, 200, 10_000, 250_000] {
            let text = open.repeat(count);
            refusal(&text);
            refusal(&format!("{GOOD}x-deep: {text}"));
        }
    }
    insta::assert_snapshot!(refusal(&"[".repeat(10_000)), @r#"
    model.yaml: 1 problem
    model.yaml:1: found invalid YAML at column 256: recursion limit exceeded
    "#);
    read(&format!("{GOOD}x-deep: {}{}", "[".repeat(31), "]".repeat(31)));
}

#[test]
fn aliases_do_not_multiply() {
    let mut text = "x-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..100 {
        let below = format!("*a{}", level - 1);
        text += &format!("x-{level}: &a{level} [{}]\n", [below.as_str(); 9].join(", "));
    }
    read(&(text + GOOD));
}

#[test]
fn a_large_file_is_refused() {
    let comment = "#".repeat(ModelSpec::MAX_LEN - GOOD.len());
    read(&format!("{GOOD}{comment}"));
    let error = ModelSpec::from_yaml("model.yaml", &format!("{GOOD}{comment}#")).unwrap_err();
    insta::assert_snapshot!(error, @r#"model.yaml: found more than 1 MiB, allowed: at most 1 MiB"#);
    assert!(error.is_unreadable() && error.problems().is_empty());
}

#[test]
fn a_large_file_of_mistakes_is_read_in_time() {
    let keys: String = (0..80_000).map(|key| format!("k{key}: 1\n")).collect();
    let error = ModelSpec::from_yaml("model.yaml", &keys).unwrap_err();
    assert_eq!(error.problems().len(), 80_008, "and the required keys");
}

#[test]
fn files_that_cannot_be_read() {
    let folder = std::env::temp_dir().join(format!("tiltmeter-spec-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let refusal = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = ModelSpec::read_file(&path).unwrap_err();
        error.to_string().replace(&folder.display().to_string(), "models")
    };
    insta::assert_snapshot!(refusal("latin1.yaml", b"spec_version: 1\nowner: Andr\xe9\n"), @r#"models/latin1.yaml: found a byte in line 2 that is not UTF-8, allowed: UTF-8 text"#);
    insta::assert_snapshot!(refusal("large.yaml", &vec![b'#'; (1 << 20) + 1]), @r#"models/large.yaml: found more than 1 MiB, allowed: at most 1 MiB"#);
    insta::assert_snapshot!(refusal("wrong.yaml", b"spec_version: 0\n"), @r#"
    models/wrong.yaml: 1 problem
    models/wrong.yaml:1: spec_version: found the number 0, allowed: 1, the version that this build reads
    "#);

    let error = ModelSpec::read_file(folder.join("absent.yaml")).unwrap_err();
    assert!(error.to_string().ends_with("absent.yaml: there is no such file"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    let error = ModelSpec::read_file(&folder).unwrap_err();
    assert!(error.to_string().ends_with("found a directory, allowed: a file"), "{error}");

    std::fs::write(folder.join("model.yaml"), GOOD).unwrap();
    assert_eq!(ModelSpec::read_file(folder.join("model.yaml")).unwrap(), read(GOOD));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A text that is read or refused with reasons, each of which fits on a line.
fn is_handled(text: &str) -> Result<(), TestCaseError> {
    if let Err(error) = ModelSpec::from_yaml("model.yaml", text) {
        prop_assert!(!error.problems().is_empty(), "{}", text);
        prop_assert_eq!(error.to_string().lines().count(), error.problems().len() + 1, "{}", error);
        let places: Vec<_> = error.problems().iter().map(|p| (p.line, p.column)).collect();
        prop_assert!(places.is_sorted() && places.iter().all(|&(line, column)| line > 0 && column > 0));
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_handled(text in any::<String>()) {
        is_handled(&text)?;
    }

    #[test]
    fn any_text_of_yaml_signs_is_handled(text in r#"([ \n\t:,\-?&*!|>'"%@#{}\[\]~.<=a0x]|x-|- |: |---|\.\.\.|&a |\*a|!!|\r\n|é){0,40}"#) {
        is_handled(&text)?;
    }

    #[test]
    fn a_changed_good_file_is_handled(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, r#"[ \n:\-?&*!|>'"{}\[\],a1/~]{0,4}"#), 1..5),
    ) {
        let mut text: Vec<char> = GOOD.chars().collect();
        for (place, removed, inserted) in changes {
            let start = place.index(text.len());
            let end = (start + removed).min(text.len());
            text.splice(start..end, inserted.chars());
        }
        is_handled(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn a_good_file_with_lines_moved_is_handled(
        moves in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4),
    ) {
        let mut lines: Vec<&str> = GOOD.lines().collect();
        for (from, to) in moves {
            let line = lines.remove(from.index(lines.len()));
            lines.insert(to.index(lines.len() + 1), line);
        }
        is_handled(&lines.join("\n"))?;
    }
}
