//! What the rules keep in the next interval.

use super::memory::Memory;
use crate::counts::SCORE_STEPS;
use crate::policy::{CutOff, KeepRule};
use crate::{Policy, Rule};

/// A rule's rate, and for a rule of the score where it begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct InForce {
    pub(super) rule: Rule,
    pub(super) rate: f64,
    pub(super) cut_off: Option<f64>,
}

/// The rules that are in force, and at what rates, after what is remembered.
pub(super) fn in_force(policy: &Policy, memory: &Memory) -> Vec<InForce> {
    let rule = |rule: Rule| {
        let keep = policy.rule(rule)?;
        let rate = capped(keep, memory.share(memory.matched[rule.index()]));
        let cut_off = match rule {
            Rule::HighScore => policy.high,
            Rule::LowScore => policy.low,
            _ => return Some(InForce { rule, rate, cut_off: None }),
        };
        Some(match cut_off {
            CutOff::At(score) => InForce { rule, rate, cut_off: Some(score) },
            CutOff::Quantile => by_quantile(rule, keep, memory),
        })
    };
    Rule::ALL.into_iter().filter_map(rule).collect()
}

/// The rate at which a rule that matches the share `matched` of all keeps what it may: of all, as long as nothing is known.
fn capped(keep: KeepRule, matched: Option<f64>) -> f64 {
    let matched = matched.unwrap_or(1.0);
    if keep.rate * matched > keep.most_kept { keep.most_kept / matched } else { keep.rate }
}

/// From the outermost step of the score inwards, as far as the rule may go.
fn by_quantile(rule: Rule, keep: KeepRule, memory: &Memory) -> InForce {
    let is_high = rule == Rule::HighScore;
    let matched_at_most = keep.most_kept / keep.rate;
    let mut matched = 0.0;
    let mut steps = 0_u16;
    for place in 0..SCORE_STEPS {
        let place = if is_high { SCORE_STEPS - 1 - place } else { place };
        let next = matched + memory.scores.get(usize::from(place)).copied().unwrap_or(0.0);
        // without a past, all scores are taken to be in the outermost step
        if steps > 0 && memory.share(next).unwrap_or(1.0) > matched_at_most {
            break;
        }
        matched = next;
        steps += 1;
    }
    let width = f64::from(steps) / f64::from(SCORE_STEPS);
    let cut_off = if is_high { 1.0 - width } else { width };
    InForce { rule, rate: capped(keep, memory.share(matched)), cut_off: Some(cut_off) }
}
