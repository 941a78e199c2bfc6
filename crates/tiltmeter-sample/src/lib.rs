//! Which requests are kept, and with what probability.
//!
//! A keyed hash of the request's id decides. So whoever has the key decides the same: champion and challenger, a gateway,
//! a job that joins labels, in another process and in another language. And samples are nested: what a sample of 1 % keeps
//! lies within the one of 10 %. Everything is pure: no I/O but reading a key, no clock, no state.
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
//! token bucket: a rate of requests is no rate per second.
//!
//! # In reading order
//! - [`SampleKey`]: 128 bits, and what they are mixed with.
//! - [`Draw`]: the number in [0, 1) that a request draws. It is drawn once; each rule compares it with a rate of its own, and
//!   so a request that one of several rules keeps has the maximum of their rates as its probability.
//! - [`SampleRate`]: a share of the requests, and what it comes to in a draw of 64 bits.
//! - [`Sampler`], [`Decision`]: a key and a rate.
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
mod draw;
mod error;
mod key;
mod rate;
mod sampler;

pub use draw::Draw;
pub use error::SampleError;
pub use key::SampleKey;
pub use rate::SampleRate;
pub use sampler::{Decision, Sampler};
