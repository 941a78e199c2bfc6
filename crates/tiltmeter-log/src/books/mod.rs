//! The counters behind the ledgers.
//!
//! [`ExchangeBooks`] are written on the request path and by the worker, [`SinkBooks`] by the deliveries of one sink. Losses
//! are counted once, by stratum and reason: the ledgers are their sums, the gaps in the data their differences over time.

mod delivery;
mod exchanges;
mod joint;
mod sink;

pub use delivery::{Delivery, Receipt};
pub(crate) use delivery::{Signature, Signed};
pub(crate) use exchanges::{ExchangeBooks, Stratum};
pub(crate) use sink::{BooksOfSink, SinkBooks};
