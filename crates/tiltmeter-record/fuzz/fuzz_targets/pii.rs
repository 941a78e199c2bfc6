//! The privacy policy on any text.
//!
//!     cargo +nightly fuzz run --fuzz-dir crates/tiltmeter-record/fuzz pii \
//!         crates/tiltmeter-record/fuzz/corpus/pii crates/tiltmeter-record/fuzz/seeds/pii
//!
//! The seeds are replayed on the stable toolchain by the tests of the crate.
#![no_main]

#[path = "../check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|input: &[u8]| check::check(input));
