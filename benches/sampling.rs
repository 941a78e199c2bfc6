//! What deciding about a row costs, beside the hash and the look-up that it contains and two coins that are the same for all rows.
//!
//! The requests are made: ids of 36 bytes, scores of a classifier, 16 values of a segment, two versions. The rates are those
//! of a running service, which knows all of them. That nothing is allocated is a test of `tiltmeter-sample`.

use std::collections::HashMap;

use anyhow::Result;
use clap::Parser;
use fastrand::Rng;
use tiltmeter_benches::samples::scored;
use tiltmeter_benches::statistics::Spread;
use tiltmeter_benches::table;
use tiltmeter_benches::turns::{Timed, take_turns};
use tiltmeter_sample::{
    Adaptive, Draw, Facts, Flags, IntervalCounts, Policy, PolicyBuilder, RateTable, SampleKey, VolumeTiers,
};

/// Nanoseconds for a row.
const GOAL: f64 = 50.0;

/// Of all rows, as well as what the coins keep.
const RATE: f64 = 0.1;

/// More than a branch predictor learns by heart.
const REQUESTS: usize = 16_384;

/// Intervals before what is timed: what is known of strata has settled.
const INTERVALS: usize = 200;

const SEGMENT: &str = "carrier";

const CARRIERS: [&str; 16] =
    ["9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV"];

const VERSIONS: [&str; 2] = ["2024-10-01", "2024-11-03"];

const SEED: u64 = 1;

#[derive(Debug, Parser)]
struct Cli {
    /// How often the requests are gone through in a turn
    #[arg(long, value_name = "N", default_value_t = 16)]
    passes: usize,

    /// How often everything is timed
    #[arg(long, value_name = "N", default_value_t = 21)]
    rounds: usize,

    /// Passed by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,

    /// One pass and one round, to see that it runs
    #[arg(long)]
    test: bool,
}

struct Made {
    id: [u8; 36],
    draw: Draw,
    facts: Facts<'static>,
}

/// An id as UUIDs are written.
fn uuid(rng: &mut Rng) -> [u8; 36] {
    std::array::from_fn(|place| match place {
        8 | 13 | 18 | 23 => b'-',
        _ => b"0123456789abcdef"[rng.usize(..16)],
    })
}

fn requests(rng: &mut Rng) -> Vec<Made> {
    let (scores, _) = scored(REQUESTS, rng);
    let request = |score| {
        let id = uuid(rng);
        let facts = Facts {
            score: Some(score),
            segment: Some(CARRIERS[rng.usize(..CARRIERS.len())]),
            version: VERSIONS[usize::from(rng.u32(..5) == 0)],
            flags: Flags { failed: rng.u32(..1_000) == 0, ..Flags::default() },
        };
        Made { id, draw: SampleKey::PUBLIC.draw(&id), facts }
    };
    scores.into_iter().map(request).collect()
}

/// The rates of a service to which these requests come.
fn settled(policy: PolicyBuilder, requests: &[Made]) -> Result<RateTable> {
    let policy = policy.with_tiers(VolumeTiers::constant(RATE)).with_segment(SEGMENT).build(&[SEGMENT])?;
    let mut adaptive = Adaptive::new(policy);
    for _ in 0..INTERVALS {
        let table = adaptive.table();
        let mut counts = table.counts();
        for Made { draw, facts, .. } in requests {
            counts.add(facts, &table.decide(*draw, facts));
        }
        let _ = adaptive.end_interval(&counts);
    }
    Ok(adaptive.table())
}

fn decide(table: &RateTable, counts: &mut IntervalCounts, draw: Draw, facts: &Facts<'_>) -> bool {
    let decision = table.decide(draw, facts);
    counts.add(facts, &decision);
    decision.is_kept
}

