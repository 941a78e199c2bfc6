//! What is found of rows that were sampled: about what is found of all.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use jiff::civil::date;
use tiltmeter_monitor::drift::{DriftFinding, ProfiledDay, drift_of_profiles};
use tiltmeter_monitor::performance::SegmentValue;
use tiltmeter_monitor::{
    Analysis, Inputs, Measured, PeriodKind, Policy, SCORE, Verdict, analyse, build_baseline,
};
use tiltmeter_record::columns::{
    Categories, ColumnValues, FeatureColumn, InclusionColumns, LabelColumns, LossClassColumns,
    LossCorrection, PredictionColumns, Texts,
};
use tiltmeter_record::spec::ModelKind;
use tiltmeter_record::{ExchangeDrop, Gap, ModelSpec, Priority, SizeClass};
use tiltmeter_stats::{Baseline, BaselineColumn, CategoricalSpec, ColumnSummary, NumericSpec, Profile};

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
            Inputs { baseline: Some(baseline), labels: Some(&labels), ..Inputs::new(&spec, predictions) };
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
        assert!(analysis.notes.iter().any(|note| note.contains(words)), "{:#?}", analysis.notes);
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

/// The profiles of each day, in two parts, with the bins of the baseline, as a log that counts all predictions makes them.
fn profiles(world: &World, baseline: &Baseline) -> Vec<ProfiledDay> {
    let numbers = |column: &str, rows: &[usize], values: &[f64]| {
        let Some(ColumnSummary::Numeric { bins, .. }) = baseline.column(column).map(BaselineColumn::summary)
        else {
            panic!("{column} has numbers")
        };
        let mut profile = NumericSpec::new().with_bins(bins.clone()).profile();
        profile.update(&rows.iter().map(|&row| values[row]).collect::<Vec<f64>>()).unwrap();
        (column.to_owned(), Profile::Numeric(profile))
    };
    let plans = |rows: &[usize]| {
        let Some(ColumnSummary::Categorical { categories }) =
            baseline.column("plan").map(BaselineColumn::summary)
        else {
            panic!("plans are categories")
        };
        let spec =
            CategoricalSpec::new().with_categories(categories.clone()).unwrap().with_frequent(16).unwrap();
        let mut profile = spec.profile();
        profile.update(&rows.iter().map(|&row| world.plans[row]).collect::<Vec<_>>());
        ("plan".to_owned(), Profile::Categorical(profile))
    };
    let mut days: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    world.times.iter().enumerate().for_each(|(row, time)| days.entry(time / DAY).or_default().push(row));
    let part = |(day, rows): (&i64, &[usize])| ProfiledDay {
        day: date(1970, 1, 1).checked_add(jiff::Span::new().days(*day)).unwrap(),
        columns: BTreeMap::from([
            numbers(SCORE, rows, &world.scores),
            numbers("age", rows, &world.ages),
            plans(rows),
        ]),
    };
    let halves =
        |(day, rows): (&i64, &Vec<usize>)| rows.chunks(100).map(|rows| part((day, rows))).collect::<Vec<_>>();
    days.iter().rev().flat_map(halves).collect()
}

/// A finding without what profiles do not have, and without what depends on the rounding of means.
fn comparable(finding: &DriftFinding) -> DriftFinding {
    DriftFinding {
        ks: None,
        ks_expected: None,
        ks_p_value: None,
        mean: None,
        p_value: None,
        p_adjusted: None,
        ..finding.clone()
    }
}

