//! Allocations per exchange, on the thread that serves it.
//!
//! What the worker allocates is not counted: it is no part of the request path.

use std::io;

use allocation_counter::{AllocationInfo, measure};
use anyhow::Result;
use tiltmeter_benches::in_process::{BURST, ClientId, Subject, requests};
use tiltmeter_benches::{Contender, Variant, table};

const CONTENDERS: [Contender; 4] = [
    Contender::new("bare", Variant::Bare),
    Contender::new("pass-through", Variant::PassThrough),
    Contender::new("log", Variant::Log),
    Contender::new("log, dead sink", Variant::DeadSink),
];

fn main() -> Result<()> {
    for (client_id, title) in [
        (ClientId::Sent, "Allocations per exchange, the client names its request"),
        (ClientId::Missing, "Allocations per exchange, the layer names the request"),
    ] {
        let counted = CONTENDERS
            .iter()
            .map(|contender| count(contender.variant, client_id))
            .collect::<Result<Vec<_>>>()?;
        let base = &counted[1];
        table::print(
            title,
            ["", "allocations", "beyond pass-through", "bytes", "beyond pass-through"],
            CONTENDERS.iter().zip(&counted).map(|(contender, counted)| {
                [
                    contender.name.to_owned(),
                    counted.count_total.to_string(),
                    counted.count_total.saturating_sub(base.count_total).to_string(),
                    counted.bytes_total.to_string(),
                    counted.bytes_total.saturating_sub(base.bytes_total).to_string(),
                ]
            }),
        )?;
    }
    Ok(())
}

/// The most that an exchange allocates once the service is warm.
fn count(variant: Variant, client_id: ClientId) -> Result<AllocationInfo> {
    let mut subject = Subject::new(variant)?;
    for request in requests(BURST, client_id) {
        subject.exchange(request);
    }
    subject.settle();
    let most = requests(BURST, client_id)
        .into_iter()
        .map(|request| measure(|| subject.exchange(request)))
        .max_by_key(|info| (info.count_total, info.bytes_total))
        .ok_or_else(|| io::Error::other("nothing was measured"))?;
    subject.finish()?;
    Ok(most)
}
