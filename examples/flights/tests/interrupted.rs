//! Ctrl-C in the middle of a replay: the program as it is started by a user, and what it leaves behind.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use serde_json::Value;

/// How long each step may take; a replay in the dev profile is at its first tenth after three seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Kills the program when the test ends early, so that a failure leaves nothing running.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    fn start(out: &Path) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_example-flights"))
            .arg("--out")
            .arg(out)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self(child)
    }

    /// Waits for a line of stderr that contains `text`, and reads on, so that the program never waits for its reader.
    fn wait_for(&mut self, text: &'static str) {
        let stderr = BufReader::new(self.0.stderr.take().unwrap());
        let (found, wait) = mpsc::channel();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if line.contains(text) {
                    let _ = found.send(());
                }
            }
        });
        wait.recv_timeout(PATIENCE).expect("the replay gets going");
    }

    fn interrupt(&self) {
        let sent = Command::new("kill").arg("-INT").arg(self.0.id().to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// Its exit code, and what it wrote to stdout.
    fn end(&mut self) -> (Option<i32>, String) {
        let mut stdout = self.0.stdout.take().unwrap();
        let (read, wait) = mpsc::channel();
        thread::spawn(move || {
            let mut text = String::new();
            let _ = read.send(stdout.read_to_string(&mut text).map(|_| text));
        });
        // stdout ends with the program
        let text = wait.recv_timeout(PATIENCE).expect("the program ends after Ctrl-C").unwrap();
        (self.0.wait().unwrap().code(), text)
    }
}

fn rows_below(folder: &Path) -> i64 {
    let mut rows = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rows += rows_below(&path);
            continue;
        }
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        // every row is decoded: a footer alone does not make a file readable
        for row in reader.get_row_iter(None).unwrap() {
            row.unwrap();
            rows += 1;
        }
    }
    rows
}

#[test]
fn ctrl_c_ends_a_replay_with_whole_files_and_balanced_books() {
    let out = tempfile::tempdir().unwrap();
    let mut program = Program::start(out.path());
    program.wait_for(" 10 %");
    program.interrupt();
    let (code, summary) = program.end();
    assert_eq!(code, Some(130), "{summary}");
    assert!(summary.contains("interrupted after "), "{summary}");
    assert!(!summary.contains("does not add up"), "{summary}");

    let run: Value = serde_json::from_slice(&fs::read(out.path().join("run.json")).unwrap()).unwrap();
    assert_eq!((&run["finished"], &run["log_outcome"]), (&true.into(), &"complete".into()));
    let written = run["accounting"]["predictions"]["written"].as_i64().unwrap();
    assert!((15_000..150_000).contains(&written), "{written}");
    assert_eq!(run["accounting"]["exchanges"]["observed"], written);
    assert_eq!(rows_below(&out.path().join("predictions")), written);
}
