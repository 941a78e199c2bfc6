use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

use serde_json::Value as Json;
use tiltmeter_record::{Heartbeat, PredictionBatch, PredictionLedger, WriterId};
use uuid::Uuid;

use super::files::Appendable;
use super::*;
use crate::sink::conformance::{Books, model, row};
use crate::testing::ManualClock;

const WRITER: &str = "node.00000000000000000000000000000001";

fn writer(number: u128) -> WriterId {
    WriterId::new("node", Uuid::from_u128(number))
}

/// A sink, and what it was given.
struct Desk {
    sink: JsonLinesSink,
    books: Books,
    clock: Arc<ManualClock>,
    writer: WriterId,
    given: u64,
    journals: u64,
}

impl Desk {
    fn new(builder: JsonLinesSinkBuilder) -> Self {
        let clock = Arc::new(ManualClock::default());
        let sink = builder.with_clock(Arc::clone(&clock) as _).build().unwrap();
        Self { sink, books: Books::new(), clock, writer: writer(1), given: 0, journals: 0 }
    }

    async fn write(&mut self, rows: u64) {
        let from = self.given;
        self.given += rows;
        let batch = PredictionBatch {
            rows: (from..self.given).map(row).collect(),
            ..PredictionBatch::new(model("churn").unwrap(), self.writer.clone(), "node".into())
        };
        self.sink.write(Arc::new(batch), self.books.delivery(0, rows)).await;
    }

    async fn write_journal(&mut self) {
        self.journals += 1;
        let at = row(0).observed_at;
        let heartbeats = vec![Heartbeat::new(self.journals, at, at)];
        let journal = Journal {
            writer_id: self.writer.clone(),
            serving_node: "node".into(),
            gaps: Vec::new(),
            heartbeats,
            shadows: Vec::new(),
            profiles: Vec::new(),
            rates: Vec::new(),
        };
        self.sink.write_journal(Arc::new(journal), self.books.receipt(self.journals)).await;
    }

    /// Lets `seconds` pass, and what is due then be done.
    async fn pass(&mut self, seconds: u64) {
        self.clock.advance(seconds * 1_000);
        let now = crate::clock::Clock::monotonic(&*self.clock);
        self.sink.tick(now).await;
        self.sink.settle().await;
    }

    fn ledger(&self) -> PredictionLedger {
        self.books.ledger()
    }

    /// Written, and dropped.
    fn counts(&self) -> (u64, u64) {
        (self.ledger().written, self.ledger().dropped.total())
    }
}

/// The files, with the sequences of the predictions in each.
fn files(folder: &Path) -> BTreeMap<String, Vec<u64>> {
    let read = |path: &Path| -> Vec<u64> {
        let text = fs::read_to_string(path).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "a torn line in {}", path.display());
        let lines = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        lines
            .filter(|line| line["record"] == "prediction")
            .map(|line| line["sequence"].as_u64().unwrap())
            .collect()
    };
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), read(&path))).collect()
}

fn growing() -> String {
    format!("{WRITER}.jsonl")
}

fn complete(time: &str, number: u32) -> String {
    format!("{WRITER}-20260301T{time}Z-{number:06}.jsonl")
}

fn names(folder: &Path) -> Vec<String> {
    files(folder).into_keys().collect()
}

#[tokio::test]
async fn lines_wait_for_their_interval_and_then_count_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(JsonLinesSink::below(folder.path()));
    desk.write(3).await;
    desk.write_journal().await;
    assert_eq!(names(folder.path()), Vec::<String>::new());
    desk.pass(1).await;
    assert_eq!(files(folder.path()), BTreeMap::from([(growing(), vec![0, 1, 2])]));
    assert_eq!((desk.counts(), desk.books.latest_journal()), ((3, 0), 1));
}

