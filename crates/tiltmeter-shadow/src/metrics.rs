//! The books as metrics, through the facade of the `metrics` crate.
//!
//! One of the shadow's threads sets them once a second; the champion's path has nothing to do with it.
//!
//! Each has the label `shadow`, the name of the shadow: [`with_name`](crate::ShadowBuilder::with_name).
//!
//! | metric | other labels | |
//! | --- | --- | --- |
//! | `tiltmeter_shadow_eligible_total` | `challenger` | requests of the safe routes |
//! | `tiltmeter_shadow_requests_total` | `challenger`, `bucket` | what became of them: [`PairBucket`](crate::PairBucket) |
//! | `tiltmeter_shadow_request_bytes_total` | `challenger` | bytes of bodies that it was sent |
//! | `tiltmeter_shadow_answer_bytes_total` | `challenger` | bytes of bodies of its answers |
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
    publish_health(core, &ShadowHealth::read(core));
}

/// The same, for the last time.
pub(crate) fn publish_last(core: &Core, report: &ShadowReport) {
    let mut health = ShadowHealth::read(core);
    for (challenger, last) in health.challengers.iter_mut().zip(&report.challengers) {
        challenger.ledger = last.ledger;
    }
    publish_health(core, &health);
}

fn publish_health(core: &Core, health: &ShadowHealth) {
    let shadow = || Label::new("shadow", core.name.to_string());
    for challenger in &health.challengers {
        let labels = || vec![shadow(), Label::new("challenger", challenger.name.to_string())];
        counter!("tiltmeter_shadow_eligible_total", labels()).absolute(challenger.ledger.eligible);
        // every bucket, also those that are empty: a rate needs a counter that was 0 before
        for (bucket, count) in challenger.ledger.iter() {
            let mut labels = labels();
            labels.push(Label::from_static_parts("bucket", bucket.as_str()));
            counter!("tiltmeter_shadow_requests_total", labels).absolute(count);
        }
        let usage = [
            ("tiltmeter_shadow_request_bytes_total", challenger.request_bytes),
            ("tiltmeter_shadow_answer_bytes_total", challenger.answer_bytes),
        ];
        for (name, bytes) in usage {
            counter!(name, labels()).absolute(bytes);
        }
        gauge!("tiltmeter_shadow_permits", labels()).set(number(challenger.permits));
        gauge!("tiltmeter_shadow_bytes", labels()).set(number(challenger.bytes));
        gauge!("tiltmeter_shadow_resting", labels()).set(f64::from(u8::from(challenger.is_resting)));
    }
    gauge!("tiltmeter_shadow_shedding", vec![shadow()]).set(f64::from(u8::from(health.is_shedding)));
    let cpu = u64::try_from(health.cpu.as_millis()).unwrap_or(u64::MAX);
    counter!("tiltmeter_shadow_cpu_milliseconds_total", vec![shadow()]).absolute(cpu);
}

#[expect(clippy::cast_precision_loss, reason = "a gauge: what is above 2^53 is not what it is looked at for")]
fn number(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
    use std::sync::{Arc, Mutex};

    use metrics::{
        Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit, with_local_recorder,
    };

    use super::*;
    use crate::testing::Mock;
    use crate::{Challenger, PairBucket, ShadowBuilder};

    /// What each series is.
    #[derive(Default)]
    struct Series(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

    impl Series {
        fn of(&self, key: &Key) -> Arc<AtomicU64> {
            let labels: Vec<_> =
                key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            let name = format!("{}{{{}}}", key.name(), labels.join(","));
            Arc::clone(self.0.lock().unwrap().entry(name).or_default())
        }

        fn get(&self, series: &str) -> Option<u64> {
            self.0.lock().unwrap().get(series).map(|value| value.load(SeqCst))
        }
    }

    impl Recorder for Series {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.of(key))
        }
        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::from_arc(self.of(key))
        }
        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    #[test]
    fn two_shadows_of_one_challenger_keep_their_counts_apart() {
        let series = Series::default();
        for (name, refused) in [("churn", 3), ("fraud", 1)] {
            let challenger = Challenger::http("next", Mock::answering(b"0.4"));
            let (shared, _dispatcher) =
                ShadowBuilder::http().with_name(name).with_challenger(challenger).unstarted();
            (0..refused).for_each(|_| shared.core.standings[0].books.refused(PairBucket::NoPermit));
            shared.core.standings[0].gate.enter(7).unwrap();
            with_local_recorder(&series, || publish(&shared.core));
        }
        let counted = |what: &str| series.get(&format!("tiltmeter_shadow_{what}"));
        let requests = |shadow, bucket| {
            counted(&format!("requests_total{{shadow={shadow},challenger=next,bucket={bucket}}}"))
        };
        assert_eq!((requests("churn", "no_permit"), requests("fraud", "no_permit")), (Some(3), Some(1)));
        assert_eq!(requests("fraud", "paired"), Some(0), "one that is empty as well");
        assert_eq!(counted("eligible_total{shadow=churn,challenger=next}"), Some(3));
        assert_eq!(counted("bytes{shadow=churn,challenger=next}"), Some(7.0_f64.to_bits()));
        assert_eq!(counted("shedding{shadow=fraud}"), Some(0.0_f64.to_bits()));
        assert_eq!(counted("cpu_milliseconds_total{shadow=fraud}"), Some(0));
    }
}
