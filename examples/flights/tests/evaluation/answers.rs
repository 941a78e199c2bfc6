//! The join and the metrics against answers that were worked out elsewhere: `answers.json`, made with pandas and
//! scikit-learn from the same files.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use tiltmeter::ModelSpec;
use tiltmeter::record::columns::{LabelColumns, PredictionColumns};
use tiltmeter_monitor::Measured;
use tiltmeter_monitor::labels::{Joined, join};
use tiltmeter_monitor::performance::quality;
use tiltmeter_store::{Location, PredictionTable, read_labels};

use crate::logged::{LoggedRun, cli, spec};

struct World {
    spec: ModelSpec,
    predictions: PredictionColumns,
    labels: LabelColumns,
    answers: Value,
}

impl World {
    async fn read(run: &LoggedRun) -> Self {
        let spec = spec();
        let predictions = PredictionTable::local(run.path()).read(&spec).await.unwrap().predictions;
        let rule = spec.labels.as_ref().unwrap();
        let path = cli(&[]).spec.with_file_name("").join(&rule.path);
        let labels = read_labels(&Location::local(path), rule).await.unwrap().labels;
        let answers = include_str!("answers.json");
        Self { predictions, labels, answers: serde_json::from_str(answers).unwrap(), spec }
    }

    fn joined(&self, as_of: Option<Timestamp>) -> Joined {
        let rule = self.spec.labels.as_ref().unwrap();
        let as_of = as_of.map(Timestamp::as_microsecond);
        join(self.spec.kind, rule, &self.predictions, &self.labels, as_of)
    }
}

fn near(found: &Measured, expected: &Value, what: &str) {
    let (found, expected) = (found.value().unwrap(), expected.as_f64().unwrap());
    assert!((found - expected).abs() <= 1e-9, "{what}: {found} against {expected}");
}

#[tokio::test]
async fn the_join_and_the_metrics_equal_the_answers() {
    let run = LoggedRun::of_the_year();
    let world = World::read(&run).await;
    let rows = &world.answers["rows"];
    assert_eq!(
        (world.predictions.len() as u64, world.labels.len() as u64),
        (rows["predictions"].as_u64().unwrap(), rows["labels"].as_u64().unwrap())
    );

    let joined = world.joined(None);
    let (books, expected) = (joined.books(), &world.answers["join"]);
    assert!(books.balance());
    assert_eq!(books.matched, expected["prediction_rows_with_a_label"]);
    assert_eq!(books.predictions - books.matched, expected["without"]);
    assert_eq!(books.of_unknown_entities, expected["labels_of_unknown_entities"]);
    assert_eq!(books.revised_entities, expected["entities_with_more_than_one_label"]);
    assert_eq!(books.changed_entities, expected["entities_whose_label_changed"]);

    // its months are New York's
    let new_york = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
    let mut months: BTreeMap<(i16, i8), Vec<usize>> = BTreeMap::new();
    for (row, time) in world.predictions.event_time().iter().enumerate() {
        let date = new_york.to_datetime(Timestamp::from_microsecond(*time).unwrap()).date();
        months.entry((date.year(), date.month())).or_default().push(row);
    }
    for expected in world.answers["by_month"].as_array().unwrap() {
        let month = i8::try_from(expected["month_new_york"].as_i64().unwrap()).unwrap();
        let rows = &months[&(2013, month)];
        let found = quality(world.predictions.score(), joined.label(), rows.iter().copied());
        assert_eq!(found.labelled, expected["n"], "month {month}");
        near(&found.roc_auc, &expected["roc_auc"], "roc_auc");
        near(&found.brier, &expected["brier"], "brier");
        near(&found.log_loss, &expected["log_loss"], "log_loss");
        assert!((found.base_rate().unwrap() - expected["base_rate"].as_f64().unwrap()).abs() < 1e-12);
        assert!((found.mean_score.unwrap() - expected["mean_score"].as_f64().unwrap()).abs() < 1e-9);
        let mut versions: BTreeMap<&str, u64> = BTreeMap::new();
        for &row in rows.iter().filter(|&&row| !joined.label()[row].is_nan()) {
            *versions.entry(world.predictions.model_version().get(row).unwrap()).or_default() += 1;
        }
        assert_eq!(serde_json::to_value(versions).unwrap(), expected["model_versions"]);
    }

    for expected in world.answers["as_of"].as_array().unwrap() {
        let as_of: Timestamp = expected["as_of"].as_str().unwrap().parse().unwrap();
        let joined = world.joined(Some(as_of));
        let until = |row: &usize| world.predictions.event_time()[*row] <= as_of.as_microsecond();
        let found =
            quality(world.predictions.score(), joined.label(), (0..world.predictions.len()).filter(until));
        assert_eq!(found.predictions, expected["predictions"]);
        assert_eq!(
            (found.labelled, found.positives),
            (expected["labelled"].as_u64().unwrap(), expected["positive"].as_u64().unwrap())
        );
        near(&found.roc_auc, &expected["roc_auc"], "roc_auc");
    }
}

#[tokio::test]
async fn rows_that_are_delivered_again_count_once() {
    let run = LoggedRun::of_the_year();
    let before = World::read(&run).await;
    let again = run.deliver_again(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/evaluation/redelivered.parquet"
    )));
    assert_eq!(again as u64, before.answers["rows"]["redelivered"]);

    let read = PredictionTable::local(run.path()).read(&before.spec).await.unwrap();
    assert_eq!((read.rows, read.copies, read.predictions.len()), (150_300, 300, 150_000));
    let after = World::read(&run).await;
    let auc = |world: &World| {
        let joined = world.joined(None);
        quality(world.predictions.score(), joined.label(), 0..world.predictions.len()).roc_auc.value()
    };
    assert_eq!(auc(&after).map(f64::to_bits), auc(&before).map(f64::to_bits));
    assert_eq!(after.joined(None).books(), before.joined(None).books());
}
