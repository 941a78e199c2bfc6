use proptest::prelude::*;

use super::*;

type Rows = Vec<(u16, f64)>;

fn of(capacity: u16, rows: &Rows) -> FrequentCategories {
    let mut frequent = FrequentCategories::new(capacity).unwrap();
    rows.iter().for_each(|(name, weight)| frequent.add(&name.to_string(), *weight).unwrap());
    frequent
}

fn merged(a: &FrequentCategories, b: &FrequentCategories) -> FrequentCategories {
    let mut merged = a.clone();
    merged.merge(b).unwrap();
    merged
}

fn rows() -> impl Strategy<Value = Rows> {
    // small numbers are frequent
    let name = (0..40_u16, 0..40_u16).prop_map(|(a, b)| a * b / 40);
    proptest::collection::vec((name, prop_oneof![3 => Just(1.0), 1 => 0.0..5.0_f64]), 0..120).prop_map(
        |rows| rows.into_iter().map(|(name, weight)| (name, (weight * 8.0).round() / 8.0)).collect(),
    )
}

fn check(frequent: &FrequentCategories, rows: &Rows) -> std::result::Result<(), TestCaseError> {
    let total: f64 = rows.iter().map(|row| row.1).sum();
    let capacity = f64::from(frequent.capacity());
    prop_assert!((frequent.weight() - total).abs() < 1e-9);
    prop_assert!(
        frequent.error()
            <= (total - frequent.top().iter().map(|of| of.lower).sum::<f64>()) / (capacity + 1.0) + 1e-9
    );
    prop_assert!(frequent.top().len() <= 2 * usize::from(frequent.capacity()));
    for name in 0..40_u16 {
        let truth: f64 = rows.iter().filter(|row| row.0 == name).map(|row| row.1).sum();
        let name = name.to_string();
        let FrequentCategory { lower, upper, .. } = frequent.get(&name);
        prop_assert!(lower <= truth + 1e-9 && truth <= upper + 1e-9, "{name}: {lower} {truth} {upper}");
        if truth > total / (capacity + 1.0) + 1e-9 {
            prop_assert!(frequent.top().iter().any(|of| of.name == name));
        }
    }
    let known: f64 = frequent.top().iter().map(|of| of.lower).sum();
    prop_assert!((known + frequent.other() - total).abs() < 1e-9);
    Ok(())
}

#[test]
fn few_categories_are_exact() {
    let frequent = of(2, &vec![(1, 2.0), (2, 0.5), (3, 1.0), (1, 1.0), (4, 0.0)]);
    let top: Vec<(&str, f64, f64)> = frequent.top().iter().map(|of| (of.name, of.lower, of.upper)).collect();
    assert_eq!(top, [("1", 3.0, 3.0), ("3", 1.0, 1.0), ("2", 0.5, 0.5)]);
    assert_eq!((frequent.error(), frequent.other(), frequent.get("9").upper), (0.0, 0.0, 0.0));
}

#[test]
fn long_names_are_cut_and_stay_different() {
    let mut frequent = FrequentCategories::new(4).unwrap();
    let long = "é".repeat(1_000_000);
    frequent.add(&long, 1.0).unwrap();
    frequent.add(&format!("{long}!"), 1.0).unwrap();
    frequent.add(&long, 1.0).unwrap();
    assert_eq!(frequent.top().len(), 2);
    assert!(frequent.top().iter().all(|of| of.name.len() <= key::MOST_BYTES));
    assert!((frequent.get(&long).lower - 2.0).abs() <= 0.0);
    let whole = "x".repeat(128);
    frequent.add(&whole, 9.0).unwrap();
    assert_eq!(frequent.top()[0].name, whole);
}

#[test]
fn mistakes_are_refused() {
    for capacity in [0, 4097] {
        assert!(FrequentCategories::new(capacity).unwrap_err().is_invalid());
    }
    let mut frequent = FrequentCategories::new(2).unwrap();
    for weight in [-1.0, f64::NAN, f64::INFINITY, 1e101, 1e-101] {
        assert!(frequent.add("a", weight).unwrap_err().is_invalid());
    }
    assert!(frequent.merge(&FrequentCategories::new(3).unwrap()).unwrap_err().is_invalid());
    assert_eq!(frequent, FrequentCategories::new(2).unwrap());
}

#[test]
fn what_are_no_counters_is_refused() {
    let good = of(1, &vec![(1, 4.0), (2, 1.0), (3, 1.0)]);
    assert_eq!((good.weight, good.error), (6.0, 1.0));
    let changes: [fn(&mut FrequentCategories); 10] = [
        |frequent| frequent.capacity = 0,
        |frequent| frequent.capacity = 5000,
        |frequent| frequent.weight = 4.5,
        |frequent| frequent.weight = f64::INFINITY,
        |frequent| frequent.error = f64::NAN,
        |frequent| frequent.error = -1.0,
        |frequent| frequent.error = 0.0,
        |frequent| frequent.error = 2.0,
        |frequent| _ = frequent.counters.insert("1".into(), -1.0),
        |frequent| _ = frequent.counters.insert("x".repeat(129).into(), 1e-3),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut frequent = good.clone();
        change(&mut frequent);
        let bytes = postcard::to_allocvec(&frequent).unwrap();
        assert!(postcard::from_bytes::<FrequentCategories>(&bytes).is_err(), "{number}");
    }
}

proptest! {
    #[test]
    fn bounds_hold_however_it_was_merged(a in rows(), b in rows(), c in rows(), capacity in 1..12_u16) {
        let [one, two, three] = [&a, &b, &c].map(|rows| of(capacity, rows));
        check(&one, &a)?;
        let all = [a, b, c].concat();
        for merged in [merged(&merged(&one, &two), &three), merged(&one, &merged(&three, &two))] {
            check(&merged, &all)?;
            let bytes = postcard::to_allocvec(&merged).unwrap();
            prop_assert_eq!(postcard::from_bytes::<FrequentCategories>(&bytes).unwrap(), merged);
        }
        check(&of(capacity, &all), &all)?;
        prop_assert_eq!(merged(&one, &two), merged(&two, &one));
    }
}
