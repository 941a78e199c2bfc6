//! The service on a port of loopback: bound before anything is changed, stopped when the replay is over.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, Result};
use axum::{Router, serve::ListenerExt};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

use crate::advice::Advice;

/// How long [`Server::stop`] waits for exchanges that are under way.
const GRACE: Duration = Duration::from_secs(10);

/// Reserves `port` of 127.0.0.1, or a free one when it is 0.
///
/// # Errors
/// When the port is taken or not allowed.
pub async fn bind(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.with_context(|| {
        Advice::new(
            format!("cannot listen on 127.0.0.1:{port}"),
            "pass another --port, or leave it out to get a free one",
        )
    })
}

/// A service that answers until it is stopped. Dropping it stops it too, without waiting.
#[derive(Debug)]
#[must_use = "a server that is dropped stops"]
pub struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// Starts to answer on `listener`.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn start(listener: TcpListener, router: Router) -> Result<Self> {
        let address = listener.local_addr().context("cannot tell the address of the service")?;
        let (stop, stopped) = oneshot::channel();
        // answers are small and written whole: Nagle's algorithm would only delay them
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let serve = axum::serve(listener, router).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        Ok(Self { address, stop, serving: tokio::spawn(serve.into_future()) })
    }

    /// Where it answers.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no further connections and waits for the exchanges that are under way, at most ten seconds.
    ///
    /// # Errors
    /// When the server failed, or exchanges did not end in time.
    pub async fn stop(self) -> Result<()> {
        let Self { stop, serving, .. } = self;
        drop(stop);
        let served = timeout(GRACE, serving).await.context("the service did not stop in time")?;
        served.context("the service panicked")?.context("the service failed")
    }
}
