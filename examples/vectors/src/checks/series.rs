//! One number per day.

use anyhow::bail;
use serde_json::Value;
use tiltmeter_stats::{
    Adwin, AdwinOptions, Detection, PageHinkley, PageHinkleyMode, PageHinkleyOptions, change_point,
    linear_trend, mann_kendall, sen_slope,
};

use super::Checks;
use crate::entry::Entry;

pub(crate) const CHECKS: Checks = &[
    ("adwin", of_adwin),
    ("change_point", of_change_point),
    ("page_hinkley", of_page_hinkley),
    ("trend", of_trend),
];

fn of_trend(entry: &mut Entry) -> anyhow::Result<()> {
    let series = entry.numbers("series")?;
    let test = mann_kendall(&series);
    entry.expect("mann_kendall_s", test.clone().map(|test| test.s));
    entry.expect("mann_kendall_var_s", test.clone().map(|test| test.variance));
    entry.expect("mann_kendall_z", test.clone().map(|test| test.z));
    entry.expect("p_mann_kendall", test.map(|test| test.p_value));
    entry.expect("sen_slope", sen_slope(&series).map(|slope| slope.slope));
    let line = linear_trend(&series);
    entry.expect("ols_slope", line.clone().map(|line| line.slope));
    entry.expect("p_ols_slope", line.map(|line| line.p_value));
    Ok(())
}

fn of_change_point(entry: &mut Entry) -> anyhow::Result<()> {
    let series = entry.numbers("series")?;
    let found = change_point(&series, entry.count_param("min_size", 2)?);
    entry.expect("split_index", found.clone().map(|found| found.split_index as f64));
    entry.expect("rss_step", found.clone().map(|found| found.rss_step));
    entry.expect("rss_constant", found.clone().map(|found| found.rss_constant));
    entry.expect("rss_linear", found.map(|found| found.rss_linear));
    Ok(())
}

fn of_page_hinkley(entry: &mut Entry) -> anyhow::Result<()> {
    let series = entry.numbers("series")?;
    let default = PageHinkleyOptions::default();
    let options = PageHinkleyOptions {
        min_instances: count(entry, "min_instances", default.min_instances)?,
        delta: entry.number_param("delta", default.delta)?,
        threshold: entry.number_param("threshold", default.threshold)?,
        alpha: entry.number_param("alpha", default.alpha)?,
        mode: match entry.word_param("mode", "both") {
            "up" => PageHinkleyMode::Up,
            "down" => PageHinkleyMode::Down,
            "both" => PageHinkleyMode::Both,
            other => bail!("the mode is {other}"),
        },
    };
    let found =
        PageHinkley::new(options).map(|mut detector| detections(&series, |value| detector.update(value)));
    entry.expect("detections", found);
    Ok(())
}

fn of_adwin(entry: &mut Entry) -> anyhow::Result<()> {
    let series = entry.numbers("series")?;
    let default = AdwinOptions::default();
    let options = AdwinOptions {
        delta: entry.number_param("delta", default.delta)?,
        clock: count(entry, "clock", default.clock)?,
        max_buckets: entry.count_param("max_buckets", default.max_buckets)?,
        min_window_length: count(entry, "min_window_length", default.min_window_length)?,
        grace_period: count(entry, "grace_period", default.grace_period)?,
    };
    let found = Adwin::new(options).map(|mut detector| detections(&series, |value| detector.update(value)));
    entry.expect("detections", found);
    Ok(())
}

/// The places of the values with which something was found.
fn detections(series: &[f64], mut update: impl FnMut(f64) -> Option<Detection>) -> Vec<f64> {
    let places = series.iter().enumerate();
    places.filter_map(|(place, &value)| update(value).map(|_| place as f64)).collect()
}

fn count(entry: &Entry, name: &str, default: u64) -> anyhow::Result<u64> {
    match entry.param(name) {
        Value::Null => Ok(default),
        value => value.as_u64().ok_or_else(|| anyhow::anyhow!("parameter {name} is {value}, no count")),
    }
}