#[test]
fn findings_of_profiles_are_those_of_all_rows() {
    let (reference, mut world) = (World::from(1, 1), World::from(3, 2));
    let baseline = reference.baseline();
    // one category that the baseline does not have, and a column that drifts
    world.plans.iter_mut().step_by(9).for_each(|plan| *plan = plan.map(|_| "trial"));
    world.ages.iter_mut().for_each(|age| *age += 9.0);
    let rows = world.analysis(&world.table(&world.all()), &baseline);
    let found = drift_of_profiles(&baseline, &profiles(&world, &baseline), &Policy::default());
    assert_eq!(found.findings.len(), rows.drift.len());
    let close = |one: Option<f64>, other: Option<f64>| {
        one.zip(other).map_or(one == other, |(one, other)| (one - other).abs() <= 1e-9 * one.abs().max(1e-3))
    };
    for (of_profiles, of_rows) in found.findings.iter().zip(&rows.drift) {
        assert!(of_profiles.psi.is_some() && of_profiles.ks.is_none());
        assert_eq!(of_profiles.psi.map(f64::to_bits), of_rows.psi.map(f64::to_bits), "{of_profiles:?}");
        assert_eq!(comparable(of_profiles), comparable(of_rows));
        assert!(close(of_profiles.mean, of_rows.mean) && close(of_profiles.p_value, of_rows.p_value));
    }
    assert!(found.findings.iter().any(|finding| finding.verdict == Verdict::Drift));
    let month = found.findings.iter().rfind(|finding| finding.column == "plan").unwrap();
    assert_eq!((month.unseen[0].category.as_str(), month.unseen_categories), ("trial", 1));
    assert!(found.notes.iter().any(|note| note.starts_with("plan has 1 category")), "{:?}", found.notes);
}

#[test]
fn drift_rests_on_profiles_where_there_are_some() {
    let (reference, world) = (World::from(1, 1), World::from(3, 2));
    let baseline = reference.baseline();
    let all = world.analysis(&world.table(&world.all()), &baseline);
    let mut profiles = profiles(&world, &baseline);
    for day in &mut profiles {
        day.columns.remove("plan");
    }
    let (spec, sampled) = (spec(), world.with_inclusion(&world.sample(7)));
    let inputs =
        Inputs { baseline: Some(&baseline), profiles: Some(&profiles), ..Inputs::new(&spec, &sampled) };
    let analysis = analyse(&inputs, &Policy::default());
    for column in [SCORE, "age"] {
        assert_eq!(psi(&analysis, column).to_bits(), psi(&all, column).to_bits());
    }
    let order = |analysis: &Analysis| -> Vec<_> {
        analysis.drift.iter().map(|finding| (finding.period, finding.column.clone())).collect()
    };
    assert_eq!(order(&analysis), order(&all));
    let is_of_rows = |finding: &&DriftFinding| finding.sampled.is_some();
    assert!(analysis.drift.iter().filter(is_of_rows).all(|finding| finding.column == "plan"));
    assert!(!analysis.notes.iter().any(|note| note.contains("stratified")), "{:?}", analysis.notes);
}

#[test]
fn profiles_of_other_bins_tell_what_is_missing_and_no_more() {
    let (reference, world) = (World::from(1, 1), World::from(3, 2));
    let found = drift_of_profiles(
        &reference.baseline(),
        &profiles(&world, &World::from(2, 9).baseline()),
        &Policy::default(),
    );
    let month = found.findings.iter().rfind(|finding| finding.column == "age").unwrap();
    assert_eq!((month.psi, month.values_verdict), (None, Verdict::Undefined));
    assert!((month.missing_rate - 0.1).abs() < 0.02);
    assert_eq!(month.because.as_deref(), Some("the bins of its profiles are not those of the baseline"));
}

