#![expect(clippy::float_cmp, reason = "exact where it must be, as with infinities and equal samples")]

use proptest::prelude::*;

use super::{
    ChiSquareFit, ChiSquareTest, chi_square_categorical, chi_square_categorical_weighted,
    chi_square_from_counts, chi_square_goodness_of_fit, chi_square_yates_from_counts,
};
use crate::random::Random;
use crate::two_samples::laws_of_counts::{draws, even_counts};
use crate::{QuantileBins, Sample, Undefined, chi_square_evidently, chi_square_nannyml, chi_square_sf};

#[test]
fn is_scipys() {
    // scipy.stats.chi2_contingency([p, q], correction=False), scipy 1.17.1: statistic, p, dof, the smallest expected
    let known = [
        (
            vec![64.0, 55.0, 29.0, 78.0, 6.0],
            vec![33.0, 17.0, 67.0, 69.0, 51.0],
            81.037_680_470_742_97,
            1.049_872_321_628_465_3e-16,
            4,
            28.196_162_046_908_317,
        ),
        (
            vec![1e6, 12.0, 3.0],
            vec![990.0, 4.0, 0.0],
            1_000.079_196_911_106_9,
            6.847_966_981_139_895e-218,
            2,
            0.002_978_994_194_857_389,
        ),
        (vec![9.0, 0.0], vec![0.0, 7.0], 16.0, 6.334_248_366_623_988e-5, 1, 3.0625),
        (vec![5.0], vec![8.0], 0.0, 1.0, 0, 5.0),
    ];
    for (p, q, statistic, p_value, dof, min_expected) in known {
        let test = chi_square_from_counts(&p, &q).unwrap();
        assert!((test.statistic - statistic).abs() <= 1e-12 * statistic, "{test:?} {statistic}");
        assert!((test.p_value - p_value).abs() <= 1e-9 * p_value, "{test:?} {p_value}");
        assert!((test.min_expected - min_expected).abs() <= 1e-12 * min_expected, "{test:?}");
        assert_eq!(test.degrees_of_freedom, dof);
        assert_eq!(test.cramers_v.is_none(), dof == 0);
    }
}

#[test]
fn yates_is_scipys_and_for_two_categories_alone() {
    // scipy.stats.chi2_contingency([p, q]), scipy 1.17.1
    let test = chi_square_yates_from_counts(&[9.0, 0.0, 0.0], &[0.0, 0.0, 7.0]).unwrap();
    assert!((test.statistic - 12.194_507_432_602_672).abs() < 1e-12, "{test:?}");
    assert!((test.p_value - 0.000_479_304_300_056_706_9).abs() < 1e-12, "{test:?}");
    assert_eq!(test.cramers_v, Some(1.0));
    // a difference below ½ is corrected away
    let test = chi_square_yates_from_counts(&[50.0, 51.0], &[50.0, 50.0]).unwrap();
    assert_eq!((test.statistic, test.p_value), (0.0, 1.0));
    let three = ([3.0, 4.0, 9.0], [5.0, 1.0, 7.0]);
    assert_eq!(chi_square_yates_from_counts(&three.0, &three.1), chi_square_from_counts(&three.0, &three.1));
    assert_eq!(
        chi_square_nannyml(&["a", "b", "c"], &["a"]).unwrap(),
        chi_square_categorical(&["a", "b", "c"], &["a"]).unwrap().test
    );
}

#[test]
fn unseen_categories_are_listed_apart() {
    let result = chi_square_categorical(&["a", "b", "b", "d"], &["c", "b", "e"]).unwrap();
    assert_eq!((result.only_in_reference, result.only_in_current), (vec![&"a", &"d"], vec![&"c", &"e"]));
    assert_eq!((result.test.only_in_reference, result.test.only_in_current), (2, 2));
    assert_eq!(result.test.cells_below_5, 10);
    // a weight of 0 drops its row
    let weighted = chi_square_categorical_weighted(&["a"], None, &["a", "b"], Some(&[1.0, 0.0])).unwrap();
    assert!(weighted.only_in_current.is_empty() && weighted.test.degrees_of_freedom == 0);
}

