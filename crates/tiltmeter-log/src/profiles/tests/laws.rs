//! What holds for any predictions, however they are split.

use proptest::prelude::*;
use tiltmeter_record::ErrorType;
use tiltmeter_stats::{BinCounts, KsBounds, NumericSpec, Psi, ks_two_sample};

use super::*;
use crate::BaselineHandle;

/// Delay, hour, carrier, wet, score, instance, whether it failed, milliseconds since the one before.
type Flight = (Option<i16>, Option<u8>, Option<u8>, Option<bool>, u8, u8, bool, u16);

fn flights(most: usize) -> impl Strategy<Value = Vec<Flight>> {
    let flight = (
        proptest::option::weighted(0.9, -50..50_i16),
        proptest::option::weighted(0.9, 0..4_u8),
        proptest::option::weighted(0.9, 0..5_u8),
        proptest::option::weighted(0.9, any::<bool>()),
        any::<u8>(),
        0..3_u8,
        any::<bool>(),
        0..20_000_u16,
    );
    proptest::collection::vec(flight, 0..most)
}

fn rows(flights: &[Flight]) -> Vec<Prediction> {
    let mut time = 0;
    let mut failed = false;
    let rows = flights.iter().map(|&(delay, hour, carrier, wet, score, instance, has_failed, pause)| {
        if instance == 0 {
            time += i64::from(pause);
            failed = has_failed;
        }
        let carrier = carrier.map(|carrier| ["AA", "B6", "DL", "UA", "WN"][usize::from(carrier)]);
        let features = [delay.map(f64::from).into(), hour.map(i64::from).into(), carrier.into(), wet.into()];
        let mut row = row(time, f64::from(score) / 255.0, features);
        row.instance_index = instance.into();
        row.error_type = failed.then_some(ErrorType::Timeout);
        row
    });
    rows.collect()
}

/// What does not depend on how rows are split: all but moments, which are rounded, and sketches.
type Exact = (CellCounts, Vec<(Arc<str>, u64, u64, Option<Vec<f64>>)>);

fn exact(deltas: &[ProfileDelta]) -> BTreeMap<Key, Exact> {
    let bins = |profile: &Profile| match profile {
        Profile::Numeric(profile) => profile.bin_counts().map(|bins| bins.counts.clone()),
        Profile::Categorical(profile) => profile.bin_counts().map(|bins: BinCounts| bins.counts),
        _ => None,
    };
    let of = |kept: Kept| {
        let columns = kept.columns.into_iter();
        let columns =
            columns.map(|(name, profile)| (name, profile.count(), profile.missing(), bins(&profile)));
        (kept.counts, columns.collect())
    };
    merged(deltas).into_iter().map(|(key, kept)| (key, of(kept))).collect()
}

