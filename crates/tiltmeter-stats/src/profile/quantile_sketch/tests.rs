use proptest::prelude::*;

use super::*;
use crate::Ecdf;
use crate::random::Random;

const K: u16 = 8;

fn sketch(k: u16, batches: &[Vec<f64>]) -> QuantileSketch {
    let mut sketch = QuantileSketch::new(k).unwrap();
    batches.iter().for_each(|batch| sketch.update(batch).unwrap());
    sketch
}

fn merged(a: &QuantileSketch, b: &QuantileSketch) -> QuantileSketch {
    let mut merged = a.clone();
    merged.merge(b).unwrap();
    merged
}

fn stored(sketch: &QuantileSketch) -> Vec<u8> {
    postcard::to_allocvec(sketch).unwrap()
}

fn total(sketch: &QuantileSketch) -> f64 {
    sketch.levels.items().map(|item| item.weight).sum()
}

fn any_values(most: usize) -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![4 => any::<f64>(), 2 => -3.0..3.0, 1 => Just(f64::NAN), 1 => Just(-0.0)];
    proptest::collection::vec(value, 0..most)
}

/// Batches of rows with weights of many sizes.
fn any_batches() -> impl Strategy<Value = Vec<(Vec<f64>, Option<Vec<f64>>)>> {
    let row =
        (prop_oneof![-9.0..9.0, any::<f64>()], prop_oneof![0.1..9.0, 1e-5..1e5, Just(1e100), Just(1e-100)]);
    let rows = proptest::collection::vec(row, 1..120);
    let batch = (rows, any::<bool>()).prop_map(|(rows, is_weighted)| {
        let (values, weights): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
        (values, is_weighted.then_some(weights))
    });
    proptest::collection::vec(batch, 0..4)
}

fn of_batches(batches: &[(Vec<f64>, Option<Vec<f64>>)]) -> QuantileSketch {
    let mut sketch = QuantileSketch::new(K).unwrap();
    for (values, weights) in batches {
        match weights {
            Some(weights) => sketch.update(Sample::weighted(values, weights).unwrap()).unwrap(),
            None => sketch.update(values).unwrap(),
        }
    }
    sketch
}

#[test]
fn an_empty_one_has_no_quantiles() {
    let sketch = QuantileSketch::new(128).unwrap();
    assert_eq!(sketch.quantile(0.5).unwrap_err().undefined(), Some(Undefined::Empty));
    assert_eq!(sketch.at(0.5).unwrap_err().undefined(), Some(Undefined::Empty));
    assert_eq!(sketch.max().unwrap_err().undefined(), Some(Undefined::Empty));
    assert_eq!(sketch.rank_error(), RankError { single: 0.0, uniform: 0.0 });
    assert_eq!(postcard::from_bytes::<QuantileSketch>(&stored(&sketch)).unwrap(), sketch);
}

#[test]
fn mistakes_are_refused_and_nothing_is_folded() {
    for k in [0, 7, 4097] {
        assert!(QuantileSketch::new(k).unwrap_err().is_invalid());
    }
    let mut sketch = QuantileSketch::new(8).unwrap();
    for weight in [1e-101, 1.1e100, 5e-324] {
        let weights = [1.0, weight];
        let error = sketch.update(Sample::weighted(&[1.0, 2.0], &weights).unwrap()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("weight 1 is {weight:e}, allowed in what is merged: 0, and from 1e-100 to 1e100")
        );
    }
    let other = QuantileSketch::new(16).unwrap();
    assert_eq!(
        sketch.merge(&other).unwrap_err().to_string(),
        "a sketch of size 16 cannot be folded into one of 8"
    );
    assert_eq!(sketch, QuantileSketch::new(8).unwrap());
    sketch.update(&[1.0]).unwrap();
    assert!(sketch.at(f64::NAN).unwrap_err().is_invalid());
    assert!(sketch.quantile(1.1).unwrap_err().is_invalid());
}

