//! The books: what was observed, and what became of it.
//!
//! Two ledgers, both exact. A request and its response are one *exchange*, known before anything is decoded;
//! what an exchange held are *predictions*, known only afterwards. What a dropped exchange held is unknown, so
//! the two are never added up.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, SerializeStruct, Serializer};

/// The ledger of exchanges: `observed = decoded + dropped + abandoned`, once the log has been shut down.
///
/// While it runs, what is still queued stands between the two sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub struct ExchangeLedger {
    /// Exchanges that ended.
    pub observed: u64,
    /// Exchanges whose predictions were decoded.
    pub decoded: u64,
    /// Exchanges that were lost, by reason.
    #[serde(rename = "dropped_by_reason")]
    pub dropped: Dropped<ExchangeDrop>,
    /// Exchanges that were still queued when the deadline of the shutdown passed, and those that a worker that
    /// panicked left.
    pub abandoned: u64,
}

/// The ledger of decoded predictions: `decoded = written + sampled_out + dropped + abandoned`, once the log has
/// been shut down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub struct PredictionLedger {
    /// Predictions that were decoded.
    pub decoded: u64,
    /// Predictions that the sink has confirmed.
    pub written: u64,
    /// Predictions that were left out by sampling.
    pub sampled_out: u64,
    /// Predictions that were lost, by reason.
    #[serde(rename = "dropped_by_reason")]
    pub dropped: Dropped<PredictionDrop>,
    /// Predictions whose delivery was not known when the deadline of the shutdown passed, and those that a worker that
    /// panicked or a sink that forgot a delivery left.
    pub abandoned: u64,
}

/// Both ledgers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub struct Ledgers {
    /// What became of the exchanges.
    pub exchanges: ExchangeLedger,
    /// What became of the predictions that were decoded from them.
    pub predictions: PredictionLedger,
}

impl ExchangeLedger {
    /// Whether every exchange is accounted for.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.observed == self.decoded + self.dropped.total() + self.abandoned
    }
}

impl PredictionLedger {
    /// Whether every decoded prediction is accounted for.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.decoded == self.written + self.sampled_out + self.dropped.total() + self.abandoned
    }
}

impl Ledgers {
    /// Whether both ledgers balance.
    #[must_use]
    pub fn balance(&self) -> bool {
        self.exchanges.balances() && self.predictions.balances()
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A reason for which something is dropped: a closed set, in a fixed order.
///
/// Sealed: the reasons are those of the two ledgers.
pub trait Reason: sealed::Sealed + Copy + fmt::Debug + Sized + 'static {
    /// Every reason, in the order in which it is reported; [`index`](Self::index) is the place in it.
    const ALL: &'static [Self];

    /// The place of this reason in [`ALL`](Self::ALL).
    fn index(self) -> usize;

    /// The name of this reason in data, metrics and reports.
    fn as_str(self) -> &'static str;
}

macro_rules! reasons {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident => $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl sealed::Sealed for $name {}

        impl Reason for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn index(self) -> usize {
                self as usize
            }

            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

reasons! {
    /// Why an exchange was dropped before its predictions were known.
    ExchangeDrop {
        /// The queue held as many exchanges as it may.
        QueueFull => "queue_full",
        /// The queue held as many bytes as it may.
        QueueBytes => "queue_bytes",
        /// The worker had died of a panic; the log observes nothing any more.
        WorkerGone => "worker_gone",
        /// The log had been shut down.
        Closed => "closed",
        /// The request body was above the cap of what is captured, came in a form that could not be copied, or holds so many
        /// instances that their predictions would take too much memory.
        RequestTooLarge => "request_too_large",
        /// The handler answered without reading the whole request body, or the client left while sending it.
        RequestUnread => "request_unread",
        /// The request body is not what the model's codec reads: no JSON, or without the array of the instances.
        RequestMalformed => "request_malformed",
        /// The request and the response hold different numbers of instances.
        InstanceMismatch => "instance_mismatch",
        /// The codec panicked.
        CodecPanic => "codec_panic",
        /// A body is compressed in a way that is not read, is damaged, or is larger when inflated than a body may be.
        RequestEncoding => "request_encoding",
        /// The bodies are not captured, the handler recorded nothing, and the exchange did not fail.
        NothingRecorded => "nothing_recorded",
    }
}

reasons! {
    /// Why a decoded prediction was dropped.
    PredictionDrop {
        /// The sink failed for good.
        SinkFailed => "sink_failed",
        /// The queue before the sink held as much as it may.
        SinkQueueFull => "sink_queue_full",
        /// The sink had panicked.
        SinkGone => "sink_gone",
    }
}

/// How many were dropped, by reason.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dropped<R> {
    counts: [u64; 16],
    reason: std::marker::PhantomData<fn() -> R>,
}

impl<R: Reason> Dropped<R> {
    const FITS: () = assert!(R::ALL.len() <= 16, "widen the array");

    /// Nothing dropped.
    #[must_use]
    pub fn none() -> Self {
        let () = Self::FITS;
        Self { counts: [0; 16], reason: std::marker::PhantomData }
    }

