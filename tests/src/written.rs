//! What sinks have written, as a reader finds it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tiltmeter::record::{Heartbeat, RowsFound, SinkLedger, WriterAccount};

/// All files below `folder`.
#[must_use]
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// What one writer has written as JSON lines.
#[derive(Debug, Default)]
pub struct Written {
    /// The sequences of the predictions, in the order of the lines.
    pub sequences: Vec<u64>,
    /// The heartbeats, in the order of the lines.
    pub heartbeats: Vec<Heartbeat>,
    /// The gaps, as they stand there.
    pub gaps: Vec<Value>,
    /// Lines of other kinds: rates, profiles, the books of shadows.
    pub others: Vec<Value>,
    /// Lines that are no JSON: the last one of a writer that was killed may be half.
    pub broken: usize,
}

impl Written {
    /// Reads all lines below `folder`.
    #[must_use]
    pub fn lines_below(folder: &Path) -> Self {
        let mut written = Self::default();
        for file in files_below(folder) {
            let text = String::from_utf8(std::fs::read(file).unwrap()).unwrap();
            for line in text.lines() {
                match serde_json::from_str(line) {
                    Ok(line) => written.line(line),
                    Err(_) => written.broken += 1,
                }
            }
        }
        written
    }

    fn line(&mut self, line: Value) {
        match line["record"].as_str().unwrap() {
            "prediction" => self.sequences.push(line["sequence"].as_u64().unwrap()),
            "heartbeat" => self.heartbeats.push(heartbeat(&line)),
            "gap" => self.gaps.push(line),
            _ => self.others.push(line),
        }
    }

    /// What became of the predictions on their way to `sink`, of which those with `sequences` were found.
    #[must_use]
    pub fn account(&self, sink: &str, sequences: &[u64]) -> WriterAccount {
        let found = RowsFound::of(sequences.iter().copied());
        assert_eq!(found.rows(), sequences.len() as u64, "no copies");
        WriterAccount::new(sink, &self.heartbeats, &[], &found).unwrap()
    }

    /// The books of `sink` in the last heartbeat.
    #[must_use]
    pub fn last_books(&self, sink: &str) -> SinkLedger {
        let last = self.heartbeats.iter().max_by_key(|heartbeat| heartbeat.sequence).unwrap();
        last.sinks.iter().find(|books| &*books.sink == sink).unwrap().clone()
    }

    /// Whether heartbeats are numbered from 0 without holes.
    #[must_use]
    pub fn heartbeats_are_whole(&self) -> bool {
        let sequences: BTreeSet<_> = self.heartbeats.iter().map(|heartbeat| heartbeat.sequence).collect();
        sequences.len() == self.heartbeats.len() && sequences.into_iter().eq(0..self.heartbeats.len() as u64)
    }
}

fn heartbeat(line: &Value) -> Heartbeat {
    let time = |name: &str| line[name].as_str().unwrap().parse().unwrap();
    let mut heartbeat = Heartbeat::new(line["sequence"].as_u64().unwrap(), time("started_at"), time("at"));
    heartbeat.next_prediction = line["next_prediction"].as_u64().unwrap();
    heartbeat.exchanges = serde_json::from_value(line["exchanges"].clone()).unwrap();
    let books = |sink: &Value| {
        let name = sink["sink"].as_str().unwrap();
        SinkLedger::new(name.into(), serde_json::from_value(sink["predictions"].clone()).unwrap())
    };
    heartbeat.sinks = line["sinks"].as_array().unwrap().iter().map(books).collect();
    heartbeat.is_canary = line["is_canary"] == true;
    heartbeat.is_last = line["is_last"] == true;
    heartbeat
}