#[test]
fn the_default_is_small_whatever_is_folded() {
    let mut random = Random(3);
    let values: Vec<f64> = (0..400_000).map(|_| random.normal()).collect();
    let (mut by_row, mut by_batch) = (QuantileSketch::new(128).unwrap(), QuantileSketch::new(128).unwrap());
    values[..50_000].iter().for_each(|&value| by_row.update(&[value]).unwrap());
    by_batch.update(&values).unwrap();
    for sketch in [&by_row, &by_batch] {
        assert!(sketch.levels.len() <= 416 && stored(sketch).len() <= 3_600, "{}", stored(sketch).len());
        // without weights nothing is rounded
        assert!((total(sketch) - sketch.weight()).abs() <= 0.0);
    }
    assert_eq!((by_batch.count(), by_batch.weight() - 4e5), (400_000, 0.0));
}

#[test]
fn rows_without_values_leave_nothing() {
    let mut sketch = QuantileSketch::new(8).unwrap();
    sketch.update(&[f64::NAN]).unwrap();
    sketch.update(Sample::weighted(&[f64::NAN, 1.0], &[1.0, 0.0]).unwrap()).unwrap();
    assert_eq!(sketch, QuantileSketch::new(8).unwrap());
}

#[test]
fn infinities_are_values_and_minus_0_is_0() {
    let sketch = sketch(8, &[vec![f64::NEG_INFINITY, -0.0, 1.0, f64::INFINITY, f64::NAN]]);
    assert_eq!(sketch.count(), 4);
    let quantiles = [0.0, 0.25, 0.5, 0.75, 1.0].map(|q| sketch.quantile(q).unwrap().value);
    assert_eq!(quantiles, [f64::NEG_INFINITY, f64::NEG_INFINITY, 0.0, 1.0, f64::INFINITY]);
    assert!(quantiles[2].is_sign_positive());
    let shares = [f64::NEG_INFINITY, -1.0, 0.0, f64::MAX, f64::INFINITY].map(|x| sketch.at(x).unwrap());
    assert_eq!(shares, [0.25, 0.25, 0.5, 0.75, 1.0]);
}

#[test]
fn weights_of_all_sizes_share_few_levels() {
    let mut sketch = QuantileSketch::new(8).unwrap();
    for h in -330..330_i16 {
        let values: Vec<f64> = (0..5_i16).map(|step| f64::from(h * step % 7)).collect();
        sketch.update(Sample::weighted(&values, &[power(h) * 1.3; 5]).unwrap()).unwrap();
        assert!(sketch.levels.levels.len() <= levels::MOST_LEVELS);
        assert!(sketch.levels.len() <= sketch.levels.room(8));
    }
    assert!((total(&sketch) / sketch.weight() - 1.0).abs() < 1e-12);
    assert_eq!(postcard::from_bytes::<QuantileSketch>(&stored(&sketch)).unwrap(), sketch);
}

fn power(h: i16) -> f64 {
    levels::power(h)
}

/// Errors of ranks in units of what the sketch tells.
struct Errors {
    single: Vec<f64>,
    uniform: Vec<f64>,
    /// Of the median, with its sign.
    median: f64,
    /// The largest that a sketch told.
    told: RankError,
}

struct Case {
    rows: usize,
    batch: usize,
    parts: usize,
    value: fn(&mut Random) -> f64,
    weight: Option<fn(&mut Random) -> f64>,
    sorted: bool,
}

