//! One model: its decoder, and the rows that go to the sinks next.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tiltmeter_record::{ExchangeDrop, Masker, PredictionBatch};

use crate::books::{Delivery, SinkBooks};
use crate::decode::Decoder;
use crate::layer::Captured;
use crate::tallies::Tallies;

#[derive(Debug)]
pub(crate) struct Model {
    decoder: Decoder,
    masker: Masker,
    batch: PredictionBatch,
    /// The duty to deliver the rows, to each sink: it comes to be with them, so that whatever ends the worker, they count.
    owed: Vec<Delivery>,
}

impl Model {
    pub(crate) fn new(
        place: u16,
        decoder: Decoder,
        masker: Masker,
        batch: PredictionBatch,
        sinks: &[Arc<SinkBooks>],
    ) -> Self {
        let owed = sinks.iter().map(|books| Delivery::new(place, Arc::clone(books))).collect();
        Self { decoder, masker, batch, owed }
    }

    pub(super) fn rows(&self) -> usize {
        self.batch.rows.len()
    }

    /// Decodes an exchange into rows, and masks them.
    pub(super) fn decode(
        &mut self,
        captured: &Captured,
        now: Timestamp,
        age: Duration,
        sequence: &mut u64,
    ) -> Result<u64, ExchangeDrop> {
        let before = self.batch.rows.len();
        let decoded = self.decoder.decode(captured, now, age, sequence, &mut self.batch.rows)?;
        // before anything sees them: observers, sinks, debug output, error messages
        if self.masker.is_active() {
            self.batch.rows[before..].iter_mut().for_each(|row| self.masker.apply(row));
        }
        Ok(decoded)
    }

    /// The last `rows` rows are decoded: every sink owes them.
    pub(super) fn owe(&mut self, rows: u64) {
        for delivery in &mut self.owed {
            delivery.add(rows);
        }
    }

    /// Takes back the rows after the first `rows`.
    pub(super) fn forget_after(&mut self, rows: usize) {
        self.batch.rows.truncate(rows);
    }

    /// Notes how many values did not fit their columns, and what was masked.
    pub(super) fn note(&mut self, tallies: &Tallies) {
        let name: Arc<str> = self.batch.spec.name.as_str().into();
        tallies.note_misfits(&name, self.decoder.misfits());
        tallies.note_masked(&name, &self.masker.take_counts());
    }

    /// Takes the rows, and the duty to deliver them to each sink.
    pub(super) fn take(&mut self) -> Option<(PredictionBatch, impl Iterator<Item = Delivery> + '_)> {
        if self.batch.rows.is_empty() {
            return None;
        }
        let next = PredictionBatch::new(
            Arc::clone(&self.batch.spec),
            self.batch.writer_id.clone(),
            Arc::clone(&self.batch.serving_node),
        );
        // rows and duty go together: whatever is cut off takes both with it
        let batch = mem::replace(&mut self.batch, next);
        Some((batch, self.owed.iter_mut().map(|delivery| delivery.split(delivery.rows()))))
    }
}
