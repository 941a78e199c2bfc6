//! From the spec's `sampling` to what decides: a policy and a key.

use std::fmt;

use tiltmeter_record::ModelSpec;
use tiltmeter_record::privacy::KeySource;
use tiltmeter_record::spec::{
    KeepRules, Sampling, SamplingBudget, SamplingPolicy, SamplingRule, SamplingTier, SamplingTiers,
    ScoreBuckets, ScoreCutOff,
};
use tiltmeter_sample::{
    Budget, CutOff, KeepRule, Policy, PolicyBuilder, Rule, SampleKey, VolumeTier, VolumeTiers,
};

use crate::BuildError;

/// What `spec` says of the rows that are kept, as a policy. `None` where it keeps all of them, with a probability of 1: it
/// says nothing, or `policy: all`.
///
/// The policy's segment is a feature of that name, by its value as a text.
///
/// ```
/// use tiltmeter_log::sampling::{Policy, VolumeTiers, policy_of};
/// use tiltmeter_record::ModelSpec;
///
/// let spec = ModelSpec::from_yaml("model.yaml", "
///     {spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict},
///      response: {score: /score}, features: {plan: string}, sampling: {policy: tails, rate: 0.1, segment: plan}}")?;
/// let by_hand = Policy::tails().with_tiers(VolumeTiers::constant(0.1)).with_segment("plan").build(&["plan"])?;
/// assert_eq!(policy_of(&spec)?, Some(by_hand));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the policy is refused: with all that is wrong. What was read from a file never is, since the spec finds the same
/// mistakes, with their lines; what was changed since may be.
pub fn policy_of(spec: &ModelSpec) -> Result<Option<Policy>, BuildError> {
    let Some(sampling) = &spec.sampling else { return Ok(None) };
    let builder = match sampling.policy {
        SamplingPolicy::All => return Ok(None),
        SamplingPolicy::Tails => Policy::tails(),
        SamplingPolicy::Capped => Policy::capped(),
        unknown => return Err(refused(spec, &format_args!("the policy {} is not known", unknown.as_str()))),
    };
    let features: Vec<&str> = spec.features.iter().map(|feature| feature.name.as_str()).collect();
    let builder = with_settings(builder, sampling).and_then(|builder| with_rules(builder, &sampling.keep));
    let builder =
        builder.map_err(|what| refused(spec, &format_args!("{what} is said in a way that is not known")))?;
    builder.build(&features).map(Some).map_err(|error| refused(spec, &error))
}

/// The key that the spec's `sampling` names, read from where it lies. `None` where it names none: it is the application's
/// to hand over then, or [`SampleKey::PUBLIC`].
///
/// # Errors
/// When there is no such environment variable or file, or it holds no key. Nothing of what it holds is shown.
pub fn key_of(spec: &ModelSpec) -> Result<Option<SampleKey>, BuildError> {
    let Some(source) = spec.sampling.as_ref().and_then(|sampling| sampling.key.as_ref()) else {
        return Ok(None);
    };
    let key = match source {
        KeySource::Env(name) => SampleKey::from_env(name),
        KeySource::File(path) => SampleKey::from_file(path),
        // to go on with a key that everybody knows would be worse
        _ => return Err(refused(spec, &"its key is where this version does not look")),
    };
    key.map(Some).map_err(|error| refused(spec, &error))
}

fn refused(spec: &ModelSpec, why: &dyn fmt::Display) -> BuildError {
    BuildError::configuration(format!("the rows of model {} cannot be sampled: {why}", spec.name))
}

/// What of a spec was said in a way that this version does not know: to go on with the policy's own would keep other rows.
type Unknown = &'static str;

fn with_settings(builder: PolicyBuilder, sampling: &Sampling) -> Result<PolicyBuilder, Unknown> {
    let builder = builder
        .with_tiers(tiers(&sampling.tiers))
        .with_instances(sampling.instances)
        .with_interval(sampling.interval)
        .with_most_cells(sampling.max_cells)
        .with_floor_rows(sampling.floor)
        .with_least_rate(sampling.least_rate)
        .with_half_life(sampling.half_life)
        .with_warning_above(sampling.warn_above);
    let builder = match &sampling.buckets {
        ScoreBuckets::Equal(buckets) => builder.with_buckets(*buckets),
        ScoreBuckets::Edges(edges) => builder.with_bucket_edges(edges),
        _ => return Err("how scores are divided"),
    };
    let builder = match sampling.budget {
        Some(SamplingBudget::RowsPerSecond(rows)) => builder.with_budget(Budget::RowsPerSecond(rows)),
        Some(SamplingBudget::BytesPerSecond(bytes)) => builder.with_budget(Budget::BytesPerSecond(bytes)),
        Some(_) => return Err("the budget"),
        None => builder,
    };
    let builder = match sampling.expected_per_day {
        Some(predictions) => builder.with_expected_predictions_per_day(predictions),
        None => builder,
    };
    Ok(match &sampling.segment {
        Some(name) => builder.with_segment(name.as_str()),
        None => builder,
    })
}

fn tiers(said: &SamplingTiers) -> VolumeTiers {
    let tier = |tier: &SamplingTier| VolumeTier { up_to_per_day: tier.up_to, rate: tier.rate };
    VolumeTiers::new(said.tiers.iter().map(tier).collect(), said.rate_above).with_hysteresis(said.hysteresis)
}

fn with_rules(mut builder: PolicyBuilder, keep: &KeepRules) -> Result<PolicyBuilder, Unknown> {
    if let Some(rule) = keep.high_score {
        builder = builder.with_high_scores(cut_off(rule.cut_off)?);
    }
    if let Some(rule) = keep.low_score {
        builder = builder.with_low_scores(cut_off(rule.cut_off)?);
    }
    let rules = [
        (Rule::HighScore, keep.high_score.map(|rule| rule.keep)),
        (Rule::LowScore, keep.low_score.map(|rule| rule.keep)),
        (Rule::Failed, keep.failed),
        (Rule::OutsideTrainingRange, keep.outside_training_range),
        (Rule::Disagreement, keep.disagreement),
        (Rule::Explicit, keep.explicit),
    ];
    for (rule, said) in rules {
        builder = match said {
            Some(SamplingRule { rate, at_most, .. }) => {
                builder.with_rule(rule, KeepRule::at(rate).with_most_kept(at_most))
            }
            None => builder.without_rule(rule),
        };
    }
    Ok(builder)
}

fn cut_off(said: ScoreCutOff) -> Result<CutOff, Unknown> {
    match said {
        ScoreCutOff::At(score) => Ok(CutOff::At(score)),
        ScoreCutOff::Quantile => Ok(CutOff::Quantile),
        _ => Err("where a rule of the score begins"),
    }
}

#[cfg(test)]
mod tests;
