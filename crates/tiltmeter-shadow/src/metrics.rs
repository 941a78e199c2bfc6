//! The books as metrics, through the facade of the `metrics` crate.
//!
//! One of the shadow's threads sets them once a second; the champion's path has nothing to do with it.
//!
//! | metric | labels | |
//! | --- | --- | --- |
//! | `tiltmeter_shadow_eligible_total` | `challenger` | requests of the safe routes |
//! | `tiltmeter_shadow_requests_total` | `challenger`, `bucket` | what became of them: [`PairBucket`](crate::PairBucket) |
//! | `tiltmeter_shadow_permits`, `tiltmeter_shadow_bytes` | `challenger` | what is under way |
//! | `tiltmeter_shadow_resting` | `challenger` | 1 while the breaker is not closed |
//! | `tiltmeter_shadow_shedding` | | 1 while the challengers yield to the champion |
//! | `tiltmeter_shadow_cpu_milliseconds_total` | | CPU time of the shadow's threads |

use metrics::{Label, counter, gauge};

use crate::core::Core;
use crate::guard::ShadowReport;
use crate::handle::ShadowHealth;

/// What a shadow has to tell, as metrics.
pub(crate) fn publish(core: &Core) {
    publish_health(&ShadowHealth::read(core));
}

/// The same, for the last time.
pub(crate) fn publish_last(core: &Core, report: &ShadowReport) {
    let mut health = ShadowHealth::read(core);
    for (challenger, last) in health.challengers.iter_mut().zip(&report.challengers) {
        challenger.ledger = last.ledger;
    }
    publish_health(&health);
}

fn publish_health(health: &ShadowHealth) {
    for challenger in &health.challengers {
        let name = || Label::new("challenger", challenger.name.to_string());
        counter!("tiltmeter_shadow_eligible_total", vec![name()]).absolute(challenger.ledger.eligible);
        // every bucket, also those that are empty: a rate needs a counter that was 0 before
        for (bucket, count) in challenger.ledger.iter() {
            let labels = vec![name(), Label::from_static_parts("bucket", bucket.as_str())];
            counter!("tiltmeter_shadow_requests_total", labels).absolute(count);
        }
        gauge!("tiltmeter_shadow_permits", vec![name()]).set(number(challenger.permits));
        gauge!("tiltmeter_shadow_bytes", vec![name()]).set(number(challenger.bytes));
        gauge!("tiltmeter_shadow_resting", vec![name()]).set(f64::from(u8::from(challenger.is_resting)));
    }
    gauge!("tiltmeter_shadow_shedding").set(f64::from(u8::from(health.is_shedding)));
    let cpu = u64::try_from(health.cpu.as_millis()).unwrap_or(u64::MAX);
    counter!("tiltmeter_shadow_cpu_milliseconds_total").absolute(cpu);
}

#[expect(clippy::cast_precision_loss, reason = "a gauge: what is above 2^53 is not what it is looked at for")]
fn number(value: u64) -> f64 {
    value as f64
}
