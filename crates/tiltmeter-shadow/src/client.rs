//! A challenger at another address.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::{self, ThreadId};
use std::time::Duration;

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri, Version, header};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower_service::Service;

use crate::builder::ShadowBuilder;
use crate::copied::CopiedBody;
use crate::layer::CopiedRequest;

/// A challenger at another address: a client, with a pool of connections for each thread that sends it requests.
///
/// The request's path and query go behind those of the base, and its host becomes the base's.
///
/// ```
/// use tiltmeter_shadow::{Challenger, RemoteChallenger};
///
/// let remote = RemoteChallenger::builder("http://lr.models.svc:8080")?.build();
/// let challenger = Challenger::http("lr-1", remote);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It speaks HTTP/1.1, or [HTTP/2 alone](RemoteChallengerBuilder::with_http2), which gRPC needs. TLS is a matter of the
/// [connector](RemoteChallengerBuilder::build_with).
///
/// A request is sent again only where nothing of it had been sent: the server had closed the connection that was kept open.
pub struct RemoteChallenger<C = HttpConnector>(Arc<Remote<C>>);

struct Remote<C> {
    settings: RemoteChallengerBuilder,
    connector: C,
    /// One for each thread that sends requests: what was connected to on a thread is driven by it, and would stand still while
    /// another challenger blocks that thread.
    clients: Mutex<Vec<(ThreadId, Client<C, CopiedBody>)>>,
}

/// Settings of a [`RemoteChallenger`].
#[derive(Clone, Debug)]
#[must_use]
pub struct RemoteChallengerBuilder {
    base: Base,
    is_http2: bool,
    connect_timeout: Duration,
    idle_connections: usize,
    idle_timeout: Duration,
}

/// An address that is none, or none that requests can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError {
    fault: &'static str,
}

#[derive(Clone, Debug)]
struct Base {
    scheme: Scheme,
    authority: Authority,
    /// Without the last slash.
    path: Box<str>,
}

impl Base {
    fn parse(text: &str) -> Result<Self, AddressError> {
        let uri: Uri = text.parse().map_err(|_| AddressError { fault: "is not a URI" })?;
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(AddressError { fault: "lacks a scheme or a host: write http://host:port" });
        };
        if authority.as_str().contains('@') {
            return Err(AddressError {
                fault: "has a user in it: credentials are a matter of the connector",
            });
        }
        let path = parts.path_and_query.as_ref().map_or("", PathAndQuery::as_str);
        if path.contains('?') {
            return Err(AddressError { fault: "has a query: requests bring their own" });
        }
        Ok(Self { scheme, authority, path: path.trim_end_matches('/').into() })
    }

    /// `uri` at this address.
    fn retarget(&self, uri: &Uri) -> Option<Uri> {
        let asked = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        // that of OPTIONS, which no template matches
        let asked = if asked.starts_with('/') { asked } else { "/" };
        let path: PathAndQuery = format!("{}{asked}", self.path).parse().ok()?;
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path)
            .build()
            .ok()
    }
}

impl RemoteChallenger {
    /// A challenger at `base`: scheme, host, port, and a path if it has one.
    ///
    /// # Errors
    /// When that is no address.
    pub fn builder(base: &str) -> Result<RemoteChallengerBuilder, AddressError> {
        Ok(RemoteChallengerBuilder {
            base: Base::parse(base)?,
            is_http2: false,
            connect_timeout: Duration::from_millis(500),
            idle_connections: 64,
            idle_timeout: Duration::from_secs(30),
        })
    }
}

impl RemoteChallengerBuilder {
    /// Speaks HTTP/2 from the first byte, and nothing else: as gRPC does. The requests of a thread share one connection.
    pub fn with_http2(mut self) -> Self {
        self.is_http2 = true;
        self
    }

