//! Lines that wait for the disk, and the duties for them.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use tiltmeter_record::{PredictionDrop, WriterId};

use crate::books::{Delivery, Receipt};

/// Whole lines, in the order of their duties.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    lines: Vec<u8>,
    duties: Duties,
    /// When the first of the lines came.
    since: Option<Duration>,
    writer: Option<WriterId>,
    /// Room that the disk has given back.
    spare: Vec<u8>,
}

impl Buffer {
    pub(super) fn bytes(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn since(&self) -> Option<Duration> {
        self.since
    }

    /// Who wrote the lines: the first one that did, because a sink serves one log.
    pub(super) fn writer(&self) -> Option<&WriterId> {
        self.writer.as_ref()
    }

    pub(super) fn name_writer(&mut self, writer: &WriterId) {
        if self.writer.is_none() {
            self.writer = Some(writer.clone());
        }
    }

    /// Appends lines; their duties are to follow at once.
    pub(super) fn append(&mut self, now: Duration, write: impl FnOnce(&mut Vec<u8>)) {
        self.since.get_or_insert(now);
        write(&mut self.lines);
    }

    /// The duty for the last lines: one for each prediction.
    pub(super) fn owe_rows(&mut self, delivery: Delivery) {
        self.duties.push_rows(delivery);
    }

    /// The duty for the last `lines` lines.
    pub(super) fn owe_journal(&mut self, receipt: Receipt, lines: usize) {
        self.duties.0.push_back(Duty::Journal(receipt, lines as u64));
    }

    /// Takes all lines and their duties out.
    pub(super) fn take(&mut self) -> (Vec<u8>, Duties) {
        self.since = None;
        (mem::replace(&mut self.lines, mem::take(&mut self.spare)), mem::take(&mut self.duties))
    }

    /// Takes room back that has been written, unless one large line has made it much larger than `bytes`.
    pub(super) fn give_back(&mut self, mut room: Vec<u8>, bytes: usize) {
        if room.capacity() <= bytes.saturating_mul(2) {
            room.clear();
            self.spare = room;
        }
    }
}

/// What is owed for lines, in their order.
#[derive(Debug, Default)]
pub(super) struct Duties(VecDeque<Duty>);

#[derive(Debug)]
enum Duty {
    /// One line for each prediction.
    Rows(Delivery),
    /// A journal of so many lines.
    Journal(Receipt, u64),
}

impl Duties {
    fn push_rows(&mut self, delivery: Delivery) {
        let apart = match self.0.back_mut() {
            Some(Duty::Rows(last)) => last.merge(delivery).err(),
            _ => Some(delivery),
        };
        if let Some(delivery) = apart.filter(|delivery| delivery.rows() > 0) {
            self.0.push_back(Duty::Rows(delivery));
        }
    }

    /// Takes out what is owed for the first `lines` lines. A journal of which a line is missing stays.
    pub(super) fn take_lines(&mut self, lines: u64) -> Owed {
        let mut owed = Owed::default();
        let mut left = lines;
        while left > 0
            && let Some(first) = self.0.pop_front()
        {
            match first {
                Duty::Rows(mut delivery) => {
                    let rows = delivery.split(left);
                    left -= rows.rows();
                    owed.add_rows(rows);
                    if delivery.rows() > 0 {
                        self.0.push_front(Duty::Rows(delivery));
                    }
                }
                Duty::Journal(receipt, lines) if lines <= left => {
                    left -= lines;
                    owed.receipts.push(receipt);
                }
                torn @ Duty::Journal(..) => {
                    self.0.push_front(torn);
                    left = 0;
                }
            }
        }
        owed
    }

    /// The lines are lost; a receipt that is not signed says so by itself.
    pub(super) fn dropped(self, why: &str) {
        for duty in self.0 {
            if let Duty::Rows(delivery) = duty {
                delivery.dropped(PredictionDrop::SinkFailed, &why);
            }
        }
    }
}

/// What is owed for lines that have one fate: a delivery for each model, however many batches they came in.
#[derive(Debug, Default)]
pub(super) struct Owed {
    deliveries: Vec<Delivery>,
    receipts: Vec<Receipt>,
}

impl Owed {
    pub(super) fn is_empty(&self) -> bool {
        self.deliveries.is_empty() && self.receipts.is_empty()
    }

    pub(super) fn add(&mut self, other: Self) {
        for delivery in other.deliveries {
            self.add_rows(delivery);
        }
        self.receipts.extend(other.receipts);
    }

    fn add_rows(&mut self, delivery: Delivery) {
        let mut apart = Some(delivery);
        for mine in &mut self.deliveries {
            let Some(delivery) = apart.take() else { return };
            apart = mine.merge(delivery).err();
        }
        self.deliveries.extend(apart);
    }

    pub(super) fn written(self) {
        self.deliveries.into_iter().for_each(Delivery::written);
        self.receipts.into_iter().for_each(Receipt::written);
    }

    /// The lines are lost; a receipt that is not signed says so by itself.
    pub(super) fn dropped(self, why: &str) {
        for delivery in self.deliveries {
            delivery.dropped(PredictionDrop::SinkFailed, &why);
        }
    }
}
