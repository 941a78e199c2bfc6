//! The books as metrics, through the facade of the `metrics` crate.
//!
//! The worker sets them once a second; the request path has nothing to do with it. Whatever recorder the application
//! installs, before or after the log is built, gets them.
//!
//! | metric | labels | |
//! | --- | --- | --- |
//! | `tiltmeter_log_exchanges_observed_total` | | exchanges that ended |
//! | `tiltmeter_log_exchanges_decoded_total` | | |
//! | `tiltmeter_log_exchanges_dropped_total` | `reason` | of [`ExchangeDrop`](tiltmeter_record::ExchangeDrop) |
//! | `tiltmeter_log_exchanges_abandoned_total` | | |
//! | `tiltmeter_log_predictions_decoded_total` | `sink` | |
//! | `tiltmeter_log_predictions_written_total` | `sink` | |
//! | `tiltmeter_log_predictions_sampled_out_total` | `sink` | |
//! | `tiltmeter_log_predictions_dropped_total` | `sink`, `reason` | of [`PredictionDrop`](tiltmeter_record::PredictionDrop) |
//! | `tiltmeter_log_predictions_abandoned_total` | `sink` | |
//! | `tiltmeter_log_pairs_offered_total`, `…_decoded_total`, `…_refused_total`, `…_abandoned_total`, `…_unreadable_total` | | pairs of champion and challenger, before the sinks |
//! | `tiltmeter_log_sink_pairs_decoded_total`, `…_written_total`, `…_abandoned_total` | `sink` | at each sink |
//! | `tiltmeter_log_sink_pairs_dropped_total` | `sink`, `reason` | |
//! | `tiltmeter_log_queue_exchanges`, `tiltmeter_log_queue_bytes` | | what waits for the worker |
//! | `tiltmeter_log_sink_queue_bytes` | `sink` | what waits for a sink |
//! | `tiltmeter_log_canary_age_seconds` | `sink` | since the latest canary was sent that has been written |
//! | `tiltmeter_log_misfits_total` | `model`, `column` | values that did not fit their column |
//! | `tiltmeter_log_masked_total` | `model`, `what` | what privacy policies have done: see [`MaskCounts`](tiltmeter_record::MaskCounts) |
//! | `tiltmeter_log_sampling_rate` | `model`, `rate` | `base`, of rows that neither a rule nor a floor keeps more of, and `thinning`, the factor on all rates |
//! | `tiltmeter_log_sampling_kept_by_rules_ratio` | `model` | the share of the predictions of the last interval that only rules kept |
//! | `tiltmeter_log_sampling_rules_eat_saving` | `model` | 1 while it is more than the policy's bound |
//! | `tiltmeter_log_sampling_predictions_total`, `…_kept_total`, `…_kept_by_rules_only_total` | `model` | what was decided about, and what was kept |
//! | `tiltmeter_log_sampling_rule_matched_total`, `tiltmeter_log_sampling_rule_kept_total` | `model`, `rule` | what each [`Rule`](tiltmeter_sample::Rule) matched, and what of it was kept |
//! | `tiltmeter_log_sampling_waiting` | `model` | rows that wait for a challenger's answer |
//! | `tiltmeter_log_sampling_unanswered_total` | `model` | rows that waited in vain |
//! | `tiltmeter_log_observers_panicked_total` | | |

use metrics::{Label, counter, gauge};
use tiltmeter_record::{Dropped, Reason};

use crate::health::{Health, SinkHealth};
use crate::pair::PairLedger;
use crate::sampling::SamplingState;

/// What a log has to tell, as metrics. `sink_bytes` is what waits for each sink.
pub(crate) fn publish(exchanges: &tiltmeter_record::ExchangeLedger, health: &Health, sink_bytes: &[u64]) {
    counter!("tiltmeter_log_exchanges_observed_total").absolute(exchanges.observed);
    counter!("tiltmeter_log_exchanges_decoded_total").absolute(exchanges.decoded);
    dropped("tiltmeter_log_exchanges_dropped_total", &exchanges.dropped, &[]);
    counter!("tiltmeter_log_exchanges_abandoned_total").absolute(exchanges.abandoned);
    publish_pairs(health.pairs);
    gauge!("tiltmeter_log_queue_exchanges").set(number(health.queue.exchanges as u64));
    gauge!("tiltmeter_log_queue_bytes").set(number(health.queue.bytes));
    counter!("tiltmeter_log_observers_panicked_total").absolute(health.observers_panicked);
    for (sink, bytes) in health.sinks.iter().zip(sink_bytes) {
        publish_sink(sink, *bytes);
    }
    health.sampling.iter().for_each(publish_sampling);
    for misfit in &health.misfits {
        let labels =
            [Label::new("model", misfit.model.to_string()), Label::new("column", misfit.column.to_string())];
        counter!("tiltmeter_log_misfits_total", labels.iter()).absolute(misfit.count);
    }
    for masked in &health.masked {
        let labels =
            [Label::new("model", masked.model.to_string()), Label::from_static_parts("what", masked.what)];
        counter!("tiltmeter_log_masked_total", labels.iter()).absolute(masked.count);
    }
}

