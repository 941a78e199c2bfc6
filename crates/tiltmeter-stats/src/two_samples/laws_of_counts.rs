//! What holds for every statistic of two samples in the same bins.

#![expect(clippy::float_cmp, reason = "exact where it must be, as with infinities and equal samples")]

use proptest::prelude::*;

use crate::random::Random;
use crate::{
    BinCounts, ChiSquareTest, Error, Hellinger, JensenShannon, KullbackLeibler, LInfinity, QuantileBins,
    Result, Sample, Undefined, chi_square_categorical, chi_square_categorical_weighted,
    chi_square_from_counts, chi_square_numeric, hellinger_categorical, hellinger_categorical_weighted,
    hellinger_from_counts, hellinger_nannyml, hellinger_numeric, js_categorical, js_categorical_weighted,
    js_evidently, js_from_counts, js_nannyml, js_numeric, kl_categorical, kl_categorical_weighted,
    kl_evidently, kl_from_counts, kl_numeric, kl_smoothed_categorical, kl_smoothed_categorical_weighted,
    kl_smoothed_from_counts, kl_smoothed_numeric, l_infinity_categorical, l_infinity_categorical_weighted,
    l_infinity_from_counts, l_infinity_numeric,
};

/// So many draws of numbers from 0 to before `below`, all equally likely.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to a small number")]
pub(super) fn draws(random: &mut Random, below: u8, size: usize) -> Vec<usize> {
    (0..size).map(|_| (f64::from(below) * random.uniform()) as usize).collect()
}

/// How often each of `bins` equally likely values comes in so many draws.
pub(super) fn even_counts(random: &mut Random, bins: u8, size: usize) -> Vec<f64> {
    let mut counts = vec![0.0; bins.into()];
    draws(random, bins, size).into_iter().for_each(|bin| counts[bin] += 1.0);
    counts
}

/// A statistic as numbers: the value, what is expected of it, and the sizes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Numbers {
    value: f64,
    expected: f64,
    p_value: f64,
    n: f64,
    m: f64,
}

impl Numbers {
    fn is_close(self, other: Self) -> bool {
        let is_close = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0);
        is_close(self.value, other.value)
            && is_close(self.expected, other.expected)
            && is_close(self.p_value, other.p_value)
            && is_close(self.n, other.n)
            && is_close(self.m, other.m)
    }
}

impl From<JensenShannon> for Numbers {
    fn from(js: JensenShannon) -> Self {
        Self {
            value: js.distance_bits,
            expected: js.expected,
            p_value: 1.0,
            n: js.reference_effective_size,
            m: js.current_effective_size,
        }
    }
}

impl From<KullbackLeibler> for Numbers {
    fn from(kl: KullbackLeibler) -> Self {
        Self {
            value: kl.nats,
            expected: kl.expected,
            p_value: 1.0,
            n: kl.reference_effective_size,
            m: kl.current_effective_size,
        }
    }
}

impl From<Hellinger> for Numbers {
    fn from(h: Hellinger) -> Self {
        Self {
            value: h.distance,
            expected: h.expected,
            p_value: 1.0,
            n: h.reference_effective_size,
            m: h.current_effective_size,
        }
    }
}

impl From<LInfinity> for Numbers {
    fn from(l: LInfinity) -> Self {
        Self {
            value: l.distance,
            expected: l.expected,
            p_value: l.p_value,
            n: l.reference_effective_size,
            m: l.current_effective_size,
        }
    }
}

impl From<ChiSquareTest> for Numbers {
    fn from(test: ChiSquareTest) -> Self {
        Self {
            value: test.cramers_v.unwrap_or(0.0),
            expected: test.expected_cramers_v,
            p_value: test.p_value,
            n: test.reference_effective_size,
            m: test.current_effective_size,
        }
    }
}

type Weighted<'a> = (&'a [i32], Option<&'a [f64]>);

/// A statistic in all of its forms.
struct Statistic {
    name: &'static str,
    of_counts: fn(&[f64], &[f64]) -> Result<Numbers>,
    of_bins: fn(&BinCounts, &BinCounts) -> Result<Numbers>,
    of_labels: fn(&[i32], &[i32]) -> Result<Numbers>,
    of_weighted_labels: fn(Weighted<'_>, Weighted<'_>) -> Result<Numbers>,
    of_numbers: fn(Sample<'_>, Sample<'_>) -> Result<Numbers>,
    most: f64,
    is_symmetric: bool,
}

