use std::cell::Cell;
use std::fmt::Write as _;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::*;

const SMALL: &str = "\
spec_version: 1
name: churn
type: binary
owner: crm
tier: 2
endpoint: {path: /predict}
response: {score: /score}
features: {plan: string, region: string, age: integer, balance: float}
";

fn read(sampling: &str) -> ModelSpec {
    ModelSpec::from_yaml("model.yaml", &format!("{SMALL}{sampling}\n")).unwrap()
}

fn policy(sampling: &str) -> Option<Policy> {
    policy_of(&read(sampling)).unwrap()
}

#[test]
fn the_defaults_are_those_of_the_policies() {
    assert_eq!(policy("sampling: {policy: tails}"), Some(Policy::tails().build(&[]).unwrap()));
    assert_eq!(policy("sampling: {policy: capped}"), Some(Policy::capped().build(&[]).unwrap()));
}

#[test]
fn all_rows_are_no_policy() {
    assert_eq!(policy(""), None);
    assert_eq!(policy("sampling: {policy: all}"), None);
}

/// The example of the spec's documentation, from there.
fn documented() -> String {
    let page = include_str!("../../../../tiltmeter-record/src/spec/mod.rs");
    let lines = page.lines().skip_while(|line| {
        *line != "//! spec_version: 1                 # required: the version of this format"
    });
    let text = lines.map_while(|line| (line != "//! \")?;").then(|| line.get(4..).unwrap_or_default()));
    text.flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn the_documented_example_is_the_policy_that_is_made_by_hand() {
    let spec = ModelSpec::from_yaml("mod.rs", &documented()).unwrap();
    let by_hand = Policy::tails()
        .with_instances(4)
        .with_expected_predictions_per_day(2e6)
        .with_interval(Duration::from_secs(60))
        .with_buckets(20)
        .with_segment("carrier")
        .with_most_cells(128)
        .with_high_scores(CutOff::At(0.95))
        .with_low_scores(CutOff::At(0.05))
        .with_rule(Rule::OutsideTrainingRange, KeepRule::at(0.5).with_most_kept(0.05))
        .without_rule(Rule::Disagreement)
        .with_floor_rows(5.0)
        .with_budget(Budget::RowsPerSecond(50.0))
        .build(&["carrier"])
        .unwrap();
    assert_eq!(policy_of(&spec).unwrap(), Some(by_hand));
    let error = key_of(&spec).unwrap_err();
    let told = "the rows of model flight-delay cannot be sampled: the environment variable TILTMETER_SAMPLE_KEY: is not set";
    assert_eq!(error.to_string(), told);
    assert!(error.is_configuration());
}

#[test]
fn each_key_says_its_own() {
    let found = policy(
        "sampling:
  policy: capped
  tiers: [{up_to: 1000, rate: 0.5}, {up_to: 10000, rate: 0.25}, {rate: 0.01}]
  hysteresis: 0.2
  instances: 3
  expected_per_day: 5000
  interval: 90s
  edges: [0.1, 0.5]
  segment: region
  max_cells: 7
  keep:
    high_score: {above: 0.75, rate: 0.9, at_most: 0.8}
    low_score: {rate: 0.7, at_most: 0.06}
    failed: 0.61
    outside_training_range: {rate: 0.62, at_most: 0.31}
    disagreement: {rate: 0.63, at_most: 0.32}
    explicit: off
  floor: 0.5
  budget: {bytes_per_second: 1000}
  least_rate: 0.002
  half_life: 30
  warn_above: 0.3",
    );
    let tier = |up_to_per_day, rate| VolumeTier { up_to_per_day, rate };
    let tiers = VolumeTiers::new(vec![tier(1e3, 0.5), tier(1e4, 0.25)], 0.01).with_hysteresis(0.2);
    let by_hand = Policy::capped()
        .with_tiers(tiers)
        .with_instances(3)
        .with_expected_predictions_per_day(5000.0)
        .with_interval(Duration::from_secs(90))
        .with_bucket_edges(&[0.1, 0.5])
        .with_segment("region")
        .with_most_cells(7)
        .with_high_scores(CutOff::At(0.75))
        .with_rule(Rule::HighScore, KeepRule::at(0.9).with_most_kept(0.8))
        .with_rule(Rule::LowScore, KeepRule::at(0.7).with_most_kept(0.06))
        .with_rule(Rule::Failed, KeepRule::at(0.61).with_most_kept(0.01))
        .with_rule(Rule::OutsideTrainingRange, KeepRule::at(0.62).with_most_kept(0.31))
        .with_rule(Rule::Disagreement, KeepRule::at(0.63).with_most_kept(0.32))
        .without_rule(Rule::Explicit)
        .with_floor_rows(0.5)
        .with_budget(Budget::BytesPerSecond(1000.0))
        .with_least_rate(0.002)
        .with_half_life(30)
        .with_warning_above(0.3)
        .build(&["region"])
        .unwrap();
    assert_eq!(found, Some(by_hand));
}

#[test]
fn what_was_changed_is_refused_with_all_that_is_wrong() {
    let mut spec = read("sampling: {policy: tails, segment: plan}");
    spec.features.clear();
    let sampling = spec.sampling.as_mut().unwrap();
    (sampling.floor, sampling.instances, sampling.tiers.rate_above) = (-1.0, 0, 2.0);
    let error = policy_of(&spec).unwrap_err();
    let faults = [
        "the rows of model churn cannot be sampled: a fleet has at least one instance",
        "the tier above all others has a rate from 0.000001 to 1, not 2",
        "the rate does not rise with the volume: 2 comes after 0.5",
        "there is no segment \"plan\"; known: there are none",
        "a floor is 0 to 1e9 rows of a stratum in an interval, not -1",
    ];
    assert_eq!(error.to_string(), faults.join("; "));
}

#[test]
fn a_key_is_read_from_where_the_spec_says() {
    assert_eq!(key_of(&read("")).unwrap(), None);
    assert_eq!(key_of(&read("sampling: {policy: tails}")).unwrap(), None);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let spec = read(&format!("sampling: {{policy: all, key: {{file: '{}'}}}}", path.display()));
    let error = key_of(&spec).unwrap_err().to_string();
    assert!(error.ends_with("/key: does not exist"), "{error}");
    std::fs::write(&path, "000102030405060708090a0b0c0d0e0f\n").unwrap();
    let key = SampleKey::from_text("000102030405060708090a0b0c0d0e0f").unwrap();
    assert_eq!(key_of(&spec).unwrap(), Some(key));
    std::fs::write(&path, "secret").unwrap();
    let error = key_of(&spec).unwrap_err().to_string();
    assert!(
        error.contains("/key: a sample key is 32 hexadecimal digits") && !error.contains("secret"),
        "{error}"
    );
}

/// What may stand at a key: mostly what is allowed, up to its borders; now and then what is not.
fn value(good: &[&'static str], bad: &[&'static str]) -> BoxedStrategy<&'static str> {
    let (good, bad) = (good.to_vec(), bad.to_vec());
    prop_oneof![30 => prop::sample::select(good), 1 => prop::sample::select(bad)].boxed()
}

