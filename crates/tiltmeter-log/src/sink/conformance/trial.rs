//! A sink under test.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tiltmeter_record::{
    ExchangeDrop, Gap, Heartbeat, Journal, ModelSpec, PairBatch, Prediction, PredictionBatch,
};

use super::samples::{pair, profile, rate, shadow};
use super::{Books, Found, Reader, Rendering, Subject, model, row, writer};
use crate::sink::Sink;

/// A sink with what it was given so far.
pub(super) struct Trial {
    /// `None` once it was dropped.
    sink: Option<Box<dyn Sink>>,
    reader: Reader,
    rendering: Rendering,
    pub(super) writes_journals: bool,
    pub(super) books: Books,
    pair_books: Books,
    pairs_given: u64,
    models: Vec<Arc<ModelSpec>>,
    given: u64,
    /// The text that each row must have.
    texts: HashMap<u64, String>,
    writes: u64,
    now: Duration,
}

/// What a check says.
pub(super) type Verdict = Result<(), String>;

impl Trial {
    pub(super) async fn begin(subject: Subject) -> Result<Self, String> {
        let Subject { mut sink, reader, rendering, writes_journals } = subject;
        let models = ["one", "two", "three"].map(model).into_iter().collect::<Result<Vec<_>, _>>();
        let models = models.map_err(|error| format!("the suite's own models are refused: {error}"))?;
        sink.start(&models).await.map_err(|error| format!("it does not start: {error}"))?;
        Ok(Self {
            sink: Some(sink),
            reader,
            rendering,
            writes_journals,
            books: Books::new(),
            pair_books: Books::new(),
            pairs_given: 0,
            models,
            given: 0,
            texts: HashMap::new(),
            writes: 0,
            now: Duration::ZERO,
        })
    }

    /// The next `count` rows.
    pub(super) fn rows(&mut self, count: u64) -> Vec<Prediction> {
        let from = self.given;
        self.given += count;
        (from..self.given).map(row).collect()
    }

    /// Writes the next `count` rows as the log does, for the first model.
    pub(super) async fn write(&mut self, count: u64) -> Verdict {
        let rows = self.rows(count);
        self.write_rows(0, rows).await
    }

    pub(super) async fn write_rows(&mut self, model: u16, rows: Vec<Prediction>) -> Verdict {
        self.tick(Duration::from_millis(16)).await?;
        let delivery = self.books.delivery(model, rows.len() as u64);
        let batch = Arc::new(self.batch(model, rows));
        // somebody else looks at it as well: a sink must not count on being alone with it
        let shared = Arc::clone(&batch);
        self.sink()?.write(batch, delivery).await;
        drop(shared);
        // reading may cost more than writing
        self.writes += 1;
        if self.writes % 4 == 2 { self.nothing_is_made_up() } else { Ok(()) }
    }

    /// Writes `count` pairs as the log does, for the first model and in turn for two challengers.
    pub(super) async fn write_pairs(&mut self, count: u64) -> Verdict {
        let from = self.pairs_given;
        self.pairs_given += count;
        let rows = (from..self.pairs_given).map(pair).collect();
        let delivery = self.pair_books.delivery(0, count);
        let name = if from.is_multiple_of(2) { "even" } else { "odd" };
        let challenger = name.parse().map_err(|error| format!("the suite's own name is refused: {error}"))?;
        let spec = Arc::clone(&self.models[0]);
        let batch = PairBatch::new(spec, challenger, writer(), "conformance".into());
        let batch = Arc::new(PairBatch { rows, ..batch });
        let shared = Arc::clone(&batch);
        self.sink()?.write_pairs(batch, delivery).await;
        drop(shared);
        Ok(())
    }

    /// The pairs are settled, and those that count as written can be read, each once.
    pub(super) fn pairs_are_written(&mut self) -> Verdict {
        let (ledger, given) = (self.pair_books.ledger(), self.pairs_given);
        let why = self.pair_books.last_failure();
        expect(ledger.balances() && ledger.abandoned == 0 && ledger.decoded == given, || {
            format!("{given} pairs were given, and this became of them: {ledger:?} ({why:?})")
        })?;
        let Found { mut pairs, .. } = (self.reader)();
        pairs.sort_unstable();
        let alike = pairs.windows(2).filter(|two| two[0] == two[1]).count();
        expect(alike == 0, || format!("of {} pairs that were read {alike} are alike", pairs.len()))?;
        expect(pairs.len() as u64 == ledger.written, || {
            format!("{} pairs count as written, and {} can be read", ledger.written, pairs.len())
        })?;
        expect(pairs.iter().all(|sequence| *sequence < given), || "a pair was never given".to_owned())
    }

