//! The outputs of a response, and which of them a kind of model needs.

use super::*;

/// What is said about the small file with another type and response.
fn refusal_with(kind: &str, response: &str) -> String {
    refusal(&SMALL.replace("multiclass", kind).replace("{prediction: /class}", response))
}

fn read_with(kind: &str, response: &str) -> ResponseMap {
    read(&SMALL.replace("multiclass", kind).replace("{prediction: /class}", response)).response
}

#[test]
fn a_pointer_alone_has_the_defaults() {
    let response = read_with(
        "text",
        "{class_probabilities: /classes, ranking: /items, generated_text: /choices/0/text}",
    );
    assert_eq!(
        response.class_probabilities,
        Some(ProbabilityField { pointer: "/classes".parse().unwrap(), classes: vec![] })
    );
    assert_eq!(
        response.ranking,
        Some(RankingField { pointer: "/items".parse().unwrap(), item: None, score: None, max_items: 100 })
    );
    assert_eq!(
        response.generated_text,
        Some(TextField { pointer: "/choices/0/text".parse().unwrap(), stream: None, max_bytes: 4096 })
    );
    let mapped = "{class_probabilities: {pointer: /classes}, ranking: {pointer: /items},
                   generated_text: {pointer: /choices/0/text}}";
    assert_eq!(read_with("text", mapped), response);
}

