//! A handler that answers piece by piece, when a test says so.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::post;
use http::header::CONTENT_TYPE;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::within;

/// A response body that is what comes through a channel.
struct Frames(mpsc::Receiver<&'static str>);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|text| text.map(|text| Ok(http_body::Frame::data(Bytes::from(text)))))
    }
}

/// A handler of `/predict` that answers once, with what is sent to the channel, as `media`.
pub fn streaming(media: &'static str) -> (mpsc::Sender<&'static str>, Router) {
    let (frames, receiver) = mpsc::channel(1);
    let receiver = Arc::new(Mutex::new(Some(receiver)));
    let handler = async move |_: Bytes| {
        let frames = receiver.lock().unwrap().take().unwrap();
        ([(CONTENT_TYPE, media)], Body::new(Frames(frames)))
    };
    (frames, Router::new().route("/predict", post(handler)))
}

/// Reads from `connection` until `end` has come.
#[track_caller]
pub fn read_until(connection: &mut TcpStream, end: &str) -> impl Future<Output = String> {
    within(async move {
        let mut seen = String::new();
        let mut buffer = [0; 1024];
        while !seen.contains(end) {
            let read = connection.read(&mut buffer).await.unwrap();
            assert_ne!(read, 0, "{seen}");
            seen.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        seen
    })
}
