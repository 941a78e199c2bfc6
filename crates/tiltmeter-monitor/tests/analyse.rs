//! Everything at once, on small worlds: what is found, and what is said when something is missing.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use jiff::civil::{Date, date};
use tiltmeter_monitor::performance::{PerformanceVerdict, SegmentValue};
use tiltmeter_monitor::{
    Analysis, Inputs, PeriodKind, Policy, SCORE, Severity, Verdict, analyse, build_baseline,
};
use tiltmeter_record::ModelSpec;
use tiltmeter_record::columns::{
    Categories, ColumnValues, FeatureColumn, LabelColumns, PredictionColumns, Texts,
};
use tiltmeter_record::spec::ModelKind;
use tiltmeter_stats::Baseline;

const DAY: i64 = 86_400_000_000;

fn spec() -> ModelSpec {
    let text = "{spec_version: 1, name: churn, type: binary, owner: o, tier: 3, endpoint: {path: /p},
        request: {entity_id: /id}, response: {score: /s}, features: {age: float, plan: string},
        segments: [plan], labels: {path: l.parquet, maturity: 7d}}";
    ModelSpec::from_yaml("test", text).unwrap()
}

/// A world of customers: `(first day, days, rows a day)`, and what is different in it.
#[derive(Clone)]
struct World {
    seed: u64,
    first: Date,
    days: i64,
    rows_a_day: usize,
    /// Added to every age.
    shift: f64,
    /// How much a score says of its label, from 0 to 1.
    skill: f64,
    /// The share of ages that is missing.
    missing: f64,
    plans: &'static [&'static str],
    version: &'static str,
}

impl World {
    fn reference() -> Self {
        Self {
            seed: 1,
            first: date(2013, 1, 7),
            days: 56,
            rows_a_day: 80,
            shift: 0.0,
            skill: 0.9,
            missing: 0.0,
            plans: &["free", "gold"],
            version: "v1",
        }
    }

    fn march() -> Self {
        Self { seed: 2, first: date(2013, 3, 4), days: 28, ..Self::reference() }
    }

    /// Predictions, and labels that arrive a day later.
    fn live(&self) -> (PredictionColumns, LabelColumns) {
        let mut random = fastrand::Rng::with_seed(self.seed);
        let start = i64::from((self.first - date(1970, 1, 1)).get_days()) * DAY;
        let (mut times, mut ids, mut scores, mut ages) = (vec![], Texts::new(), vec![], vec![]);
        let (mut plans, mut versions) = (Categories::new(), Categories::new());
        let (mut labels, mut arrivals) = (vec![], vec![]);
        for day in 0..self.days {
            // days differ from each other, as days do
            let mood = random.f64() * 6.0 - 3.0;
            for row in 0..self.rows_a_day {
                let time = start + day * DAY + i64::try_from(row).unwrap() * 1_000_000;
                let label = random.f64() < 0.3;
                let noise = random.f64();
                let score = if random.f64() < self.skill {
                    f64::midpoint(noise, f64::from(u8::from(label)))
                } else {
                    noise
                };
                times.push(time);
                ids.push(Some(&format!("c{}-{day}-{row}", self.seed)));
                scores.push(score);
                let age = 40.0 + mood + self.shift + random.f64() * 20.0;
                ages.push(if random.f64() < self.missing { f64::NAN } else { age });
                plans.push(Some(self.plans[random.usize(..self.plans.len())]));
                versions.push(Some(self.version));
                labels.push(f64::from(u8::from(label)));
                arrivals.push(time + DAY);
            }
        }
        let features = vec![
            FeatureColumn { name: "age".parse().unwrap(), values: ColumnValues::Numbers(ages) },
            FeatureColumn { name: "plan".parse().unwrap(), values: ColumnValues::Categories(plans) },
        ];
        let labels = LabelColumns::new(ids.clone(), labels, arrivals, None).unwrap();
        let model = "churn".parse().unwrap();
        (PredictionColumns::new(model, times, ids, versions, scores, features).unwrap(), labels)
    }

