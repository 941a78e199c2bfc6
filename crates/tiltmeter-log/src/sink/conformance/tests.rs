//! The suite on our own sinks, which pass it, and on sinks that lie, which do not.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::Value as Json;
use tiltmeter_record::{Journal, Prediction, PredictionBatch};

use super::*;
use crate::books::{Delivery, Receipt};
use crate::sink::faults::{Failing, Slow};
use crate::sink::{Fsync, JsonLinesSink, JsonLinesSinkBuilder, MemorySink, SinkFuture, Tee};

fn memory() -> (MemorySink, impl FnMut() -> Found + Send + 'static) {
    let sink = MemorySink::default();
    let reading = sink.clone();
    let mut found = Found::default();
    let read = move || {
        for row in reading.take() {
            found.rows.push(FoundRow {
                writer: writer().to_string(),
                sequence: row.sequence,
                text: values(&row),
            });
        }
        found.pairs.extend(reading.take_pairs().iter().map(|(_, pair)| pair.sequence));
        for journal in reading.take_journals() {
            found.gaps.extend(journal.gaps.iter().map(|gap| gap.sequence));
            found.heartbeats.extend(journal.heartbeats.iter().map(|heartbeat| heartbeat.sequence));
            found.shadows.extend(journal.shadows.iter().map(|shadow| shadow.sequence));
            found.profiles.extend(journal.profiles.iter().map(|delta| delta.sequence));
            found.rates.extend(journal.rates.iter().map(|rate| rate.sequence));
        }
        found.clone()
    };
    (sink, read)
}

/// What both have: their texts are put together.
fn both(mut one: Found, other: Found, join: impl Fn(&str, &str) -> String) -> Found {
    let texts: HashMap<u64, String> = other.rows.into_iter().map(|row| (row.sequence, row.text)).collect();
    one.rows.retain_mut(|row| {
        let text = texts.get(&row.sequence).map(|text| join(&row.text, text));
        text.is_some_and(|text| {
            row.text = text;
            true
        })
    });
    one.pairs.retain(|pair| other.pairs.contains(pair));
    one.gaps.retain(|gap| other.gaps.contains(gap));
    one.heartbeats.retain(|heartbeat| other.heartbeats.contains(heartbeat));
    one.shadows.retain(|shadow| other.shadows.contains(shadow));
    one
}

/// What stands in the files below `folder`. A file that is renamed while they are read would be missed, or read twice:
/// then they are read again.
fn lines_below(folder: &Path) -> Found {
    use std::os::unix::fs::MetadataExt as _;
    let list = || -> Option<Vec<(PathBuf, u64)>> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let inode = std::fs::metadata(&path).ok()?.ino();
            files.push((path, inode));
        }
        files.sort();
        Some(files)
    };
    for _ in 0..1_000 {
        let Some(files) = list() else { continue };
        let read =
            || files.iter().map(|(path, _)| std::fs::read_to_string(path)).collect::<Result<Vec<_>, _>>();
        if let Ok(texts) = read()
            && list().is_some_and(|after| after == files)
        {
            return found_in(&texts.concat());
        }
    }
    panic!("the files do not stand still");
}

fn found_in(text: &str) -> Found {
    let mut found = Found::default();
    // a line that is just being written has no end yet
    for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
        let json: Json = serde_json::from_str(line).unwrap();
        let sequence = json["sequence"].as_u64().unwrap();
        match json["record"].as_str().unwrap() {
            "pair" => found.pairs.push(sequence),
            "gap" => found.gaps.push(sequence),
            "heartbeat" => found.heartbeats.push(sequence),
            "shadow" => found.shadows.push(sequence),
            "profile" if json["column"].is_null() => found.profiles.push(sequence),
            "profile" => {}
            "rate" => found.rates.push(sequence),
            _ => {
                let (writer, text) = (json["writer_id"].as_str().unwrap().to_owned(), line.to_owned());
                found.rows.push(FoundRow { writer, sequence, text });
            }
        }
    }
    found
}

