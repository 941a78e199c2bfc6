//! Profiles of all predictions.
//!
//! In reading order: `settings` and `builder`; `model`, which follows the baseline and the time (`clock`) of a model; `windows`, which
//! keeps what is open: an `intake` for each minute, whose rows wait in `block`s (texts as codes of a `dictionary`), and a
//! `feature_window`, with a `lane` for each role and version. A full block is folded: all rows into one `cell`, and, sorted by
//! `slices`, those of each value into that of `segment_cells`. `plan` says which columns there are, `answer` what a model said,
//! `column` what is handed over, and `pending` keeps that.

mod answer;
mod block;
mod builder;
mod cell;
mod clock;
mod column;
mod dictionary;
mod feature_window;
mod fold;
mod intake;
mod lane;
mod model;
mod pending;
mod plan;
mod profiler;
mod segment_cells;
mod settings;
mod slices;
#[cfg(test)]
mod tests;
mod windows;

pub use builder::ProfilerBuilder;
pub use profiler::Profiler;