#[test]
fn fits_are_scipys() {
    // scipy.stats.chisquare([36, 41, 12, 29, 8], 126 * np.array(shares)), scipy 1.17.1
    let shares = [0.152158, 0.136435, 0.340803, 0.090754, 0.27985];
    let fit = chi_square_goodness_of_fit(&[36.0, 41.0, 12.0, 29.0, 8.0], &shares).unwrap();
    assert!((fit.statistic - 118.098_270_845_214_2).abs() < 1e-9, "{fit:?}");
    assert!((fit.p_value - 1.360_796_186_972_484e-24).abs() < 1e-32, "{fit:?}");
    assert!((fit.cohens_w - (fit.statistic / 126.0).sqrt()).abs() < 1e-12);
    assert!((fit.min_expected - 126.0 * 0.090_754).abs() < 1e-9 && fit.cells_below_5 == 0);

    let fit = chi_square_goodness_of_fit(&[5.0, 6.0, 0.0], &[1.0, 0.0, 0.0]).unwrap();
    assert_eq!((fit.statistic, fit.p_value, fit.impossible), (f64::INFINITY, 0.0, 1));
    assert_eq!(fit.degrees_of_freedom, 1);
    let fit = chi_square_goodness_of_fit(&[7.0], &[1.0]).unwrap();
    assert_eq!((fit.statistic, fit.p_value, fit.degrees_of_freedom), (0.0, 1.0, 0));
}

#[test]
fn fits_without_counts_or_shares_are_refused() {
    let reason = |observed: &[f64], shares: &[f64]| chi_square_goodness_of_fit(observed, shares).unwrap_err();
    assert_eq!(reason(&[0.0, 0.0], &[0.5, 0.5]).undefined(), Some(Undefined::Empty));
    assert_eq!(reason(&[], &[]).undefined(), Some(Undefined::Empty));
    assert!(reason(&[1.0, 2.0], &[0.5, 0.4]).is_invalid());
    assert!(reason(&[1.0, 2.0], &[1.0]).is_invalid());
    assert!(reason(&[1.0, -2.0], &[0.5, 0.5]).is_invalid());
    assert!(reason(&[1.0, 2.0], &[1.5, -0.5]).is_invalid());
    assert!(reason(&[1.0, 2.0], &[f64::NAN, 0.5]).is_invalid());
    assert!(reason(&[f64::MAX, f64::MAX], &[0.5, 0.5]).is_invalid());
}

#[test]
fn weighted_fits_have_the_effective_size() {
    let bins = QuantileBins::of(&[1.0, 2.0, 3.0, 4.0], 2).unwrap();
    let sample = Sample::weighted(&[1.0, 2.0, 3.0], &[3.0, 1.0, 1.0]).unwrap();
    let fit = ChiSquareFit::of(&bins.count(sample), &[0.5, 0.5]).unwrap();
    assert!((fit.n - 25.0 / 11.0).abs() < 1e-12);
    // Σ (o − e)²/e of shares of 4/5 and 1/5
    assert!((fit.statistic - fit.n * 0.36).abs() < 1e-12);
}

#[test]
fn rejects_about_as_often_as_it_claims() {
    const RUNS: u32 = 500;
    let mut random = Random(13);
    let (mut plain, mut weighted, mut fit, mut exact, mut statistics, mut v, mut expected_v, mut spread) =
        (0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0);
    for _ in 0..RUNS {
        let [p, q] = [300, 200].map(|size| even_counts(&mut random, 6, size));
        let test = chi_square_from_counts(&p, &q).unwrap();
        plain += u32::from(test.p_value < 0.05);
        statistics += test.statistic;
        v += test.cramers_v.unwrap();
        expected_v += test.expected_cramers_v;
        spread = test.expected_cramers_v_spread;
        fit += u32::from(chi_square_goodness_of_fit(&q, &[1.0 / 6.0; 6]).unwrap().p_value < 0.05);

        let mut draw = || draws(&mut random, 4, 300);
        let (reference, current) = (draw(), draw());
        let weights: Vec<f64> = draw().into_iter().map(|draw| if draw == 0 { 20.0 } else { 1.0 }).collect();
        let test = chi_square_categorical_weighted(&reference, None, &current, Some(&weights)).unwrap().test;
        weighted += u32::from(test.p_value < 0.05);
        exact += u32::from(chi_square_evidently(&reference, &current).unwrap().p_value < 0.05);
    }
    // 3 standard deviations of the count are 2.9 %
    let sizes = [plain, weighted, fit].map(|count| f64::from(count) / f64::from(RUNS));
    assert!(sizes.iter().all(|size| (0.021..0.08).contains(size)), "{sizes:?}");
    // a reference taken for exact rejects far too often
    assert!(exact > 3 * weighted, "{exact} {weighted}");
    assert!((0.93..1.07).contains(&(statistics / f64::from(RUNS) / 5.0)), "{statistics}");
    assert!((0.96..1.04).contains(&(v / expected_v)), "{}", v / expected_v);
    // χ² is 500 V²
    let (mean, square) = (v / f64::from(RUNS), statistics / f64::from(RUNS) / 500.0);
    let seen = (square - mean * mean).sqrt();
    assert!((0.88..1.12).contains(&(seen / spread)), "{seen} {spread}");
}

