//! Gaps and heartbeats as lines.

use super::object::{Object, value};
use crate::schema::{GAP_SCHEMA_VERSION, HEARTBEAT_SCHEMA_VERSION};
use crate::{Gap, Heartbeat, Journal, Priority, SinkLedger, SizeClass};

/// Appends the gaps of `journal`, and then its heartbeats, one line each; returns how many lines there are.
pub fn append_journal(out: &mut Vec<u8>, journal: &Journal) -> usize {
    for gap in &journal.gaps {
        append_gap(out, journal, gap);
    }
    for heartbeat in &journal.heartbeats {
        append_heartbeat(out, journal, heartbeat);
    }
    journal.gaps.len() + journal.heartbeats.len()
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

fn begin<'b>(out: &'b mut Vec<u8>, record: &'static str, journal: &Journal) -> Object<'b> {
    let mut line = Object::begin(out);
    line.member("record", record);
    line.member("writer_id", journal.writer_id.as_str());
    line.member("serving_node", &*journal.serving_node);
    line
}

fn sinks(out: &mut Vec<u8>, sinks: &[SinkLedger]) {
    out.push(b'[');
    for (place, SinkLedger { sink, predictions }) in sinks.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        let mut object = Object::begin(out);
        object.member("sink", &**sink);
        value(object.key("predictions"), predictions);
        object.end();
    }
    out.push(b']');
}