    /// Begins to write the next `count` rows, and gives up after so many `polls`.
    pub(super) async fn begin_write(&mut self, count: u64, polls: u32) -> Verdict {
        let rows = self.rows(count);
        let delivery = self.books.delivery(0, count);
        let batch = Arc::new(self.batch(0, rows));
        let mut write = self.sink()?.write(batch, delivery);
        for _ in 0..polls {
            if poll_fn(|cx| Poll::Ready(write.as_mut().poll(cx).is_ready())).await {
                break;
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    fn batch(&mut self, model: u16, rows: Vec<Prediction>) -> PredictionBatch {
        let spec = &self.models[usize::from(model) % self.models.len()];
        let empty = PredictionBatch::new(Arc::clone(spec), writer(), "conformance".into());
        for row in &rows {
            self.texts.insert(row.sequence, (self.rendering)(&empty, row));
        }
        PredictionBatch { rows, ..empty }
    }

    /// Writes the journal `number`: an entry of each kind, of that sequence.
    pub(super) async fn write_journal(&mut self, number: u64) -> Verdict {
        let now = row(self.given).observed_at;
        let heartbeat = Heartbeat::new(number, now, now);
        let gap = Gap::of_exchanges(number, now, ExchangeDrop::QueueFull, number);
        let mut journal = Journal::new(writer(), "conformance".into());
        journal.gaps = vec![gap];
        journal.heartbeats = vec![heartbeat];
        journal.shadows = vec![shadow(number)?];
        journal.profiles = vec![Arc::new(profile(number))];
        journal.rates = vec![rate(number)];
        let receipt = self.books.receipt(number);
        self.sink()?.write_journal(Arc::new(journal), receipt).await;
        Ok(())
    }

    pub(super) async fn tick(&mut self, passed: Duration) -> Verdict {
        self.now += passed;
        let now = self.now;
        self.sink()?.tick(now).await;
        Ok(())
    }

    /// Flushes, after which everything must be settled.
    pub(super) async fn flush(&mut self) -> Verdict {
        self.sink()?.flush().await;
        let ledger = self.books.ledger();
        expect(ledger.balances(), || format!("a flush has not settled everything: {ledger:?}"))
    }

    pub(super) fn drop_sink(&mut self) {
        self.sink = None;
    }

    fn sink(&mut self) -> Result<&mut dyn Sink, String> {
        match &mut self.sink {
            Some(sink) => Ok(&mut **sink),
            None => Err("the suite has dropped the sink too early".to_owned()),
        }
    }

    /// Whatever counts as written can be read as it was given, and nothing can be read twice or without having been given.
    pub(super) fn nothing_is_made_up(&mut self) -> Verdict {
        self.read().map(drop)
    }

    /// How many rows can be read.
    fn read(&mut self) -> Result<u64, String> {
        // before reading: what is written meanwhile may be found
        let written = self.books.ledger().written;
        let Found { rows: mut found, .. } = (self.reader)();
        let count = found.len();
        found.sort_unstable();
        found.dedup_by(|one, other| (&one.writer, one.sequence) == (&other.writer, other.sequence));
        let alike = count - found.len();
        expect(alike == 0, || format!("of {count} rows that were read {alike} are alike"))?;
        let name = writer().to_string();
        for row in &found {
            let given = self.texts.get(&row.sequence).filter(|_| row.writer == name);
            let given = given.ok_or_else(|| {
                format!("a row that was read was never given: {} of {}", row.sequence, row.writer)
            })?;
            expect(*given == row.text, || {
                format!("the row {} is not as it was given: {}", row.sequence, difference(&row.text, given))
            })?;
        }
        let count = count as u64;
        expect(count >= written, || format!("{written} rows count as written, and {count} can be read"))?;
        Ok(count)
    }

    /// The journals up to `number` can be read, each once; of the books of a shadow, which are cumulative, the latest.
    pub(super) fn journals_are_written(&mut self, number: u64) -> Verdict {
        let Found { gaps, heartbeats, shadows, profiles, rates, .. } = (self.reader)();
        expect(shadows.contains(&number), || {
            format!("the books of a shadow up to {number} were signed, and these can be read: {shadows:?}")
        })?;
        let kinds =
            [("gaps", gaps), ("heartbeats", heartbeats), ("profiles", profiles), ("changes of rates", rates)];
        for (kind, mut found) in kinds {
            found.sort_unstable();
            expect(found.iter().copied().eq(1..=number), || {
                format!("{kind} 1 to {number} were signed, and these can be read: {found:?}")
            })?;
        }
        Ok(())
    }

    /// All that was given is written, and can be read.
    pub(super) fn all_is_written(&mut self) -> Verdict {
        let (ledger, given) = (self.books.ledger(), self.given);
        expect(ledger.written == given, || {
            let why = self.books.last_failure();
            format!("{given} rows were given, and this became of them: {ledger:?} ({why:?})")
        })?;
        let count = self.read()?;
        expect(count == given, || format!("{given} rows were written, and {count} can be read"))
    }
}

pub(super) fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// Where `found` begins to be another text than `given`.
fn difference(found: &str, given: &str) -> String {
    const SHOWN: usize = 80;
    let alike = found.chars().zip(given.chars()).take_while(|(one, other)| one == other).count();
    let from = alike.saturating_sub(SHOWN / 2);
    let part = |text: &str| text.chars().skip(from).take(SHOWN).collect::<String>();
    format!("{:?} instead of {:?}", part(found), part(given))
}