#[tokio::test]
async fn a_full_buffer_does_not_wait() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(JsonLinesSink::below(folder.path()).with_buffer_bytes(1_000));
    desk.write(100).await;
    desk.sink.settle().await;
    let written = desk.ledger().written;
    assert!((95..=100).contains(&written), "{written}");
    assert_eq!(files(folder.path())[&growing()], (0..written).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_file_that_is_large_enough_is_followed_by_another() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(JsonLinesSink::below(folder.path()).with_max_file_bytes(2_000));
    desk.write(20).await;
    desk.sink.flush().await;
    assert_eq!(desk.counts(), (20, 0));
    let files = files(folder.path());
    assert!(files.len() > 3, "{files:?}");
    assert_eq!(files.values().flatten().copied().collect::<Vec<_>>(), (0..20).collect::<Vec<_>>());
    for name in files.keys() {
        assert!(fs::metadata(folder.path().join(name)).unwrap().len() <= 2_000 + line_bytes());
    }
}

#[tokio::test]
async fn a_file_that_is_old_enough_gets_its_second_name_even_when_nothing_follows() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(JsonLinesSink::below(folder.path()));
    desk.write(1).await;
    desk.pass(1).await;
    let inode = |name: &str| {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(folder.path().join(name)).unwrap().ino()
    };
    let before = inode(&growing());
    desk.pass(3_598).await;
    assert_eq!(names(folder.path()), [growing()]);
    desk.pass(1_000).await;
    assert_eq!(names(folder.path()), [complete("131639", 1)]);
    assert_eq!(inode(&complete("131639", 1)), before, "those who follow it by its inode read on");
    desk.write(1).await;
    desk.pass(1).await;
    assert_eq!(names(folder.path()), [complete("131639", 1), growing()]);
    desk.pass(3_600).await;
    assert_eq!(names(folder.path()), [complete("131639", 1), complete("141640", 2)]);
}

#[tokio::test]
async fn two_writers_and_two_sinks_of_one_writer_have_files_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut desks: Vec<_> = [1, 2, 1]
        .map(|number| Desk { writer: writer(number), ..Desk::new(JsonLinesSink::below(folder.path())) })
        .into();
    for desk in &mut desks {
        desk.write(2).await;
        desk.sink.flush().await;
        assert_eq!(desk.counts(), (2, 0));
    }
    let other = format!("{}.jsonl", writer(2));
    assert_eq!(names(folder.path()), [format!("{WRITER}.1.jsonl"), growing(), other]);
}

#[tokio::test]
async fn two_sinks_of_one_writer_replace_no_file_of_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut desks = [(); 2].map(|()| Desk::new(JsonLinesSink::below(folder.path())));
    for turn in 0..3 {
        for desk in &mut desks {
            desk.write(2).await;
            desk.pass(1).await;
        }
        // in another order, so that they take over each other's first names
        for place in [turn % 2, (turn + 1) % 2] {
            desks[place].pass(3_600).await;
        }
    }
    let files = files(folder.path());
    let mut found: Vec<_> = files.values().flatten().copied().collect();
    found.sort_unstable();
    assert_eq!(desks.each_ref().map(Desk::counts), [(6, 0); 2]);
    assert_eq!(found, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], "{files:?}");
    assert!(!files.values().any(Vec::is_empty), "{files:?}");
}

/// Cleaners, and those who move files away by themselves: what counts as written is where a reader looks.
#[tokio::test]
#[cfg(unix)]
async fn a_file_that_was_deleted_or_moved_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let (lines, moved) = (folder.path().join("lines"), folder.path().join("moved"));
    let mut desk = Desk::new(JsonLinesSink::below(&lines));
    let write = async |desk: &mut Desk| {
        desk.write(2).await;
        desk.pass(1).await;
        files(&lines)
    };
    assert_eq!(write(&mut desk).await, BTreeMap::from([(growing(), vec![0, 1])]));
    fs::remove_file(lines.join(growing())).unwrap();
    assert_eq!(write(&mut desk).await, BTreeMap::from([(growing(), vec![2, 3])]));
    fs::rename(lines.join(growing()), &moved).unwrap();
    fs::write(lines.join(growing()), "").unwrap();
    assert_eq!(
        write(&mut desk).await,
        BTreeMap::from([(growing(), vec![]), (format!("{WRITER}.1.jsonl"), vec![4, 5])]),
        "one of its name is not its own"
    );
    fs::remove_dir_all(&lines).unwrap();
    assert_eq!(write(&mut desk).await, BTreeMap::from([(growing(), vec![6, 7])]));
    assert_eq!(desk.counts(), (8, 0));
    fs::remove_file(lines.join(growing())).unwrap();
    desk.pass(3_600).await;
    assert_eq!(files(&lines), BTreeMap::new(), "nothing is left to be completed");
}