fn json_lines(configure: impl Fn(JsonLinesSinkBuilder) -> JsonLinesSinkBuilder) -> Subject {
    let folder = tempfile::tempdir().unwrap();
    let sink = configure(JsonLinesSink::below(folder.path())).build().unwrap();
    Subject::new(sink, move || lines_below(folder.path()))
}

#[tokio::test]
async fn memory_passes() {
    run(|| {
        let (sink, read) = memory();
        Subject::new(sink, read).rendered_by(|_, row| values(row))
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn json_lines_pass() {
    run(|| json_lines(|builder| builder)).await.unwrap();
}

#[tokio::test]
async fn json_lines_in_small_files_with_small_buffers_pass() {
    run(|| json_lines(|builder| builder.with_buffer_bytes(100).with_max_file_bytes(20_000))).await.unwrap();
}

#[tokio::test]
async fn json_lines_that_are_synced_pass() {
    run(|| json_lines(|builder| builder.with_fsync(Fsync::OnRotate))).await.unwrap();
    run(|| json_lines(|builder| builder.with_fsync(Fsync::EveryWrite))).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn slowness_is_no_fault() {
    run(|| {
        let (sink, read) = memory();
        Subject::new(Slow::by(Duration::from_millis(100), sink), read).rendered_by(|_, row| values(row))
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_tee_passes_and_every_part_has_everything() {
    run(|| {
        let folder = tempfile::tempdir().unwrap();
        let lines = JsonLinesSink::below(folder.path()).build().unwrap();
        let (one, mut read_one) = memory();
        // what can be read of the tee is what both parts have
        let read =
            move || both(read_one(), lines_below(folder.path()), |one, other| format!("{one}\n{other}"));
        let rendering =
            |batch: &PredictionBatch, row: &Prediction| format!("{}\n{}", values(row), line(batch, row));
        Subject::new(Tee::new(one, lines), read).rendered_by(rendering)
    })
    .await
    .unwrap();
}

#[cfg(feature = "parquet")]
mod parquet {
    use std::fmt::Write as _;

    use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use arrow_array::cast::AsArray as _;
    use arrow_array::types::Int64Type;
    use arrow_array::{Array as _, RecordBatch};
    use tiltmeter_record::RecordBatchBuilder;

    use super::*;
    use crate::sink::{ParquetSink, ParquetSinkBuilder};

    /// The values of a row, by their columns; what is NULL is left out.
    fn text(batch: &RecordBatch, row: usize) -> String {
        let mut text = String::new();
        for (column, field) in batch.columns().iter().zip(batch.schema_ref().fields()) {
            if column.is_valid(row) {
                write!(text, "{} {:?} ", field.name(), column.slice(row, 1)).unwrap();
            }
        }
        text
    }

    fn columns(batch: &PredictionBatch, row: &Prediction) -> String {
        let mut builder =
            RecordBatchBuilder::new(&batch.spec, batch.writer_id.clone(), batch.serving_node.clone());
        builder.append(row);
        text(&builder.finish().unwrap(), 0)
    }

    fn table_below(folder: &Path) -> Found {
        let mut found = Found::default();
        read_below(folder, &mut found);
        found
    }

    fn read_below(folder: &Path, found: &mut Found) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if path.is_dir() && !is_hidden {
                read_below(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "parquet") {
                read(&path, found);
            }
        }
    }

    fn read(path: &Path, found: &mut Found) {
        let file = std::fs::File::open(path).unwrap();
        for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
            let batch = batch.unwrap();
            let writers = batch.column_by_name("writer_id").unwrap().as_string::<i32>();
            let sequences = batch.column_by_name("sequence").unwrap().as_primitive::<Int64Type>().values();
            let sequences = sequences.iter().map(|&sequence| u64::try_from(sequence).unwrap());
            let folder = |above: usize| path.components().rev().nth(above).unwrap().as_os_str().to_str();
            if folder(4) == Some("pairs") {
                found.pairs.extend(sequences);
                continue;
            }
            match folder(2) {
                Some("gaps") => found.gaps.extend(sequences),
                Some("heartbeats") => found.heartbeats.extend(sequences),
                Some("shadows") => found.shadows.extend(sequences),
                Some("profiles") => {
                    let columns = batch.column_by_name("column").unwrap();
                    let of_cells = sequences.enumerate().filter(|(row, _)| columns.is_null(*row));
                    found.profiles.extend(of_cells.map(|(_, sequence)| sequence));
                }
                Some("rates") => found.rates.extend(sequences),
                _ => found.rows.extend(sequences.enumerate().map(|(row, sequence)| FoundRow {
                    writer: writers.value(row).to_owned(),
                    sequence,
                    text: text(&batch, row),
                })),
            }
        }
    }

    fn parquet(configure: impl Fn(ParquetSinkBuilder) -> ParquetSinkBuilder) -> Subject {
        let folder = tempfile::tempdir().unwrap();
        let sink = configure(ParquetSink::local(folder.path())).build().unwrap();
        Subject::new(sink, move || table_below(folder.path())).rendered_by(columns)
    }

    #[tokio::test]
    async fn parquet_passes() {
        run(|| parquet(|builder| builder)).await.unwrap();
    }

    #[tokio::test]
    async fn parquet_in_small_files_passes() {
        run(|| parquet(|builder| builder.with_max_file_rows(500).with_max_open_partitions(3))).await.unwrap();
    }

    #[tokio::test]
    async fn a_tee_of_lines_and_parquet_passes() {
        run(|| {
            let folder = tempfile::tempdir().unwrap();
            let (lines, table) = (folder.path().join("lines"), folder.path().join("table"));
            let tee = Tee::new(
                JsonLinesSink::below(&lines).with_buffer_bytes(1_000).build().unwrap(),
                ParquetSink::local(&table).with_max_file_rows(700).build().unwrap(),
            );
            let read = move || {
                let _keep = &folder;
                both(lines_below(&lines), table_below(&table), |one, other| format!("{one}\n{other}"))
            };
            Subject::new(tee, read)
                .rendered_by(|batch, row| format!("{}\n{}", line(batch, row), columns(batch, row)))
        })
        .await
        .unwrap();
    }
}

/// A sink that is wrong in one way.
#[derive(Debug)]
struct Wrong {
    how: How,
    found: Arc<Mutex<Found>>,
    held: Vec<Delivery>,
}

#[derive(Clone, Copy, Debug)]
enum How {
    /// Says that it has written, and has not.
    Lies,
    /// Writes the first row of a batch twice.
    Repeats,
    /// Keeps deliveries over a flush.
    Keeps,
    /// Forgets deliveries.
    Forgets,
    /// Has no place for journals, and signs for them.
    Signs,
    /// Keeps deliveries when it is dropped.
    Leaks,
    /// Writes no features.
    Blanks,
    /// Cuts texts.
    Cuts,
    /// Signs for gaps that it loses.
    LosesGaps,
    /// Signs for heartbeats that it loses.
    LosesHeartbeats,
    /// Signs for the books of shadows that it loses.
    LosesShadows,
    LosesProfiles,
    LosesRates,
}

impl How {
    fn writes_journals(self) -> bool {
        matches!(
            self,
            Self::LosesGaps
                | Self::LosesHeartbeats
                | Self::LosesShadows
                | Self::LosesProfiles
                | Self::LosesRates
        )
    }
}

impl Sink for Wrong {
    fn name(&self) -> &'static str {
        "wrong"
    }

    fn write(&mut self, batch: Arc<PredictionBatch>, delivery: Delivery) -> SinkFuture<'_> {
        let mut found = self.found.lock().unwrap();
        for row in batch.rows.iter().filter(|_| !matches!(self.how, How::Lies)) {
            let mut kept = row.clone();
            match self.how {
                How::Blanks => kept.features.clear(),
                How::Cuts => kept.request_id = kept.request_id.chars().take(20).collect::<String>().into(),
                _ => {}
            }
            let (writer, text) = (batch.writer_id.to_string(), line(&batch, &kept));
            found.rows.push(FoundRow { writer, sequence: row.sequence, text });
        }
        match self.how {
            How::Repeats if !batch.rows.is_empty() => {
                let first = found.rows[found.rows.len() - batch.rows.len()].clone();
                found.rows.push(first);
            }
            How::Keeps => return Box::pin(async { self.held.push(delivery) }),
            How::Forgets => return Box::pin(async { drop(delivery) }),
            How::Leaks if batch.rows.len() == 10 && batch.rows[0].sequence == 10 => {
                return Box::pin(async { std::mem::forget(delivery) });
            }
            _ => {}
        }
        delivery.written();
        Box::pin(async {})
    }

    fn write_journal(&mut self, journal: Arc<Journal>, receipt: Receipt) -> SinkFuture<'_> {
        let mut found = self.found.lock().unwrap();
        if !matches!(self.how, How::LosesGaps) {
            found.gaps.extend(journal.gaps.iter().map(|gap| gap.sequence));
        }
        if !matches!(self.how, How::LosesHeartbeats) {
            found.heartbeats.extend(journal.heartbeats.iter().map(|heartbeat| heartbeat.sequence));
        }
        if !matches!(self.how, How::LosesShadows) {
            found.shadows.extend(journal.shadows.iter().map(|shadow| shadow.sequence));
        }
        if !matches!(self.how, How::LosesProfiles) {
            found.profiles.extend(journal.profiles.iter().map(|delta| delta.sequence));
        }
        if !matches!(self.how, How::LosesRates) {
            found.rates.extend(journal.rates.iter().map(|rate| rate.sequence));
        }
        if matches!(self.how, How::Signs) || self.how.writes_journals() {
            receipt.written();
        }
        Box::pin(async {})
    }

    fn tick(&mut self, _: Duration) -> SinkFuture<'_> {
        Box::pin(async {})
    }

    fn flush(&mut self) -> SinkFuture<'_> {
        Box::pin(async {})
    }
}