fn simulate(case: &Case, seed: u64) -> Errors {
    let mut random = Random(seed);
    let mut errors = Errors {
        single: Vec::new(),
        uniform: Vec::new(),
        median: 0.0,
        told: RankError { single: 0.0, uniform: 0.0 },
    };
    let runs = 40;
    for _ in 0..runs {
        let mut values: Vec<f64> = (0..case.rows).map(|_| (case.value)(&mut random)).collect();
        if case.sorted {
            values.sort_unstable_by(f64::total_cmp);
        }
        let weights: Option<Vec<f64>> =
            case.weight.map(|of| (0..case.rows).map(|_| of(&mut random)).collect());
        let mut parts = vec![QuantileSketch::new(128).unwrap(); case.parts];
        for (number, start) in (0..case.rows).step_by(case.batch).enumerate() {
            let rows = start..case.rows.min(start + case.batch);
            let sample = match &weights {
                Some(weights) => Sample::weighted(&values[rows.clone()], &weights[rows]).unwrap(),
                None => Sample::new(&values[rows]),
            };
            parts[number % case.parts].update(sample).unwrap();
        }
        // as a tree, as instances, hours and days are
        while parts.len() > 1 {
            parts = parts
                .chunks(3)
                .map(|parts| parts[1..].iter().fold(parts[0].clone(), |a, b| merged(&a, b)))
                .collect();
        }
        let truth = match &weights {
            Some(weights) => Ecdf::of(Sample::weighted(&values, weights).unwrap()).unwrap(),
            None => Ecdf::of(&values).unwrap(),
        };
        let told = parts[0].rank_error();
        errors.told.single = errors.told.single.max(told.single);
        errors.told.uniform = errors.told.uniform.max(told.uniform);
        let at = |q: f64| {
            let x = truth.quantile(q).unwrap();
            parts[0].at(x).unwrap() - truth.at(x)
        };
        errors.single.extend((1..20).map(|step| at(f64::from(step) / 20.0).abs() / told.single));
        let largest = (1..400).map(|step| at(f64::from(step) / 400.0).abs()).fold(0.0, f64::max);
        errors.uniform.push(largest / told.uniform);
        errors.median += at(0.5) / f64::from(runs) / told.single;
    }
    errors
}

#[test]
fn ranks_are_as_right_as_the_sketch_tells() {
    let uniform: fn(&mut Random) -> f64 = Random::uniform;
    let base = Case { rows: 20_000, batch: 500, parts: 1, value: uniform, weight: None, sorted: false };
    let weight: Option<fn(&mut Random) -> f64> = Some(|random| 1.0 + 9.0 * random.uniform());
    for (number, case) in [
        Case { batch: 20_000, ..base },
        Case { rows: 4_000, batch: 1, ..base },
        Case { sorted: true, ..base },
        Case { value: |random| (9.0 * random.uniform()).floor(), ..base },
        Case { value: |random| (4.0 * random.normal()).exp(), parts: 40, ..base },
        Case { weight, ..base },
        Case { weight, batch: 20_000, ..base },
        Case { weight: Some(|random| (3.0 * random.normal()).exp()), ..base },
        Case { weight: Some(|random| if random.uniform() < 0.5 { 1.99 } else { 100.0 }), parts: 40, ..base },
    ]
    .into_iter()
    .enumerate()
    {
        let errors = simulate(&case, 11 + number as u64);
        let beyond = |errors: &[f64]| errors.iter().filter(|error| **error > 1.0).count() as f64;
        assert!(beyond(&errors.single) <= 0.005 * errors.single.len() as f64, "{number}");
        assert!(beyond(&errors.uniform) <= 0.0, "{number}");
        // 40 runs, and a standard deviation of at most 1 / 2.58
        assert!(errors.median.abs() < 0.2, "{number}: {}", errors.median);
        assert!(errors.told.single < 0.0135 && errors.told.uniform < 0.0225, "{number}: {:?}", errors.told);
    }
}