#[tokio::test]
#[cfg(unix)]
async fn what_waits_for_a_sync_is_lost_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(JsonLinesSink::below(folder.path()).with_fsync(Fsync::OnRotate));
    desk.write(2).await;
    desk.pass(1).await;
    fs::remove_file(folder.path().join(growing())).unwrap();
    desk.write(3).await;
    desk.sink.flush().await;
    assert_eq!(desk.counts(), (3, 2));
    assert!(desk.books.last_failure().unwrap().starts_with("somebody has deleted or moved "));
    assert_eq!(files(folder.path()), BTreeMap::from([(growing(), vec![2, 3, 4])]));
    desk.write(1).await;
    desk.pass(1).await;
    fs::remove_file(folder.path().join(growing())).unwrap();
    desk.sink.flush().await;
    assert_eq!(desk.counts(), (3, 3), "a flush that has nothing but a sync to do looks as well");
}

#[tokio::test]
async fn what_an_earlier_process_left_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let (torn, foreign) = (format!("{}.jsonl", writer(7)), "notes.jsonl");
    fs::write(folder.path().join(&torn), "{\"record\":\"predi").unwrap();
    fs::write(folder.path().join(foreign), "mine").unwrap();
    let mut desk = Desk::new(
        JsonLinesSink::below(folder.path()).with_max_files(1).with_max_file_age(Duration::from_secs(60)),
    );
    for _ in 0..3 {
        desk.write(1).await;
        desk.pass(1).await;
        desk.pass(60).await;
    }
    assert_eq!(fs::read_to_string(folder.path().join(&torn)).unwrap(), "{\"record\":\"predi");
    assert_eq!(fs::read_to_string(folder.path().join(foreign)).unwrap(), "mine");
}

/// Makes `name` as old as it must be.
fn age(folder: &Path, name: &str, seconds: i64) {
    let time = ManualClock::START.parse::<jiff::Timestamp>().unwrap() + Duration::from_secs(7_200);
    let time = time - jiff::SignedDuration::from_secs(seconds);
    let file = fs::File::options().append(true).open(folder.join(name)).unwrap();
    let since_1970 = Duration::from_secs(u64::try_from(time.as_second()).unwrap());
    file.set_modified(std::time::UNIX_EPOCH + since_1970).unwrap();
}

#[tokio::test]
async fn old_files_go_the_oldest_first_and_never_one_that_grows() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(JsonLinesSink::below(folder.path()).with_max_files(3));
    desk.write(1).await;
    desk.pass(1).await;
    desk.pass(3_600).await;
    let mine = complete("130001", 1);
    age(folder.path(), &mine, 10);
    let dead = format!("{}.jsonl", writer(8));
    let alive = format!("{}.jsonl", writer(9));
    let others =
        [30, 20, 40].map(|seconds| (seconds, format!("{}-20260301T000000Z-{seconds:06}.jsonl", writer(9))));
    for (name, seconds) in
        [(&dead, 100_000), (&alive, 80_000)].into_iter().chain(others.iter().map(|(s, name)| (name, *s)))
    {
        fs::write(folder.path().join(name), "").unwrap();
        age(folder.path(), name, seconds);
    }
    desk.sink.folder.remove_old();
    let mut expected = vec![mine, others[1].1.clone(), others[0].1.clone(), alive];
    expected.sort();
    assert_eq!(names(folder.path()), expected);
    assert_eq!(desk.sink.folder.removed.load(std::sync::atomic::Ordering::Relaxed), 2);
}

