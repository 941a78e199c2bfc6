//! One model: its decoder, and the rows that go to the sinks next.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tiltmeter_record::PairBucket;
use tiltmeter_record::{
    ErrorType, ExchangeDrop, Masker, Observation, Pair, PairBatch, Prediction, PredictionBatch, RateChange,
};

use super::PairDesk;
use super::side_by_side::{SideBySide, side_by_side};
use crate::books::{Delivery, SinkBooks, Stratum};
use crate::decode::Decoder;
use crate::layer::{Captured, Extent, Tape};
use crate::pair::ObservedPair;
use crate::sampling::{Decided, ModelSampler, Release, SamplingDesk, disagree};
use crate::tallies::Tallies;

/// What a pair has become.
#[derive(Clone, Copy, Debug)]
pub(super) struct PairRows {
    pub(super) count: u64,
    /// Whether one of the answers could not be read.
    pub(super) is_unreadable: bool,
}

/// How an answer is read. What does not succeed is followed by the next one.
#[derive(Clone, Copy, Debug)]
enum Attempt {
    AsItIs,
    /// The request was not kept, or cannot be read: of a request with one instance the answer can be read all the same.
    WithoutRequest,
    /// What is known without the bodies.
    AsFailed,
}

impl Attempt {
    fn prepare(self, side: &mut Captured) {
        const NOTHING: (&[bytes::Bytes], Extent) = (&[], Extent::Uncaptured);
        match self {
            Self::AsItIs => {}
            Self::WithoutRequest => {
                let (response, extent) = side.tape.response();
                let response = [bytes::Bytes::copy_from_slice(response)];
                side.tape = Tape::of_parts(side.tape.id(), NOTHING, (&response, extent));
                // an application that says nothing of one instance
                let said = side.said.get_or_insert_default();
                if said.observations.as_slice().is_empty() {
                    said.observations.push(Observation::new());
                }
            }
            Self::AsFailed => {
                side.error = side.error.or(Some(ErrorType::Unreadable));
                side.tape = Tape::of_parts(side.tape.id(), NOTHING, NOTHING);
                side.said = None;
            }
        }
    }
}

#[derive(Debug)]
pub(crate) struct Model {
    decoder: Decoder,
    masker: Masker,
    batch: PredictionBatch,
    pairs: PairDesk,
    sampler: Option<ModelSampler>,
    /// The duty to deliver the rows, and those that wait to be decided about, to each sink: it comes to be with them, so that
    /// whatever ends the worker, they count.
    owed: Vec<Delivery>,
}

impl Model {
    pub(crate) fn new(
        place: u16,
        decoder: Decoder,
        masker: Masker,
        batch: PredictionBatch,
        pairs: PairDesk,
        sampler: Option<ModelSampler>,
        sinks: &[Arc<SinkBooks>],
    ) -> Self {
        let owed = sinks.iter().map(|books| Delivery::new(place, Arc::clone(books))).collect();
        Self { decoder, masker, batch, pairs, sampler, owed }
    }

    /// What tells of its sampling, if it is sampled.
    pub(crate) fn sampling(&self) -> Option<Arc<SamplingDesk>> {
        self.sampler.as_ref().map(|sampler| Arc::clone(sampler.desk()))
    }

    pub(super) fn rows(&self) -> usize {
        self.batch.rows.len()
    }

    /// Decodes an exchange into rows, and masks them. `stratum` is what it would have been counted by as a loss.
    pub(super) fn decode(
        &mut self,
        captured: &Captured,
        stratum: Stratum,
        now: Timestamp,
        age: Duration,
        sequence: &mut u64,
    ) -> Result<u64, ExchangeDrop> {
        let before = self.batch.rows.len();
        let decoded = self.decoder.decode(captured, now, age, sequence, &mut self.batch.rows)?;
        let rows = &mut self.batch.rows[before..];
        for row in rows.iter_mut() {
            (row.inclusion.size_class, row.inclusion.priority) = (Some(stratum.size), Some(stratum.priority));
        }
        // the request's id as all others know it: masking may change it
        let draw =
            self.sampler.as_ref().zip(rows.first()).map(|(sampler, row)| sampler.draw(&row.request_id));
        // before anything sees them: observers, sinks, debug output, error messages
        if self.masker.is_active() {
            rows.iter_mut().for_each(|row| self.masker.apply(row));
        }
        // last: what panics before it leaves no rows
        if let (Some(sampler), Some(draw)) = (&mut self.sampler, draw) {
            sampler.ask(draw, captured.is_to_be_kept(), rows.len());
        }
        Ok(decoded)
    }

