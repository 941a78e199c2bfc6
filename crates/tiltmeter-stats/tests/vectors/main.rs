//! The statistics against the numbers of independent tools (`data/README.md` says whose).
//!
//! A group names its functions in `CHECKS`. Every entry of every file must be checked, in every field: a check that
//! forgets one fails, as does a file that no group checks.

#[cfg(test)]
mod entry;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod quality;
#[cfg(test)]
mod summaries;
#[cfg(test)]
mod two_samples;

#[test]
fn two_samples() {
    harness::run(two_samples::CHECKS);
}

#[test]
fn summaries() {
    harness::run(summaries::CHECKS);
}

#[test]
fn quality() {
    harness::run(quality::CHECKS);
}

#[test]
fn every_file_is_checked_once() {
    let mut checked: Vec<&str> = [two_samples::CHECKS, summaries::CHECKS, quality::CHECKS]
        .concat()
        .iter()
        .map(|(name, _)| *name)
        .collect();
    checked.sort_unstable();
    assert_eq!(checked, harness::functions());
}