/// A turn of `passes` times all requests, of which it counts those that are kept.
fn each<'a>(
    name: &'static str,
    passes: usize,
    requests: &'a [Made],
    mut is_kept: impl FnMut(&Made) -> bool + 'a,
) -> Timed<'a> {
    let mut pass = move || requests.iter().filter(|request| is_kept(std::hint::black_box(request))).count();
    Timed::new(name, move || (0..passes).map(|_| pass()).sum::<usize>())
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let (passes, rounds) = if cli.test { (1, 1) } else { (cli.passes, cli.rounds) };
    let mut rng = Rng::with_seed(SEED);
    let requests = requests(&mut rng);
    let key = SampleKey::PUBLIC;
    let [tails, capped] = [settled(Policy::tails(), &requests)?, settled(Policy::capped(), &requests)?];
    let [mut tails_counts, mut tails_drawn_counts] = [tails.counts(), tails.counts()];
    let [mut capped_counts, mut capped_drawn_counts] = [capped.counts(), capped.counts()];

    let cells = CARRIERS.iter().flat_map(|carrier| VERSIONS.map(|version| (*carrier, version)));
    let places: HashMap<(&str, &str), usize> = cells.zip(0..).collect();
    let place = |facts: &Facts<'static>| {
        let cell = (facts.segment.unwrap_or_default(), facts.version);
        places.get(&cell).copied().unwrap_or(places.len())
    };
    let mut coin = Rng::with_seed(SEED);

    let mut contenders = [
        each("tails: draw, decide, count", passes, &requests, |made| {
            decide(&tails, &mut tails_counts, key.draw(&made.id), &made.facts)
        }),
        each("capped: draw, decide, count", passes, &requests, |made| {
            decide(&capped, &mut capped_counts, key.draw(&made.id), &made.facts)
        }),
        each("tails: decide, count", passes, &requests, |made| {
            decide(&tails, &mut tails_drawn_counts, made.draw, &made.facts)
        }),
        each("capped: decide, count", passes, &requests, |made| {
            decide(&capped, &mut capped_drawn_counts, made.draw, &made.facts)
        }),
        each("tails: decide", passes, &requests, |made| tails.decide(made.draw, &made.facts).is_kept),
        each("limit: draw and look up", passes, &requests, |made| {
            // both, whatever comes of one
            (key.draw(&made.id).as_f64() < RATE) & (place(&made.facts) > 0)
        }),
        each("limit: draw, SipHash-2-4 of 36 bytes", passes, &requests, |made| {
            key.draw(&made.id).as_f64() < RATE
        }),
        each("limit: look-up in std's HashMap", passes, &requests, |made| place(&made.facts) > 0),
        // as OpenTelemetry's TraceIdRatioBased: the id must be random, and the rate is the same for all
        each("an id compared with a rate", passes, &requests, |made| made.draw.as_f64() < RATE),
        each("fastrand's coin", passes, &requests, |_| coin.f64() < RATE),
    ];
    let names = contenders.each_ref().map(|contender| contender.name);
    let seconds = take_turns(&mut contenders, rounds, &mut rng);
    drop(contenders);

    let rows = (passes * REQUESTS) as f64;
    let limit = names.iter().position(|name| name.starts_with("limit")).unwrap_or(0);
    table::print(
        &format!("{REQUESTS} requests {passes} times: ns for a row, medians of {rounds} (least to greatest)"),
        ["", "ns", "of draw and look-up", "goal"],
        names.iter().zip(&seconds).map(|(name, of_name)| {
            let nanos = Spread::of(of_name.iter().map(|seconds| seconds * 1e9 / rows));
            let ratio = Spread::of(of_name.iter().zip(&seconds[limit]).map(|(mine, limit)| mine / limit));
            let met = if nanos.median <= GOAL { "met" } else { "missed" };
            let verdict =
                if name.contains("decide, count") { format!("{GOAL}: {met}") } else { String::new() };
            [(*name).to_owned(), format!("{nanos:.1}"), format!("{ratio:.2}"), verdict]
        }),
    )?;
    let share = |counts: &IntervalCounts| {
        let totals = counts.totals();
        totals.kept as f64 / totals.predictions as f64 * 100.0
    };
    table::print(
        "strata, and the share of the requests that is kept, in %",
        ["policy", "strata", "kept"],
        [("tails", &tails, &tails_counts), ("capped", &capped, &capped_counts)].map(
            |(name, table, counts)| {
                [name.to_owned(), table.strata().len().to_string(), format!("{:.1}", share(counts))]
            },
        ),
    )
}
