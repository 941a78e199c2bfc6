//! What rows are told apart by.

use super::super::feature::Declared;
use super::super::field::Field;
use super::super::fields::Fields;
use super::super::problem::Problem;
use crate::FeatureName;
use crate::privacy::{Action, PrivacyPolicy};
use crate::quote::Quoted;

const EDGES: &str = "a list of 1 to 99 scores that ascend, each above 0 and below 1";
const MOST_BUCKETS: usize = 100;

/// How scores, on [0, 1], are divided into strata.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ScoreBuckets {
    /// `buckets`: so many of equal width, 1 to 100.
    Equal(usize),
    /// `edges`: divided at these scores, which ascend, each above 0 and below 1; 1 to 99 of them.
    Edges(Vec<f64>),
}

impl ScoreBuckets {
    pub(super) fn read(fields: &Fields<'_>, problems: &mut Vec<Problem>) -> Option<Self> {
        fields.one_of(["buckets", "edges"], problems);
        let equal = fields.optional("buckets").and_then(|field| field.count(MOST_BUCKETS, problems));
        let edges = fields.optional("edges").and_then(|field| edges(field, problems));
        equal.map(Self::Equal).or(edges.map(Self::Edges))
    }
}

fn edges(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<Vec<f64>> {
    let elements = field.list(EDGES, problems)?;
    if elements.is_empty() || elements.len() >= MOST_BUCKETS {
        problems.push(field.problem(format!("{} edges", elements.len())).allow(EDGES));
        return None;
    }
    let mut edges: Vec<f64> = Vec::with_capacity(elements.len());
    for element in &elements {
        let fits: fn(f64) -> bool = |edge| edge > 0.0 && edge < 1.0;
        let Some(edge) = element.number("a score above 0 and below 1", fits, problems) else { continue };
        if let Some(last) = edges.last().filter(|last| **last >= edge) {
            let found = format!("the edge {edge} after {last}, so that buckets overlap");
            problems.push(element.problem(found).allow("edges that ascend"));
        }
        edges.push(edge);
    }
    Some(edges)
}

/// Rows are sampled after `privacy` has been applied: what it drops tells no strata apart.
pub(super) fn segment(
    field: &Field<'_>,
    features: &Declared<'_>,
    privacy: Option<&PrivacyPolicy>,
    problems: &mut Vec<Problem>,
) -> Option<FeatureName> {
    let name = features.segment(field, problems)?;
    let mut rules = privacy.into_iter().flat_map(|privacy| &privacy.features);
    if rules.any(|(ruled, action)| *ruled == name && *action == Action::Drop) {
        let found = format!("{}, which privacy.features drops", Quoted(name.as_str()));
        problems.push(field.problem(found).allow("a feature that is not dropped"));
        return None;
    }
    Some(name)
}
