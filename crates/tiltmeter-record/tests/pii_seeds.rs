//! The seeds of the fuzz target `pii`, on the stable toolchain.

#[cfg(test)]
#[path = "../fuzz/check.rs"]
mod check;

#[test]
fn the_policy_holds_on_every_seed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds/pii");
    let mut seeds = 0;
    for seed in std::fs::read_dir(folder).unwrap() {
        check::check(&std::fs::read(seed.unwrap().path()).unwrap());
        seeds += 1;
    }
    assert!(seeds >= 7, "{seeds} seeds");
}
