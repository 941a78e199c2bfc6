use proptest::prelude::*;

use super::*;
use crate::{Ecdf, Moments, QuantileBins};

fn baseline() -> Baseline {
    let delays = [0.0, 0.0, 0.0, 0.0, -3.0, 7.5, f64::INFINITY, 12.0];
    let bins = QuantileBins::of(&delays, 10).unwrap();
    let counts = bins.count(&delays).counts;
    let moments = Moments::of(&delays);
    let day = |day, missing| DayProfile { day, missing, counts: counts.clone(), moments };
    let days = vec![day(-1, 0.0), day(15_706, 2.0)];
    let summary = ColumnSummary::Numeric { bins: bins.clone(), ecdf: Ecdf::of(&delays).unwrap() };
    let delay = BaselineColumn::new("dep_delay", summary, days).unwrap();
    let categories = vec!["B6".to_owned(), "UA".to_owned()];
    let counts = vec![3.0, 4.0, 1.0];
    let day = DayProfile { day: 15_706, missing: 0.0, counts, moments: Moments::empty() };
    let carrier =
        BaselineColumn::new("carrier", ColumnSummary::Categorical { categories }, vec![day]).unwrap();
    let empty = BaselineColumn::new("empty", ColumnSummary::AllMissing, Vec::new()).unwrap();
    let quality = BaselineQuality::new(figures()).unwrap();
    Baseline::new("flight-delay", vec![delay, carrier, empty], Some(quality)).unwrap()
}

fn figures() -> BaselineFigures {
    BaselineFigures {
        rows: 16,
        labelled: 8,
        positives: 3,
        mean_score: 0.3,
        roc_auc: 0.9,
        roc_auc_variance: 1e-4,
        roc_auc_between_weeks: None,
        weeks: 0,
        brier: 0.1,
        brier_standard_error: 0.01,
        log_loss: 0.3,
        log_loss_standard_error: 0.02,
    }
}

/// Bytes with the id that belongs to their content, as a hostile writer would make them.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let id = BaselineId::of(bytes.get(26..).unwrap_or_default());
    if let Some(place) = bytes.get_mut(10..26) {
        place.copy_from_slice(id.bytes());
    }
    bytes
}

#[test]
fn what_was_encoded_is_decoded() {
    let baseline = baseline();
    let decoded = Baseline::decode(&baseline.encode()).unwrap();
    assert_eq!(decoded, baseline);
    assert_eq!(decoded.id(), baseline.id());
    assert_eq!((decoded.subject(), decoded.days()), ("flight-delay", Some((-1, 15_706))));
    assert!((decoded.column("dep_delay").unwrap().missing_rate() - 2.0 / 18.0).abs() < 1e-15);
}

#[test]
fn the_encoding_of_version_1_does_not_change() {
    // the id is a hash of the encoded content: another one needs another version
    assert_eq!(baseline().id().to_string(), "3f1fae34513bf4989c45d0f95c70d6fb");
}

#[test]
fn any_change_is_another_id() {
    let other = Baseline::new("flight-delays", baseline().columns().to_vec(), None).unwrap();
    assert_ne!(other.id(), baseline().id());
}

#[test]
fn what_is_not_a_baseline_is_refused_in_words() {
    let whole = baseline().encode();
    let mut later = whole.clone();
    later[8] = 2;
    let mut damaged = whole.clone();
    damaged[40] ^= 1;
    let longer = sealed([whole.as_slice(), &[0]].concat());
    for (bytes, words) in [
        (b"PAR1".to_vec(), "the bytes are not a baseline"),
        (later, "the baseline has version 2 of the encoding, this build reads 1"),
        (damaged, "the baseline is damaged: its content does not have its id"),
        (longer, "the baseline is malformed: bytes follow its content"),
    ] {
        let error = Baseline::decode(&bytes).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.is_invalid()), (words, true));
    }
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let categories = |names: &[&str]| ColumnSummary::Categorical {
        categories: names.iter().map(|&name| name.to_owned()).collect(),
    };
    let day = |day, counts: &[f64]| {
        let (counts, moments) = (counts.to_vec(), Moments::empty());
        DayProfile { day, missing: 0.0, counts, moments }
    };
    for (summary, days) in [
        (categories(&["b", "a"]), vec![]),
        (categories(&["a", "a"]), vec![]),
        (categories(&["a"]), vec![day(2, &[1.0, 0.0]), day(1, &[1.0, 0.0])]),
        (categories(&["a"]), vec![day(1, &[1.0])]),
        (categories(&["a"]), vec![day(1, &[1.0, -1.0])]),
        (categories(&["a"]), vec![day(1, &[f64::NAN, 0.0])]),
    ] {
        assert!(BaselineColumn::new("x", summary, days).unwrap_err().is_invalid());
    }
    let column = baseline().columns()[0].clone();
    let twice = vec![column.clone(), column];
    assert!(Baseline::new("x", twice, None).is_err());
}

#[test]
fn figures_out_of_range_are_refused() {
    let allowed = |change: fn(&mut BaselineFigures)| {
        let mut figures = figures();
        change(&mut figures);
        BaselineQuality::new(figures).is_ok()
    };
    assert!(allowed(|figures| figures.weeks = 2));
    assert!(allowed(|figures| (figures.roc_auc_between_weeks, figures.weeks) = (Some(0.0), 3)));
    let wrong: [fn(&mut BaselineFigures); 12] = [
        |figures| figures.positives = 9,
        |figures| figures.labelled = 17,
        |figures| figures.mean_score = f64::NAN,
        |figures| figures.roc_auc = 1.1,
        |figures| figures.roc_auc_variance = f64::INFINITY,
        |figures| figures.brier = -0.1,
        |figures| figures.log_loss = f64::NAN,
        // a variance of one week, of two, one that is missing, a negative one, and more weeks than labels
        |figures| (figures.roc_auc_between_weeks, figures.weeks) = (Some(1e-4), 1),
        |figures| (figures.roc_auc_between_weeks, figures.weeks) = (Some(1e-4), 2),
        |figures| figures.weeks = 3,
        |figures| (figures.roc_auc_between_weeks, figures.weeks) = (Some(-1e-4), 3),
        |figures| (figures.roc_auc_between_weeks, figures.weeks) = (Some(1e-4), 9),
    ];
    for (number, change) in wrong.into_iter().enumerate() {
        assert!(!allowed(change), "{number}");
    }
}

proptest! {
    #[test]
    fn hostile_bytes_are_refused_or_read_but_never_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        truncate in any::<bool>(),
    ) {
        let mut bytes = baseline().encode();
        for (place, byte) in edits {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if truncate {
            bytes.truncate(cut.index(bytes.len()));
        }
        for bytes in [bytes.clone(), sealed(bytes)] {
            if let Ok(baseline) = Baseline::decode(&bytes) {
                prop_assert_eq!(Baseline::decode(&baseline.encode()).unwrap().id(), baseline.id());
            }
        }
    }

    #[test]
    fn arbitrary_content_never_panics(content in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = baseline().encode();
        bytes.truncate(26);
        bytes.extend(content);
        let _ = Baseline::decode(&sealed(bytes));
    }
}