proptest! {
    #[test]
    fn is_the_definition(counts in proptest::collection::vec((0..50_u8, 0..50_u8), 1..20)) {
        let (p, q): (Vec<f64>, Vec<f64>) = counts.iter().map(|&(p, q)| (f64::from(p), f64::from(q))).unzip();
        let Ok(test) = chi_square_from_counts(&p, &q) else { return Ok(()) };
        let (n, m): (f64, f64) = (p.iter().sum(), q.iter().sum());
        let (mut statistic, mut cells, mut smallest) = (0.0, 0, f64::INFINITY);
        for (p, q) in p.iter().zip(&q).filter(|(p, q)| **p + **q > 0.0) {
            for (observed, size) in [(p, n), (q, m)] {
                let expected = (p + q) * size / (n + m);
                statistic += (observed - expected).powi(2) / expected;
                smallest = f64::min(smallest, expected);
                cells += 1;
            }
        }
        prop_assert!((test.statistic - statistic).abs() < 1e-9, "{test:?} {statistic}");
        prop_assert!((test.min_expected - smallest).abs() < 1e-9);
        prop_assert_eq!(test.degrees_of_freedom, cells / 2 - 1);
        if cells > 2 {
            prop_assert!((test.cramers_v.unwrap() - (statistic / (n + m)).sqrt()).abs() < 1e-9);
            prop_assert_eq!(test.p_value, chi_square_sf(test.statistic, test.degrees_of_freedom as f64));
        }
    }

    #[test]
    fn fits_are_within_their_range(
        counts in proptest::collection::vec((any::<f64>(), any::<f64>()), 1..10),
    ) {
        let (observed, shares): (Vec<f64>, Vec<f64>) = counts.into_iter().map(|(o, s)| (o.abs(), s.abs())).unzip();
        let sum: f64 = shares.iter().sum();
        let shares: Vec<f64> = shares.into_iter().map(|share| share / sum).collect();
        if let Ok(fit) = chi_square_goodness_of_fit(&observed, &shares) {
            prop_assert!(fit.statistic >= 0.0 && fit.cohens_w >= 0.0 && fit.min_expected >= 0.0, "{fit:?}");
            prop_assert!((0.0..=1.0).contains(&fit.p_value), "{fit:?}");
        }
        if let Ok(fit) = chi_square_goodness_of_fit(&shares, &shares) {
            prop_assert!(fit.p_value > 0.999_999 && fit.statistic < 1e-9, "{fit:?}");
        }
    }

    #[test]
    fn merged_samples_are_those_of_all_rows(
        a in proptest::collection::vec(-9.0..9.0, 1..40),
        b in proptest::collection::vec(-9.0..9.0, 1..40),
    ) {
        let bins = QuantileBins::of(&a, 4).unwrap();
        let [mut a_counts, b_counts] = [&a, &b].map(|values| bins.count(values));
        let before = ChiSquareTest::between(&b_counts, &bins.count(&[&a[..], &b].concat())).unwrap();
        a_counts.merge(&b_counts).unwrap();
        prop_assert_eq!(ChiSquareTest::between(&b_counts, &a_counts).unwrap(), before);
    }
}