#[test]
fn what_was_lost_stands_beside_the_figures_and_is_told() {
    let world = World::from(3, 2);
    let all = world.all();
    let same = |text: &'static str| all.iter().map(|_| Some(text)).collect::<Categories>();
    let inclusion = InclusionColumns::new(
        vec![1.0; all.len()],
        (0..all.len() as u64).collect(),
        all.iter().map(|_| None).collect::<Categories>(),
    )
    .unwrap()
    .with_loss_classes(LossClassColumns {
        observed_at: world.times.clone(),
        endpoint: same("/p"),
        size_class: same("up_to_1_kib"),
        priority: same("normal"),
    })
    .unwrap();
    // a request a second: sixty are there of the first minute, and as many were lost; and of one without rows
    let gap = |minute: i64, count| {
        let minute = jiff::Timestamp::from_microsecond(world.times[0] + minute * 60_000_000).unwrap();
        let mut gap = Gap::of_exchanges(0, minute, ExchangeDrop::QueueFull, count);
        gap.model_name = Some("churn".into());
        gap.endpoint = Some("/p".into());
        gap.size_class = Some(SizeClass::UpTo1KiB);
        gap.priority = Some(Priority::Normal);
        gap
    };
    let corrected =
        LossCorrection::of(inclusion, &"churn".parse().unwrap(), "parquet", [&gap(0, 60), &gap(99, 7)]);
    let predictions = world.table(&all).with_inclusion(corrected.inclusion).unwrap();
    let spec = spec();
    let inputs = Inputs { losses: Some(&corrected.report), ..Inputs::new(&spec, &predictions) };
    let analysis = analyse(&inputs, &Policy::default());
    let share = 60.0 / (world.len() as f64 + 60.0);
    for quality in [&analysis.overall, &analysis.months[0].quality, &analysis.versions[0].quality] {
        assert_eq!(quality.lossy_rows, 60);
        assert!((quality.lost_share - share).abs() < 1e-12, "{}", quality.lost_share);
    }
    let rows: u64 = analysis.segments.iter().map(|segment| segment.quality.lossy_rows).sum();
    assert_eq!(rows, 60);
    let says = |words: &str| {
        assert!(analysis.notes.iter().any(|note| note.contains(words)), "{:#?}", analysis.notes);
    };
    says("0.8 % of the requests of March 2013 were lost: figures are corrected, assuming that");
    says("7 lost requests or rows that no row stands for");

    let silent = analyse(&Inputs { losses: None, ..inputs }, &Policy::default());
    assert_eq!((silent.overall.lossy_rows, silent.overall.lost_share), (0, 0.0));
    let other = world.table(&vec![(0, 1.0)]);
    let foreign = analyse(&Inputs { predictions: &other, ..inputs }, &Policy::default());
    assert!(foreign.notes.iter().any(|note| note.starts_with("the losses are told of another table")));
}

#[test]
fn segments_are_ranked_by_what_rows_stand_for_and_judged_by_what_they_tell() {
    let mut world = World::from(3, 2);
    world.plans = (0..world.len()).map(|row| Some(if row < 500 { "rare" } else { "common" })).collect();
    // all of the rare plan, of the common one each fortieth, and one row that outweighs the others of its plan
    let mut kept: Kept = (0..500).map(|row| (row, 1.0)).collect();
    kept.extend((500..world.len()).filter(|row| row % 40 == 7).map(|row| (row, 0.025)));
    kept.push((503, 1e-6));
    let spec = spec();
    let predictions = world.with_inclusion(&kept);
    let labels = world.labels();
    let analysis =
        analyse(&Inputs { labels: Some(&labels), ..Inputs::new(&spec, &predictions) }, &Policy::default());
    let plans: Vec<_> = analysis.segments.iter().map(|segment| &segment.value).collect();
    assert_eq!(plans, [&SegmentValue::Is("rare".to_owned()), &SegmentValue::Is("common".to_owned())]);
    let common = &analysis.segments[1].quality;
    assert!(common.labelled >= 100 && common.effective_labelled() < 100.0, "{common:?}");
    assert!(common.roc_auc.reason().is_some_and(|reason| reason.starts_with("fewer than 100")), "{common:?}");

    kept.pop();
    let predictions = world.with_inclusion(&kept);
    let analysis =
        analyse(&Inputs { labels: Some(&labels), ..Inputs::new(&spec, &predictions) }, &Policy::default());
    let plans: Vec<_> = analysis.segments.iter().map(|segment| &segment.value).collect();
    assert_eq!(plans, [&SegmentValue::Is("common".to_owned()), &SegmentValue::Is("rare".to_owned())]);
}