    fn baseline(&self) -> Baseline {
        let (reference, labels) = self.live();
        build_baseline(ModelKind::Binary, &reference, Some(labels.label())).unwrap()
    }
}

fn found(
    predictions: &PredictionColumns,
    labels: Option<&LabelColumns>,
    baseline: Option<&Baseline>,
) -> Analysis {
    let spec = spec();
    let inputs = Inputs { baseline, labels, ..Inputs::new(&spec, predictions) };
    analyse(&inputs, &Policy::default())
}

fn verdicts(analysis: &Analysis, kind: PeriodKind, column: &str) -> Vec<Verdict> {
    let of =
        analysis.drift.iter().filter(|finding| finding.period.kind() == kind && finding.column == column);
    of.map(|finding| finding.verdict).collect()
}

fn says(analysis: &Analysis, words: &str) {
    assert!(analysis.notes.iter().any(|note| note.contains(words)), "{words:?} in {:#?}", analysis.notes);
}

#[test]
fn a_healthy_month_is_healthy() {
    let (predictions, labels) = World::march().live();
    let analysis = found(&predictions, Some(&labels), Some(&World::reference().baseline()));
    assert_eq!(analysis.months.len(), 1);
    assert_eq!(analysis.months[0].verdict, PerformanceVerdict::Held);
    assert_eq!(analysis.months[0].quality.labelled, 28 * 80);
    for column in [SCORE, "age", "plan"] {
        let drift = verdicts(&analysis, PeriodKind::Month, column);
        assert!(!drift.contains(&Verdict::Drift), "{column}: {drift:?}");
    }
    assert!(
        analysis.headlines.iter().all(|headline| headline.severity == Severity::Good),
        "{:?}",
        analysis.headlines
    );
    assert_eq!(analysis.notes, Vec::<String>::new());
}

#[test]
fn a_shift_of_a_feature_is_drift_and_a_fall_of_skill_is_a_fall() {
    let world = World { shift: 15.0, skill: 0.5, ..World::march() };
    let (predictions, labels) = world.live();
    let analysis = found(&predictions, Some(&labels), Some(&World::reference().baseline()));
    assert_eq!(verdicts(&analysis, PeriodKind::Month, "age"), [Verdict::Drift]);
    assert!(!verdicts(&analysis, PeriodKind::Month, "plan").contains(&Verdict::Drift));
    assert_eq!(analysis.months[0].verdict, PerformanceVerdict::Fell);
    let worst = &analysis.headlines[0];
    assert_eq!((worst.severity, worst.title.as_str()), (Severity::Bad, "Performance fell in March 2013"));
}