/// `key: value`, or nothing.
fn entry(key: &'static str, value: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Option<String>> {
    prop::option::weighted(0.4, value.prop_map(move |value| format!("{key}: {value}"))).boxed()
}

/// The entries that are there, as a mapping.
fn mapping(entries: Vec<BoxedStrategy<Option<String>>>) -> impl Strategy<Value = String> {
    entries.prop_map(|entries| {
        let entries: Vec<_> = entries.into_iter().flatten().collect();
        format!("{{{}}}", entries.join(", "))
    })
}

fn sampling() -> impl Strategy<Value = String> {
    let one = |key, good: &[&'static str], bad: &[&'static str]| {
        entry(key, value(good, bad).prop_map(str::to_owned))
    };
    let rates = ["1", "0.000001", "0.5", "0.1", "0.01"];
    let no_rates = ["0", "1.0000001", "-1", "1e-7", ".nan", "all"];
    let rate = move |key| one(key, &rates, &no_rates);
    let rule = move |key| {
        let keys = mapping(vec![rate("rate"), rate("at_most")]);
        entry(
            key,
            prop_oneof![keys, value(&rates, &no_rates).prop_map(str::to_owned), Just("off".to_owned())],
        )
    };
    let score = move |key, at| {
        let scores = ["0", "1", "0.5", "0.95", "0.05", "quantile", "quantile"];
        let at = one(at, &scores, &["1.1", "-0.1", "median"]);
        let keys = mapping(vec![at, rate("rate"), rate("at_most")]);
        entry(key, prop_oneof![4 => keys, 1 => Just("off".to_owned())])
    };
    let keep = mapping(vec![
        score("high_score", "above"),
        score("low_score", "below"),
        rule("failed"),
        rule("outside_training_range"),
        rule("disagreement"),
        rule("explicit"),
    ]);
    let tier = (value(&["1", "2", "1e5", "1e6", "1e15", "0.5"], &["0", "2e15"]), value(&rates, &no_rates));
    let tiers = prop::collection::vec(tier, 0..3).prop_flat_map(move |tiers| {
        (Just(tiers), value(&["0.000001", "0.01"], &["0"])).prop_map(|(mut tiers, above)| {
            // in the order that is asked for, most of the time
            let number = |text: &str| text.parse::<f64>().unwrap_or(0.0);
            tiers.sort_by(|one, other| number(one.0).total_cmp(&number(other.0)));
            let mut text = String::from("[");
            for (up_to, rate) in tiers {
                let _ = write!(text, "{{up_to: {up_to}, rate: {rate}}}, ");
            }
            format!("{text}{{rate: {above}}}]")
        })
    });
    let edges =
        value(&["[0.5]", "[0.1, 0.5]", "[1e-300, 0.9999999999999999]"], &["[]", "[0.5, 0.5]", "[0, 1]"]);
    let by_rate = prop_oneof![rate("rate"), entry("tiers", tiers)];
    let by_score = prop_oneof![
        one("buckets", &["1", "2", "99", "100"], &["0", "101"]),
        entry("edges", edges.prop_map(str::to_owned)),
    ];
    let budgets = ["{rows_per_second: 1e-9}", "{rows_per_second: 5e8}", "{bytes_per_second: 1e300}"];
    mapping(vec![
        prop::sample::select(vec!["policy: tails", "policy: capped"])
            .prop_map(|policy| Some(policy.to_owned()))
            .boxed(),
        by_rate.boxed(),
        by_score.boxed(),
        one("hysteresis", &["0.01", "0.5"], &["0", "0.51"]),
        one("instances", &["1", "1000000"], &["0", "1000001", "1.5"]),
        one("expected_per_day", &["0", "1e15"], &["-1", "1e16"]),
        one("interval", &["1s", "1d", "1.5s"], &["999ms", "25h", "60"]),
        one("segment", &["plan", "age"], &["balance", "plam"]),
        one("max_cells", &["1", "1024"], &["0", "1025"]),
        entry("keep", prop_oneof![9 => keep, 1 => Just("off".to_owned())]),
        one("floor", &["0", "0.01", "1e9", "-0.0"], &["-1", "2e9"]),
        one("budget", &budgets, &["{rows_per_second: 0}", "{}"]),
        one("least_rate", &rates, &no_rates),
        one("half_life", &["1", "100000"], &["0", "100001"]),
        one("warn_above", &["1", "1e-300"], &["0", "1.1"]),
    ])
}

/// By a fixed seed, so that the share that is accepted is known: a spec that refuses everything would pass as well.
#[test]
fn every_sampling_that_the_spec_accepts_is_a_policy() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner =
        TestRunner::new_with_rng(Config { cases: 2000, failure_persistence: None, ..Config::default() }, rng);
    let accepted = Cell::new(0);
    let checked = runner.run(&sampling(), |sampling| {
        if let Ok(spec) = ModelSpec::from_yaml("model.yaml", &format!("{SMALL}sampling: {sampling}\n")) {
            accepted.set(accepted.get() + 1);
            let policy = policy_of(&spec);
            prop_assert!(policy.as_ref().is_ok_and(Option::is_some), "{sampling}: {policy:?}");
        }
        Ok(())
    });
    checked.unwrap();
    let accepted = accepted.get();
    assert!((500..1500).contains(&accepted), "{accepted} of 2000");
}