macro_rules! statistic {
    (
        $name:ident,
        $most:expr,
        $symmetric:expr,
        $counts:ident,
        $between:expr,
        $labels:expr,
        $weighted:expr,
        $numbers:ident
    ) => {
        Statistic {
            name: stringify!($name),
            of_counts: |p, q| Ok($counts(p, q)?.into()),
            of_bins: |p, q| Ok($between(p, q)?.into()),
            of_labels: |p, q| Ok($labels(p, q)?.into()),
            of_weighted_labels: |(p, v), (q, w)| Ok($weighted(p, v, q, w)?.into()),
            of_numbers: |p, q| Ok($numbers(p, q)?.into()),
            most: $most,
            is_symmetric: $symmetric,
        }
    };
}

fn statistics() -> [Statistic; 6] {
    [
        statistic!(
            js,
            1.0,
            true,
            js_from_counts,
            JensenShannon::between,
            js_categorical,
            js_categorical_weighted,
            js_numeric
        ),
        statistic!(
            kl,
            f64::INFINITY,
            false,
            kl_from_counts,
            KullbackLeibler::between,
            kl_categorical,
            kl_categorical_weighted,
            kl_numeric
        ),
        statistic!(
            kl_smoothed,
            9.3,
            false,
            kl_smoothed_from_counts,
            KullbackLeibler::smoothed_between,
            kl_smoothed_categorical,
            kl_smoothed_categorical_weighted,
            kl_smoothed_numeric
        ),
        statistic!(
            hellinger,
            1.0,
            true,
            hellinger_from_counts,
            Hellinger::between,
            hellinger_categorical,
            hellinger_categorical_weighted,
            hellinger_numeric
        ),
        statistic!(
            l_infinity,
            1.0,
            true,
            l_infinity_from_counts,
            LInfinity::between,
            l_infinity_categorical,
            l_infinity_categorical_weighted,
            l_infinity_numeric
        ),
        statistic!(
            chi_square,
            1.0,
            true,
            chi_square_from_counts,
            ChiSquareTest::between,
            |p, q| chi_square_categorical(p, q).map(|result| result.test),
            |p, v, q, w| chi_square_categorical_weighted(p, v, q, w).map(|result| result.test),
            chi_square_numeric
        ),
    ]
}

fn counts() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let count = || {
        prop_oneof![
            2 => Just(0.0),
            2 => 0.0..1e6,
            4 => (0..50_u8).prop_map(f64::from),
            1 => Just(1e-300),
            1 => Just(1e300),
            1 => Just(5e-324),
            1 => Just(f64::MAX),
        ]
    };
    proptest::collection::vec((count(), count()), 1..20)
}

fn plain_counts() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let count = || (0..50_u8).prop_map(f64::from);
    proptest::collection::vec((count(), count()), 1..20)
}

fn hostile() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![3 => any::<f64>(), 1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 2 => -3.0..3.0];
    proptest::collection::vec(value, 0..40)
}

fn rows() -> impl Strategy<Value = Vec<(i32, u8)>> {
    proptest::collection::vec((-4..4, 0..4_u8), 1..40)
        .prop_filter("a weight above 0", |rows| rows.iter().any(|row| row.1 > 0))
}

fn columns(rows: &[(i32, u8)]) -> (Vec<i32>, Vec<f64>) {
    rows.iter().map(|&(label, weight)| (label, f64::from(weight))).unzip()
}

fn repeated(rows: &[(i32, u8)]) -> Vec<i32> {
    rows.iter().flat_map(|&(label, weight)| std::iter::repeat_n(label, weight.into())).collect()
}

fn check(name: &str, numbers: Numbers, most: f64) -> std::result::Result<(), TestCaseError> {
    prop_assert!((0.0..=most).contains(&numbers.value), "{name} {numbers:?}");
    prop_assert!((0.0..=1.0).contains(&numbers.p_value), "{name} {numbers:?}");
    prop_assert!(numbers.expected >= 0.0, "{name} {numbers:?}");
    Ok(())
}

