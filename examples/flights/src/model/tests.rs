use serde_json::{Value, json};

use super::*;

fn flight() -> Flight {
    serde_json::from_value(json!({
        "event_time": "2013-03-01T09:54:43.788Z", "entity_id": "20130301-US1117-EWR", "carrier": "US",
        "origin": "EWR", "dest": "CLT", "distance": 529, "sched_hour": 5, "day_of_week": 5, "dep_delay": -6.0,
    }))
    .unwrap()
}

/// One split by number, one by category: the leaves tell which way a flight went.
fn small_model() -> Value {
    json!({
        "name": "small-1", "kind": "gradient_boosted_trees", "link": "logistic", "baseline": 0.0,
        "features": [
            {"name": "temp", "type": "numeric"},
            {"name": "dest", "type": "categorical", "categories": ["ATL", "CLT"]},
        ],
        "trees": [[
            {"feature": "temp", "threshold": 32.0, "left": 1, "right": 2, "missing_left": false},
            {"leaf": -3.0},
            {"feature": "dest", "left_categories": ["CLT"], "left": 3, "right": 4, "missing_left": true},
            {"leaf": 1.0},
            {"leaf": 2.0},
        ]],
    })
}

fn compiled(file: Value) -> Result<Model> {
    compile::compile(&serde_json::from_value(file)?)
}

fn log_odds(model: &Model, flight: &Flight) -> f64 {
    let score = model.score(flight);
    (score / (1.0 - score)).ln()
}

#[track_caller]
fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
}

#[test]
fn splits_by_threshold_by_category_and_by_absence() {
    let model = compiled(small_model()).unwrap();
    assert_eq!(model.version(), "small-1");
    assert_near(log_odds(&model, &Flight { temp: Some(32.0), ..flight() }), -3.0);
    assert_near(log_odds(&model, &Flight { temp: Some(32.1), ..flight() }), 1.0);
    assert_near(log_odds(&model, &Flight { temp: Some(40.0), dest: "ATL".into(), ..flight() }), 2.0);
    assert_near(log_odds(&model, &Flight { temp: None, dest: "ATL".into(), ..flight() }), 2.0);
    assert_near(log_odds(&model, &Flight { temp: Some(f64::NAN), dest: "nowhere".into(), ..flight() }), 1.0);
}

/// `small_model` with one value replaced; a malformed file must name the place.
#[track_caller]
fn refuses(pointer: &str, value: Value, expected: &str) {
    let mut file = small_model();
    *file.pointer_mut(pointer).unwrap() = value;
    let error = compiled(file).expect_err("the file is malformed");
    assert_eq!(format!("{error:#}"), expected);
}

#[test]
fn a_walk_always_ends_because_children_come_after_parents() {
    refuses("/trees/0/2/left", json!(2), "tree 0: node 2: the left child 2 does not come after its parent");
    refuses("/trees/0/2/right", json!(0), "tree 0: node 2: the right child 0 does not come after its parent");
    refuses(
        "/trees/0/0/left",
        json!(5),
        "tree 0: node 0: the left child 5 does not exist: the tree has 5 nodes",
    );
}

#[test]
fn features_and_categories_must_be_known() {
    refuses(
        "/features/0/name",
        json!("colour"),
        "feature \"colour\" is not one that a flight has; those of its type are distance, sched_hour, \
         day_of_week, dep_delay, temp, humid, wind_speed, precip, pressure, visib",
    );
    refuses(
        "/features/0/name",
        json!("humid"),
        "tree 0: node 0: feature \"temp\" is not listed by the model",
    );
    refuses(
        "/trees/0/2/left_categories/0",
        json!("LHR"),
        "tree 0: node 2: category \"LHR\" is not among those that \"dest\" lists",
    );
    refuses(
        "/trees/0/2/feature",
        json!("temp"),
        "tree 0: node 2: feature \"temp\" is not one that a flight has; those of its type are carrier, origin, dest",
    );
    let many: Vec<String> = (0..129).map(|n| n.to_string()).collect();
    refuses(
        "/features/1/categories",
        json!(many),
        "feature \"dest\" lists 129 categories, at most 128 are allowed",
    );
}

#[test]
fn nodes_must_be_whole() {
    refuses("/trees/0/1", json!({}), "tree 0: node 1: it is neither a leaf nor a split");
    refuses(
        "/trees/0/1",
        json!({"leaf": 1.0, "left": 2}),
        "tree 0: node 1: it is a leaf and a split at once",
    );
    refuses(
        "/trees/0/0/threshold",
        Value::Null,
        "tree 0: node 0: a split has either a threshold or left_categories",
    );
    refuses("/trees/0/0/left", Value::Null, "tree 0: node 0: the split has no left child");
    refuses("/trees/0", json!([]), "tree 0: it has no nodes");
    refuses("/trees", json!([]), "the model has no trees");
    refuses(
        "/kind",
        json!("forest"),
        "kind is \"forest\", but only \"gradient_boosted_trees\" can be scored",
    );
}

#[test]
fn a_file_that_is_no_model_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.json");
    std::fs::write(&path, r#"{"name": "gbm-1", "#).unwrap();
    let error = Model::read_file(&path).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot load the model {}", path.display()));
    assert!(Model::read_file(&folder.path().join("absent.json")).is_err());
}