fn with_baseline() -> ProfilerBuilder {
    let delays: Vec<f64> = (-40..40).map(f64::from).collect();
    let handle = BaselineHandle::from(baseline_of(&delays));
    Profiler::builder().with_baseline("flights".parse().unwrap(), handle).with_open_windows(2, 2)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_split_of_the_rows_is_one_pass(flights in flights(120), cuts in proptest::collection::vec((1..40_usize, any::<bool>()), 0..12)) {
        let rows = rows(&flights);
        // a request is handed over in one batch
        let starts: Vec<usize> =
            (1..rows.len()).filter(|&place| rows[place].instance_index == 0).chain([rows.len()]).collect();
        let whole = deltas(with_baseline(), rows.clone());
        let mut profiler = profiler(with_baseline());
        let (mut done, mut parts) = (0, Vec::new());
        for (rows_more, is_taken) in cuts.into_iter().chain([(rows.len(), true)]) {
            let end = starts.iter().copied().find(|&start| start >= (done + rows_more).min(rows.len()));
            let end = end.unwrap_or(rows.len());
            profiler.observe(&batch(rows[done..end].to_vec()));
            done = end;
            if is_taken {
                // whatever is open is ended as well
                parts.extend(profiler.take_profiles(true));
            }
        }
        prop_assert_eq!(exact(&whole), exact(&parts));
    }

    #[test]
    fn counts_are_those_of_all_rows(flights in flights(200)) {
        let rows = rows(&flights);
        let deltas = deltas(with_baseline(), rows.clone());
        for width in [WindowWidth::Minute, WindowWidth::Hour] {
            let of_width = merged(&deltas).into_iter().filter(|((window, _, key), _)| {
                window.width() == width && key.segment.is_none()
            });
            let counts = of_width.map(|(_, kept)| kept.counts).reduce(CellCounts::and).unwrap_or_default();
            let mut requests: Vec<&[Prediction]> = Vec::new();
            let mut first = 0;
            for place in 1..=rows.len() {
                if place == rows.len() || rows[place].instance_index == 0 {
                    requests.push(&rows[first..place]);
                    first = place;
                }
            }
            requests.retain(|rows| !rows.is_empty());
            let is_outside = |row: &Prediction| {
                let delay = matches!(row.features[0], Value::Float(delay) if !(-40.0..=39.0).contains(&delay));
                delay || matches!(&row.features[2], Value::Text(carrier) if !["AA", "UA"].contains(&&**carrier))
            };
            let count = |is: &dyn Fn(&&&[Prediction]) -> bool| requests.iter().filter(is).count() as u64;
            prop_assert_eq!(counts.predictions, rows.len() as u64);
            prop_assert_eq!(counts.requests, requests.len() as u64);
            prop_assert_eq!(counts.failed_requests, count(&|rows| rows[0].error_type.is_some()));
            let anomalous = count(&|rows| rows.iter().any(is_outside));
            prop_assert_eq!(counts.anomalous_requests.unwrap_or(0), anomalous, "{}", width);
        }
    }

    #[test]
    fn the_cells_of_a_segment_and_its_missing_values_are_the_whole(flights in flights(200)) {
        let rows = rows(&flights);
        let kept = merged(&deltas(Profiler::builder().with_cells(2, 16), rows.clone()));
        let predictions = |segment: Option<&str>| -> u64 {
            let cells = kept.iter().filter(|((window, _, key), _)| {
                window.width() == WindowWidth::Hour && key.segment.as_ref().map(|(name, _)| &**name) == segment
            });
            cells.map(|(_, kept)| kept.counts.predictions).sum()
        };
        for (segment, place) in [("hour", 1), ("carrier", 2)] {
            let missing = rows.iter().filter(|row| row.features[place].is_missing()).count() as u64;
            prop_assert_eq!(predictions(Some(segment)) + missing, predictions(None));
        }
    }
}

#[test]
fn psi_is_that_of_all_rows_and_ks_within_its_bounds() {
    let mut rng = fastrand::Rng::with_seed(7);
    let reference: Vec<f64> = (0..5_000).map(|_| rng.f64() * rng.f64()).collect();
    let current: Vec<f64> = (0..20_000).map(|_| rng.f64().powf(1.7)).collect();
    let rows = current.iter().zip(0_i64..);
    let rows = rows.map(|(&delay, row_number)| {
        row(row_number * 100, 0.5, [delay.into(), 7_i64.into(), "UA".into(), true.into()])
    });
    let handle = BaselineHandle::from(baseline_of(&reference));
    let mut profiler = profiler(Profiler::builder().with_baseline("flights".parse().unwrap(), handle));
    let (mut taken, rows) = (Vec::new(), rows.collect::<Vec<_>>());
    for some in rows.chunks(700) {
        profiler.observe(&batch(some.to_vec()));
        taken.extend(profiler.take_profiles(false));
    }
    taken.extend(profiler.take_profiles(true));

    let bins = QuantileBins::of(&reference, 10).unwrap();
    let mut then = NumericSpec::new().with_bins(bins.clone()).with_sketch(128).unwrap().profile();
    then.update(&reference).unwrap();
    let all = merged(&taken)
        .into_iter()
        .find(|((window, _, key), _)| window.width() == WindowWidth::Hour && key.segment.is_none());
    let (_, all) = all.unwrap();
    let now = numbers(&all, "delay");
    assert_eq!(now.count(), 20_000);
    let exact = Psi::between(&bins.count(&reference), &bins.count(&current)).unwrap();
    assert_eq!(then.psi(now).unwrap().value.to_bits(), exact.value.to_bits());
    let ks = ks_two_sample(&reference, &current).unwrap().statistic;
    let bounds = KsBounds::between(&then, now).unwrap();
    assert!(bounds.lower <= ks && ks <= bounds.upper, "{bounds:?} {ks}");
    assert!(bounds.upper - bounds.lower < 0.12, "{bounds:?}");
}