#[test]
fn says_which_sample_is_empty_and_refuses_mistakes() {
    for statistic in statistics() {
        let reason = |error: Result<Numbers>| error.unwrap_err().undefined();
        assert_eq!(reason((statistic.of_counts)(&[0.0], &[1.0])), Some(Undefined::EmptyReference));
        assert_eq!(reason((statistic.of_counts)(&[1.0], &[0.0])), Some(Undefined::EmptyCurrent));
        assert_eq!(reason((statistic.of_counts)(&[], &[])), Some(Undefined::EmptyReference));
        assert_eq!(reason((statistic.of_labels)(&[], &[1])), Some(Undefined::EmptyReference));
        let missing = [f64::NAN];
        let (missing, one) = (Sample::new(&missing), Sample::new(&[1.0]));
        assert_eq!(reason((statistic.of_numbers)(missing, one)), Some(Undefined::EmptyReference));
        assert_eq!(reason((statistic.of_numbers)(one, missing)), Some(Undefined::EmptyCurrent));
        for mistake in [
            (statistic.of_counts)(&[1.0], &[1.0, 2.0]),
            (statistic.of_counts)(&[1.0, -1.0], &[1.0, 2.0]),
            (statistic.of_counts)(&[1.0, f64::NAN], &[1.0, 2.0]),
            (statistic.of_counts)(&[1.0, f64::INFINITY], &[1.0, 2.0]),
            (statistic.of_weighted_labels)((&[1], Some(&[])), (&[1], None)),
            (statistic.of_weighted_labels)((&[1], None), (&[1], Some(&[-1.0]))),
            (statistic.of_weighted_labels)((&[1], None), (&[1], Some(&[0.0]))),
        ] {
            assert!(mistake.is_err_and(|error: Error| error.is_invalid()), "{}", statistic.name);
        }
    }
}

