use proptest::prelude::*;

use super::*;

#[test]
fn a_mask_leaves_at_most_half_of_a_text() {
    for (text, keep, masked) in [
        ("DE89370400440532013000", 4, "***3000"),
        ("12345678", 4, "***5678"),
        ("1234567", 4, "***"),
        ("", 4, "***"),
        ("secret", 0, "***"),
        ("ééèè", 2, "***èè"),
    ] {
        assert_eq!(mask(text, keep), masked, "{text}");
    }
}

#[test]
fn a_text_is_cut_between_characters() {
    assert_eq!((first("12345", 3), first("é", 3), first("éàü!", 3)), ("123", "é", "éàü"));
}

#[test]
fn a_number_becomes_the_lower_bound_of_its_bucket() {
    let bucket = NumberAction::Bucket([0.0, 18.0, 65.0].into());
    let cases = [(-1.0, None), (0.0, Some(0.0)), (17.9, Some(0.0)), (18.0, Some(18.0)), (1e300, Some(65.0))];
    for (number, lower) in cases {
        assert_eq!(bucket.of(number), lower, "{number}");
    }
    assert_eq!((bucket.of(f64::NAN), bucket.of(f64::INFINITY)), (None, Some(65.0)));
    assert_eq!((bucket.of_whole(20), bucket.of_whole(-3)), (Value::Integer(18), Value::Missing));
    assert_eq!(NumberAction::Bucket([0.5].into()).of_whole(3), Value::Float(0.5));
}

#[test]
fn a_number_is_rounded_to_the_nearest_step() {
    let round = NumberAction::Round(5.0);
    for (number, rounded) in [(12.4, 10.0), (12.5, 15.0), (-12.5, -15.0), (-1.0, 0.0)] {
        assert_eq!(round.of(number), Some(rounded), "{number}");
    }
    assert_eq!((round.of(f64::NAN), NumberAction::Round(1e-300).of(1e300)), (None, None));
    assert_eq!(round.of_whole(i64::MAX), Value::Integer(i64::MAX - 2), "the next multiple is beyond 64 bits");
}

proptest! {
    #[test]
    fn whole_numbers_stay_whole_multiples_nearby(number: i64, step in 1_i64..=1 << 53) {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
        let action = NumberAction::Round(step as f64);
        let Value::Integer(rounded) = action.of_whole(number) else { panic!("no whole number") };
        prop_assert_eq!(rounded % step, 0);
        let nearest = i128::from(rounded).abs_diff(i128::from(number)) * 2 <= u128::from(step.unsigned_abs());
        prop_assert!(nearest || i64::MAX - rounded.abs() < step);
    }

    #[test]
    fn a_mask_keeps_an_end(text in ".{0,12}", keep in 0_usize..8) {
        let masked = mask(&text, keep);
        let kept = masked.strip_prefix(MASK).unwrap();
        prop_assert!(text.ends_with(kept) && kept.chars().count() * 2 <= text.chars().count());
    }
}
