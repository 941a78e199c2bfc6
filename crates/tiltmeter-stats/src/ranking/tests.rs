use proptest::prelude::*;

use super::*;
use crate::random::Random;
use crate::{KendallMethod, Pairs, Result, Undefined, kendall_tau};

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1e-3)
}

fn items<'a>(relevances: &'a [f64], scores: &'a [f64]) -> RankedItems<'a> {
    RankedItems::new(relevances, scores).unwrap()
}

#[test]
fn gains_are_those_of_scikit_learn() {
    // dcg_score([r], [s], k=k), ndcg_score([r], [s], k=k), scikit-learn 1.9.1, ties averaged
    let relevances = [10.0, 0.0, 0.0, 1.0, 5.0];
    let (distinct, tied) = ([0.1, 0.2, 0.3, 4.0, 70.0], [1.0, 0.0, 0.0, 0.0, 1.0]);
    for (scores, k, expected) in [
        (distinct, None, 0.695_694_044_381_307_6),
        (distinct, Some(4), 0.412_381_881_754_253_1),
        (distinct, Some(1), 0.5),
        (tied, Some(1), 0.75),
        (tied, Some(3), 0.908_016_019_250_432_4),
        (tied, None, 0.927_973_309_479_490_5),
    ] {
        assert!(close(ndcg(items(&relevances, &scores), k, Gain::Linear).unwrap().value, expected), "{k:?}");
    }
    assert!(close(
        dcg(items(&relevances, &tied), Some(3), Gain::Linear).unwrap().value,
        12.398_639_818_452_596
    ));
    // exponential gains are linear gains of 2^r − 1
    let grades = [3.0, 0.0, 1.0, 2.0, 4.0];
    let gains = grades.map(|grade: f64| grade.exp2() - 1.0);
    let (one, other) = (items(&grades, &distinct), items(&gains, &distinct));
    let (one, other) =
        (ndcg(one, None, Gain::Exponential).unwrap(), ndcg(other, None, Gain::Linear).unwrap());
    assert!(close(one.value, other.value) && close(one.expected, other.expected));
}

#[test]
fn what_has_no_measure() {
    let none = items(&[0.0, 0.0], &[1.0, 2.0]);
    let undefined = |result: Result<RankingScore>| result.unwrap_err().undefined();
    for result in [
        ndcg(none, None, Gain::Linear),
        average_precision_at(none, None),
        reciprocal_rank(none),
        recall_at(none, 1),
    ] {
        assert_eq!(undefined(result), Some(Undefined::NoPositives));
    }
    assert_eq!(precision_at(none, 1).unwrap().value, 0.0);
    assert_eq!(dcg(none, None, Gain::Linear).unwrap().value, 0.0);
    for empty in [items(&[], &[]), items(&[f64::NAN], &[1.0]), RankedItems::in_order(&[f64::NAN]).unwrap()] {
        assert_eq!(undefined(precision_at(empty, 3)), Some(Undefined::Empty));
        assert_eq!(undefined(ndcg(empty, None, Gain::Exponential)), Some(Undefined::Empty));
    }
    let unscored = items(&[1.0, 0.0], &[f64::NAN, 1.0]);
    assert_eq!(undefined(reciprocal_rank(unscored)), Some(Undefined::MissingScores(1)));
    assert!(RankedItems::new(&[1.0], &[]).unwrap_err().is_invalid());
    for wrong in [-1.0, f64::INFINITY] {
        assert!(RankedItems::in_order(&[wrong]).unwrap_err().is_invalid());
    }
    let some = items(&[1.0, 0.0], &[1.0, 2.0]);
    assert!(
        precision_at(some, 0).unwrap_err().is_invalid()
            && ndcg(some, Some(0), Gain::Linear).unwrap_err().is_invalid()
    );
    assert!(dcg(items(&[2000.0], &[1.0]), None, Gain::Exponential).unwrap_err().is_invalid());
    assert_eq!(
        undefined(dcg(items(&[f64::MAX; 9], &[1.0; 9]), None, Gain::Linear)),
        Some(Undefined::Overflow)
    );
    assert!(close(ndcg(items(&[f64::MAX; 9], &[1.0; 9]), None, Gain::Linear).unwrap().value, 1.0));
}

#[test]
fn unjudged_items_are_left_out_and_few_items_lower_precision() {
    let some = items(&[1.0, f64::NAN, 0.0], &[1.0, 9.0, 2.0]);
    let rank = reciprocal_rank(some).unwrap();
    assert_eq!((rank.value, rank.items, rank.relevant, rank.missing), (0.5, 2, 1, 1));
    assert_eq!(precision_at(some, 4).unwrap().value, 0.25);
    assert_eq!(recall_at(some, 4).unwrap().value, 1.0);
    // a relevant item that was not retrieved
    let unseen = items(&[1.0, 0.0, 1.0], &[2.0, 1.0, f64::NEG_INFINITY]);
    assert_eq!(average_precision_at(unseen, Some(2)).unwrap().value, 0.5);
}

