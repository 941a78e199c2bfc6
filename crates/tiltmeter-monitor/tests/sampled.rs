//! What is found of rows that were sampled: about what is found of all.
#![expect(clippy::unwrap_used, reason = "tests")]

use jiff::civil::date;
use tiltmeter_monitor::{
    Analysis, Inputs, Measured, PeriodKind, Policy, SCORE, Verdict, analyse, build_baseline,
};
use tiltmeter_record::ModelSpec;
use tiltmeter_record::columns::{
    Categories, ColumnValues, FeatureColumn, InclusionColumns, LabelColumns, PredictionColumns, Texts,
};
use tiltmeter_record::spec::ModelKind;
use tiltmeter_stats::Baseline;

const DAY: i64 = 86_400_000_000;
const DAYS: i64 = 28;
const ROWS_A_DAY: usize = 250;

fn spec() -> ModelSpec {
    let text = "{spec_version: 1, name: churn, type: binary, owner: o, tier: 3, endpoint: {path: /p},
        request: {entity_id: /id}, response: {score: /s}, features: {age: float, plan: string},
        segments: [plan], labels: {path: l.parquet, maturity: 7d}}";
    ModelSpec::from_yaml("test", text).unwrap()
}

/// All that a service predicted in four weeks, and what turned out to be true.
struct World {
    times: Vec<i64>,
    scores: Vec<f64>,
    ages: Vec<f64>,
    plans: Vec<Option<&'static str>>,
    labels: Vec<f64>,
}

/// Which rows a sample keeps, and with what probability each.
type Kept = Vec<(usize, f64)>;

impl World {
    fn from(month: i8, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let start = i64::from((date(2013, month, 4) - date(1970, 1, 1)).get_days()) * DAY;
        let mut world = Self { times: vec![], scores: vec![], ages: vec![], plans: vec![], labels: vec![] };
        for day in 0..DAYS {
            for row in 0..ROWS_A_DAY {
                // half of the scores are near 0 or 1, and age and plan go with them
                let score = (std::f64::consts::FRAC_PI_2 * random.f64()).sin().powi(2);
                world.times.push(start + day * DAY + i64::try_from(row).unwrap() * 1_000_000);
                world.scores.push(score);
                world.ages.push(if random.f64() < 0.1 {
                    f64::NAN
                } else {
                    20.0 + 40.0 * score + 10.0 * random.f64()
                });
                world.plans.push((random.f64() < 0.95).then_some(if random.f64() < score {
                    "gold"
                } else {
                    "free"
                }));
                world.labels.push(f64::from(u8::from(random.f64() < 0.1 + 0.7 * score)));
            }
        }
        world
    }

    fn len(&self) -> usize {
        self.times.len()
    }

    fn all(&self) -> Kept {
        (0..self.len()).map(|row| (row, 1.0)).collect()
    }

    /// The tails for certain, of the others one in five.
    fn sample(&self, seed: u64) -> Kept {
        let mut random = fastrand::Rng::with_seed(seed);
        let rows = self.scores.iter().enumerate().filter_map(|(row, score)| {
            let probability = if (0.1..0.9).contains(score) { 0.2 } else { 1.0 };
            (random.f64() < probability).then_some((row, probability))
        });
        rows.collect()
    }

    fn table(&self, kept: &Kept) -> PredictionColumns {
        let rows = || kept.iter().map(|(row, _)| *row);
        let ids: Vec<String> = rows().map(|row| format!("c{row}")).collect();
        let features = vec![
            FeatureColumn {
                name: "age".parse().unwrap(),
                values: ColumnValues::Numbers(rows().map(|row| self.ages[row]).collect()),
            },
            FeatureColumn {
                name: "plan".parse().unwrap(),
                values: ColumnValues::Categories(rows().map(|row| self.plans[row]).collect()),
            },
        ];
        PredictionColumns::new(
            "churn".parse().unwrap(),
            rows().map(|row| self.times[row]).collect(),
            ids.iter().map(|id| Some(id.as_str())).collect::<Texts>(),
            rows().map(|_| Some("v1")).collect::<Categories>(),
            rows().map(|row| self.scores[row]).collect(),
            features,
        )
        .unwrap()
    }