#[test]
fn the_same_data_give_the_same_findings() {
    let (predictions, labels) = World { shift: 3.0, ..World::march() }.live();
    let baseline = World::reference().baseline();
    let twice = [0, 1].map(|_| format!("{:?}", found(&predictions, Some(&labels), Some(&baseline))));
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn no_predictions_at_all() {
    let empty = World { days: 0, ..World::march() }.live();
    let analysis = found(&empty.0, Some(&empty.1), Some(&World::reference().baseline()));
    says(&analysis, "there are no predictions");
    says(&analysis, "no row of the label table could be used");
    assert_eq!(analysis.headlines[0].title, "There are no predictions");
    assert!(analysis.months.is_empty() && analysis.drift.is_empty() && analysis.seen.is_none());
}

#[test]
fn a_long_time_without_predictions_is_a_note_and_no_wall_of_months() {
    let stray = World { days: 1, rows_a_day: 1, seed: 3, first: date(1970, 1, 1), ..World::march() }.live().0;
    let analysis = found(&appended(&stray, &World::march().live().0), None, None);
    let months: Vec<_> = analysis.months.iter().map(|month| month.period.to_string()).collect();
    assert_eq!(months, ["1970-01", "2013-03"]);
    says(&analysis, "15,767 days without a prediction: 1970-01-02 to 2013-03-03");
}

#[test]
fn months_and_days_without_predictions_are_told() {
    let march = World { days: 5, ..World::march() }.live().0;
    let may = World { days: 5, seed: 3, first: date(2013, 5, 6), ..World::march() }.live().0;
    let analysis = found(&appended(&march, &may), None, Some(&World::reference().baseline()));
    let months: Vec<_> =
        analysis.months.iter().map(|month| (month.period.to_string(), month.quality.predictions)).collect();
    assert_eq!(months, [("2013-03", 400), ("2013-04", 0), ("2013-05", 400)].map(|(m, n)| (m.to_owned(), n)));
    says(&analysis, "58 days without a prediction: 2013-03-09 to 2013-05-05");
}

#[test]
fn a_month_of_one_class_has_no_area_and_says_so() {
    let (predictions, labels) = World::march().live();
    let zeros = LabelColumns::new(
        labels.entity_id().clone(),
        vec![0.0; labels.len()],
        labels.arrival_time().to_vec(),
        None,
    )
    .unwrap();
    let analysis = found(&predictions, Some(&zeros), Some(&World::reference().baseline()));
    let month = &analysis.months[0];
    assert_eq!(month.quality.roc_auc.reason(), Some("only one class is present"));
    assert!(month.quality.brier.value().is_some(), "the other figures are there");
    assert_eq!(month.verdict, PerformanceVerdict::Unknown);
    says(&analysis, "no area under the ROC curve for 2013-03: only one class is present");
    assert!(analysis.headlines[0].detail.starts_with("No month has an area under the ROC curve"));
}

#[test]
fn a_feature_that_goes_missing_is_drift() {
    let (predictions, labels) = World { missing: 1.0, ..World::march() }.live();
    let analysis = found(&predictions, Some(&labels), Some(&World::reference().baseline()));
    let finding = analysis
        .drift
        .iter()
        .find(|finding| finding.period.kind() == PeriodKind::Month && finding.column == "age")
        .unwrap();
    assert_eq!((finding.psi, finding.n, finding.missing_rate), (None, 0, 1.0));
    assert_eq!((finding.verdict, finding.missing_verdict), (Verdict::Drift, Verdict::Drift));
    assert_eq!(finding.because.as_deref(), Some("all values are missing"));
    assert_eq!(analysis.headlines[0].title, "More values are missing than before: age");
    assert!(!verdicts(&analysis, PeriodKind::Month, "plan").contains(&Verdict::Drift));
}

#[test]
fn half_a_feature_that_goes_missing_is_drift_though_its_values_are_as_before() {
    let (predictions, _) = World { missing: 0.5, ..World::march() }.live();
    let analysis = found(&predictions, None, Some(&World::reference().baseline()));
    assert_eq!(verdicts(&analysis, PeriodKind::Month, "age"), [Verdict::Drift]);
}

#[test]
fn labels_of_unknown_entities_and_labels_that_came_too_early_are_told() {
    let (predictions, labels) = World::march().live();
    let strangers = World { seed: 9, days: 1, rows_a_day: 7, ..World::march() }.live().1;
    let mut ids = labels.entity_id().clone();
    ids.extend(strangers.entity_id().iter());
    let early = |(row, time): (usize, &i64)| if row < 3 { time - 2 * DAY } else { *time };
    let mut arrivals: Vec<i64> = labels.arrival_time().iter().enumerate().map(early).collect();
    arrivals.extend(strangers.arrival_time());
    let values = [labels.label(), strangers.label()].concat();
    let labels = LabelColumns::new(ids, values, arrivals, None).unwrap();
    let analysis = found(&predictions, Some(&labels), Some(&World::reference().baseline()));
    says(&analysis, "7 labels of entities that are not in the log");
    says(&analysis, "3 labels that arrived before the prediction was made, and not counted");
    let books = analysis.labels.unwrap();
    assert!(books.balance());
    assert_eq!((books.of_unknown_entities, books.before_prediction), (7, 3));
    assert_eq!(analysis.months[0].quality.labelled, 28 * 80 - 3);
}

#[test]
fn without_labels_drift_is_found_all_the_same() {
    let (predictions, _) = World { shift: 15.0, ..World::march() }.live();
    let analysis = found(&predictions, None, Some(&World::reference().baseline()));
    says(&analysis, "there are no labels: it is not known how good the predictions are");
    assert_eq!(verdicts(&analysis, PeriodKind::Month, "age"), [Verdict::Drift]);
    assert!(analysis.labels.is_none() && analysis.cohorts.is_empty());
    assert_eq!(analysis.months[0].quality.match_rate(), Some(0.0));
}

#[test]
fn a_baseline_of_another_model_is_not_used_and_the_rest_goes_on() {
    let (predictions, labels) = World::march().live();
    let baseline = World::reference().baseline();
    let other = Baseline::new("fraud", baseline.columns().to_vec(), None).unwrap();
    let analysis = found(&predictions, Some(&labels), Some(&other));
    says(&analysis, "is one of the model fraud, not of churn: no drift was looked for");
    assert!(analysis.baseline.is_none() && analysis.drift.is_empty());
    assert!(analysis.months[0].quality.roc_auc.value().is_some());
    assert_eq!(analysis.headlines[0].title, "Whether performance changed is not known");
}

#[test]
fn without_a_baseline_performance_is_shown_and_not_compared() {
    let (predictions, labels) = World::march().live();
    let analysis = found(&predictions, Some(&labels), None);
    says(&analysis, "there is no baseline: nothing to compare the predictions with");
    assert!(analysis.months[0].quality.roc_auc.value().is_some());
    assert_eq!(analysis.months[0].verdict, PerformanceVerdict::Unknown);
}

#[test]
fn a_baseline_of_one_day_judges_by_rows_and_says_so() {
    let baseline = World { days: 1, rows_a_day: 500, ..World::reference() }.baseline();
    let (predictions, labels) = World::march().live();
    let analysis = found(&predictions, Some(&labels), Some(&baseline));
    says(&analysis, "the baseline has too few days to tell how days vary");
    assert!(analysis.drift.iter().any(|finding| finding.psi.is_some()));
}

#[test]
fn columns_that_do_not_fit_are_told_and_the_others_compared() {
    let (predictions, _) = World::march().live();
    let baseline = World::reference().baseline();
    let renamed: Vec<_> =
        baseline.columns().iter().filter(|column| column.name() != "age").cloned().collect();
    let narrower = Baseline::new("churn", renamed, None).unwrap();
    let analysis = found(&predictions, None, Some(&narrower));
    says(&analysis, "no drift of age: the baseline does not have this column");
    let of_age: Vec<_> = analysis.drift.iter().filter(|finding| finding.column == "age").collect();
    assert!(!of_age.is_empty() && of_age.iter().all(|finding| finding.verdict == Verdict::Undefined));
    assert!(analysis.drift.iter().any(|finding| finding.column == "plan" && finding.psi.is_some()));
}

#[test]
fn unseen_categories_are_counted_and_named() {
    let (predictions, _) = World { plans: &["free", "gold", "trial"], ..World::march() }.live();
    let analysis = found(&predictions, None, Some(&World::reference().baseline()));
    says(&analysis, "plan has 1 category that the baseline does not have");
    let finding = analysis.drift.iter().rev().find(|finding| finding.column == "plan").unwrap();
    assert_eq!(finding.unseen[0].category, "trial");
    assert_eq!((finding.unseen_rows, finding.verdict), (finding.unseen[0].rows, Verdict::Drift));
}

#[test]
fn what_was_known_at_an_instant_has_the_labels_up_to_it() {
    let (predictions, labels) = World::march().live();
    let spec = spec();
    let as_of = ["2013-03-11T00:00:00Z".parse().unwrap()];
    let inputs = Inputs { labels: Some(&labels), as_of: &as_of, ..Inputs::new(&spec, &predictions) };
    let analysis = analyse(&inputs, &Policy::default());
    let known = &analysis.as_of[0].quality;
    // predictions of the 4th to the 10th and the first of the 11th; labels of those up to the 9th, and the first of the 10th
    assert_eq!((known.predictions, known.labelled), (7 * 80 + 1, 6 * 80 + 1));
}

#[test]
fn cohorts_are_mature_a_maturity_before_the_end() {
    let (predictions, labels) = World::march().live();
    let analysis = found(&predictions, Some(&labels), None);
    let cohorts: Vec<_> =
        analysis.cohorts.iter().map(|week| (week.period.to_string(), week.matched, week.mature)).collect();
    let expected = [("2013-W10", true), ("2013-W11", true), ("2013-W12", true), ("2013-W13", false)];
    assert_eq!(cohorts, expected.map(|(week, mature)| (week.to_owned(), 560, mature)));
    assert_eq!(analysis.cohorts[0].median_delay.map(|delay| delay.as_secs()), Some(86_400));
}

#[test]
fn times_at_the_ends_of_the_calendar_do_no_harm() {
    let (predictions, labels) = World { days: 1, ..World::march() }.live();
    let mut times = predictions.event_time().to_vec();
    (times[0], times[1]) = (i64::MIN, i64::MAX);
    let predictions = PredictionColumns::new(
        predictions.model().clone(),
        times,
        predictions.entity_id().clone(),
        predictions.model_version().clone(),
        predictions.score().to_vec(),
        predictions.features().to_vec(),
    )
    .unwrap();
    let analysis = found(&predictions, Some(&labels), Some(&World::reference().baseline()));
    assert_eq!(analysis.predictions, 80);
    assert_eq!(analysis.months.len(), 3, "the centuries between are not months to show");
    assert_eq!(analysis.cohorts.len(), 3);
    says(&analysis, "days without a prediction: -009999-01-03 to 2013-03-03, 2013-03-05 to 9999-12-29");
}

#[test]
fn few_labelled_rows_of_a_segment_have_no_figures() {
    let common = World::march().live();
    let rare = World { seed: 5, days: 1, rows_a_day: 40, plans: &["trial"], ..World::march() }.live();
    let predictions = appended(&common.0, &rare.0);
    let mut ids = common.1.entity_id().clone();
    ids.extend(rare.1.entity_id().iter());
    let (labels, arrivals) = (
        [common.1.label(), rare.1.label()].concat(),
        [common.1.arrival_time(), rare.1.arrival_time()].concat(),
    );
    let labels = LabelColumns::new(ids, labels, arrivals, None).unwrap();
    let analysis = found(&predictions, Some(&labels), None);
    let trial = analysis.segments.iter().find(|segment| segment.quality.predictions == 40).unwrap();
    assert_eq!(trial.value, SegmentValue::Is("trial".to_owned()), "a single other value keeps its name");
    assert_eq!(trial.quality.roc_auc.reason(), Some("fewer than 100 labelled predictions"));
    assert!(analysis.segments[0].quality.roc_auc.value().is_some());
}

#[test]
fn performance_recovers_only_when_that_is_known() {
    let baseline = World::reference().baseline();
    let bad = World { skill: 0.5, ..World::march() };
    let after = |world: World| {
        let (first, second) = (bad.live(), world.live());
        let mut ids = first.1.entity_id().clone();
        ids.extend(second.1.entity_id().iter());
        let labels = [first.1.label(), second.1.label()].concat();
        let arrivals = [first.1.arrival_time(), second.1.arrival_time()].concat();
        let labels = LabelColumns::new(ids, labels, arrivals, None).unwrap();
        found(&appended(&first.0, &second.0), Some(&labels), Some(&baseline)).headlines[0].clone()
    };
    let april = World { seed: 4, first: date(2013, 4, 1), ..World::march() };
    let few = after(World { days: 2, rows_a_day: 60, ..april.clone() });
    assert_eq!(few.title, "Performance fell in March 2013, and whether it has recovered is not known yet");
    assert_eq!(few.severity, Severity::Bad);
    let still = after(World { skill: 0.5, ..april.clone() });
    assert_eq!(still.title, "Performance fell in March 2013, and has not recovered");
    // a month of labels, and a week more in which they could have come
    let whole = after(World { days: 45, rows_a_day: 400, ..april });
    assert_eq!(whole.title, "Performance fell in March 2013, and whether it has recovered is not known yet");
}

#[test]
fn few_labels_do_not_show_that_performance_held() {
    let world = World { days: 2, rows_a_day: 60, ..World::march() };
    let (predictions, labels) = world.live();
    let analysis = found(&predictions, Some(&labels), Some(&World::reference().baseline()));
    assert_eq!(analysis.months[0].verdict, PerformanceVerdict::Unproven);
    assert_eq!(analysis.headlines[0].title, "Whether performance held is not known");
}

#[test]
fn values_that_come_back_are_no_loss() {
    let baseline = World { missing: 0.5, ..World::reference() }.baseline();
    let analysis = found(&World::march().live().0, None, Some(&baseline));
    let of_missing = analysis.headlines.iter().find(|headline| headline.title.contains("missing")).unwrap();
    assert_eq!(of_missing.title, "Fewer values are missing than before: age");
    assert_eq!(of_missing.severity, Severity::Notice);
    assert!(
        !analysis.headlines.iter().any(|headline| headline.title.starts_with("age drifted")),
        "{:?}",
        analysis.headlines
    );
}

#[test]
fn what_could_not_be_compared_is_not_called_healthy() {
    let baseline = World::reference().baseline();
    let (predictions, _) = World { missing: 1.0, ..World::march() }.live();
    let analysis = found(&predictions, None, Some(&baseline));
    let titles: Vec<_> = analysis.headlines.iter().map(|headline| headline.title.as_str()).collect();
    assert!(titles.contains(&"Whether features drifted is not known"), "{titles:?}");
    assert!(!titles.contains(&"No feature drifted"), "{titles:?}");
}

/// One table of two.
fn appended(first: &PredictionColumns, second: &PredictionColumns) -> PredictionColumns {
    let join_texts = |a: &Texts, b: &Texts| a.iter().chain(b.iter()).collect::<Texts>();
    let join_categories = |a: &Categories, b: &Categories| {
        let row = |column: &Categories, row| column.get(row).map(str::to_owned);
        let rows = (0..a.len()).map(|at| row(a, at)).chain((0..b.len()).map(|at| row(b, at)));
        rows.fold(Categories::new(), |mut column, name| {
            column.push(name.as_deref());
            column
        })
    };
    let features = first.features().iter().zip(second.features()).map(|(a, b)| FeatureColumn {
        name: a.name.clone(),
        values: match (&a.values, &b.values) {
            (ColumnValues::Numbers(a), ColumnValues::Numbers(b)) => {
                ColumnValues::Numbers([&a[..], b].concat())
            }
            (ColumnValues::Categories(a), ColumnValues::Categories(b)) => {
                ColumnValues::Categories(join_categories(a, b))
            }
            _ => panic!("worlds have the same columns"),
        },
    });
    PredictionColumns::new(
        first.model().clone(),
        [first.event_time(), second.event_time()].concat(),
        join_texts(first.entity_id(), second.entity_id()),
        join_categories(first.model_version(), second.model_version()),
        [first.score(), second.score()].concat(),
        features.collect(),
    )
    .unwrap()
}