#[tokio::test]
async fn old_files_go_when_they_hold_too_many_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let builder = JsonLinesSink::below(folder.path()).with_max_file_bytes(2_000).with_max_total_bytes(4_000);
    let mut desk = Desk::new(builder);
    desk.write(40).await;
    desk.sink.flush().await;
    assert_eq!(desk.counts(), (40, 0), "what is deleted has been written");
    let sizes = names(folder.path()).into_iter().filter(|name| *name != growing());
    let total: u64 = sizes.map(|name| fs::metadata(folder.path().join(name)).unwrap().len()).sum();
    assert!((1..=4_000).contains(&total), "{total}");
}

#[test]
fn a_setting_of_0_is_refused_and_so_is_a_folder_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let below = || JsonLinesSink::below(folder.path());
    for builder in [
        below().with_max_file_bytes(0),
        below().with_max_file_age(Duration::ZERO),
        below().with_buffer_bytes(0),
        below().with_max_files(0),
        below().with_max_total_bytes(0),
        below().with_fsync(Fsync::Interval(Duration::ZERO)),
    ] {
        assert!(builder.build().unwrap_err().is_configuration());
    }
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = JsonLinesSink::below(&file).build().unwrap_err();
    assert!(error.is_storage());
    assert!(error.to_string().starts_with("cannot create the folder"), "{error}");
    assert_eq!(names(folder.path()), ["file"], "no probe stays");
}