    /// Decodes a pair into rows, one for each instance, and masks them.
    pub(super) fn decode_pair(
        &mut self,
        mut pair: ObservedPair,
        sequence: &mut u64,
        now: Duration,
    ) -> PairRows {
        let (champion, challenger) = pair.captured(0);
        let champions = self.decode_answer(champion, pair.timestamp);
        let challengers = challenger.map(|side| self.decode_answer(side, pair.timestamp));
        let SideBySide { rows, is_mismatch } = side_by_side(champions, challengers);
        let is_unreadable = |row: &Prediction| row.error_type == Some(ErrorType::Unreadable);
        let mut was_unreadable = is_mismatch;
        let rows: Vec<_> = rows
            .into_iter()
            .map(|(mut champion, challenger)| {
                self.pairs.slice(&mut champion);
                let has_answer = !challenger.as_ref().is_some_and(is_unreadable);
                was_unreadable |= !has_answer || is_unreadable(&champion);
                let bucket = match pair.bucket {
                    PairBucket::Paired if !has_answer => PairBucket::ChallengerError,
                    bucket => bucket,
                };
                let inclusion_probability = pair.inclusion_probability;
                let row = Pair { sequence: *sequence, bucket, inclusion_probability, champion, challenger };
                *sequence += 1;
                row
            })
            .collect();
        if let Some(sampler) = &mut self.sampler {
            let (draw, disagrees) = (sampler.draw(&pair.request_id), disagree(&self.batch.spec, &rows));
            sampler.pair(draw, &pair.challenger_name, pair.inclusion_probability, disagrees, now);
        }
        let count = rows.len() as u64;
        self.pairs.add(pair.challenger_name, rows);
        PairRows { count, is_unreadable: was_unreadable }
    }

    /// The rows of one side, masked: at least one.
    fn decode_answer(&mut self, mut side: Captured, now: Timestamp) -> Vec<Prediction> {
        let mut rows = Vec::new();
        for attempt in [Attempt::AsItIs, Attempt::WithoutRequest, Attempt::AsFailed] {
            attempt.prepare(&mut side);
            let Self { decoder, .. } = self;
            let decoded = catch_unwind(AssertUnwindSafe(|| {
                decoder.decode(&side, now, Duration::ZERO, &mut 0, &mut rows)
            }));
            if matches!(decoded, Ok(Ok(1..))) {
                break;
            }
            rows.clear();
        }
        if self.masker.is_active() {
            rows.iter_mut().for_each(|row| self.masker.apply(row));
        }
        rows
    }

    /// Takes the pairs of each challenger, and the duty to deliver them to each sink.
    pub(super) fn take_pairs(&mut self) -> impl Iterator<Item = (PairBatch, Vec<Delivery>)> + use<> {
        self.pairs.take()
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

    /// Notes how many values did not fit their columns, what was masked, and how the sampling stands.
    pub(super) fn note(&mut self, tallies: &Tallies) {
        let name: Arc<str> = self.batch.spec.name.as_str().into();
        tallies.note_misfits(&name, self.decoder.misfits());
        tallies.note_masked(&name, &self.masker.take_counts());
        if let Some(sampler) = &self.sampler {
            sampler.note();
        }
    }

    /// The rows that have come since the last [take](Self::take), if there are any: all of them.
    pub(super) fn fresh(&self) -> Option<&PredictionBatch> {
        (!self.batch.rows.is_empty()).then_some(&self.batch)
    }

    /// Takes the rows that are kept, and the duty to deliver them to each sink. Those that are not are settled; those about
    /// which nothing can be decided yet stay, unless all are to go.
    pub(super) fn take(
        &mut self,
        release: Release,
        now: Duration,
        wall: Timestamp,
    ) -> Option<(PredictionBatch, impl Iterator<Item = Delivery> + '_)> {
        let kept = match &mut self.sampler {
            None => mem::take(&mut self.batch.rows),
            Some(sampler) => {
                sampler.turn(now, wall);
                let Decided { kept, sampled_out } = sampler.decide(&mut self.batch.rows, release, now);
                self.owed.iter_mut().for_each(|delivery| delivery.sampled_out(sampled_out));
                kept
            }
        };
        let waiting = self.sampler.as_ref().map_or(0, ModelSampler::waiting);
        let rows = kept.len() as u64;
        debug_assert!(
            self.owed.iter().all(|delivery| delivery.rows() == rows + waiting),
            "each has its duty"
        );
        if kept.is_empty() {
            return None;
        }
        let batch = PredictionBatch {
            spec: Arc::clone(&self.batch.spec),
            writer_id: self.batch.writer_id.clone(),
            serving_node: Arc::clone(&self.batch.serving_node),
            rows: kept,
        };
        // rows and duty go together: whatever is cut off takes both with it
        Some((batch, self.owed.iter_mut().map(move |delivery| delivery.split(rows))))
    }

    /// The rows that were taken hold so many bytes.
    pub(super) fn weigh(&mut self, rows: u64, bytes: u64) {
        if let Some(sampler) = &mut self.sampler {
            sampler.weigh(rows, bytes);
        }
    }

    /// The changes of sampling rates since the last time.
    pub(super) fn take_rate_changes(&mut self) -> Vec<RateChange> {
        self.sampler.as_mut().map(ModelSampler::take_changes).unwrap_or_default()
    }
}