/// All orders in which items may stand that have the scores' order.
fn orders(relevances: &[f64], scores: &[f64]) -> Vec<Vec<f64>> {
    fn extend(left: &[(f64, f64)], so_far: &[f64], all: &mut Vec<Vec<f64>>) {
        let Some(best) = left.iter().map(|item| item.0).max_by(f64::total_cmp) else {
            all.push(so_far.to_vec());
            return;
        };
        for (at, item) in left.iter().enumerate().filter(|(_, item)| item.0 == best) {
            let mut rest = left.to_vec();
            rest.remove(at);
            extend(&rest, &[so_far, &[item.1]].concat(), all);
        }
    }
    let mut all = Vec::new();
    extend(&scores.iter().copied().zip(relevances.iter().copied()).collect::<Vec<_>>(), &[], &mut all);
    all
}

type Measure = fn(RankedItems<'_>, usize) -> Result<RankingScore>;
const MEASURES: [Measure; 7] = [
    |items, k| ndcg(items, Some(k), Gain::Linear),
    |items, k| ndcg(items, Some(k), Gain::Exponential),
    |items, k| dcg(items, Some(k), Gain::Linear),
    |items, k| average_precision_at(items, Some(k)),
    |items, _| reciprocal_rank(items),
    precision_at,
    recall_at,
];

/// Average precision as it is defined, of an order.
fn average_precision_by_definition(order: &[f64], k: usize) -> f64 {
    let relevant = |upto: usize| order[..upto].iter().filter(|relevance| **relevance > 0.0).count();
    let first = k.min(order.len());
    let hits = (1..=first).filter(|&place| order[place - 1] > 0.0);
    hits.map(|place| relevant(place) as f64 / place as f64).sum::<f64>() / k.min(relevant(order.len())) as f64
}

proptest! {
    #[test]
    fn a_measure_is_the_mean_over_all_orders_of_ties(
        rows in prop::collection::vec((0_u8..3, 0_u8..3), 1..7), k in 1_usize..9,
    ) {
        let relevances: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let tied = vec![1.0; rows.len()];
        let (orders, random_orders) = (orders(&relevances, &scores), orders(&relevances, &tied));
        for measure in MEASURES {
            let mean = |orders: &[Vec<f64>]| -> Result<f64> {
                let values = orders.iter().map(|order| Ok(measure(RankedItems::in_order(order)?, k)?.value));
                Ok(values.collect::<Result<Vec<f64>>>()?.iter().sum::<f64>() / orders.len() as f64)
            };
            match measure(items(&relevances, &scores), k) {
                Ok(score) => {
                    prop_assert!(close(score.value, mean(&orders)?));
                    prop_assert!(close(score.expected, mean(&random_orders)?));
                }
                Err(error) => prop_assert_eq!(Err(error), mean(&orders)),
            }
        }
        if relevances.iter().any(|relevance| *relevance > 0.0) {
            let ordered = average_precision_at(RankedItems::in_order(&relevances)?, Some(k))?.value;
            prop_assert!(close(ordered, average_precision_by_definition(&relevances, k)));
        }
    }

    #[test]
    fn the_order_of_rows_and_increasing_scores_change_nothing_and_the_best_order_is_best(
        rows in prop::collection::vec((0_u8..4, -5_i32..5), 1..30), k in 1_usize..40,
    ) {
        let relevances: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let (mut turned, mut raised) = (relevances.clone(), scores.iter().map(|score| score.exp()).collect::<Vec<_>>());
        turned.reverse();
        raised.reverse();
        for measure in MEASURES {
            let (one, other) = (measure(items(&relevances, &scores), k), measure(items(&turned, &raised), k));
            let best = measure(items(&relevances, &relevances), k);
            match (one, other, best) {
                (Ok(one), Ok(other), Ok(best)) => {
                    prop_assert!(close(one.value, other.value) && close(one.expected, other.expected));
                    prop_assert!(one.value <= best.value + 1e-9 && one.expected <= best.value + 1e-9);
                }
                (one, other, _) => prop_assert_eq!(one, other),
            }
        }
        if let Ok(best) = ndcg(items(&relevances, &relevances), Some(k), Gain::Linear) {
            prop_assert!(close(best.value, 1.0));
        }
    }

    #[test]
    fn hostile_floats_give_a_number_or_an_error(
        rows in prop::collection::vec((prop_oneof![any::<f64>(), 0.0..1100.0_f64], any::<f64>()), 0..12), k in 0_usize..20,
    ) {
        let relevances: Vec<f64> = rows.iter().map(|row| row.0.abs()).collect();
        let scores: Vec<f64> = rows.iter().map(|row| row.1).collect();
        if let Ok(items) = RankedItems::new(&relevances, &scores) {
            for score in MEASURES.iter().filter_map(|measure| measure(items, k).ok()) {
                prop_assert!(score.value.is_finite() && score.expected.is_finite(), "{:?}", score);
            }
        }
    }

    #[test]
    fn tau_counts_pairs_and_overlap_is_as_defined(
        first in Just((0..9).collect::<Vec<u8>>()).prop_shuffle(),
        second in Just((3..12).collect::<Vec<u8>>()).prop_shuffle(),
        cut in (1_usize..9, 1_usize..9), persistence in 0.05..0.9_f64,
    ) {
        let (first, second) = (&first[..cut.0], &second[..cut.1]);
        let overlap = rank_biased_overlap(first, second, persistence)?;
        let [value, minimum, most] = overlap_by_definition(first, second, persistence);
        prop_assert!((overlap.value - value).abs() < 1e-9, "{:?} {}", overlap, value);
        prop_assert!((overlap.minimum - minimum).abs() < 1e-9 && (overlap.minimum + overlap.residual - most).abs() < 1e-9);
        prop_assert!(minimum <= value + 1e-9 && value <= most + 1e-9);
        let turned = rank_biased_overlap(second, first, persistence)?;
        prop_assert!((turned.value - overlap.value).abs() < 1e-12 && turned.common == overlap.common);

        let place = |ranking: &[u8], item: u8| ranking.iter().position(|other| *other == item);
        let common: Vec<u8> = first.iter().copied().filter(|item| second.contains(item)).collect();
        let Ok(tau) = kendall_tau_of_rankings(first, second) else {
            prop_assert!(common.len() < 2);
            return Ok(());
        };
        let mut discordant = 0;
        for (at, one) in common.iter().enumerate() {
            discordant += common[at + 1..].iter().filter(|other| place(second, **other) < place(second, *one)).count() as u64;
        }
        prop_assert_eq!((tau.discordant, tau.common), (discordant, common.len()));
        let turned = kendall_tau_of_rankings(second, first)?;
        prop_assert_eq!((turned.coefficient, turned.p_value, turned.only_first), (tau.coefficient, tau.p_value, tau.only_second));
        let reversed: Vec<u8> = second.iter().rev().copied().collect();
        let reversed = kendall_tau_of_rankings(first, &reversed)?;
        prop_assert!(close(reversed.coefficient, -tau.coefficient) && close(reversed.p_value, tau.p_value));
    }
}

/// RBO_ext, RBO_min and RBO_max as series, to where nothing is left.
fn overlap_by_definition(first: &[u8], second: &[u8], p: f64) -> [f64; 3] {
    let (short, long) = if first.len() < second.len() { (first, second) } else { (second, first) };
    let common = |depth: usize| {
        short.iter().take(depth).filter(|item| long.iter().take(depth).any(|other| other == *item)).count()
            as f64
    };
    let (s, l) = (short.len() as f64, long.len() as f64);
    let (at_s, at_l) = (common(short.len()), common(long.len()));
    let mut sums = [0.0; 3];
    for depth in 1..300 {
        let (d, seen) = (depth as f64, common(depth));
        let weight = (1.0 - p) * p.powf(depth as f64 - 1.0);
        let extrapolated = if d <= s {
            seen / d
        } else if d <= l {
            (seen + at_s * (d - s) / s) / d
        } else {
            (at_l + at_s * (l - s) / s) / l
        };
        let most = if d <= s {
            seen
        } else if d <= l {
            seen + d - s
        } else {
            d.min(at_l + 2.0 * d - s - l)
        };
        for (sum, agreement) in sums.iter_mut().zip([extrapolated, seen / d, most / d]) {
            *sum += weight * agreement;
        }
    }
    sums
}

#[test]
fn tau_is_that_of_scipy() {
    // scipy.stats.kendalltau(range(33), a, method='exact'), scipy 1.17.1
    let order = [
        3, 11, 30, 27, 28, 6, 7, 21, 1, 16, 25, 17, 32, 15, 26, 20, 24, 29, 23, 2, 31, 12, 10, 19, 4, 5, 8,
        0, 9, 14, 18, 22, 13,
    ];
    let identity: Vec<i32> = (0..33).collect();
    let tau = kendall_tau_of_rankings(&identity, &order).unwrap();
    assert!(
        close(tau.coefficient, -0.121_212_121_212_121_23) && close(tau.p_value, 0.331_708_781_493_782_13)
    );
    assert_eq!(tau.method, KendallMethod::Exact);
    // as of columns, on either side of the largest exact one
    for n in [33, 34] {
        let order: Vec<usize> = (0..n).map(|place| place * 5 % n).collect();
        let tau = kendall_tau_of_rankings(&(0..n).collect::<Vec<_>>(), &order).unwrap();
        let [x, y] = [(0..n).collect(), order]
            .map(|column: Vec<usize>| column.into_iter().map(|place| place as f64).collect::<Vec<f64>>());
        let columns = kendall_tau(Pairs::new(&x, &y).unwrap()).unwrap();
        assert!(close(tau.coefficient, columns.coefficient) && tau.method == columns.method);
        assert!(close(tau.p_value, columns.p_value.unwrap()));
    }
    let same = kendall_tau_of_rankings(&order, &order).unwrap();
    assert!(close(same.coefficient, 1.0) && same.p_value < 1e-30);
    let long: Vec<i32> = (0..100_000).collect();
    let backwards: Vec<i32> = long.iter().rev().copied().collect();
    let reverse = kendall_tau_of_rankings(&long, &backwards).unwrap();
    assert_eq!((reverse.coefficient, reverse.p_value, reverse.discordant), (-1.0, 0.0, 4_999_950_000));
}

#[test]
fn rankings_that_cannot_be_compared() {
    let few = kendall_tau_of_rankings(&["a", "b"], &["b", "c"]);
    assert_eq!(few, Err(Undefined::TooFew { found: 1, needed: 2 }.into()));
    assert!(kendall_tau_of_rankings(&["a", "a"], &["a", "b"]).unwrap_err().is_invalid());
    assert!(rank_biased_overlap(&["a", "b"], &["b", "b"], 0.9).unwrap_err().is_invalid());
    assert_eq!(rank_biased_overlap::<u8>(&[], &[1], 0.9), Err(Undefined::Empty.into()));
    for persistence in [0.0, 1.0, -1.0, f64::NAN] {
        assert!(rank_biased_overlap(&[1], &[1], persistence).unwrap_err().is_invalid());
    }
    let apart = rank_biased_overlap(&[1, 2], &[3, 4], 1.0 - 1e-16).unwrap();
    assert!(
        apart.value == 0.0
            && apart.residual <= 1.0
            && rank_biased_overlap(&[1], &[1], 5e-324).unwrap().value <= 1.0
    );
}

/// A random order of n.
fn shuffled(random: &mut Random, n: usize) -> Vec<usize> {
    let mut keys: Vec<(f64, usize)> = (0..n).map(|item| (random.uniform(), item)).collect();
    keys.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    keys.into_iter().map(|key| key.1).collect()
}

#[test]
fn random_rankings_are_rejected_as_often_as_promised() {
    let mut random = Random(51);
    for n in [12, 80] {
        let identity: Vec<usize> = (0..n).collect();
        let (mut rejected, mut squares, mut stated) = (0, 0.0, 0.0);
        for _ in 0..1500 {
            let tau = kendall_tau_of_rankings(&identity, &shuffled(&mut random, n)).unwrap();
            rejected += usize::from(tau.p_value < 0.05);
            squares += tau.coefficient.powi(2);
            stated = tau.standard_deviation_without_association;
        }
        // exact p-values have steps: a size of 4.5 % at n = 12
        assert!((45..=100).contains(&rejected), "{n}: {rejected} of 1500");
        assert!(((squares / 1500.0_f64).sqrt() / stated - 1.0).abs() < 0.06);
    }
}

#[test]
fn means_over_queries_cover_and_count() {
    let mut random = Random(52);
    let mut held = 0_u32;
    for _ in 0..600 {
        let scores: Vec<Result<RankingScore>> = (0..100)
            .map(|_| {
                let relevances: Vec<f64> =
                    (0..10).map(|_| f64::from(u8::from(random.uniform() < 0.3))).collect();
                average_precision_at(RankedItems::in_order(&relevances)?, None)
            })
            .collect();
        let weights: Vec<f64> = (0..100).map(|_| 1.0 + random.uniform()).collect();
        let mean = mean_over_queries(&scores, Some(&weights)).unwrap();
        assert_eq!(mean.count + mean.undefined, 100);
        // the orders say nothing, so that the mean is what is expected on average
        held += u32::from(mean.interval(0.95).unwrap().contains(TRUE_PRECISION));
    }
    assert!((555..=588).contains(&held), "{held} of 600");
    let invalid = [Err(crate::Error::invalid("a mistake"))];
    assert!(mean_over_queries(&invalid, None).unwrap_err().is_invalid());
    assert_eq!(mean_over_queries(&[Err(Undefined::NoPositives.into())], None), Err(Undefined::Empty.into()));
    assert_eq!(mean_over_queries(&[], None), Err(Undefined::Empty.into()));
}

/// The average precision of 10 items each of which is relevant with probability 0.3, if any is: the mean over the 1 023
/// patterns of relevance, in Python.
const TRUE_PRECISION: f64 = 0.456_882_373_898_915_06;
