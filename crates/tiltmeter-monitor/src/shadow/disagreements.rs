//! Disagreements for a person to look at.

mod draw;

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use tiltmeter_record::columns::{AnswerColumns, PairColumns};

use self::draw::{Candidate, Id, draw};
use super::labelled::Truth;
use super::material::Material;
use super::rows::{Classes, Rows};
use crate::period::instant;

/// Disagreements that were drawn for a person to look at, the worst first: those with the greatest distance of scores.
///
/// Drawn by kind of flip and segments together: each stratum gets one, as long as there are enough to go round (else those
/// that stand for the most), and what is left goes to the strata in proportion to their weight. In a stratum a request is
/// drawn with a probability in proportion to its weight, by a hash of its id and of the seed: the order of rows does
/// not matter, and a request that was drawn is drawn again from more data, unless others take its place.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Disagreements {
    /// Pairs with different decisions; where there are no decisions, pairs with different scores.
    pub pairs: u64,
    /// How many requests they stand for.
    pub weight: f64,
    /// Kinds of flip by segments.
    pub strata: u64,
    /// Those of them of which none was drawn.
    pub strata_left_out: u64,
    /// What was drawn.
    pub rows: Vec<Disagreement>,
}

/// One request that champion and challenger answered differently.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Disagreement {
    /// The client's name for the request.
    pub request_id: Option<String>,
    /// The place of the instance in the request, from 0.
    pub instance_index: u32,
    /// Its event time, if it is known.
    pub event_time: Option<Timestamp>,
    /// Its segments: name and value.
    pub segments: Vec<(String, Option<String>)>,
    /// What the champion answered.
    pub champion: Answer,
    /// What the challenger answered.
    pub challenger: Answer,
    /// The distance of the two scores.
    pub score_distance: Option<f64>,
    /// How many disagreements of its kind and segments it stands for.
    pub weight: f64,
    /// What turned out to be true.
    pub label: Option<f64>,
    /// Who was right, if that is known.
    pub right: Option<Right>,
    /// What the two were asked, as far as the privacy policy lets it be seen; see [`Disagreements::join_inputs`].
    pub inputs: Vec<(String, String)>,
}

/// What one side answered.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Answer {
    /// The decision.
    pub decision: Option<String>,
    /// The score.
    pub score: Option<f64>,
    /// How long it took, in milliseconds.
    pub latency_ms: Option<f64>,
    /// The version that answered.
    pub version: Option<String>,
}

/// Who was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// The champion.
    Champion,
    /// The challenger.
    Challenger,
    /// Neither.
    Neither,
    /// Both: their decisions differ and mean the same label.
    Both,
}

impl Disagreements {
    /// Puts beside each request what was asked: names and values, as the log has them. They have been through the privacy
    /// policy there; what has not must not be given. The rows are gone through in their order.
    ///
    /// ```
    /// # let mut disagreements = tiltmeter_monitor::shadow::Disagreements::default();
    /// // by request id and instance: a request may have several
    /// let asked = vec![("carrier".to_owned(), "UA".to_owned())];
    /// let logged = std::collections::HashMap::from([(("r17", 0), asked)]);
    /// disagreements.join_inputs(|row| logged.get(&(row.request_id.as_deref()?, row.instance_index)).cloned());
    /// ```
    pub fn join_inputs(&mut self, mut inputs: impl FnMut(&Disagreement) -> Option<Vec<(String, String)>>) {
        for row in &mut self.rows {
            if let Some(found) = inputs(row) {
                row.inputs = found;
            }
        }
    }
}

/// Without values: they may be personal data.
impl fmt::Debug for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disagreement").field("weight", &self.weight).finish_non_exhaustive()
    }
}

/// Without values: they may be personal data.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

/// No person looks at more, and each is drawn by a look at all strata.
const MOST: usize = 1_000;

