//! Allocations per exchange, on the thread that serves it.
//!
//! What the worker allocates is not counted: it is no part of the request path.

use std::io;

use allocation_counter::{AllocationInfo, measure};
use anyhow::Result;
use tiltmeter_benches::in_process::{BURST, Requests, Subject, Variant};
use tiltmeter_benches::{Contender, table};

const CONTENDERS: [Contender<Variant>; 14] = [
    Contender::new("bare", Variant::Bare),
    Contender::new("pass-through", Variant::PassThrough),
    Contender::new("log", Variant::Log),
    Contender::new("log, dead sink", Variant::DeadSink),
    Contender::new("log, full queue", Variant::FullQueue),
    Contender::new("shadow", Variant::Shadow),
    Contender::new("shadow, no permit", Variant::ShadowNoPermit),
    Contender::new("shadow, resting", Variant::ShadowResting),
    Contender::new("pass-through, handler keeps", Variant::HandlerKeeps),
    Contender::new("log, handler-filled", Variant::Handler),
    Contender::new("service of values keeps", Variant::ServiceKeeps),
    Contender::new("typed", Variant::Typed),
    Contender::new("keep", Variant::Keep),
    Contender::new("direct", Variant::Direct),
];

const KINDS: [(Requests, &str); 4] = [
    (Requests { named: true, extended: true }, "the client names its request, a router has been at work"),
    (Requests { named: false, extended: true }, "the layer names the request, a router has been at work"),
    (Requests { named: true, extended: false }, "the client names its request, no extensions"),
    (Requests { named: false, extended: false }, "the layer names the request, no extensions"),
];

fn main() -> Result<()> {
    for (requests, title) in KINDS {
        // what is not HTTP has no requests that differ
        let contenders =
            CONTENDERS.iter().filter(|contender| requests == Requests::USUAL || contender.variant.is_http());
        let lines = contenders
            .map(|contender| {
                let [counted, base] =
                    [contender.variant, contender.variant.base()].map(|variant| count(variant, requests));
                let (counted, base) = (counted?, base?);
                Ok([
                    contender.name.to_owned(),
                    counted.count_total.to_string(),
                    counted.count_total.saturating_sub(base.count_total).to_string(),
                    counted.bytes_total.to_string(),
                    counted.bytes_total.saturating_sub(base.bytes_total).to_string(),
                ])
            })
            .collect::<Result<Vec<_>>>()?;
        table::print(
            &format!("Allocations per exchange: {title}"),
            ["", "allocations", "beyond the same without", "bytes", "beyond the same without"],
            lines,
        )?;
    }
    Ok(())
}

/// The most that an exchange allocates once the service is warm.
fn count(variant: Variant, requests: Requests) -> Result<AllocationInfo> {
    let mut subject = Subject::new(variant)?;
    let mut most = None;
    for is_warm in [false, true] {
        subject.prepare(BURST, requests);
        for _ in 0..BURST {
            let counted = measure(|| subject.exchange());
            let more = most.as_ref().is_none_or(|most: &AllocationInfo| {
                (most.count_total, most.bytes_total) < (counted.count_total, counted.bytes_total)
            });
            if is_warm && more {
                most = Some(counted);
            }
        }
        subject.settle();
    }
    subject.finish()?;
    most.ok_or_else(|| io::Error::other("nothing was measured").into())
}
