//! Deliveries and receipts without a log.

use std::sync::Arc;

use tiltmeter_record::PredictionLedger;

use crate::books::{Delivery, Receipt, SinkBooks};

/// The books of one sink, without a log: they make the deliveries and receipts that a test gives to it.
///
/// ```
/// use tiltmeter_log::conformance::Books;
///
/// let books = Books::new();
/// let mut delivery = books.delivery(0, 3);
/// delivery.split(2).written();
/// drop(delivery);
/// assert_eq!((books.ledger().written, books.ledger().abandoned), (2, 1));
/// ```
#[derive(Clone, Debug)]
pub struct Books(Arc<SinkBooks>);

impl Books {
    /// How many models they have room for.
    const MODELS: u16 = 16;

    /// Empty books.
    #[must_use]
    pub fn new() -> Self {
        Self(SinkBooks::new("conformance".into(), Self::MODELS))
    }

    /// The duty to deliver `rows` predictions of the model with the number `model`, from 0 to 15.
    pub fn delivery(&self, model: u16, rows: u64) -> Delivery {
        let mut delivery = Delivery::new(model, Arc::clone(&self.0));
        delivery.add(rows);
        delivery
    }

    /// A receipt for the journal with the number `number`, from 1.
    #[must_use]
    pub fn receipt(&self, number: u64) -> Receipt {
        Receipt::new(Some(std::time::Duration::from_secs(number)), Arc::clone(&self.0))
    }

    /// What became of the predictions.
    #[must_use]
    pub fn ledger(&self) -> PredictionLedger {
        self.0.read()
    }

    /// The number of the latest journal whose receipt was signed; 0 before the first.
    #[must_use]
    pub fn latest_journal(&self) -> u64 {
        self.0.latest_canary().map_or(0, |sent| sent.as_secs())
    }

    /// What the sink said when it last lost predictions.
    #[must_use]
    pub fn last_failure(&self) -> Option<String> {
        self.0.last_failure()
    }
}

impl Default for Books {
    fn default() -> Self {
        Self::new()
    }
}
