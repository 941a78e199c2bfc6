//! Where the truth comes from, and when.

use std::path::PathBuf;
use std::time::Duration;

use super::field::{DURATION, Field};
use super::fields::Fields;
use super::problem::Problem;

const PATH: &str = "the path of a file, relative to this one";
const COLUMN: &str = "the name of a column";

/// The labels of a model, and how they are matched to predictions: the spec's `labels`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LabelRule {
    /// The file, as written in the spec: relative to the folder of the spec.
    pub path: PathBuf,
    /// The column of the entity that a label is about; `entity_id` by default.
    pub entity_id: String,
    /// The column of the label; `label` by default.
    pub label: String,
    /// The column of the time when a label arrived; `arrival_time` by default.
    pub arrival_time: String,
    /// The column of the time of the event that was labelled. `None`: label events have no time of their own.
    pub event_time: Option<String>,
    /// Which of several revisions of one label event counts.
    pub revisions: RevisionRule,
    /// Which of several label events of one entity belongs to a prediction.
    pub events: EventRule,
    /// How long after a prediction its label is expected to be there; above zero.
    pub maturity: Duration,
}

/// Which of several revisions of one label event counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RevisionRule {
    /// `latest_arrival_wins`: the one that arrived last.
    #[default]
    LatestArrivalWins,
}

/// Which of several label events of one entity belongs to a prediction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventRule {
    /// `nearest_in_time`: the one whose time is nearest to that of the prediction.
    #[default]
    NearestInTime,
}

impl LabelRule {
    pub(super) fn read(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<Self> {
        let known =
            ["path", "entity_id", "label", "arrival_time", "event_time", "revisions", "events", "maturity"];
        let fields = Fields::known(field, &known, problems)?;
        let path = fields.required("path", PATH, problems).and_then(|field| field.non_empty(PATH, problems));
        let mut column = |key| fields.optional(key).and_then(|field| field.non_empty(COLUMN, problems));
        let (entity_id, label) = (column("entity_id"), column("label"));
        let (arrival_time, event_time) = (column("arrival_time"), column("event_time"));
        let revisions = fields.optional("revisions").and_then(|field| {
            field.choice(&[("latest_arrival_wins", RevisionRule::LatestArrivalWins)], problems)
        });
        let events = fields
            .optional("events")
            .and_then(|field| field.choice(&[("nearest_in_time", EventRule::NearestInTime)], problems));
        let maturity = fields
            .required("maturity", DURATION, problems)
            .and_then(|field| field.duration(DURATION, problems));
        Some(Self {
            path: path?.into(),
            entity_id: entity_id.unwrap_or_else(|| "entity_id".to_owned()),
            label: label.unwrap_or_else(|| "label".to_owned()),
            arrival_time: arrival_time.unwrap_or_else(|| "arrival_time".to_owned()),
            event_time,
            revisions: revisions.unwrap_or_default(),
            events: events.unwrap_or_default(),
            maturity: maturity?,
        })
    }
}