    /// How long a connection may take to open: 500 ms without.
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// So many connections of a thread are kept open for the next requests, for so long: 64, for 30 s, without.
    pub fn with_idle_connections(mut self, connections: usize, timeout: Duration) -> Self {
        (self.idle_connections, self.idle_timeout) = (connections, timeout);
        self
    }

    /// A challenger without TLS.
    #[must_use]
    pub fn build(self) -> RemoteChallenger {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(self.connect_timeout));
        self.build_with(connector)
    }

    /// A challenger that is connected to by `connector`: TLS, a socket of the file system. Timeouts are its own.
    pub fn build_with<C>(self, connector: C) -> RemoteChallenger<C>
    where
        C: Connect + Clone + Send + Sync + 'static,
    {
        RemoteChallenger(Arc::new(Remote { settings: self, connector, clients: Mutex::default() }))
    }

    fn client<C>(&self, connector: C) -> Client<C, CopiedBody>
    where
        C: Connect + Clone,
    {
        Client::builder(TokioExecutor::new())
            .http2_only(self.is_http2)
            .pool_max_idle_per_host(self.idle_connections)
            .pool_idle_timeout(self.idle_timeout)
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .build(connector)
    }
}

impl<C: Connect + Clone> Remote<C> {
    /// That of this thread.
    fn client(&self) -> Client<C, CopiedBody> {
        let this = thread::current().id();
        // the challengers' threads meet here, for a moment
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = clients.iter().find(|(thread, _)| *thread == this) {
            return client.clone();
        }
        let client = self.settings.client(self.connector.clone());
        // a shadow has no more threads; what else sends requests goes without connections that are kept
        if clients.len() < ShadowBuilder::<CopiedRequest>::MAX_THREADS {
            clients.push((this, client.clone()));
        }
        client
    }
}

impl<C> Clone for RemoteChallenger<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> Service<Request<CopiedBody>> for RemoteChallenger<C>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    type Response = Response<Incoming>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Incoming>, Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<CopiedBody>) -> Self::Future {
        // a URI that cannot be put together is refused by the client, which gets it as it is: without a host
        let Base { authority, .. } = &self.0.settings.base;
        if let Some(uri) = self.0.settings.base.retarget(request.uri()) {
            *request.uri_mut() = uri;
        }
        // the client takes the version from the connection
        *request.version_mut() = Version::HTTP_11;
        if let Ok(host) = HeaderValue::from_str(authority.as_str()) {
            request.headers_mut().insert(header::HOST, host);
        }
        Box::pin(self.0.client().request(request))
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the challenger's address {}", self.fault)
    }
}

impl StdError for AddressError {}

impl<C> fmt::Debug for RemoteChallenger<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteChallenger").field("base", &self.0.settings.base).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_keeps_its_path_and_query_behind_the_bases() {
        let at = |base: &str, uri: &str| {
            Base::parse(base).unwrap().retarget(&uri.parse().unwrap()).unwrap().to_string()
        };
        assert_eq!(at("http://lr:8080", "/predict?x=1"), "http://lr:8080/predict?x=1");
        assert_eq!(at("http://lr:8080/", "http://old/predict"), "http://lr:8080/predict");
        assert_eq!(at("https://lr/models/lr/", "/predict"), "https://lr/models/lr/predict");
    }

    #[test]
    fn each_thread_has_connections_of_its_own() {
        let remote = RemoteChallenger::builder("http://lr:8080").unwrap().build();
        let again = remote.clone();
        drop((remote.0.client(), again.0.client()));
        thread::spawn(move || drop((again.0.client(), again.0.client()))).join().unwrap();
        assert_eq!(remote.0.clients.lock().unwrap().len(), 2);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in ["", "/predict", "lr:8080", "http://lr/x?y=1", "http://user:s3cret@lr/"] {
            let error = Base::parse(bad).unwrap_err().to_string();
            assert!(error.starts_with("the challenger's address ") && !error.contains("s3cret"), "{error}");
        }
    }
}