fn publish_sampling(state: &SamplingState) {
    let model = Label::new("model", state.model.to_string());
    let labels = [model.clone()];
    for (rate, value) in [("base", state.base_rate), ("thinning", state.thinning)] {
        let labels = [model.clone(), Label::from_static_parts("rate", rate)];
        gauge!("tiltmeter_log_sampling_rate", labels.iter()).set(value);
    }
    if let Some(share) = state.kept_by_rules_share {
        gauge!("tiltmeter_log_sampling_kept_by_rules_ratio", labels.iter()).set(share);
    }
    let is_eaten = if state.warning.is_some() { 1.0 } else { 0.0 };
    gauge!("tiltmeter_log_sampling_rules_eat_saving", labels.iter()).set(is_eaten);
    let totals = state.totals;
    counter!("tiltmeter_log_sampling_predictions_total", labels.iter()).absolute(totals.predictions);
    counter!("tiltmeter_log_sampling_kept_total", labels.iter()).absolute(totals.kept);
    let by_rules = totals.kept_by_rules_only;
    counter!("tiltmeter_log_sampling_kept_by_rules_only_total", labels.iter()).absolute(by_rules);
    for rule in &state.rules {
        let labels = [model.clone(), Label::from_static_parts("rule", rule.rule.name())];
        counter!("tiltmeter_log_sampling_rule_matched_total", labels.iter()).absolute(rule.matched);
        counter!("tiltmeter_log_sampling_rule_kept_total", labels.iter()).absolute(rule.kept);
    }
    gauge!("tiltmeter_log_sampling_waiting", labels.iter()).set(number(state.waiting));
    counter!("tiltmeter_log_sampling_unanswered_total", labels.iter()).absolute(state.unanswered);
}

fn publish_pairs(pairs: PairLedger) {
    counter!("tiltmeter_log_pairs_offered_total").absolute(pairs.offered);
    counter!("tiltmeter_log_pairs_decoded_total").absolute(pairs.decoded);
    counter!("tiltmeter_log_pairs_refused_total").absolute(pairs.refused);
    counter!("tiltmeter_log_pairs_abandoned_total").absolute(pairs.abandoned);
    counter!("tiltmeter_log_pairs_unreadable_total").absolute(pairs.unreadable);
}

fn publish_sink(sink: &SinkHealth, bytes: u64) {
    let labels = [Label::new("sink", sink.name.to_string())];
    let ledger = &sink.predictions;
    counter!("tiltmeter_log_predictions_decoded_total", labels.iter()).absolute(ledger.decoded);
    counter!("tiltmeter_log_predictions_written_total", labels.iter()).absolute(ledger.written);
    counter!("tiltmeter_log_predictions_sampled_out_total", labels.iter()).absolute(ledger.sampled_out);
    dropped("tiltmeter_log_predictions_dropped_total", &ledger.dropped, &labels);
    counter!("tiltmeter_log_predictions_abandoned_total", labels.iter()).absolute(ledger.abandoned);
    let pairs = &sink.pairs;
    counter!("tiltmeter_log_sink_pairs_decoded_total", labels.iter()).absolute(pairs.decoded);
    counter!("tiltmeter_log_sink_pairs_written_total", labels.iter()).absolute(pairs.written);
    dropped("tiltmeter_log_sink_pairs_dropped_total", &pairs.dropped, &labels);
    counter!("tiltmeter_log_sink_pairs_abandoned_total", labels.iter()).absolute(pairs.abandoned);
    gauge!("tiltmeter_log_sink_queue_bytes", labels.iter()).set(number(bytes));
    if let Some(age) = sink.canary_age {
        gauge!("tiltmeter_log_canary_age_seconds", labels.iter()).set(age.as_secs_f64());
    }
}

/// Every reason, also those that have not struck: a rate needs a counter that was 0 before.
fn dropped<R: Reason>(name: &'static str, dropped: &Dropped<R>, labels: &[Label]) {
    for &reason in R::ALL {
        let reason_label = Label::from_static_parts("reason", reason.as_str());
        let labels: Vec<Label> = labels.iter().cloned().chain([reason_label]).collect();
        counter!(name, labels).absolute(dropped.by(reason));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge: what is above 2^53 is not what it is looked at for")]
fn number(value: u64) -> f64 {
    value as f64
}
