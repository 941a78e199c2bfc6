use proptest::prelude::*;

use super::content::Stored;
use super::*;

fn of(numbers: &[f64]) -> DistinctCount {
    let mut count = DistinctCount::new();
    count.add_numbers(numbers);
    count
}

fn stored(count: &DistinctCount) -> Vec<u8> {
    postcard::to_allocvec(count).unwrap()
}

#[test]
fn zeroes_are_one_value_and_nan_is_none() {
    assert_eq!(of(&[0.0, -0.0]), of(&[0.0]));
    assert_eq!(of(&[f64::NAN]), DistinctCount::new());
    assert!(DistinctCount::new().estimate().abs() <= 0.0);
    assert!((of(&[0.0, f64::INFINITY, f64::NEG_INFINITY]).estimate() - 3.0).abs() < 0.1);
}

#[test]
fn estimates_are_as_right_as_is_told() {
    for (values, most) in
        [(1, 0.001), (10, 0.015), (100, 0.016), (1_000, 0.018), (3_000, 0.024), (20_000, 0.026)]
    {
        let runs = if values <= 1_000 { 400 } else { 60 };
        let (mut sum, mut squares) = (0.0, 0.0);
        for run in 0..runs {
            let mut count = DistinctCount::new();
            if run % 2 == 0 {
                let numbers: Vec<f64> =
                    (0..values).map(|number| f64::from(number * runs + run) / 10.0).collect();
                count.add_numbers(&numbers);
            } else {
                (0..values).for_each(|number| count.add_text(&format!("user-{run}-{number}")));
            }
            let error = count.estimate() / f64::from(values) - 1.0;
            sum += error;
            squares += error * error;
        }
        let (mean, deviation) = (sum / f64::from(runs), (squares / f64::from(runs)).sqrt());
        assert!(deviation < most * 1.25, "{values}: {deviation}");
        assert!(mean.abs() < most * 3.0 / f64::from(runs).sqrt() + 1e-3, "{values}: {mean}");
    }
}

#[test]
fn hashes_do_not_change() {
    // they are in what is stored: other ones need another version of the encoding
    assert_eq!(of_number(0.0), 0xE220_A839_7B1D_CDAF);
    assert_eq!(of_bytes(b""), of_bytes(b""));
    let all: std::collections::BTreeSet<u64> =
        ["", "\0", "\0\0", "a", "b", "abcdefgh", "abcdefgh\0", "abcdefghi"]
            .map(|text| of_bytes(text.as_bytes()))
            .into();
    assert_eq!(all.len(), 8);
}

#[test]
fn it_is_small_when_it_is_stored() {
    let numbers: Vec<f64> = (0..100_000).map(f64::from).collect();
    for (values, most) in [(0, 3), (10, 40), (300, 900), (1_000, 1_060), (100_000, 1_060)] {
        let count = of(&numbers[..values]);
        assert!(stored(&count).len() <= most, "{values}: {}", stored(&count).len());
        assert_eq!(postcard::from_bytes::<DistinctCount>(&stored(&count)).unwrap(), count);
    }
}

#[test]
fn registers_that_cannot_be_are_refused() {
    let many = |least, differences: Vec<u8>, larger: Vec<u8>| Stored::Many { least, differences, larger };
    for wrong in [
        Stored::Few(vec![(2048, 1)]),
        Stored::Few(vec![(3, 1), (3, 1)]),
        Stored::Few(vec![(4, 1), (3, 1)]),
        Stored::Few(vec![(0, 55)]),
        many(0, vec![0; 1023], vec![]),
        many(0, vec![0; 1025], vec![]),
        many(0, vec![0; 1024], vec![20]),
        many(1, vec![0xFF; 1024], vec![20; 2047]),
        many(1, vec![0xFF; 1024], vec![15; 2048]),
        many(1, vec![0xFF; 1024], vec![55; 2048]),
        many(250, vec![0x11; 1024], vec![]),
    ] {
        let bytes = postcard::to_allocvec(&wrong).unwrap();
        assert!(postcard::from_bytes::<DistinctCount>(&bytes).unwrap_err().to_string().contains("Serde"));
    }
    let registers: Vec<u8> = (0..2048_u16).map(|place| if place % 2 == 0 { 1 } else { 54 }).collect();
    let count = DistinctCount { registers };
    assert_eq!(postcard::from_bytes::<DistinctCount>(&stored(&count)).unwrap(), count);
    assert!(count.estimate().is_finite());
    assert!(DistinctCount { registers: vec![LARGEST; REGISTERS] }.estimate() > 1e15);
}

proptest! {
    #[test]
    fn merging_is_one_pass_in_any_order(a in proptest::collection::vec(any::<f64>(), 0..200), b in proptest::collection::vec(-50..50_i32, 0..200)) {
        let b: Vec<f64> = b.into_iter().map(f64::from).collect();
        let (mut ab, mut ba) = (of(&a), of(&b));
        ab.merge(&of(&b));
        ba.merge(&of(&a));
        prop_assert_eq!(&ab, &ba);
        prop_assert_eq!(ab, of(&[b, a].concat()));
    }
}
