//! By how much the challenger is better where the truth is known.

use tiltmeter_record::spec::LabelledMetric;
use tiltmeter_stats::{Look, Ranks, Sample, effective_sample_size, hajek_mean, roc_auc_difference_ranked};

use super::agreement::advantages;
use super::record::{NEVER, Record};
use super::tally::{Tally, Vote};
use crate::shadow::rows::Classes;

/// DeLong's variance of fewer labels of a class is not to be relied on.
const FEWEST_OF_A_CLASS: usize = 50;
/// As log loss clips probabilities: the double next to 0 and 1, as in scikit-learn.
const NEAREST: f64 = f64::EPSILON;

/// What each pair says of it, by place.
pub(super) enum Figure {
    Accuracy(Vec<Option<Vote>>),
    OfScores(OfScores),
}

/// A metric of scores and labels.
pub(super) struct OfScores {
    metric: Metric,
    /// From the end of these days on one of the pairs that count has a label that is neither 0 nor 1, two different
    /// scores, a score that is no probability.
    not_binary_since: i64,
    differ_since: i64,
    no_probability_since: i64,
}

enum Metric {
    RocAuc {
        is_positive: Vec<bool>,
        champion: Ranks,
        challenger: Ranks,
    },
    /// The champion's loss less the challenger's.
    Loss(Vec<f64>),
}

impl Figure {
    /// The days of labels, of the pairs that have what the metric looks at.
    pub(super) fn since(metric: LabelledMetric, record: &Record<'_>) -> Vec<i64> {
        let sides = record.material.sides();
        let counts = record.by_place(|row| match metric {
            LabelledMetric::Accuracy => {
                sides.champion_class[row] != Classes::MISSING
                    && sides.challenger_class[row] != Classes::MISSING
            }
            _ => !sides.champion_score[row].is_nan() && !sides.challenger_score[row].is_nan(),
        });
        let days = record.label_day.iter().zip(counts);
        days.map(|(&day, counts)| if counts { day } else { NEVER }).collect()
    }

    /// Or why there is none, whatever is still to come. `since` is by place.
    pub(super) fn of(
        metric: LabelledMetric,
        record: &Record<'_>,
        since: &[i64],
    ) -> tiltmeter_stats::Result<Result<Self, &'static str>> {
        if metric == LabelledMetric::Accuracy {
            return Ok(advantages(record).map(Self::Accuracy));
        }
        let Some(truth) = &record.material.truth else {
            return Ok(Err("there are no labels"));
        };
        let label = record.by_place(|row| truth.label(row));
        let sides = record.material.sides();
        let champion = record.by_place(|row| sides.champion_score[row]);
        let challenger = record.by_place(|row| sides.challenger_score[row]);
        let first_day = |holds: &dyn Fn(usize) -> bool| {
            let days = since.iter().enumerate();
            days.filter(|(place, _)| holds(*place)).map(|(_, day)| *day).min().unwrap_or(NEVER)
        };
        let is_probability = |score: f64| (0.0..=1.0).contains(&score);
        let of_scores = OfScores {
            not_binary_since: first_day(&|place| {
                label[place].abs() >= f64::EPSILON && (label[place] - 1.0).abs() >= f64::EPSILON
            }),
            differ_since: first_day(&|place| champion[place].total_cmp(&challenger[place]).is_ne()),
            no_probability_since: first_day(&|place| {
                !(is_probability(champion[place]) && is_probability(challenger[place]))
            }),
            metric: match loss(metric) {
                None => Metric::RocAuc {
                    is_positive: label.iter().map(|label| *label > 0.5).collect(),
                    champion: Ranks::of(&champion)?,
                    challenger: Ranks::of(&challenger)?,
                },
                Some(loss) => {
                    let scores = champion.iter().zip(&challenger);
                    let rows = label.iter().map(|label| *label > 0.5).zip(scores);
                    Metric::Loss(
                        rows.map(|(label, (one, other))| loss(label, *one) - loss(label, *other)).collect(),
                    )
                }
            },
        };
        Ok(Ok(Self::OfScores(of_scores)))
    }

    /// Of the rows with a weight, at least one, at the end of a day; or why there is none. A challenger that is worse by
    /// the margin differs from the champion at least as often: by so much its variance is never below.
    pub(super) fn look(&self, weights: &[f64], day: i64, margin: f64) -> Result<Look, String> {
        let look = match self {
            Self::Accuracy(votes) => Tally::of(votes, weights.iter().copied()).look(margin),
            Self::OfScores(of_scores) => return of_scores.look(weights, day, margin),
        };
        look.map_err(|error| error.to_string())
    }
}

impl OfScores {
    fn look(&self, weights: &[f64], day: i64, margin: f64) -> Result<Look, String> {
        if day >= self.not_binary_since {
            return Err("labels are not 0 and 1".to_owned());
        }
        let look = match &self.metric {
            _ if day < self.differ_since => {
                // as if every pair had been decided alike
                let mut tally = Tally::default();
                weights
                    .iter()
                    .filter(|weight| **weight > 0.0)
                    .for_each(|weight| tally.add(Vote::Neither, *weight));
                tally.look(margin)
            }
            Metric::RocAuc { is_positive, champion, challenger } => {
                let is_positive = &is_positive[..weights.len()];
                enough_of_each(is_positive, weights)?;
                let size = effective_sample_size(weights.iter().copied());
                roc_auc_difference_ranked(is_positive, challenger, champion, weights)
                    .and_then(|found| Look::new(found.difference, found.standard_error, size))
            }
            Metric::Loss(_) if day >= self.no_probability_since => {
                return Err("scores are not probabilities from 0 to 1".to_owned());
            }
            Metric::Loss(values) => {
                let mean = Sample::weighted(&values[..weights.len()], weights).and_then(hajek_mean);
                mean.and_then(|mean| {
                    Look::new(mean.value, mean.standard_error.unwrap_or(0.0), mean.effective_size)
                })
            }
        };
        look.map_err(|error| error.to_string())
    }
}

fn enough_of_each(is_positive: &[bool], weights: &[f64]) -> Result<(), String> {
    let mut rows = [0; 2];
    for (&is_positive, _) in is_positive.iter().zip(weights).filter(|(_, weight)| **weight > 0.0) {
        rows[usize::from(is_positive)] += 1;
    }
    let fewest = rows[0].min(rows[1]);
    if fewest < FEWEST_OF_A_CLASS {
        return Err(format!("the rarer label is there {fewest} times, {FEWEST_OF_A_CLASS} are needed"));
    }
    Ok(())
}

/// What a probability of a label costs; `None` of a metric that is none of single rows.
fn loss(metric: LabelledMetric) -> Option<fn(bool, f64) -> f64> {
    match metric {
        LabelledMetric::Brier => Some(|label, score| (score - f64::from(u8::from(label))).powi(2)),
        LabelledMetric::LogLoss => Some(|label, score| {
            let of_truth = if label { score } else { 1.0 - score };
            -of_truth.clamp(NEAREST, 1.0 - NEAREST).ln()
        }),
        LabelledMetric::RocAuc | LabelledMetric::Accuracy => None,
    }
}
