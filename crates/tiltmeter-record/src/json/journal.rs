//! Gaps, heartbeats, the books of shadows and changes of rates as lines.

use super::object::{Object, value};
use super::profile::append_profile;
use crate::schema::{
    GAP_SCHEMA_VERSION, HEARTBEAT_SCHEMA_VERSION, RATE_SCHEMA_VERSION, SHADOW_SCHEMA_VERSION,
};
use crate::{
    Gap, Heartbeat, Journal, PredictionLedger, Priority, RateChange, ShadowHeartbeat, SinkLedger, SizeClass,
};

/// Appends the gaps of `journal`, its heartbeats, the books of shadows, the changes of sampling rates, and profiles, in that order:
/// one line each, of profiles one for each cell and column. Returns how many lines there are.
pub fn append_journal(out: &mut Vec<u8>, journal: &Journal) -> usize {
    for gap in &journal.gaps {
        append_gap(out, journal, gap);
    }
    for heartbeat in &journal.heartbeats {
        append_heartbeat(out, journal, heartbeat);
    }
    for shadow in &journal.shadows {
        append_shadow(out, journal, shadow);
    }
    for rate in &journal.rates {
        append_rate(out, journal, rate);
    }
    let of_profiles: usize = journal.profiles.iter().map(|delta| append_profile(out, journal, delta)).sum();
    journal.gaps.len() + journal.heartbeats.len() + journal.shadows.len() + journal.rates.len() + of_profiles
}

/// Appends `gap`, of the writer of `journal`, to `out` as one line.
pub fn append_gap(out: &mut Vec<u8>, journal: &Journal, gap: &Gap) {
    let mut line = begin(out, "gap", journal);
    line.member("sequence", &gap.sequence);
    line.time("minute", gap.minute);
    line.optional("model_name", gap.model_name.as_deref());
    line.optional("endpoint", gap.endpoint.as_deref());
    line.optional("size_class", gap.size_class.map(SizeClass::as_str));
    line.optional("priority", gap.priority.map(Priority::as_str));
    line.optional("sink", gap.sink.as_deref());
    line.member("reason", gap.reason);
    line.member("count", &gap.count);
    line.member("unit", gap.unit.as_str());
    line.member("schema_version", &GAP_SCHEMA_VERSION);
    line.end_line();
}

/// Appends `heartbeat`, of the writer of `journal`, to `out` as one line.
pub fn append_heartbeat(out: &mut Vec<u8>, journal: &Journal, heartbeat: &Heartbeat) {
    let mut line = begin(out, "heartbeat", journal);
    line.member("sequence", &heartbeat.sequence);
    line.time("at", heartbeat.at);
    line.time("started_at", heartbeat.started_at);
    line.member("next_prediction", &heartbeat.next_prediction);
    if heartbeat.next_pair > 0 {
        line.member("next_pair", &heartbeat.next_pair);
    }
    line.member("exchanges", &heartbeat.exchanges);
    sinks(line.key("sinks"), &heartbeat.sinks);
    if heartbeat.is_canary {
        line.member("is_canary", &true);
    }
    if heartbeat.is_last {
        line.member("is_last", &true);
    }
    line.member("schema_version", &HEARTBEAT_SCHEMA_VERSION);
    line.end_line();
}

/// Appends the books of a challenger, of the writer of `journal`, to `out` as one line.
pub fn append_shadow(out: &mut Vec<u8>, journal: &Journal, shadow: &ShadowHeartbeat) {
    let mut line = begin(out, "shadow", journal);
    let books = &shadow.books;
    line.member("sequence", &shadow.sequence);
    line.time("at", books.at);
    line.time("started_at", books.started_at);
    line.member("model_name", &*shadow.model_name);
    line.member("shadow", books.shadow.as_str());
    line.member("challenger", books.challenger.as_str());
    if books.is_last {
        line.member("is_last", &true);
    }
    line.member("eligible", &books.requests.eligible);
    for (bucket, count) in books.requests.iter() {
        line.member(bucket.as_str(), &count);
    }
    line.member("request_bytes", &books.usage.request_bytes);
    line.member("answer_bytes", &books.usage.answer_bytes);
    line.member("cpu_micros", &books.usage.cpu_micros);
    line.member("schema_version", &SHADOW_SCHEMA_VERSION);
    line.end_line();
}

/// Appends `rate`, which is of `journal`, to `out` as one line.
pub fn append_rate(out: &mut Vec<u8>, journal: &Journal, rate: &RateChange) {
    let mut line = begin(out, "rate", journal);
    line.member("sequence", &rate.sequence);
    line.time("at", rate.at);
    line.member("model_name", &*rate.model_name);
    line.member("rate", rate.rate);
    line.optional("before", rate.before.as_ref());
    line.member("after", &rate.after);
    line.member("because", rate.because);
    line.optional("fleet_predictions_per_day", rate.fleet_predictions_per_day.as_ref());
    line.member("schema_version", &RATE_SCHEMA_VERSION);
    line.end_line();
}

pub(super) fn begin<'b>(out: &'b mut Vec<u8>, record: &'static str, journal: &Journal) -> Object<'b> {
    let mut line = Object::begin(out);
    line.member("record", record);
    line.member("writer_id", journal.writer_id.as_str());
    line.member("serving_node", &*journal.serving_node);
    line
}

fn sinks(out: &mut Vec<u8>, sinks: &[SinkLedger]) {
    out.push(b'[');
    for (place, SinkLedger { sink, predictions, pairs }) in sinks.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        let mut object = Object::begin(out);
        object.member("sink", &**sink);
        value(object.key("predictions"), predictions);
        if *pairs != PredictionLedger::default() {
            value(object.key("pairs"), pairs);
        }
        object.end();
    }
    out.push(b']');
}
