//! The population stability index, in this project's definition and in those of other tools.

use tiltmeter_stats::{
    BinCounts, Psi, QuantileBins, psi_categorical, psi_deepchecks, psi_evidently, psi_feature_engine,
    psi_from_counts, psi_frouros, psi_numeric,
};

use super::Checks;
use crate::entry::{Entry, sample};

pub(crate) const CHECKS: Checks = &[
    ("psi_from_counts", from_counts),
    ("psi_numeric", numeric),
    ("psi_numeric_weighted", numeric),
    ("psi_categorical", categorical),
];

/// The smallest share, in the definition that is offered.
const FLOOR: f64 = 1e-4;

/// The smallest share in deepchecks' definition.
const DEEPCHECKS_FLOOR: f64 = 0.01;

fn from_counts(entry: &mut Entry) -> anyhow::Result<()> {
    let (reference, current) = (entry.numbers("reference_counts")?, entry.numbers("current_counts")?);
    if !has_our_floor(entry)? {
        return Ok(());
    }
    entry.expect("psi", psi_from_counts(&reference, &current).map(|psi| psi.value));
    Ok(())
}

fn categorical(entry: &mut Entry) -> anyhow::Result<()> {
    let (reference, current) = (entry.categories("reference")?, entry.categories("current")?);
    if is(entry.number_param("epsilon", FLOOR)?, DEEPCHECKS_FLOOR)
        && entry.word_param("zero_rule", "floor") == "floor"
    {
        entry.expect("psi", psi_deepchecks(&reference, &current).map(|psi| psi.value));
        return Ok(());
    }
    if !has_our_floor(entry)? {
        return Ok(());
    }
    entry.expect("psi", psi_categorical(&reference, &current).map(|psi| psi.value));
    Ok(())
}

fn numeric(entry: &mut Entry) -> anyhow::Result<()> {
    let (reference, current) = (entry.numbers("reference")?, entry.numbers("current")?);
    match entry.word_param("binning", "psi_quantile_atoms") {
        "psi_quantile_atoms" => quantile_atoms(entry, &reference, &current),
        "reference_quantiles_linear" => {
            entry.expect("psi", psi_feature_engine(&reference, &current).map(|psi| psi.value));
            Ok(())
        }
        "sturges_on_reference_and_current_together" => {
            entry.expect("psi", psi_evidently(&reference, &current).map(|psi| psi.value));
            Ok(())
        }
        "10_equal_width_on_reference_and_current_together" => {
            entry.expect("psi", psi_frouros(&reference, &current).map(|psi| psi.value));
            Ok(())
        }
        other => {
            let what = format!("{}: PSI with {other}", entry.id());
            entry.not_offered(what);
            Ok(())
        }
    }
}

fn quantile_atoms(entry: &mut Entry, reference: &[f64], current: &[f64]) -> anyhow::Result<()> {
    let (reference_weights, current_weights) =
        (entry.weights("reference_weights")?, entry.weights("current_weights")?);
    let bins = entry.count_param("bins", 10)?;
    if !has_our_floor(entry)? {
        return Ok(());
    }
    let counted = sample(reference, reference_weights.as_deref()).and_then(|reference| {
        let current = sample(current, current_weights.as_deref())?;
        let bins = QuantileBins::of(reference, bins)?;
        let counts = [bins.count(reference), bins.count(current)];
        Ok((reference, current, bins, counts))
    });
    let (reference, current, bins, [reference_counts, current_counts]) = match counted {
        Ok(counted) => counted,
        Err(error) => {
            for field in ["psi", "cuts", "reference_mass", "current_mass"] {
                entry.expect(field, tiltmeter_stats::Result::<f64>::Err(error.clone()));
            }
            return Ok(());
        }
    };
    entry.expect("psi", Psi::between(&reference_counts, &current_counts).map(|psi| psi.value));
    if entry.count_param("bins", 10)? == 10 {
        entry.expect("psi", psi_numeric(reference, current).map(|psi| psi.value));
    }
    entry.expect("cuts", bins.cuts().to_vec());
    entry.expect("reference_mass", BinCounts::shares(&reference_counts));
    entry.expect("current_mass", BinCounts::shares(&current_counts));
    Ok(())
}

fn has_our_floor(entry: &mut Entry) -> anyhow::Result<bool> {
    let floor = entry.number_param("epsilon", FLOOR)?;
    let is_ours = is(floor, FLOOR);
    if !is_ours {
        let what = format!("{}: PSI with the floor {floor}", entry.id());
        entry.not_offered(what);
    }
    Ok(is_ours)
}

fn is(floor: f64, known: f64) -> bool {
    (floor - known).abs() < 1e-12
}
