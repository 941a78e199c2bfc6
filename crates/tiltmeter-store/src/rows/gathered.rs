//! The columns of all files.

use tiltmeter_record::columns::{
    Categories, ColumnValues, FeatureColumn, PredictionColumns, Texts, UnequalLengths,
};
use tiltmeter_record::{ModelName, ModelSpec, ValueType};

use super::Roles;
use super::copies::SeenKeys;
use super::values::{FeatureValues, Values};
use crate::file::{ParquetFile, contain};
use crate::problem::Reason;

/// The event time of rows that have none.
const NO_TIME: i64 = 0;

/// Rows of good files, each once.
#[derive(Debug)]
pub(crate) struct Gathered {
    model: ModelName,
    seen: SeenKeys,
    /// Rows that were appended, copies among them.
    pub(crate) rows: u64,
    /// Rows that were left out because their key was there already.
    pub(crate) copies: u64,
    event_time: Vec<i64>,
    entity_id: Texts,
    model_version: Categories,
    score: Vec<f64>,
    /// There once a batch has had labels.
    labels: Option<Vec<f64>>,
    features: Vec<FeatureColumn>,
}

impl Gathered {
    pub(crate) fn new(spec: &ModelSpec) -> Self {
        let feature = |feature: &tiltmeter_record::spec::FeatureSpec| FeatureColumn {
            name: feature.name.clone(),
            values: match feature.value_type {
                ValueType::Float | ValueType::Integer => ColumnValues::Numbers(Vec::new()),
                ValueType::String | ValueType::Boolean => ColumnValues::Categories(Categories::new()),
            },
        };
        Self {
            model: spec.name.clone(),
            seen: SeenKeys::default(),
            rows: 0,
            copies: 0,
            event_time: Vec::new(),
            entity_id: Texts::new(),
            model_version: Categories::new(),
            score: Vec::new(),
            labels: None,
            features: spec.features.iter().map(feature).collect(),
        }
    }

    /// Appends the rows of a file: of all its batches, or of none.
    pub(crate) fn read(&mut self, file: ParquetFile, roles: &Roles, spec: &ModelSpec) -> Result<(), Reason> {
        let batches = file.decode(roles.columns())?;
        let values = contain(|| {
            batches.iter().map(|batch| Values::of(batch, roles, spec)).collect::<Result<Vec<_>, _>>()
        })?;
        values.iter().for_each(|values| self.append(values));
        Ok(())
    }

    /// Appends the rows whose key is new; without a key, all of them.
    fn append(&mut self, values: &Values<'_>) {
        let kept = self.new_rows(values);
        let before = self.event_time.len();
        self.rows += count(values.rows);
        self.copies += count(values.rows - kept.len());
        self.event_time.extend(pick(&kept, values.event_time.as_deref(), NO_TIME));
        self.entity_id.extend(pick(&kept, values.entity_id.as_deref(), None));
        self.model_version.extend(pick(&kept, values.model_version.as_deref(), None));
        self.score.extend(pick(&kept, values.score.as_deref(), f64::NAN));
        if values.label.is_some() || self.labels.is_some() {
            let labels = self.labels.get_or_insert_with(|| vec![f64::NAN; before]);
            labels.extend(pick(&kept, values.label.as_deref(), f64::NAN));
        }
        for (column, found) in self.features.iter_mut().zip(&values.features) {
            match (&mut column.values, found) {
                (ColumnValues::Numbers(column), Some(FeatureValues::Numbers(values))) => {
                    column.extend(pick(&kept, Some(values), f64::NAN));
                }
                (ColumnValues::Categories(column), Some(FeatureValues::Texts(values))) => {
                    column.extend(pick(&kept, Some(values), None));
                }
                (ColumnValues::Numbers(column), _) => column.extend(pick(&kept, None, f64::NAN)),
                (ColumnValues::Categories(column), _) => column.extend(pick(&kept, None, None)),
            }
        }
    }

    fn new_rows(&mut self, values: &Values<'_>) -> Vec<usize> {
        let Some(key) = &values.key else { return (0..values.rows).collect() };
        let keys = key.writer_id.iter().zip(&key.sequence).enumerate();
        keys.filter_map(|(row, (writer_id, sequence))| self.seen.insert(writer_id, *sequence).then_some(row))
            .collect()
    }

    /// All rows, and their labels where a file had some.
    pub(crate) fn finish(self) -> Result<(PredictionColumns, Option<Vec<f64>>), UnequalLengths> {
        let Self { model, event_time, entity_id, model_version, score, labels, features, .. } = self;
        let columns = PredictionColumns::new(model, event_time, entity_id, model_version, score, features)?;
        Ok((columns, labels))
    }
}

/// The values of the rows that are kept; `missing` for each when there are none.
fn pick<T: Copy>(kept: &[usize], values: Option<&[T]>, missing: T) -> impl Iterator<Item = T> {
    kept.iter().map(move |&row| values.and_then(|values| values.get(row)).copied().unwrap_or(missing))
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