#[test]
fn with_weights_the_size_is_the_effective_one() {
    let weights = [10.0, 10.0, 1.0, 1.0];
    for statistic in statistics() {
        let labels =
            (statistic.of_weighted_labels)((&[1, 2, 3, 4], Some(&weights)), (&[1, 2], None)).unwrap();
        assert!((labels.n - 22.0 * 22.0 / 202.0).abs() < 1e-12 && labels.m == 2.0, "{}", statistic.name);
        let weighted = Sample::weighted(&[1.0, 2.0, 3.0, 4.0], &weights).unwrap();
        let numbers = (statistic.of_numbers)(Sample::new(&[1.0, 2.0]), weighted).unwrap();
        assert!((numbers.m - 22.0 * 22.0 / 202.0).abs() < 1e-12 && numbers.n == 2.0, "{}", statistic.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn is_within_its_range_and_symmetric(counts in counts()) {
        let (a, b): (Vec<f64>, Vec<f64>) = counts.into_iter().unzip();
        for statistic in statistics() {
            let Ok(forth) = (statistic.of_counts)(&a, &b) else { continue };
            check(statistic.name, forth, statistic.most)?;
            let back = (statistic.of_counts)(&b, &a).unwrap();
            if statistic.is_symmetric {
                prop_assert!((forth.value - back.value).abs() < 1e-9, "{} {forth:?} {back:?}", statistic.name);
            }
            let same = (statistic.of_counts)(&a, &a).unwrap();
            prop_assert!(same.value == 0.0 && same.p_value == 1.0, "{} {same:?}", statistic.name);
        }
    }

    #[test]
    fn the_order_of_bins_does_not_matter(
        (before, after) in
            plain_counts().prop_flat_map(|counts| (Just(counts.clone()), Just(counts).prop_shuffle())),
    ) {
        let (a, b): (Vec<f64>, Vec<f64>) = before.into_iter().unzip();
        let (c, d): (Vec<f64>, Vec<f64>) = after.into_iter().unzip();
        for statistic in statistics() {
            if let (Ok(before), Ok(after)) = ((statistic.of_counts)(&a, &b), (statistic.of_counts)(&c, &d)) {
                prop_assert!(before.is_close(after), "{} {before:?} {after:?}", statistic.name);
            }
        }
    }

    #[test]
    fn bins_that_both_lack_do_not_matter(counts in plain_counts(), place in 0..20_usize) {
        let (mut a, mut b): (Vec<f64>, Vec<f64>) = counts.into_iter().unzip();
        let before = statistics().map(|statistic| (statistic.of_counts)(&a, &b));
        a.insert(place.min(a.len()), 0.0);
        b.insert(place.min(b.len()), 0.0);
        prop_assert_eq!(before, statistics().map(|statistic| (statistic.of_counts)(&a, &b)));
    }

    #[test]
    fn whole_weights_are_repeated_rows(reference in rows(), current in rows()) {
        let (p, v) = columns(&reference);
        let (q, w) = columns(&current);
        let numbers = |labels: &[i32]| -> Vec<f64> { labels.iter().map(|&label| label.into()).collect() };
        let (p_numbers, q_numbers) = (numbers(&p), numbers(&q));
        let (p_repeated, q_repeated) = (repeated(&reference), repeated(&current));
        for statistic in statistics() {
            let weighted = (statistic.of_weighted_labels)((&p, Some(&v)), (&q, Some(&w))).unwrap().value;
            let plain = (statistic.of_labels)(&p_repeated, &q_repeated).unwrap().value;
            if statistic.name == "chi_square" {
                // V depends on the sizes too, and weighted rows tell less than repeated ones
                continue;
            }
            prop_assert_eq!(weighted, plain, "{}", statistic.name);
            let weighted = [(&p_numbers, &v), (&q_numbers, &w)].map(|(x, w)| Sample::weighted(x, w).unwrap());
            let weighted = (statistic.of_numbers)(weighted[0], weighted[1]).unwrap().value;
            let (p_repeated, q_repeated) = (numbers(&p_repeated), numbers(&q_repeated));
            let plain = (statistic.of_numbers)(Sample::new(&p_repeated), Sample::new(&q_repeated)).unwrap().value;
            prop_assert_eq!(weighted, plain, "{}", statistic.name);
        }
    }

    #[test]
    fn the_scale_of_weights_does_not_matter(
        rows in rows(),
        // powers of two, since others move sums across the edges of bins
        exponent in prop_oneof![Just(1000), Just(-1000), Just(1), Just(-530)],
    ) {
        let (p, v) = columns(&rows);
        let scaled: Vec<f64> = v.iter().map(|weight| weight * 2_f64.powi(exponent)).collect();
        let numbers: Vec<f64> = p.iter().map(|&label| label.into()).collect();
        let other = [-3.0, 0.0, 0.0, 2.0, 3.0];
        for statistic in statistics() {
            let of = |w: &[f64]| (statistic.of_weighted_labels)((&[1, 2, 2], None), (&p, Some(w))).unwrap();
            prop_assert!(of(&v).is_close(of(&scaled)), "{} {:?} {:?}", statistic.name, of(&v), of(&scaled));
            let of = |w: &[f64]| {
                let sample = Sample::weighted(&numbers, w).unwrap();
                let forth = (statistic.of_numbers)(sample, Sample::new(&other)).unwrap();
                (forth, (statistic.of_numbers)(Sample::new(&other), sample).unwrap())
            };
            let (before, after) = (of(&v), of(&scaled));
            prop_assert!(before.0.is_close(after.0) && before.1.is_close(after.1), "{}", statistic.name);
        }
    }

    #[test]
    fn merged_counts_are_those_of_all_rows(a in hostile(), b in hostile(), c in hostile()) {
        let Ok(bins) = QuantileBins::of(&a, 5) else { return Ok(()) };
        let mut merged = bins.count(&b);
        merged.merge(&bins.count(&c)).unwrap();
        let (reference, whole) = (bins.count(&a), bins.count(&[b, c].concat()));
        for statistic in statistics() {
            prop_assert_eq!((statistic.of_bins)(&reference, &merged), (statistic.of_bins)(&reference, &whole));
        }
    }

    #[test]
    fn hostile_values_do_not_panic(
        a in hostile(),
        b in hostile(),
        weights in proptest::collection::vec(any::<f64>(), 40),
    ) {
        for statistic in statistics() {
            let _ = (statistic.of_counts)(&a, &b);
            if let Ok(numbers) = (statistic.of_numbers)(Sample::new(&a), Sample::new(&b)) {
                check(statistic.name, numbers, statistic.most)?;
            }
            let weights: Vec<f64> = weights.iter().map(|w| if w.is_finite() { w.abs() } else { 0.0 }).collect();
            if let Ok(weighted) = Sample::weighted(&a, &weights[..a.len()])
                && let Ok(numbers) = (statistic.of_numbers)(weighted, Sample::new(&b))
            {
                check(statistic.name, numbers, statistic.most)?;
            }
        }
        for numbers in [
            js_nannyml(&a, &b).map(Numbers::from),
            js_evidently(&a, &b).map(Numbers::from),
            hellinger_nannyml(&a, &b).map(Numbers::from),
        ].into_iter().flatten() {
            check("tool", numbers, 1.0)?;
        }
        if let Ok(kl) = kl_evidently(&a, &b) {
            check("kl_evidently", kl.into(), f64::MAX)?;
        }
    }
}