/// A disk that has room for so many bytes, and syncs that fail when they are to; a real file below.
#[derive(Debug)]
struct Disk {
    room: AtomicU64,
    syncs: AtomicU64,
    fails: Mutex<Failing>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Failing {
    create: bool,
    cut: bool,
    sync: bool,
    panics: bool,
}

/// One disk for each test that needs one: an opener is a plain function.
macro_rules! disk {
    ($room:expr) => {{
        static DISK: Disk = Disk {
            room: AtomicU64::new($room),
            syncs: AtomicU64::new(0),
            fails: Mutex::new(Failing { create: false, cut: false, sync: false, panics: false }),
        };
        fn open(path: &Path) -> io::Result<Box<dyn Appendable>> {
            DISK.open(path)
        }
        (&DISK, open as super::folder::Opener)
    }};
}

struct OnDisk {
    disk: &'static Disk,
    file: Box<dyn Appendable>,
}

impl Disk {
    fn open(&'static self, path: &Path) -> io::Result<Box<dyn Appendable>> {
        if self.fails().create {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(Box::new(OnDisk { disk: self, file: super::folder::create_new(path)? }))
    }

    fn fails(&self) -> Failing {
        *self.fails.lock().unwrap()
    }

    fn set(&self, change: impl FnOnce(&mut Failing)) {
        change(&mut self.fails.lock().unwrap());
    }

    fn make_room(&self, bytes: u64) {
        self.room.store(bytes, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Appendable for OnDisk {
    fn append(&mut self, bytes: &[u8]) -> io::Result<usize> {
        assert!(!self.disk.fails().panics, "the disk is made to panic");
        let room = self.disk.room.load(std::sync::atomic::Ordering::SeqCst);
        if room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = self.file.append(&bytes[..bytes.len().min(usize::try_from(room).unwrap()).min(700)])?;
        self.disk.room.fetch_sub(taken as u64, std::sync::atomic::Ordering::SeqCst);
        Ok(taken)
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        if self.disk.fails().cut { Err(io::ErrorKind::Other.into()) } else { self.file.cut(len) }
    }

    fn is_at(&self, path: &Path) -> bool {
        self.file.is_at(path)
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.disk.fails().sync {
            return Err(io::ErrorKind::Other.into());
        }
        self.disk.syncs.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        self.file.sync()
    }
}

fn on(opener: super::folder::Opener, folder: &Path) -> JsonLinesSinkBuilder {
    let mut builder = JsonLinesSink::below(folder);
    builder.opener = opener;
    builder
}

fn line_bytes() -> u64 {
    let mut line = Vec::new();
    let batch = PredictionBatch::new(model("churn").unwrap(), writer(1), "node".into());
    json::append_prediction(&mut line, &batch, &row(0));
    line.len() as u64
}

#[tokio::test]
async fn a_full_disk_costs_what_does_not_fit_and_is_written_to_when_it_has_room_again() {
    let (disk, open) = disk!(0);
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(on(open, folder.path()));
    disk.make_room(line_bytes() * 5 / 2);
    desk.write(4).await;
    desk.sink.flush().await;
    assert_eq!(desk.counts(), (2, 2), "two lines and a half fit");
    let why = desk.books.last_failure().unwrap();
    assert!(why.starts_with("cannot write ") && why.ends_with(".jsonl: no storage space"), "{why}");

    desk.write(3).await;
    desk.sink.flush().await;
    assert_eq!(desk.counts(), (2, 5), "the disk is still full");

    disk.make_room(1 << 20);
    desk.write(2).await;
    desk.sink.flush().await;
    assert_eq!(desk.counts(), (4, 5));
    // a new file: those who follow the old one may have read the half line
    let expected = BTreeMap::from([(complete("120000", 1), vec![0, 1]), (growing(), vec![7, 8])]);
    assert_eq!(files(folder.path()), expected);
}

#[tokio::test]
async fn a_half_line_that_cannot_be_cut_off_is_the_last_of_its_file() {
    let (disk, open) = disk!(0);
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(on(open, folder.path()));
    disk.make_room(line_bytes() * 3 / 2);
    disk.set(|fails| fails.cut = true);
    desk.write(2).await;
    desk.sink.flush().await;
    disk.make_room(1 << 20);
    desk.write(1).await;
    desk.sink.flush().await;
    assert_eq!(desk.counts(), (2, 1));
    let torn = fs::read_to_string(folder.path().join(complete("120000", 1))).unwrap();
    assert_eq!(torn.len() as u64, line_bytes() * 3 / 2);
    let whole = fs::read_to_string(folder.path().join(growing())).unwrap();
    assert_eq!(whole.lines().count(), 1);
}

#[tokio::test]
async fn a_file_that_cannot_be_created_costs_its_lines_and_is_tried_again() {
    let (disk, open) = disk!(1 << 20);
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(on(open, folder.path()));
    disk.set(|fails| fails.create = true);
    desk.write(2).await;
    desk.write_journal().await;
    desk.sink.flush().await;
    assert_eq!((desk.counts(), desk.books.latest_journal()), ((0, 2), 0));
    disk.set(|fails| fails.create = false);
    desk.write(2).await;
    desk.write_journal().await;
    desk.sink.flush().await;
    assert_eq!((desk.counts(), desk.books.latest_journal()), ((2, 2), 2));
}

#[tokio::test]
async fn a_journal_that_is_half_written_is_not_signed() {
    let (disk, open) = disk!(0);
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(on(open, folder.path()));
    disk.make_room(line_bytes() + 10);
    desk.write(1).await;
    desk.write_journal().await;
    desk.write(1).await;
    desk.sink.flush().await;
    assert_eq!((desk.counts(), desk.books.latest_journal()), ((1, 1), 0));
}

#[tokio::test]
async fn under_a_policy_that_syncs_nothing_counts_before() {
    let syncs = |disk: &Disk| disk.syncs.load(std::sync::atomic::Ordering::SeqCst);
    let folder = tempfile::tempdir().unwrap();
    let below =
        |open, fsync| Desk::new(on(open, &folder.path().join(format!("{fsync:?}"))).with_fsync(fsync));

    let (disk, open) = disk!(1 << 20);
    let mut desk = below(open, Fsync::OnRotate);
    desk.write(1).await;
    desk.write_journal().await;
    desk.pass(1).await;
    assert_eq!((desk.counts(), desk.books.latest_journal(), syncs(disk)), ((0, 0), 0, 0));
    desk.pass(3_600).await;
    assert_eq!((desk.counts(), desk.books.latest_journal(), syncs(disk)), ((1, 0), 1, 1));

    let (disk, open) = disk!(1 << 20);
    let mut desk = below(open, Fsync::Interval(Duration::from_secs(10)));
    desk.write(1).await;
    desk.pass(1).await;
    desk.pass(9).await;
    assert_eq!((desk.counts(), syncs(disk)), ((0, 0), 0));
    desk.pass(1).await;
    assert_eq!((desk.counts(), syncs(disk)), ((1, 0), 1));
    desk.pass(100).await;
    assert_eq!(syncs(disk), 1, "nothing to sync");

    let (disk, open) = disk!(1 << 20);
    let mut desk = below(open, Fsync::EveryWrite);
    desk.write(1).await;
    desk.pass(1).await;
    assert_eq!((desk.counts(), syncs(disk)), ((1, 0), 1));

    let (disk, open) = disk!(1 << 20);
    let mut desk = below(open, Fsync::Never);
    desk.write(1).await;
    desk.sink.flush().await;
    desk.pass(3_600).await;
    assert_eq!((desk.counts(), syncs(disk)), ((1, 0), 0));
}

#[tokio::test]
async fn a_sync_that_fails_costs_everything_since_the_last_one_and_the_file() {
    let (disk, open) = disk!(1 << 20);
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(on(open, folder.path()).with_fsync(Fsync::OnRotate));
    desk.write(2).await;
    desk.sink.flush().await;
    desk.write(3).await;
    desk.pass(1).await;
    desk.write(4).await;
    disk.set(|fails| fails.sync = true);
    desk.sink.flush().await;
    assert_eq!(desk.counts(), (2, 7));
    assert!(desk.books.last_failure().unwrap().starts_with("cannot sync "));
    disk.set(|fails| fails.sync = false);
    desk.write(1).await;
    desk.sink.flush().await;
    assert_eq!(desk.counts(), (3, 7));
    assert_eq!(files(folder.path())[&growing()], [9], "a file of its own");
}

#[tokio::test]
async fn a_write_that_panics_abandons_its_lines_and_those_that_wait_for_a_sync() {
    let (disk, open) = disk!(1 << 20);
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(on(open, folder.path()).with_fsync(Fsync::OnRotate));
    desk.write(1).await;
    desk.pass(1).await;
    disk.set(|fails| fails.panics = true);
    desk.write(1).await;
    desk.sink.flush().await;
    assert_eq!((desk.ledger().abandoned, desk.ledger().balances()), (2, true));
    disk.set(|fails| fails.panics = false);
    desk.write(1).await;
    desk.sink.flush().await;
    assert_eq!(desk.counts(), (1, 0));
}

#[test]
fn a_disk_that_hangs_keeps_neither_the_sink_nor_its_deliveries() {
    use std::sync::mpsc::{Receiver, channel};
    static GATE: Mutex<Option<Receiver<()>>> = Mutex::new(None);
    fn open(_: &Path) -> io::Result<Box<dyn Appendable>> {
        let gate = GATE.lock().unwrap().take().unwrap();
        let _ = gate.recv();
        Err(io::ErrorKind::TimedOut.into())
    }
    let (release, gate) = channel();
    *GATE.lock().unwrap() = Some(gate);
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(on(open, folder.path()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        desk.write(2).await;
        let flush = tokio::time::timeout(Duration::from_millis(1), desk.sink.flush()).await;
        assert!(flush.is_err(), "it waits for the disk, and can be left");
        // the log goes on, for another buffer
        desk.write(1).await;
    });
    let Desk { sink, books, .. } = desk;
    drop(sink);
    assert_eq!((books.ledger().abandoned, books.ledger().balances()), (3, true));
    runtime.shutdown_background();
    drop(release);
}

/// The real thing, where the system has it: a device that is always full.
#[cfg(target_os = "linux")]
#[test]
fn a_write_to_a_full_device_is_an_error_without_a_line() {
    let mut file = fs::File::options().append(true).open("/dev/full").unwrap();
    let error = Appendable::append(&mut file, b"line\n").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}

#[tokio::test]
async fn debug_shows_no_values() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(JsonLinesSink::below(folder.path()));
    desk.write(1).await;
    let shown = format!("{:?}", desk.sink);
    assert!(!shown.contains("some text") && !shown.contains("request-0"), "{shown}");
}