    fn with_inclusion(&self, kept: &Kept) -> PredictionColumns {
        let stratum = kept.iter().map(|(_, p)| (*p < 1.0).then_some("middle")).collect::<Categories>();
        let probabilities = kept.iter().map(|(_, probability)| *probability).collect();
        let requests = kept.iter().map(|(row, _)| u64::try_from(*row).unwrap()).collect();
        let inclusion = InclusionColumns::new(probabilities, requests, stratum).unwrap();
        self.table(kept).with_inclusion(inclusion).unwrap()
    }

    /// Of all predictions: a store of labels does not know what was sampled. Three in ten have none.
    fn labels(&self) -> LabelColumns {
        let rows = || (0..self.len()).filter(|row| row % 10 > 2);
        let ids: Vec<String> = rows().map(|row| format!("c{row}")).collect();
        LabelColumns::new(
            ids.iter().map(|id| Some(id.as_str())).collect::<Texts>(),
            rows().map(|row| self.labels[row]).collect(),
            rows().map(|row| self.times[row] + DAY).collect(),
            None,
        )
        .unwrap()
    }

    fn baseline(&self) -> Baseline {
        build_baseline(ModelKind::Binary, &self.table(&self.all()), Some(&self.labels)).unwrap()
    }

    fn analysis(&self, predictions: &PredictionColumns, baseline: &Baseline) -> Analysis {
        let (spec, labels) = (spec(), self.labels());
        let inputs =
            Inputs { spec: &spec, predictions, baseline: Some(baseline), labels: Some(&labels), as_of: &[] };
        analyse(&inputs, &Policy::default())
    }
}

fn psi(analysis: &Analysis, column: &str) -> f64 {
    let mut months = analysis
        .drift
        .iter()
        .filter(|finding| finding.period.kind() == PeriodKind::Month && finding.column == column);
    months.next().unwrap().psi.unwrap()
}

#[test]
fn rows_that_were_all_kept_are_what_they_were() {
    let (reference, world) = (World::from(1, 1), World::from(3, 2));
    let baseline = reference.baseline();
    let plain = world.analysis(&world.table(&world.all()), &baseline);
    let certain = world.analysis(&world.with_inclusion(&world.all()), &baseline);
    assert!(plain.sampled.is_none() && plain.overall.sampled.is_none());
    assert_eq!(format!("{plain:?}"), format!("{certain:?}"));
}

#[test]
fn figures_of_a_sample_are_those_of_all_predictions() {
    let (reference, world) = (World::from(1, 1), World::from(3, 2));
    let baseline = reference.baseline();
    let all = world.analysis(&world.table(&world.all()), &baseline);
    let (mut held, mut held_by_rows, mut intervals) = (0, 0, 0);
    for seed in 0..40 {
        let kept = world.sample(seed);
        let analysis = world.analysis(&world.with_inclusion(&kept), &baseline);
        let as_if_all = world.analysis(&world.table(&kept), &baseline);
        let (whole, part) = (&all.overall, &analysis.overall);
        let sampled = part.sampled.as_ref().unwrap();
        assert_eq!(part.predictions, kept.len() as u64);
        let truths = [
            (&sampled.roc_auc, whole.roc_auc.value(), as_if_all.overall.roc_auc.value()),
            (&sampled.brier, whole.brier.value(), as_if_all.overall.brier.value()),
            (&sampled.log_loss, whole.log_loss.value(), as_if_all.overall.log_loss.value()),
            (&sampled.mean_score, whole.mean_score, as_if_all.overall.mean_score),
            (&sampled.base_rate, whole.base_rate(), as_if_all.overall.base_rate()),
            (&sampled.match_rate, whole.match_rate(), as_if_all.overall.match_rate()),
            (&sampled.predictions, Some(whole.predictions as f64), Some(kept.len() as f64)),
            (&sampled.labelled, Some(whole.labelled as f64), Some(as_if_all.overall.labelled as f64)),
        ];
        for (found, truth, unweighted) in truths {
            let (lower, upper) = found.estimate().and_then(|estimate| estimate.interval).unwrap();
            let holds = |value: f64| usize::from((lower..=upper).contains(&value));
            held += holds(truth.unwrap());
            held_by_rows += holds(unweighted.unwrap());
            intervals += 1;
        }
        // the figures that are shown are the weighted ones, and their intervals are those of the model: longer
        let pairs = [(&part.roc_auc, &sampled.roc_auc), (&part.brier, &sampled.brier)];
        for (model, logged) in pairs {
            let length = |found: &Measured| {
                found.estimate().and_then(|estimate| estimate.interval).map(|(lower, upper)| upper - lower)
            };
            assert!((model.value().unwrap() - logged.value().unwrap()).abs() < 1e-12);
            assert!(length(model) > length(logged), "{model:?} {logged:?}");
        }
        assert_eq!(part.mean_score.map(f64::to_bits), sampled.mean_score.value().map(f64::to_bits));
    }
    let (share, by_rows) = (held as f64 / intervals as f64, held_by_rows as f64 / intervals as f64);
    assert!((0.91..0.985).contains(&share), "{share}");
    assert!(by_rows < 0.4, "{by_rows}");
}

