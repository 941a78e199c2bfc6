use crate::privacy::{Action, Detector, KeySource, MaskedColumn};
use crate::{ModelSpec, SpecError};

const BASE: &str = "
spec_version: 1
name: churn
type: multiclass
owner: crm
tier: 3
endpoint: {path: /}
request: {raw_input: true}
response: {prediction: /class}
features: {mail: string, zip: string, note: string, age: float, visits: integer, active: boolean}
privacy:
";

fn read(privacy: &str) -> Result<ModelSpec, SpecError> {
    ModelSpec::from_yaml("model.yaml", &format!("{BASE}{privacy}"))
}

#[test]
fn every_key_is_read() {
    let spec = read(
        r"
  entity_id: hash
  request_id: {mask: {keep_last: 4}}
  model_version: hash
  prediction: mask
  class_probabilities: hash
  ranking: drop
  generated_text: {truncate: 200}
  raw_input: drop
  features: {mail: drop, zip: {truncate: 3}, age: {bucket: [0, 17.5, 65]}, visits: {round: 5}, active: drop}
  segments: {agent.name: hash, '*': drop}
  pointers: {/customer/name: drop, /items/*/price: {round: 0.5}}
  patterns: [{pattern: 'ORD-\d+', action: mask}]
  detect: [email, ip]
  scan: [note]
  hash_key: {file: /run/secrets/key}
  x-note: ours
",
    )
    .unwrap();
    let policy = spec.privacy.unwrap();
    assert!(policy.hashes());
    assert_eq!(policy.columns.len(), MaskedColumn::ALL.len());
    assert_eq!(policy.columns[1], (MaskedColumn::RequestId, Action::Mask { keep_last: 4 }));
    assert_eq!(policy.features[2].1, Action::Bucket { bounds: [0.0, 17.5, 65.0].into() });
    assert_eq!(policy.features[3], ("visits".parse().unwrap(), Action::Round { step: 5.0 }));
    assert_eq!(policy.segments, [("agent.name".into(), Action::Hash)]);
    assert_eq!(policy.other_segments, Some(Action::Drop));
    assert_eq!(policy.pointers[1], ("/items/*/price".parse().unwrap(), Action::Round { step: 0.5 }));
    assert_eq!(
        (&*policy.patterns[0].pattern, &policy.patterns[0].action),
        (r"ORD-\d+", &Action::Mask { keep_last: 0 })
    );
    assert_eq!(
        (policy.detect, policy.scan),
        (vec![Detector::Email, Detector::Ip], vec!["note".parse().unwrap()])
    );
    assert_eq!(policy.hash_key, Some(KeySource::File("/run/secrets/key".into())));
}

#[test]
fn every_mistake_is_reported_at_once() {
    let error = read(
        r#"
  entity_id: {bucket: [1]}
  ranking: mask
  prediction: {round: 1}
  e_mail: drop
  features:
    mail: {bucket: [1, 2]}
    zipp: drop
    age: hash
    visits: {round: 0.5}
    active: mask
    zip: {truncate: 0}
    note: {mask: {keep: 4}}
  segments: [a]
  pointers:
    customer: drop
    /a: {bucket: [2, 1]}
    /b: {mask: {keep_last: 2}, truncate: 3}
    /c: {round: -1}
    /d: {}
  patterns:
    - {pattern: '(', action: mask}
    - {pattern: 'x*', action: {round: 1}}
    - {pattern: x}
  detect: [email, fone, email]
  scan: [age, mail, nothing, note, note]
  hash_key: {env: NAME, file: path}
"#,
    )
    .unwrap_err();
    insta::assert_snapshot!(error, @r#"
    model.yaml: 28 problems
    model.yaml:13: privacy.entity_id.bucket: found an unknown key, allowed: mask, truncate
    model.yaml:14: privacy.ranking: found "mask", allowed: drop or hash, of names
    model.yaml:15: privacy.prediction.round: found an unknown key, allowed: mask, truncate
    model.yaml:16: privacy.e_mail: found an unknown key, allowed: entity_id, request_id, model_version, prediction, class_probabilities, ranking, generated_text, raw_input, features, segments, pointers, patterns, detect, scan, hash_key
    model.yaml:18: privacy.features.mail.bucket: found an unknown key, allowed: mask, truncate
    model.yaml:19: privacy.features: found "zipp" as a feature, allowed: a feature that is declared in features; did you mean "zip"?
    model.yaml:20: privacy.features.age: found "hash", allowed: drop, {round: step} or {bucket: [bound, …]}, of numbers
    model.yaml:21: privacy.features.visits.round: found the number 0.5, allowed: a whole step above 0
    model.yaml:22: privacy.features.active: found "mask", allowed: drop, of a boolean
    model.yaml:23: privacy.features.zip.truncate: found the number 0, allowed: how many characters stay, from 1 to 1000
    model.yaml:24: privacy.features.note.mask.keep_last: found nothing for a required key, allowed: how many characters stay, from 1 to 1000
    model.yaml:24: privacy.features.note.mask.keep: found an unknown key, allowed: keep_last; did you mean "keep_last"?
    model.yaml:25: privacy.segments: found a list, allowed: a mapping, name of a segment: rule
    model.yaml:27: privacy.pointers: found "customer" (it does not start with '/'), allowed: a JSON pointer such as /customer/name, with '*' at most once
    model.yaml:28: privacy.pointers."/a".bucket[1]: found the number 1, allowed: bounds that ascend
    model.yaml:29: privacy.pointers."/b": found a mapping without one action, allowed: drop, mask, hash, {mask: {keep_last: n}}, {truncate: n}, {round: step} or {bucket: [bound, …]}
    model.yaml:30: privacy.pointers."/c".round: found the number -1, allowed: a step above 0
    model.yaml:31: privacy.pointers."/d": found a mapping without one action, allowed: drop, mask, hash, {mask: {keep_last: n}}, {truncate: n}, {round: step} or {bucket: [bound, …]}
    model.yaml:33: privacy.patterns[0].pattern: found "(" (it cannot be read), allowed: a regular expression that matches no empty text, in the syntax of Rust's crate regex
    model.yaml:34: privacy.patterns[1].pattern: found "x*" (it matches an empty text), allowed: a regular expression that matches no empty text, in the syntax of Rust's crate regex
    model.yaml:34: privacy.patterns[1].action.round: found an unknown key, allowed: mask, truncate
    model.yaml:35: privacy.patterns[2].action: found nothing for a required key, allowed: drop, mask, hash, {mask: {keep_last: n}} or {truncate: n}, of text
    model.yaml:36: privacy.detect[1]: found "fone", allowed: email, phone, iban, card, ip
    model.yaml:36: privacy.detect[2]: found "email" a second time, allowed: each detector once
    model.yaml:37: privacy.scan[0]: found "age", a feature of type float, allowed: features of type string
    model.yaml:37: privacy.scan[2]: found "nothing", allowed: a feature that is declared in features
    model.yaml:37: privacy.scan[4]: found "note" a second time, allowed: each feature once
    model.yaml:38: privacy.hash_key: found not one of env and file, allowed: {env: NAME} or {file: path}; a key itself never stands in a spec
    "#);
}

#[test]
fn a_rule_by_pointer_over_a_column_needs_one_of_the_column() {
    let spec = |request: &str, privacy: &str| {
        let base = BASE.replace("{raw_input: true}", request).replace("/class", "/out/*");
        ModelSpec::from_yaml("model.yaml", &format!("{base}{privacy}"))
    };
    let request = "{features: /rows/*, entity_id: /rows/*/id, event_time: /at}";
    let error = spec(
        request,
        "  pointers: {/rows/0/mail: drop, /rows/*/id: hash, /at: drop, /rows/*/mail/x: drop}\n",
    );
    insta::assert_snapshot!(error.unwrap_err(), @r#"
    model.yaml: 2 problems
    model.yaml:12: privacy.pointers: found "/rows/0/mail", where the feature "mail" stands, allowed: a pointer there once the feature has a rule too, under privacy.features
    model.yaml:12: privacy.pointers: found "/rows/*/id", where entity_id stands, allowed: a pointer there once entity_id has a rule too: privacy.entity_id
    "#);
    let error = spec(request, "  entity_id: hash\n  features: {mail: drop}\n  pointers: {/rows: drop}\n");
    assert_eq!(error.unwrap_err().problems().len(), 5, "the features that have no rule");
    spec(
        request,
        "  entity_id: hash\n  features: {mail: drop}\n  pointers: {/rows/*/mail: hash, /rows/*/id: drop}\n",
    )
    .unwrap();
}

#[test]
fn a_policy_that_can_do_nothing_is_refused() {
    let base = BASE.replace("raw_input: true", "raw_input: false");
    let long = "s".repeat(65);
    let privacy =
        format!("  segments: {{mail: drop, Zip: drop, 'a b': drop, {long}: drop}}\n  detect: [email]\n");
    let error = ModelSpec::from_yaml("model.yaml", &format!("{base}{privacy}")).unwrap_err();
    insta::assert_snapshot!(error, @r#"
    model.yaml: 5 problems
    model.yaml:12: privacy: found patterns or detectors, but neither raw_input, generated_text nor scan, allowed: them with scan, the list of features to look through (it may be empty: [])
    model.yaml:12: privacy.segments: found "mail", which is a feature, allowed: segments; rules of features stand under privacy.features
    model.yaml:12: privacy.segments: found "Zip", which is the feature "zip" but for its case, allowed: segments; rules of features stand under privacy.features
    model.yaml:12: privacy.segments: found "a b" as a segment, allowed: 1 to 64 letters, digits, '.', '_' and '-', or '*' for all other segments
    model.yaml:12: privacy.segments: found "ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"… as a segment, allowed: 1 to 64 letters, digits, '.', '_' and '-', or '*' for all other segments
    "#);
    ModelSpec::from_yaml("model.yaml", &format!("{base}  detect: [email]\n  scan: []\n")).unwrap();
}

#[test]
fn columns_are_listed_by_scan() {
    let policy = read("  detect: [ip]\n  scan: [note, entity_id, prediction]\n").unwrap().privacy.unwrap();
    assert_eq!(policy.scan_columns, [MaskedColumn::EntityId, MaskedColumn::Prediction]);
    let error = read("  ranking: hash\n  scan: [ranking, entity_id, entity_id, request_id]\n").unwrap_err();
    insta::assert_snapshot!(error, @r#"
    model.yaml: 3 problems
    model.yaml:13: privacy.scan[0]: found "ranking", which has a rule already, allowed: columns without a rule
    model.yaml:13: privacy.scan[2]: found "entity_id" a second time, allowed: each column once
    model.yaml:13: privacy.scan[3]: found "request_id", allowed: a feature that is declared in features
    "#);
}

#[test]
fn the_type_of_the_prediction_is_that_of_the_kind() {
    let of = |kind: &str, response: &str, rule: &str| {
        let base = BASE.replace("multiclass", kind).replace("{prediction: /class}", response);
        ModelSpec::from_yaml("model.yaml", &format!("{base}  prediction: {rule}\n"))
    };
    of("multiclass", "{class_probabilities: /p}", "hash").unwrap();
    of("ranking", "{ranking: /r}", "mask").unwrap();
    of("binary", "{score: /s}", "drop").unwrap();
    of("regression", "{score: /s}", "{round: 5}").unwrap();
    of("binary", "{score: /s}", "{round: 5}").unwrap_err();
    of("text", "{generated_text: /t}", "{round: 5}").unwrap_err();
}

#[test]
fn a_key_in_a_spec_is_refused_and_not_repeated() {
    let secret = "c0ffee0102030405060708090a0b0c0d";
    for privacy in [
        format!("  hash_key: {secret}\n"),
        format!("  hash_key: '{secret}'\n"),
        format!("  hash_key: [{secret}]\n"),
        format!("  hash_key: {{key: {secret}}}\n"),
        format!("  hash_key: {{env: 'k1:{secret}'}}\n"),
        format!("  hash_key: {{env: 0{secret}}}\n"),
        format!("  hash_key: {{file: [{secret}]}}\n"),
    ] {
        let error = read(&privacy).unwrap_err().to_string();
        assert!(!error.contains("c0ffee"), "{error}");
        assert!(error.contains("hash_key"), "{error}");
    }
    insta::assert_snapshot!(read("  hash_key: abc\n").unwrap_err(), @r"
    model.yaml: 1 problem
    model.yaml:12: privacy.hash_key: found a value that is no source of keys, allowed: {env: NAME} or {file: path}; a key itself never stands in a spec
    ");
}

#[test]
fn a_pattern_cannot_ask_for_all_the_memory() {
    let error = read("  patterns: [{pattern: '(\\w{1000}){1000}', action: drop}]\n").unwrap_err();
    assert!(error.to_string().contains("it is too large"), "{error}");
}
