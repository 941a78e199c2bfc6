//! Two samples: means, ranks and proportions.

use tiltmeter_stats::{
    Moments, Proportion, Result, WelchMethod, WelchT, newcombe_interval, student_t_evidently,
    two_proportion_z, welch_t,
};

use super::Checks;
use crate::entry::{Entry, sample};

pub(crate) const CHECKS: Checks = &[
    ("student_t_evidently", of_student_evidently),
    ("two_proportion_z", of_two_proportions),
    ("welch_t", of_welch),
    ("welch_t_weighted", of_welch_weighted),
];

fn of_welch(entry: &mut Entry) -> anyhow::Result<()> {
    let (reference, current) = (entry.numbers("reference")?, entry.numbers("current")?);
    let level = entry.number_param("level", 0.95)?;
    // of the rows, and of their moments
    for test in
        [welch_t(&reference, &current), WelchT::between(&Moments::of(&reference), &Moments::of(&current))]
    {
        let of = |field: fn(&WelchT) -> f64| test.as_ref().map(field).map_err(Clone::clone);
        entry.expect("t", of(|test| test.statistic));
        entry.expect("df", of(|test| test.degrees_of_freedom));
        entry.expect("p_value", of(|test| test.p_value));
        let interval = test.as_ref().ok().and_then(|test| test.interval(level));
        entry.expect("ci_low", interval.map(|interval| interval.lower));
        entry.expect("ci_high", interval.map(|interval| interval.upper));
    }
    Ok(())
}

fn of_welch_weighted(entry: &mut Entry) -> anyhow::Result<()> {
    let (reference, current) = (entry.numbers("reference")?, entry.numbers("current")?);
    let (reference_weights, current_weights) =
        (entry.weights("reference_weights")?, entry.weights("current_weights")?);
    let by = |method: WelchMethod| -> Result<WelchT> {
        let reference = sample(&reference, reference_weights.as_deref())?;
        WelchT::by(method, reference, sample(&current, current_weights.as_deref())?)
    };
    let (kish, hajek) = (by(WelchMethod::Kish), by(WelchMethod::Hajek));
    let of_kish = |field: fn(&WelchT) -> f64| kish.as_ref().map(field).map_err(Clone::clone);
    let of_hajek = |field: fn(&WelchT) -> f64| hajek.as_ref().map(field).map_err(Clone::clone);
    entry.expect("mean_reference", of_kish(|test| test.mean_reference));
    entry.expect("mean_current", of_kish(|test| test.mean_current));
    entry.expect("difference", of_kish(|test| test.difference));
    entry.expect("n_eff_reference", of_kish(|test| test.reference_effective_size));
    entry.expect("n_eff_current", of_kish(|test| test.current_effective_size));
    entry.expect("t_kish", of_kish(|test| test.statistic));
    entry.expect("df_kish", of_kish(|test| test.degrees_of_freedom));
    entry.expect("p_kish", of_kish(|test| test.p_value));
    entry.expect("se_hajek", of_hajek(|test| test.standard_error));
    entry.expect("z_hajek", of_hajek(|test| test.statistic));
    entry.expect("p_hajek", of_hajek(|test| test.p_value));
    Ok(())
}

fn of_student_evidently(entry: &mut Entry) -> anyhow::Result<()> {
    let test = student_t_evidently(&entry.numbers("reference")?, &entry.numbers("current")?);
    entry.expect("t", test.clone().map(|test| test.statistic));
    entry.expect("p_value", test.map(|test| test.p_value));
    Ok(())
}

fn of_two_proportions(entry: &mut Entry) -> anyhow::Result<()> {
    let (successes, totals) = (counts(entry, "successes")?, counts(entry, "totals")?);
    let level = entry.number_param("level", 0.95)?;
    let both = Proportion::of_counts(successes[0], totals[0])
        .and_then(|reference| Ok((reference, Proportion::of_counts(successes[1], totals[1])?)));
    let test = both.clone().and_then(|(reference, current)| two_proportion_z(&reference, &current));
    entry.expect("z", test.clone().map(|test| test.z));
    entry.expect("p_value", test.clone().map(|test| test.p_value));
    entry.expect("difference", test.clone().map(|test| test.difference));
    entry.expect("z_unpooled", test.clone().map(|test| test.z_unpooled));
    entry.expect("p_unpooled", test.map(|test| test.p_unpooled));
    let interval = both.and_then(|(reference, current)| newcombe_interval(&reference, &current, level));
    entry.expect("newcombe_low", interval.clone().map(|interval| interval.lower));
    entry.expect("newcombe_high", interval.map(|interval| interval.upper));
    Ok(())
}

/// Two counts, of the reference and of the current sample.
fn counts(entry: &Entry, input: &str) -> anyhow::Result<[u64; 2]> {
    let numbers = entry.numbers(input)?;
    let [reference, current] = numbers[..] else { anyhow::bail!("input {input} is not two counts") };
    Ok([count(reference, input)?, count(current, input)?])
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a count")]
fn count(number: f64, input: &str) -> anyhow::Result<u64> {
    let is_count = (0.0..=9e15).contains(&number) && number.fract().abs() <= 0.0;
    anyhow::ensure!(is_count, "input {input} has {number}, which is no count");
    Ok(number as u64)
}
