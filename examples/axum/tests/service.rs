//! The example as a user runs it: a request, the row in the file, the end by Ctrl-C, the books.
#![cfg(unix)]

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// Ends the example, also when a test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_request_becomes_a_row_and_the_books_balance() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_example-axum"));
    command.arg("127.0.0.1:0").current_dir(folder.path()).stdout(Stdio::piped());
    let mut running = Running(command.spawn().unwrap());
    let mut output = BufReader::new(running.0.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    // the line that a user is told to try: its address and its body are what is sent
    let address = line.strip_prefix("curl http://").unwrap().split('/').next().unwrap();
    let body = line.split('\'').nth(1).unwrap();

    let response = post(address, body).unwrap();
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert!(response.contains("x-request-id: r-1"), "{response}");
    let score: Value = serde_json::from_str(response.rsplit("\r\n\r\n").next().unwrap()).unwrap();

    let pid = i32::try_from(running.0.id()).ok().and_then(Pid::from_raw).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let mut report = String::new();
    output.read_to_string(&mut report).unwrap();
    assert!(running.0.wait().unwrap().success());
    assert!(report.contains("observed: 1,") && report.contains("written: 1,"), "{report}");

    let lines = lines_below(&folder.path().join("target/axum")).unwrap();
    let rows: Vec<&Value> = lines.iter().filter(|line| line["record"] == "prediction").collect();
    let [row] = rows[..] else { panic!("one row expected: {lines:?}") };
    assert_eq!(
        row["features"],
        json!({ "plan": "gold", "postcode": "SW", "logins_per_day": 0.4 }),
        "of body and handler, and after the policy"
    );
    assert_eq!(row["segments"], json!({ "channel": "web" }));
    assert_eq!((&row["entity_id"], &row["request_id"]), (&json!("c1"), &json!("r-1")));
    assert_eq!(row["score"], score["score"]);
    let last = lines.iter().rfind(|line| line["record"] == "heartbeat").unwrap();
    assert_eq!(last["is_last"], json!(true));
}

fn post(address: &str, body: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let head = format!(
        "POST /predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
         x-request-id: r-1\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    Ok(response)
}

fn lines_below(folder: &Path) -> io::Result<Vec<Value>> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder)? {
        for line in fs::read_to_string(entry?.path())?.lines() {
            lines.push(serde_json::from_str(line)?);
        }
    }
    Ok(lines)
}

#[test]
fn it_is_as_short_as_it_says() {
    let main = include_str!("../src/main.rs");
    assert!(main.lines().count() <= 40 && main.lines().all(|line| line.len() <= 110));
}