#[test]
fn each_kind_has_an_output_of_its_own_and_may_have_others() {
    let own = [
        ("binary", ["score", "prediction", "class_probabilities"].as_slice()),
        ("multiclass", &["score", "prediction", "class_probabilities"]),
        ("regression", &["score", "prediction"]),
        ("ranking", &["score", "prediction", "ranking"]),
        ("text", &["generated_text"]),
    ];
    for (kind, outputs) in own {
        for output in ["score", "prediction", "class_probabilities", "ranking", "generated_text"] {
            let response = format!("{{{output}: /out}}");
            if outputs.contains(&output) {
                read_with(kind, &response);
            } else {
                let said = refusal_with(kind, &response);
                assert!(said.contains(&format!("found no output of a {kind} model")), "{said}");
                read_with(kind, &format!("{{{output}: /out, {}: /own}}", outputs[0]));
            }
        }
    }
    insta::assert_snapshot!(refusal_with("ranking", "{generated_text: /text}"), @r#"
    model.yaml: 1 problem
    model.yaml:8: response: found no output of a ranking model, allowed: at least one of ranking, prediction, score
    "#);
    insta::assert_snapshot!(refusal_with("sorting", "{confidence: /c}"), @r#"
    model.yaml: 2 problems
    model.yaml:4: type: found "sorting", allowed: binary, multiclass, regression, ranking, text
    model.yaml:8: response: found no output, allowed: at least one of prediction, score, class_probabilities, ranking, generated_text
    "#);
}

#[test]
fn numbers_are_within_their_bounds() {
    for (output, key, good, bad) in [
        ("ranking", "max_items", ["1", "10000"], ["0", "10001", "-1", "1.5", "'7'", "99999999999999999999"]),
        ("generated_text", "max_bytes", ["1", "1048576"], ["0", "1048577", "-1", "4e3", "many", "[1]"]),
    ] {
        for value in good {
            read_with("binary", &format!("{{score: /s, {output}: {{pointer: /out, {key}: {value}}}}}"));
        }
        for value in bad {
            let said = refusal_with(
                "binary",
                &format!("{{score: /s, {output}: {{pointer: /out, {key}: {value}}}}}"),
            );
            let allowed = format!("allowed: a whole number from 1 to {}", good[1]);
            assert!(
                said.contains(&format!("response.{output}.{key}: found ")) && said.contains(&allowed),
                "{said}"
            );
        }
    }
}

#[test]
fn what_is_said_beside_a_pointer_has_its_form() {
    insta::assert_snapshot!(refusal_with("ranking", r#"
  score: /s
  class_probabilities: {classes: [a, b, a, 1, "", [c]], labels: [a]}
  ranking: {pointer: /items, item: " ", score: [fit]}
  generated_text: {pointer: /text, strem: /delta}
"#), @r#"
    model.yaml: 9 problems
    model.yaml:10: response.class_probabilities.pointer: found nothing for a required key, allowed: a JSON pointer such as /score or /instances/*/score, with '*' at most once
    model.yaml:10: response.class_probabilities.classes[2]: found "a" a second time, allowed: each class once
    model.yaml:10: response.class_probabilities.classes[3]: found the number 1, allowed: the name of a class; what YAML takes for a number or boolean needs quotes
    model.yaml:10: response.class_probabilities.classes[4]: found "", allowed: the name of a class
    model.yaml:10: response.class_probabilities.classes[5]: found a list, allowed: the name of a class
    model.yaml:10: response.class_probabilities.labels: found an unknown key, allowed: pointer, classes
    model.yaml:11: response.ranking.item: found " ", allowed: the name of a member of each element
    model.yaml:11: response.ranking.score: found a list, allowed: the name of a member of each element
    model.yaml:12: response.generated_text.strem: found an unknown key, allowed: pointer, stream, max_bytes; did you mean "stream"?
    "#);
    insta::assert_snapshot!(refusal_with("ranking", "
  class_probabilities: {pointer: /c, classes: []}
  ranking: {pointer: /items, score: fit}
  generated_text: [/text]
"), @r#"
    model.yaml: 3 problems
    model.yaml:9: response.class_probabilities.classes: found an empty list, allowed: a list of at least one class
    model.yaml:10: response.ranking.score: found a member of elements that are the names of the items themselves, allowed: a score beside item
    model.yaml:11: response.generated_text: found a list, allowed: a JSON pointer such as /score or /instances/*/score, with '*' at most once
    "#);
    insta::assert_snapshot!(refusal_with("multiclass", "
  class_probabilities: {pointer: /c, classes: {a: 1}}
"), @r#"
    model.yaml: 1 problem
    model.yaml:9: response.class_probabilities.classes: found a mapping, allowed: a list of at least one class
    "#);
}

#[test]
fn outputs_stand_once_per_prediction() {
    insta::assert_snapshot!(refusal(
        &GOOD.replace("/out/*/classes", "/classes").replace("/out/*/gates", "/gates").replace("/out/*/text", "/text").replace("/*/delta", "/delta")
    ), @r#"
    model.yaml: 4 problems
    model.yaml:22: response.class_probabilities.pointer: found "/classes" (it stands once for all instances of a request), allowed: a pointer with '*', like the request's
    model.yaml:23: response.ranking.pointer: found "/gates" (it stands once for all instances of a request), allowed: a pointer with '*', like the request's
    model.yaml:24: response.generated_text.pointer: found "/text" (it stands once for all instances of a request), allowed: a pointer with '*', like the request's
    model.yaml:24: response.generated_text.stream: found "/delta" (it stands once for all instances of a request), allowed: a pointer with '*', like the request's
    "#);
    insta::assert_snapshot!(refusal_with("text", "{class_probabilities: /o/*/c, ranking: /o/*/r, generated_text: {pointer: /text, stream: /*/t}}"), @r#"
    model.yaml: 3 problems
    model.yaml:8: response.class_probabilities: found "/o/*/c" (it stands in every instance, but the request has none), allowed: a pointer without '*', like the request's
    model.yaml:8: response.ranking: found "/o/*/r" (it stands in every instance, but the request has none), allowed: a pointer without '*', like the request's
    model.yaml:8: response.generated_text.stream: found "/*/t" (it stands in every instance, but the request has none), allowed: a pointer without '*', like the request's
    "#);
}

#[test]
fn outputs_are_not_in_the_way_of_one_another() {
    insta::assert_snapshot!(refusal_with("text", "{score: /a/score, class_probabilities: /a, ranking: /r, confidence: /r/0, generated_text: /a/score/text}"), @r#"
    model.yaml: 3 problems
    model.yaml:8: response.class_probabilities: found "/a" (response.score in line 8 stands inside of it), allowed: fields of which none stands inside of another
    model.yaml:8: response.ranking: found "/r" (response.confidence in line 8 stands inside of it), allowed: fields of which none stands inside of another
    model.yaml:8: response.generated_text: found "/a/score/text" (it stands inside of response.score in line 8), allowed: fields of which none stands inside of another
    "#);
    // an event is a document of its own
    read_with("text", "{score: /text/score, generated_text: {pointer: /out, stream: /text}}");
    read_with("text", "{score: /text, generated_text: {pointer: /out, stream: /out/text}}");
}

#[test]
fn no_two_features_have_one_column() {
    let refusal_of = |features: &str| refusal(&SMALL.replace("{age: float}", features));
    insta::assert_snapshot!(refusal_of("\n  age: float\n  years: {type: integer, column: Age}\n"), @r#"
    model.yaml: 1 problem
    model.yaml:11: features.years.column: found the column "Age", which features.age in line 10 has, allowed: a column that no other feature has, in any case
    "#);
    insta::assert_snapshot!(refusal_of("\n  years: {type: integer, column: age}\n  age: float\n"), @r#"
    model.yaml: 1 problem
    model.yaml:11: features.age: found the column "age", which features.years.column in line 10 has, allowed: a column that no other feature has, in any case
    "#);
    insta::assert_snapshot!(refusal_of("\n  a: {type: integer, column: c}\n  b: {type: strin, column: C}\n  d: {type: float, column: 9-}\n"), @r#"
    model.yaml: 3 problems
    model.yaml:11: features.b.type: found "strin", allowed: float, integer, string, boolean; did you mean "string"?
    model.yaml:11: features.b.column: found the column "C", which features.a.column in line 10 has, allowed: a column that no other feature has, in any case
    model.yaml:12: features.d.column: found "9-", allowed: 1 to 63 letters, digits and '_', the first not a digit
    "#);
    // said once: the names are at fault
    insta::assert_snapshot!(refusal_of("\n  age: float\n  Age: float\n"), @r#"
    model.yaml: 1 problem
    model.yaml:11: features.Age: found a name that differs only in case from "age" in line 10, allowed: names that differ in more
    "#);
    // two features may change places
    let spec =
        read(&SMALL.replace("{age: float}", "{a: {type: float, column: b}, b: {type: float, column: a}}"));
    assert_eq!([spec.features[0].column(), spec.features[1].column()], ["feature_b", "feature_a"]);
}
