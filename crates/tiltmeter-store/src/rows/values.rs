//! The values of one batch, of the types that are wanted.

use arrow_array::RecordBatch;
use tiltmeter_record::{ModelSpec, ValueType};

use super::Roles;
use super::inclusion::InclusionValues;
use crate::column::Column;
use crate::problem::Reason;

/// The values of a batch: all of its columns have the types that are wanted, and values where one is needed. `None`
/// for a column that the file does not have.
pub(crate) struct Values<'b> {
    pub(super) rows: usize,
    pub(super) key: Option<Key<'b>>,
    pub(super) event_time: Option<Vec<i64>>,
    pub(super) entity_id: Option<Vec<Option<&'b str>>>,
    pub(super) model_version: Option<Vec<Option<&'b str>>>,
    pub(super) score: Option<Vec<f64>>,
    pub(super) label: Option<Vec<f64>>,
    pub(super) inclusion: Option<InclusionValues<'b>>,
    pub(super) features: Vec<Option<FeatureValues<'b>>>,
}

pub(super) struct Key<'b> {
    pub(super) writer_id: Vec<&'b str>,
    pub(super) sequence: Vec<i64>,
}

pub(super) enum FeatureValues<'b> {
    Numbers(Vec<f64>),
    Texts(Vec<Option<&'b str>>),
}

impl<'b> Values<'b> {
    pub(crate) fn of(batch: &'b RecordBatch, roles: &'b Roles, spec: &ModelSpec) -> Result<Self, Reason> {
        let column =
            |name: &'b Option<String>| name.as_deref().map(|name| Column::of(batch, name)).transpose();
        let key = match &roles.key {
            None => None,
            Some((writer_id, sequence)) => {
                let (writer_id, sequence) = (Column::of(batch, writer_id)?, Column::of(batch, sequence)?);
                Some(Key {
                    writer_id: writer_id.all(writer_id.texts()?)?,
                    sequence: sequence.all(sequence.integers()?)?,
                })
            }
        };
        let features = spec.features.iter().zip(&roles.features);
        let features = features.map(|(feature, name)| {
            let values = |column: Column<'b>| match feature.value_type {
                ValueType::Float | ValueType::Integer => column.numbers().map(FeatureValues::Numbers),
                ValueType::String => column.texts().map(FeatureValues::Texts),
                ValueType::Boolean => column.flags().map(FeatureValues::Texts),
            };
            column(name)?.map(values).transpose()
        });
        Ok(Self {
            rows: batch.num_rows(),
            key,
            event_time: column(&roles.event_time)?.map(|times| times.all(times.times()?)).transpose()?,
            entity_id: column(&roles.entity_id)?.map(|ids| ids.texts()).transpose()?,
            model_version: column(&roles.model_version)?.map(|versions| versions.texts()).transpose()?,
            score: column(&roles.score)?.map(|scores| scores.numbers()).transpose()?,
            label: column(&roles.label)?.map(|labels| labels.labels()).transpose()?,
            inclusion: roles.inclusion.as_ref().map(|roles| InclusionValues::of(batch, roles)).transpose()?,
            features: features.collect::<Result<_, _>>()?,
        })
    }
}