#[test]
fn a_sample_by_the_score_is_no_drift() {
    let (reference, world) = (World::from(1, 1), World::from(3, 2));
    let baseline = reference.baseline();
    let kept = world.sample(7);
    let all = world.analysis(&world.table(&world.all()), &baseline);
    let analysis = world.analysis(&world.with_inclusion(&kept), &baseline);
    let as_if_all = world.analysis(&world.table(&kept), &baseline);
    for column in [SCORE, "age", "plan"] {
        let [all, weighted, plain] = [&all, &analysis, &as_if_all].map(|analysis| psi(analysis, column));
        assert!(weighted < all + 0.03, "{column}: {all} {weighted} {plain}");
        assert!(column == "plan" || plain > 0.1, "{column}: {plain}");
    }
    let drifts = |analysis: &Analysis| {
        let months = analysis.drift.iter().filter(|finding| finding.period.kind() == PeriodKind::Month);
        months.filter(|finding| finding.verdict == Verdict::Drift).count()
    };
    assert_eq!((drifts(&analysis), drifts(&as_if_all)), (0, 2));
    let finding = &analysis.drift[0];
    let sampled = finding.sampled.unwrap();
    assert!(sampled.effective_rows < finding.rows as f64);
    let predictions: f64 = analysis
        .drift
        .iter()
        .filter(|finding| finding.period.kind() == PeriodKind::Month && finding.column == SCORE)
        .map(|finding| finding.sampled.unwrap().predictions)
        .sum();
    assert!((predictions / world.len() as f64 - 1.0).abs() < 0.1, "{predictions}");
    // missing ages are a tenth of all, whatever was kept
    let ages = analysis
        .drift
        .iter()
        .find(|finding| finding.period.kind() == PeriodKind::Month && finding.column == "age");
    assert!(ages.is_some_and(|ages| (ages.missing_rate - 0.1).abs() < 0.02), "{ages:?}");

    let says = |words: &str| {
        assert!(analysis.notes.iter().any(|note| note.contains(words)), "{:#?}", analysis.notes)
    };
    says("drift of the score rests on a sample stratified by it");
    says("rows were kept of about");
    let [one, other] = [&analysis, &all].map(|analysis| analysis.scores.as_ref().unwrap());
    let far = one.all.iter().zip(&other.all).map(|(one, other)| (one - other).abs());
    assert!(far.fold(0.0, f64::max) < 0.02);
    let matched = |analysis: &Analysis| {
        analysis.cohorts.iter().map(|week| week.match_rate().unwrap()).collect::<Vec<_>>()
    };
    let weeks = matched(&analysis).into_iter().zip(matched(&all));
    weeks.for_each(|(part, whole)| assert!((part - whole).abs() < 0.06, "{part} {whole}"));
    let predicted: f64 = analysis.cohorts.iter().map(|week| week.sampled.unwrap().predictions).sum();
    assert!((predicted - predictions).abs() < 1e-6);
}