#[tokio::test]
async fn sinks_that_are_wrong_are_found_out() {
    let cases = [
        (How::Lies, "rows count as written, and 0 can be read"),
        (How::Repeats, "are alike"),
        (How::Keeps, "a flush has not settled everything"),
        (How::Forgets, "and this became of them"),
        (How::Signs, "the latest receipt that is signed is 1, not 0"),
        (How::Leaks, "a sink that was dropped keeps deliveries open"),
        (How::Blanks, "the row 0 is not as it was given"),
        (How::Cuts, "is not as it was given"),
        (How::LosesGaps, "gaps 1 to 1 were signed, and these can be read: []"),
        (How::LosesHeartbeats, "heartbeats 1 to 1 were signed, and these can be read: []"),
        (How::LosesShadows, "the books of a shadow up to 1 were signed, and these can be read: []"),
        (How::LosesProfiles, "profiles 1 to 1 were signed, and these can be read: []"),
        (How::LosesRates, "changes of rates 1 to 1 were signed, and these can be read: []"),
    ];
    for (how, expected) in cases {
        let found = Arc::new(Mutex::new(Found::default()));
        let wrong = || {
            *found.lock().unwrap() = Found::default();
            let reading = Arc::clone(&found);
            let sink = Wrong { how, found: Arc::clone(&found), held: Vec::new() };
            let subject = Subject::new(sink, move || reading.lock().unwrap().clone());
            if how.writes_journals() { subject } else { subject.without_journals() }
        };
        let violations = run(wrong).await.unwrap_err().to_string();
        assert!(violations.contains(expected), "{how:?}: {violations}");
    }
}

#[tokio::test]
async fn a_sink_that_fails_is_no_sink_that_passes() {
    let violations = run(|| {
        let (sink, read) = memory();
        Subject::new(Failing::every(5, sink), read).rendered_by(|_, row| values(row))
    })
    .await
    .unwrap_err();
    assert!(
        violations.as_slice().iter().all(|violation| violation.what.contains("sink_failed")),
        "{violations}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_hangs_is_found_out() {
    let violations = run(|| {
        let (sink, read) = memory();
        Subject::new(crate::sink::faults::Hanging::after(3, sink), read).rendered_by(|_, row| values(row))
    })
    .await
    .unwrap_err();
    assert!(violations.to_string().contains("has not come to an end within 60 seconds"), "{violations}");
}
