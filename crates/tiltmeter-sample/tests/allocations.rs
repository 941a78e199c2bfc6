//! That a decision allocates nothing. What one takes is in `benches/sampling.rs`.

use allocation_counter::measure;
use tiltmeter_sample::{
    Adaptive, Draw, Facts, Flags, Policy, PolicyError, RateTable, SampleKey, VolumeTiers, decide_together,
};

const CARRIERS: [&str; 16] =
    ["9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV"];

fn facts(number: u32) -> Facts<'static> {
    let mixed = number.wrapping_mul(2_654_435_761) % 1_000;
    Facts {
        score: Some(f64::from(mixed) / 1_000.0),
        segment: CARRIERS.get(mixed as usize % 16).copied(),
        version: if mixed.is_multiple_of(5) { "2024-11-03" } else { "2024-10-01" },
        flags: Flags { failed: mixed == 7, ..Flags::default() },
    }
}

/// A table that knows 32 cells: 672 strata.
fn table() -> Result<RateTable, PolicyError> {
    let policy = Policy::tails().with_tiers(VolumeTiers::constant(0.1)).with_segment("carrier");
    let mut adaptive = Adaptive::new(policy.build(&["carrier"])?);
    let table = adaptive.table();
    let mut counts = table.counts();
    for number in 0..2_000 {
        counts.add(&facts(number), &table.decide(Draw::from_bits(0), &facts(number)));
    }
    let table = adaptive.end_interval(&counts).table;
    assert_eq!(table.strata().count(), 33 * 21);
    Ok(table)
}

#[test]
fn a_decision_allocates_nothing() {
    let table = table().unwrap();
    let key = SampleKey::PUBLIC;
    let mut counts = table.counts();
    let allocations = measure(|| {
        for number in 0..1_000_u32 {
            let draw = key.draw(&number.to_le_bytes());
            let mut rows = [table.decide(draw, &facts(number)), table.decide(draw, &facts(number + 1))];
            decide_together(draw, &mut rows);
            for (row, decision) in (number..).zip(&rows) {
                counts.add(&facts(row), decision);
                assert!(!table.stratum_text(decision.stratum).is_empty());
            }
        }
    });
    assert_eq!(allocations.count_total, 0);
}
