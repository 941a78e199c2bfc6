//! What is kept at rates of its own.

use super::super::field::Field;
use super::super::fields::Fields;
use super::super::problem::Problem;
use super::{RATE, SamplingPolicy, is_rate};

const KEEP: &str = "a mapping, rule: what it keeps; or off for none of them";
const RULE: &str = "a rate from 0.000001 to 1, {rate: …, at_most: …}, or off";
const HIGH: &str = "{above: …, rate: …, at_most: …}, or off";
const LOW: &str = "{below: …, rate: …, at_most: …}, or off";
const CUT_OFF: &str = "a score from 0 to 1, or quantile";
const SHARE: &str = "a share of all predictions from 0.000001 to 1";

/// What is kept at rates of its own: `keep`. `None` where a rule keeps nothing beyond what is kept anyway (`off`).
///
/// With `tails` each rule keeps all that it matches, scores above 0.95 and below 0.05 among it. With `capped` each of the
/// rules of the score keeps half of what lies beyond a quantile, and at most 0.015 of all predictions; `explicit` keeps all
/// that it matches, and each of the others at most 0.01 of all predictions.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct KeepRules {
    /// `high_score`: the score is high.
    pub high_score: Option<ScoreRule>,
    /// `low_score`: the score is low.
    pub low_score: Option<ScoreRule>,
    /// `failed`: the request failed or timed out.
    pub failed: Option<SamplingRule>,
    /// `outside_training_range`: a feature lies outside of the range that it had in training.
    pub outside_training_range: Option<SamplingRule>,
    /// `disagreement`: champion and challenger disagree.
    pub disagreement: Option<SamplingRule>,
    /// `explicit`: the application asked for it.
    pub explicit: Option<SamplingRule>,
}

/// At what rate a rule keeps what it matches, and how much that may come to.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SamplingRule {
    /// The share that is kept of what matches, 10^-6 to 1.
    pub rate: f64,
    /// The share of all predictions that may be kept in expectation, 10^-6 to 1: where the rule would keep more, its rate is
    /// lower.
    pub at_most: f64,
}

/// A rule of the score.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ScoreRule {
    /// Where it begins: `above` or `below`. The lower one is not above the upper one.
    pub cut_off: ScoreCutOff,
    /// What it keeps. With [`ScoreCutOff::Quantile`], [`at_most`](SamplingRule::at_most) is below the rate.
    pub keep: SamplingRule,
}

/// Where a rule of the score begins.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ScoreCutOff {
    /// At this score, from 0 to 1.
    At(f64),
    /// `quantile`: where the scores of the past say that the rule, at its rate, keeps what it may of all predictions.
    Quantile,
}

impl SamplingRule {
    const ALWAYS: Self = Self { rate: 1.0, at_most: 1.0 };

    /// What is not said stays as it is.
    fn read_keys(self, fields: &Fields<'_>, problems: &mut Vec<Problem>) -> Self {
        let mut number = |key, allowed| {
            let field: Option<&Field<'_>> = fields.optional(key);
            field.and_then(|field| field.number(allowed, is_rate, problems))
        };
        let (rate, at_most) = (number("rate", RATE), number("at_most", SHARE));
        Self { rate: rate.unwrap_or(self.rate), at_most: at_most.unwrap_or(self.at_most) }
    }

    fn read(self, field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<Self> {
        if !field.is_mapping() {
            return field.number(RULE, is_rate, problems).map(|rate| Self { rate, ..self });
        }
        let fields = Fields::known(field, &["rate", "at_most"], problems)?;
        Some(self.read_keys(&fields, problems))
    }
}

impl ScoreRule {
    /// A number alone would be taken for a rate by some and for a score by others.
    fn read(
        self,
        field: &Field<'_>,
        beyond: &str,
        allowed: &str,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        if !field.is_mapping() {
            problems.push(field.misfit(allowed));
            return None;
        }
        let fields = Fields::known(field, &[beyond, "rate", "at_most"], problems)?;
        let cut_off = match fields.optional(beyond) {
            Some(field) if field.is_word("quantile") => ScoreCutOff::Quantile,
            Some(field) => field
                .number(CUT_OFF, |score| (0.0..=1.0).contains(&score), problems)
                .map_or(self.cut_off, ScoreCutOff::At),
            None => self.cut_off,
        };
        let keep = self.keep.read_keys(&fields, problems);
        Some(Self { cut_off, keep })
    }