    /// Adds `count` for `reason`.
    pub fn add(&mut self, reason: R, count: u64) {
        self.counts[reason.index()] += count;
    }

    /// How many were dropped for `reason`.
    #[must_use]
    pub fn by(&self, reason: R) -> u64 {
        self.counts[reason.index()]
    }

    /// How many were dropped in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Each reason for which something was dropped, with its count.
    pub fn iter(&self) -> impl Iterator<Item = (R, u64)> + '_ {
        R::ALL.iter().map(|&reason| (reason, self.by(reason))).filter(|&(_, count)| count > 0)
    }
}

impl<R: Reason> Default for Dropped<R> {
    fn default() -> Self {
        Self::none()
    }
}

impl<R: Reason> fmt::Debug for Dropped<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(reason, count)| (reason.as_str(), count))).finish()
    }
}

/// As a map from the reason to its count; reasons without a count are left out.
impl<R: Reason> Serialize for Dropped<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(reason, count)| (reason.as_str(), count)))
    }
}

/// Reads what its `Serialize` wrote; a reason that is not known is an error, because its count has no place here.
impl<'de, R: Reason> Deserialize<'de> for Dropped<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let counts = std::collections::BTreeMap::<String, u64>::deserialize(deserializer)?;
        let mut dropped = Self::none();
        for (text, count) in counts {
            let reason = R::ALL.iter().find(|reason| reason.as_str() == text);
            let reason =
                reason.ok_or_else(|| D::Error::custom(format!("{text:?} is no reason for a drop")))?;
            dropped.add(*reason, count);
        }
        Ok(dropped)
    }
}

/// `dropped` is the total; `dropped_by_reason` has the parts.
impl Serialize for ExchangeLedger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_struct("ExchangeLedger", 5)?;
        map.serialize_field("observed", &self.observed)?;
        map.serialize_field("decoded", &self.decoded)?;
        map.serialize_field("dropped", &self.dropped.total())?;
        map.serialize_field("dropped_by_reason", &self.dropped)?;
        map.serialize_field("abandoned", &self.abandoned)?;
        map.end()
    }
}

/// `dropped` is the total; `dropped_by_reason` has the parts.
impl Serialize for PredictionLedger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_struct("PredictionLedger", 6)?;
        map.serialize_field("decoded", &self.decoded)?;
        map.serialize_field("written", &self.written)?;
        map.serialize_field("sampled_out", &self.sampled_out)?;
        map.serialize_field("dropped", &self.dropped.total())?;
        map.serialize_field("dropped_by_reason", &self.dropped)?;
        map.serialize_field("abandoned", &self.abandoned)?;
        map.end()
    }
}

impl Serialize for Ledgers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_struct("Ledgers", 2)?;
        map.serialize_field("exchanges", &self.exchanges)?;
        map.serialize_field("predictions", &self.predictions)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_balances_only_when_every_exchange_is_somewhere() {
        let mut ledger = ExchangeLedger { observed: 10, decoded: 6, abandoned: 1, ..Default::default() };
        ledger.dropped.add(ExchangeDrop::QueueFull, 2);
        assert!(!ledger.balances());
        ledger.dropped.add(ExchangeDrop::CodecPanic, 1);
        assert!(ledger.balances());
    }

    #[test]
    fn reasons_are_indexed_by_their_place() {
        for (place, reason) in ExchangeDrop::ALL.iter().enumerate() {
            assert_eq!(reason.index(), place);
        }
    }

    #[test]
    fn json_is_read_as_it_was_written() {
        let mut ledgers = Ledgers::default();
        ledgers.exchanges.observed = 3;
        ledgers.exchanges.dropped.add(ExchangeDrop::Closed, 2);
        ledgers.predictions.dropped.add(PredictionDrop::SinkFailed, 1);
        let json = serde_json::to_string(&ledgers).unwrap();
        assert_eq!(serde_json::from_str::<Ledgers>(&json).unwrap(), ledgers);
        let unknown = json.replace("closed", "vanished");
        let error = serde_json::from_str::<Ledgers>(&unknown).unwrap_err().to_string();
        assert!(error.starts_with("\"vanished\" is no reason for a drop"), "{error}");
    }

    #[test]
    fn json_has_totals_and_reasons() {
        let mut ledgers = Ledgers::default();
        ledgers.exchanges.observed = 3;
        ledgers.exchanges.dropped.add(ExchangeDrop::Closed, 3);
        insta::assert_snapshot!(serde_json::to_string_pretty(&ledgers).unwrap(), @r#"
        {
          "exchanges": {
            "observed": 3,
            "decoded": 0,
            "dropped": 3,
            "dropped_by_reason": {
              "closed": 3
            },
            "abandoned": 0
          },
          "predictions": {
            "decoded": 0,
            "written": 0,
            "sampled_out": 0,
            "dropped": 0,
            "dropped_by_reason": {},
            "abandoned": 0
          }
        }
        "#);
    }
}
