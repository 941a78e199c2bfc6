//! That an exchange costs at most two allocations on the thread that serves it, where it can be so.

use allocation_counter::measure;
use anyhow::Result;
use tiltmeter_benches::in_process::{BURST, Requests, Subject, Variant};

/// What exchanges allocate once the service is warm: the median, and the most. They differ where the worker is behind: an
/// exchange that it has not given back yet is made anew.
#[derive(Clone, Copy, Debug)]
struct Counts {
    median: u64,
    most: u64,
}

fn counts(variant: Variant, requests: Requests) -> Result<Counts> {
    let mut subject = Subject::new(variant)?;
    let mut burst = || {
        subject.prepare(BURST, requests);
        let mut counts: Vec<u64> = (0..BURST).map(|_| measure(|| subject.exchange()).count_total).collect();
        subject.settle();
        counts.sort_unstable();
        Counts { median: counts[BURST / 2], most: counts[BURST - 1] }
    };
    for _ in 0..4 {
        burst();
    }
    let counts = burst();
    subject.finish()?;
    Ok(counts)
}

fn beyond_the_same_without_a_log(variant: Variant, requests: Requests) -> Result<Counts> {
    let (logged, base) = (counts(variant, requests)?, counts(variant.base(), requests)?);
    Ok(Counts {
        median: logged.median.saturating_sub(base.median),
        most: logged.most.saturating_sub(base.most),
    })
}

#[test]
fn bodies_cost_two_allocations_at_most() -> Result<()> {
    for extended in [true, false] {
        let requests = Requests { named: true, extended };
        for variant in [Variant::Log, Variant::DeadSink, Variant::FullQueue] {
            let beyond = beyond_the_same_without_a_log(variant, requests)?;
            assert!(beyond.most <= 2, "{variant:?}, {requests:?}: {beyond:?}");
        }
    }
    Ok(())
}

/// The map of the request's extensions is one of its own where nothing has made it yet.
#[test]
fn the_handlers_word_costs_two_allocations_at_most_where_requests_have_extensions() -> Result<()> {
    for (extended, limit) in [(true, 2), (false, 4)] {
        let beyond = beyond_the_same_without_a_log(Variant::Handler, Requests { named: true, extended })?;
        assert!(beyond.median <= limit, "{extended}: {beyond:?}");
    }
    Ok(())
}

#[test]
fn an_id_that_the_layer_makes_costs_one_allocation() -> Result<()> {
    let beyond = beyond_the_same_without_a_log(Variant::Log, Requests { named: false, extended: true })?;
    assert!(beyond.median <= 1 && beyond.most <= 3, "{beyond:?}");
    Ok(())
}

#[test]
fn records_without_http_cost_two_allocations_at_most() -> Result<()> {
    for variant in [Variant::Typed, Variant::Direct] {
        let beyond = beyond_the_same_without_a_log(variant, Requests::USUAL)?;
        assert!(beyond.most <= 2, "{variant:?}: {beyond:?}");
    }
    Ok(())
}