    /// By quantile the rule begins where its rate keeps what it may: that is nowhere if it may keep all that it matches.
    fn check(self, field: &Field<'_>, problems: &mut Vec<Problem>) {
        let SamplingRule { rate, at_most } = self.keep;
        if self.cut_off == ScoreCutOff::Quantile && at_most >= rate {
            let found = format!("a rule by quantile that keeps at most {at_most} at a rate of {rate}");
            problems.push(field.problem(found).allow("an at_most that is below the rate"));
        }
    }
}

impl KeepRules {
    const NONE: Self = Self {
        high_score: None,
        low_score: None,
        failed: None,
        outside_training_range: None,
        disagreement: None,
        explicit: None,
    };

    pub(super) fn defaults(policy: SamplingPolicy) -> Self {
        let always = SamplingRule::ALWAYS;
        let score = |cut_off, keep| Some(ScoreRule { cut_off, keep });
        match policy {
            SamplingPolicy::All => Self::NONE,
            SamplingPolicy::Tails => Self {
                high_score: score(ScoreCutOff::At(0.95), always),
                low_score: score(ScoreCutOff::At(0.05), always),
                failed: Some(always),
                outside_training_range: Some(always),
                disagreement: Some(always),
                explicit: Some(always),
            },
            SamplingPolicy::Capped => {
                let scores = score(ScoreCutOff::Quantile, SamplingRule { rate: 0.5, at_most: 0.015 });
                let flagged = Some(SamplingRule { at_most: 0.01, ..always });
                Self {
                    high_score: scores,
                    low_score: scores,
                    failed: flagged,
                    outside_training_range: flagged,
                    disagreement: flagged,
                    explicit: Some(always),
                }
            }
        }
    }

    /// These rules, changed by what the spec says; `is_known`: they are those of the policy that it names, and what it
    /// says can be judged together with them.
    pub(super) fn read(self, field: &Field<'_>, is_known: bool, problems: &mut Vec<Problem>) -> Self {
        if field.is_word("off") {
            return Self::NONE;
        }
        if !field.is_mapping() {
            problems.push(field.misfit(KEEP));
            return self;
        }
        let known =
            ["high_score", "low_score", "failed", "outside_training_range", "disagreement", "explicit"];
        let before = problems.len();
        let Some(fields) = Fields::known(field, &known, problems) else { return self };
        let mut rule = |key, usual: Option<SamplingRule>| match fields.optional(key) {
            Some(field) => field.or_off(|field| usual.unwrap_or(SamplingRule::ALWAYS).read(field, problems)),
            None => usual,
        };
        let failed = rule("failed", self.failed);
        let outside_training_range = rule("outside_training_range", self.outside_training_range);
        let disagreement = rule("disagreement", self.disagreement);
        let explicit = rule("explicit", self.explicit);
        let mut score = |key, usual: Option<ScoreRule>, at, beyond, allowed| match fields.optional(key) {
            Some(field) => field.or_off(|field| {
                let always = ScoreRule { cut_off: ScoreCutOff::At(at), keep: SamplingRule::ALWAYS };
                usual.unwrap_or(always).read(field, beyond, allowed, problems)
            }),
            None => usual,
        };
        let high_score = score("high_score", self.high_score, 0.95, "above", HIGH);
        let low_score = score("low_score", self.low_score, 0.05, "below", LOW);
        let found = Self { high_score, low_score, failed, outside_training_range, disagreement, explicit };
        if is_known && problems.len() == before {
            found.check(&fields, problems);
        }
        found
    }

    fn check(&self, fields: &Fields<'_>, problems: &mut Vec<Problem>) {
        let (high, low) = (fields.optional("high_score"), fields.optional("low_score"));
        for (rule, field) in [(self.high_score, high), (self.low_score, low)] {
            if let (Some(rule), Some(field)) = (rule, field) {
                rule.check(field, problems);
            }
        }
        let at = |rule: Option<ScoreRule>| match rule?.cut_off {
            ScoreCutOff::At(score) => Some(score),
            ScoreCutOff::Quantile => None,
        };
        if let (Some(above), Some(below), Some(field)) =
            (at(self.high_score), at(self.low_score), low.or(high))
            && below > above
        {
            let found = format!("rules of the score that overlap: below {below} and above {above}");
            problems.push(
                field.problem(found).allow("a score of low_score that is not above that of high_score"),
            );
        }
    }
}
