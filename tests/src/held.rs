//! A codec that a test holds up, or makes panic.

use std::sync::Mutex;
use std::sync::mpsc::Receiver;

use tiltmeter::log::codec::{Body, Codec, CodecError, JsonCodec, RequestFields, ResponseFields};

use crate::model;

/// Reads JSON; waits for its test before each request, and panics where a body begins with `panic`.
#[derive(Debug)]
pub struct Held {
    json: JsonCodec,
    go: Option<Mutex<Receiver<()>>>,
}

impl Held {
    /// A codec of the model `spec`, that waits for `go`; once the sender of `go` has gone it waits no more.
    #[must_use]
    pub fn new(spec: &str, go: Option<Receiver<()>>) -> Self {
        Self { json: JsonCodec::new(&model(spec)).unwrap(), go: go.map(Mutex::new) }
    }
}

impl Codec for Held {
    fn read_request(&mut self, body: Body<'_>, fields: &mut RequestFields) -> Result<(), CodecError> {
        if let Some(go) = &self.go {
            let _ = go.lock().unwrap().recv();
        }
        assert!(!body.bytes().starts_with(b"panic"), "the codec is made to panic");
        self.json.read_request(body, fields)
    }

    fn read_response(&mut self, body: Body<'_>, fields: &mut ResponseFields) -> Result<(), CodecError> {
        assert!(!body.bytes().starts_with(b"panic"), "the codec is made to panic");
        self.json.read_response(body, fields)
    }

    fn reset(&mut self) {
        self.json.reset();
    }
}