#[test]
fn what_is_no_sketch_is_refused() {
    let mut random = Random(9);
    let values: Vec<f64> = (0..500).map(|_| random.uniform()).collect();
    let good = sketch(8, &[values]);
    let changes: [fn(&mut QuantileSketch); 17] = [
        |sketch| sketch.k = 0,
        |sketch| sketch.k = 9000,
        |sketch| sketch.rows = 0,
        |sketch| sketch.rows = 3,
        |sketch| sketch.weight = 501.0,
        |sketch| sketch.weight = f64::NAN,
        |sketch| sketch.range = [0.5, 1.0],
        |sketch| sketch.range[1] = f64::NAN,
        |sketch| sketch.variance = -1.0,
        |sketch| sketch.variance = f64::INFINITY,
        |sketch| sketch.levels.lowest += 1,
        |sketch| sketch.levels.lowest = i16::MAX,
        |sketch| sketch.levels.lowest = i16::MIN,
        |sketch| sketch.levels.levels.clear(),
        |sketch| sketch.levels.levels.resize_with(42, Default::default),
        |sketch| {
            let level = sketch.levels.levels.last_mut().unwrap();
            level.items[0].value = f64::NAN;
        },
        |sketch| {
            let last = sketch.levels.levels.last_mut().unwrap();
            last.items.extend(last.items.repeat(9));
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut sketch = good.clone();
        change(&mut sketch);
        assert!(postcard::from_bytes::<QuantileSketch>(&stored(&sketch)).is_err(), "{number}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_is_exact_while_all_fit(rows in proptest::collection::vec((-9..9_i32, 0.5..9.0), 1..24), x in -10.0..10.0) {
        let (values, weights): (Vec<f64>, Vec<f64>) = rows.into_iter().map(|(value, weight)| (f64::from(value), weight)).unzip();
        for sample in [Sample::new(&values), Sample::weighted(&values, &weights).unwrap()] {
            let mut sketch = QuantileSketch::new(K).unwrap();
            sketch.update(sample).unwrap();
            let truth = Ecdf::of(sample).unwrap();
            prop_assert!((sketch.at(x).unwrap() - truth.at(x)).abs() < 1e-12);
            prop_assert_eq!(sketch.rank_error(), RankError { single: 0.0, uniform: 0.0 });
            for q in [0.0, 0.1, 0.33, 0.5, 0.9, 1.0] {
                let found = sketch.quantile(q).unwrap();
                prop_assert_eq!([found.lower, found.value, found.upper], [truth.quantile(q).unwrap(); 3]);
            }
        }
    }

    #[test]
    fn the_same_rows_give_the_same_and_so_do_both_orders_of_merging(a in any_batches(), b in any_batches()) {
        let (a, b, again) = (of_batches(&a), of_batches(&b), of_batches(&a));
        prop_assert_eq!(stored(&a), stored(&again));
        prop_assert_eq!(stored(&merged(&a, &b)), stored(&merged(&b, &a)));
        let nothing = QuantileSketch::new(K).unwrap();
        prop_assert_eq!(&merged(&a, &nothing), &a);
        prop_assert_eq!(&merged(&nothing, &a), &a);
    }

    #[test]
    fn all_that_can_come_about_is_consistent_and_comes_back(a in any_batches(), b in any_batches(), c in any_batches()) {
        let [a, b, c] = [a, b, c].map(|batches| of_batches(&batches));
        let pair = merged(&a, &b);
        for sketch in [&a, &pair, &merged(&pair, &c), &merged(&c, &pair)] {
            prop_assert!(sketch.levels.len() <= sketch.levels.room(K));
            prop_assert!((total(sketch) - sketch.weight()).abs() <= 1e-9 * sketch.weight());
            prop_assert_eq!(&postcard::from_bytes::<QuantileSketch>(&stored(sketch)).unwrap(), sketch);
            if sketch.count() == 0 {
                continue;
            }
            let (min, max) = (sketch.min().unwrap(), sketch.max().unwrap());
            let quantiles: Vec<QuantileEstimate> = (0..=10).map(|step| sketch.quantile(f64::from(step) / 10.0).unwrap()).collect();
            prop_assert!(quantiles.is_sorted_by(|a, b| a.value <= b.value));
            prop_assert!(quantiles.iter().all(|q| min <= q.lower && q.lower <= q.value && q.value <= q.upper && q.upper <= max));
            prop_assert!([min, max, 0.0].iter().all(|&x| (0.0..=1.0).contains(&sketch.at(x).unwrap())));
            let RankError { single, uniform } = sketch.rank_error();
            prop_assert!(0.0 <= single && single <= uniform && uniform <= 1.0);
        }
    }

    #[test]
    fn any_values_are_folded(a in any_values(60), times in 1..200_usize, b in any_values(40)) {
        let a = a.repeat(times);
        let sketch = sketch(K, &[a.clone(), b.clone()]);
        let present = a.iter().chain(&b).filter(|value| !value.is_nan());
        prop_assert_eq!(sketch.count(), present.clone().count() as u64);
        prop_assert_eq!(sketch.min().ok(), present.clone().copied().reduce(f64::min));
        prop_assert_eq!(sketch.max().ok(), present.copied().reduce(f64::max));
        prop_assert!((total(&sketch) - sketch.weight()).abs() <= 0.0);
    }
}
