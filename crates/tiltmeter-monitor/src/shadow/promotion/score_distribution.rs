//! Whether the challenger's scores are spread as the champion's are.

use tiltmeter_record::spec::Promotion;
use tiltmeter_stats::{Psi, Ranks, Result, Sample, Undefined, psi_categorical_weighted};

use super::criterion::{Criterion, CriterionName};
use super::record::Record;
use super::seen::Seen;
use super::thresholds::reached;
use super::words::number;
use crate::Estimate;
use crate::performance::measured;
use crate::shadow::rows::Classes;

/// Bins of the population stability index, as in the comparison.
const PSI_BINS: usize = 10;

/// The population stability index of the scores of the pairs; of the decisions where no pair has both scores.
pub(super) struct ScoreDistribution {
    champion: Vec<f64>,
    challenger: Vec<f64>,
    /// Of the champion's scores.
    ranks: Result<Ranks>,
    champion_class: Vec<u32>,
    challenger_class: Vec<u32>,
    weights: Vec<f64>,
}

impl ScoreDistribution {
    pub(super) fn of(record: &Record<'_>) -> Self {
        let sides = record.material.sides();
        let champion = record.by_place(|row| sides.champion_score[row]);
        Self {
            ranks: Ranks::of(&champion),
            champion,
            challenger: record.by_place(|row| sides.challenger_score[row]),
            champion_class: record.by_place(|row| sides.champion_class[row]),
            challenger_class: record.by_place(|row| sides.challenger_class[row]),
            weights: Vec::new(),
        }
    }

    pub(super) fn look(&mut self, promotion: &Promotion, seen: &Seen<'_>) -> Criterion {
        let name = CriterionName::ScoreDistribution;
        let Some(most) = promotion.psi else {
            return Criterion::not_applicable(name, "the distributions are not asked about");
        };
        let scores = self.champion.iter().zip(&self.challenger);
        let weights = seen.pair_weight.iter().zip(scores);
        self.weights.clear();
        self.weights.extend(weights.map(
            |(&weight, (one, other))| {
                if one.is_nan() || other.is_nan() { 0.0 } else { weight }
            },
        ));
        let rows = self.weights.iter().filter(|weight| **weight > 0.0).count();
        let (of, rows, psi) = if rows > 0 {
            ("scores", rows as u64, self.of_scores())
        } else {
            let (rows, psi) = self.of_decisions(seen);
            if rows == 0 {
                return Criterion::not_applicable(name, "no pair has two scores or two decisions");
            }
            ("decisions", rows, psi)
        };
        let value = measured(psi.map(|psi| Estimate::new(psi.value, None, None)));
        let sentence = match (value.value(), value.reason()) {
            (Some(psi), _) if psi <= most => {
                format!("the index (PSI) of the {of} is {}, up to {} may be", number(psi), number(most))
            }
            (Some(psi), _) => format!(
                "the index (PSI) of the {of} is {}, up to {} may be: what depends on them has to be set anew",
                number(psi),
                number(most)
            ),
            (None, reason) => format!("there is no index of the {of}: {}", reason.unwrap_or_default()),
        };
        let is_reached = value.value().is_some_and(|psi| psi <= most);
        let criterion = Criterion { sentence, ..Criterion::new(name, value, rows) };
        reached(criterion, is_reached, most, None)
    }

    fn of_scores(&self) -> Result<Psi> {
        let ranks = self.ranks.as_ref().map_err(Clone::clone)?;
        let bins = ranks.quantile_bins(&self.weights, PSI_BINS)?;
        let end = self.weights.len();
        let champion = Sample::weighted(&self.champion[..end], &self.weights)?;
        let challenger = Sample::weighted(&self.challenger[..end], &self.weights)?;
        Psi::between(&bins.count(champion), &bins.count(challenger))
    }

    /// With the number of pairs that have both.
    fn of_decisions(&self, seen: &Seen<'_>) -> (u64, Result<Psi>) {
        let classes = seen.record.material.classes.names().len();
        let (mut rows, mut weights) = (0, [vec![0.0; classes], vec![0.0; classes]]);
        let both = self.champion_class.iter().zip(&self.challenger_class);
        for (&weight, (&one, &other)) in seen.pair_weight.iter().zip(both) {
            if weight <= 0.0 || one == Classes::MISSING || other == Classes::MISSING {
                continue;
            }
            rows += 1;
            for (weights, class) in weights.iter_mut().zip([one, other]) {
                if let Some(sum) = usize::try_from(class).ok().and_then(|class| weights.get_mut(class)) {
                    *sum += weight;
                }
            }
        }
        if rows == 0 {
            return (0, Err(Undefined::Empty.into()));
        }
        let names: Vec<usize> = (0..classes).collect();
        let [one, other] = &weights;
        (rows, psi_categorical_weighted(&names, Some(one), &names, Some(other)))
    }
}