/// Of pairs.
pub(super) fn disagreements(material: &Material<'_>, pairs: &Rows, most: usize, seed: u64) -> Disagreements {
    let sides = material.sides();
    let decided = |row: usize| {
        sides.champion_class[row] != Classes::MISSING && sides.challenger_class[row] != Classes::MISSING
    };
    let by_score = !pairs.iter().any(|weighted| decided(weighted.row));
    let distance = |row: usize| {
        Some((sides.challenger_score[row] - sides.champion_score[row]).abs()).filter(|gap| !gap.is_nan())
    };
    let differ = pairs.filtered(|row| {
        if by_score {
            distance(row).is_some_and(|distance| distance > 0.0)
        } else {
            decided(row) && sides.champion_class[row] != sides.challenger_class[row]
        }
    });
    let requests = material.table.requests();
    let candidates = differ.iter().map(|weighted| {
        let row = weighted.row;
        let kind = (sides.champion_class[row], sides.challenger_class[row]);
        let segments = requests.segments.iter().map(|segment| segment.values.get(row).unwrap_or_default());
        Candidate {
            row,
            weight: weighted.weight,
            stratum: (kind, segments.collect()),
            id: Id {
                request_id: requests.request_id.get(row).unwrap_or_default(),
                instance_index: material.table.instance_index(row),
                event_time: requests.event_time[row],
            },
        }
    });
    let drawn = draw(candidates.collect(), most.min(MOST), seed);
    let mut rows: Vec<(f64, usize, Disagreement)> = drawn
        .rows
        .into_iter()
        .map(|(row, weight)| {
            let distance = distance(row);
            (distance.unwrap_or(-1.0), row, disagreement(material, row, weight, distance))
        })
        .collect();
    rows.sort_by(|one, other| {
        let key = |entry: &(f64, usize, Disagreement)| {
            (entry.2.event_time, entry.2.request_id.clone(), entry.2.instance_index)
        };
        other.0.total_cmp(&one.0).then_with(|| key(one).cmp(&key(other)))
    });
    Disagreements {
        pairs: differ.len() as u64,
        weight: differ.iter().map(|weighted| weighted.weight).sum(),
        strata: drawn.strata,
        strata_left_out: drawn.strata_left_out,
        rows: rows.into_iter().map(|(_, _, row)| row).collect(),
    }
}

fn disagreement(material: &Material<'_>, row: usize, weight: f64, distance: Option<f64>) -> Disagreement {
    let requests = material.table.requests();
    let sides = material.sides();
    let truth = material.truth.as_ref().filter(|truth| truth.is_known(row));
    let who = |truth: &Truth<'_>| {
        let [champion, challenger] =
            [sides.champion_class, sides.challenger_class].map(|side| truth.is_right(row, side[row]));
        match (champion, challenger) {
            (true, true) => Right::Both,
            (true, false) => Right::Champion,
            (false, true) => Right::Challenger,
            (false, false) => Right::Neither,
        }
    };
    let segment = |segment: &tiltmeter_record::columns::SegmentColumn| {
        (segment.name.to_string(), segment.values.get(row).map(str::to_owned))
    };
    let has_decisions = sides.champion_class[row] != Classes::MISSING;
    Disagreement {
        request_id: requests.request_id.get(row).map(str::to_owned),
        instance_index: material.table.instance_index(row),
        event_time: Some(requests.event_time[row]).filter(|time| *time != PairColumns::NO_TIME).map(instant),
        segments: requests.segments.iter().map(segment).collect(),
        champion: answer(material.table.champion(), row),
        challenger: answer(material.table.challenger(), row),
        score_distance: distance,
        weight,
        label: truth.map(|truth| truth.label(row)),
        right: truth.filter(|truth| has_decisions && truth.incomparable().is_none()).map(who),
        inputs: Vec::new(),
    }
}

fn answer(side: &AnswerColumns, row: usize) -> Answer {
    let known = |value: f64| Some(value).filter(|value| !value.is_nan());
    Answer {
        decision: side.decision().get(row).map(str::to_owned),
        score: known(side.score()[row]),
        latency_ms: known(side.latency_ms()[row]),
        version: side.version().get(row).map(str::to_owned),
    }
}
