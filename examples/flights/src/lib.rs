//! Ten months of real flights, replayed through a real service whose predictions are logged, and what the log tells.
//!
//! An axum service scores flights with gradient-boosted trees. A client sends it, over HTTP, the departures of a
//! year from New York, and compares each answer with the one that was recorded. In October a retrained model takes
//! over, in the middle of the traffic. [`run`] shows the whole, and where the log comes in.
//!
//! The service, which could be anyone's:
//! - [`flight`]: the request and the answer
//! - [`model`]: the trees, and how they score
//! - [`deployments`]: which model serves when
//! - [`service`]: the axum router, which knows nothing of logging
//!
//! What drives it:
//! - [`data`]: the files that are needed
//! - [`recorded`]: the recorded requests and answers
//! - [`server`]: the service on a port
//! - [`replay`]: the client
//! - [`shutdown`]: Ctrl-C and SIGTERM
//!
//! What the log was kept for:
//! - [`evaluation`]: drift, labels, performance, and the report
//!
//! What a person sees:
//! - [`cli`], [`progress`], [`summary`], [`output`], [`figures`], [`console`], [`advice`]

pub mod advice;
pub mod cli;
pub mod console;
pub mod data;
pub mod deployments;
pub mod evaluation;
pub mod figures;
pub mod flight;
pub mod model;
pub mod output;
pub mod progress;
pub mod recorded;
pub mod replay;
pub mod run;
pub mod server;
pub mod service;
pub mod shutdown;
pub mod summary;
