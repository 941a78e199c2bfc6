//! Which requests are kept, and with what probability.
//!
//! A keyed hash of the request's id decides. So whoever has the key decides the same: champion and challenger, a gateway,
//! a job that joins labels, in another process and in another language. And samples are nested: what a sample of 1 % keeps
//! lies within the one of 10 %. Everything is pure: no I/O but reading a key, no clock; only [`Adaptive`] has a state.
//!
//! ```
//! use tiltmeter_sample::{SampleKey, SampleRate, Sampler};
//!
//! // no key to use: everybody knows it
//! let key = SampleKey::from_text("000102030405060708090a0b0c0d0e0f")?;
//! let sampler = Sampler::new(key, SampleRate::new(0.5)?);
//!
//! let decision = sampler.decide(b"r0000001");
//! assert!(decision.is_kept);
//! assert_eq!(decision.inclusion_probability, 0.5);
//! assert_eq!(sampler.decide(b"r0000001"), decision);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # When not
//! To pick a number of rows out of a table that is at hand, shuffle it: a hash gives a rate, not a number. To throttle, use a
//! token bucket: a rate of requests is no rate per second, and a [budget](PolicyBuilder::with_budget) is kept in expectation
//! only. Below 100,000 predictions a day, keep all. To see drift of the score, count all scores before sampling: a sample
//! that is stratified by the score says little about it.
//!
//! # The whole flow
//! A [`Policy`] says what is worth keeping, [`Adaptive`] makes a [`RateTable`] of it for each interval, and the table decides
//! about rows. What is counted in an interval makes the rates of the next, so that each probability is known when the
//! decision is made; [why](Adaptive#why-it-is-unbiased) that leaves every estimate unbiased.
//!
//! ```
//! use tiltmeter_sample::{Adaptive, Facts, Flags, Policy, SampleKey, VolumeTiers};
//!
//! let policy = Policy::tails()
//!     .with_tiers(VolumeTiers::constant(0.1))
//!     .with_segment("carrier")
//!     .build(&["carrier", "origin"])?;
//! let mut adaptive = Adaptive::new(policy);
//! let mut table = adaptive.table();
//!
//! let mut estimated = 0.0;
//! for minute in 0..3 {
//!     let mut counts = table.counts();
//!     for number in 0..1000 {
//!         let flags = Flags { failed: number % 100 == 0, ..Flags::default() };
//!         let score = f64::from(number) / 1000.0;
//!         let facts = Facts { score: Some(score), segment: Some("UA"), version: "v3", flags };
//!
//!         let draw = SampleKey::PUBLIC.draw(format!("{minute}-{number}").as_bytes());
//!         let decision = table.decide(draw, &facts);
//!         counts.add(&facts, &decision);
//!         if decision.is_kept {
//!             // goes into the row, with the stratum's text
//!             estimated += 1.0 / decision.inclusion_probability;
//!             assert!(minute == 0 || table.stratum_text(decision.stratum).ends_with("|carrier=UA|v3"));
//!         }
//!     }
//!     let end = adaptive.end_interval(&counts);
//!     assert!(end.changes.is_empty() && end.totals.predictions == 1000);
//!     table = end.table;
//! }
//! // there were 3000; a standard deviation is about 157
//! assert!((estimated - 3000.0).abs() < 3.0 * 157.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The log does all of this for its rows (`tiltmeter_log::sampling`), and a shadow asks a [`Sampler`] whom to show a request.
//! What can be computed from kept rows is told in `docs/sampling.md`.
//!
//! # In reading order
//! - [`SampleKey`]: 128 bits, and what they are mixed with.
//! - [`Draw`]: the number in [0, 1) that a request draws. It is drawn once; each rule compares it with a rate of its own, and
//!   so a request that one of several rules keeps has the maximum of their rates as its probability.
//! - [`SampleRate`]: a share of the requests, and what it comes to in a draw of 64 bits.
//! - [`Sampler`], [`Decision`]: a key and a rate, the same for all.
//! - [`Policy`] and its [builder](PolicyBuilder): [`VolumeTiers`], a [`KeepRule`] for each [`Rule`], a [`CutOff`] for those
//!   of the score, a [`Budget`]; all that is wrong with one is a [`PolicyError`].
//! - [`Facts`], [`Flags`]: what rates depend on.
//! - [`RateTable`]: the rates of an interval; [`RowDecision`], with the [`Stratum`]; [`decide_together`], for a request with
//!   several rows.
//! - [`IntervalCounts`]: what happened in an interval.
//! - [`Adaptive`]: from counts to the next rates; [`IntervalEnd`], with each [`RateChange`] and the warning
//!   [`RulesEatSaving`].
//!
//! # The hash, elsewhere
//! SipHash-2-4 of the id's bytes with the key's 16 bytes, as in its reference implementation: a pseudorandom function, so
//! that who does not know the key cannot choose ids that are kept; fast on short texts; and
//! found in other languages: `sipHash64Keyed` in ClickHouse, `Hashing.sipHash24` in Guava, `siphash24` in libsodium. A
//! request is kept where the hash, as an unsigned integer, is below the rate times 2^64. In Python:
//!
//! ```python
#![doc = include_str!("siphash24.py")]
//! ```
mod adaptive;
mod counts;
mod draw;
mod error;
mod facts;
mod key;
mod policy;
mod rate;
mod rule;
mod sampler;
mod strata;
mod table;

pub use adaptive::{Adaptive, Because, CommonRate, IntervalEnd, RateChange, RuleShare, RulesEatSaving};
pub use counts::{IntervalCounts, RuleCount, Totals};
pub use draw::Draw;
pub use error::SampleError;
pub use facts::{Facts, Flags};
pub use key::SampleKey;
pub use policy::{Budget, CutOff, KeepRule, Policy, PolicyBuilder, PolicyError, VolumeTier, VolumeTiers};
pub use rate::SampleRate;
pub use rule::Rule;
pub use sampler::{Decision, Sampler};
pub use strata::Stratum;
pub use table::{RateTable, RowDecision, StratumRate, decide_together};
