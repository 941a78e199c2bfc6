//! The columns of all files.

use tiltmeter_record::columns::{
    Categories, ColumnValues, FeatureColumn, InclusionColumnsError, PredictionColumns, Texts,
};
use tiltmeter_record::{ModelName, ModelSpec, ValueType};

use super::copies::SeenKeys;
use super::inclusion::GatheredInclusion;
use super::values::{FeatureValues, Values};
use super::{Roles, request};
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
    /// There where batches have it.
    inclusion: Option<GatheredInclusion>,
    /// Whether the request ids of two requests may be the same.
    alike: bool,
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
            inclusion: None,
            alike: spec.privacy.as_ref().is_some_and(request::may_be_alike),
        }
    }

    /// The event times of the rows so far.
    pub(crate) fn event_time(&self) -> &[i64] {
        &self.event_time
    }

    /// Appends the rows of a file: of all its batches, or of none. Of a batch without new rows nothing is kept.
    pub(crate) fn read(&mut self, file: ParquetFile, roles: &Roles, spec: &ModelSpec) -> Result<(), Reason> {
        let mut fresh = SeenKeys::default();
        let (mut rows, mut copies) = (0, 0);
        let mut good = Vec::new();
        file.decode(roles.columns(), |batch| {
            let values = Values::of(&batch, roles, spec)?;
            let kept = new_rows(&self.seen, &mut fresh, &values);
            rows += count(values.rows);
            copies += count(values.rows - kept.len());
            if !kept.is_empty() {
                good.push((batch, kept));
            }
            Ok(())
        })?;
        // one batch after the other, because values take more memory than batches; none fails that did not before
        good.into_iter().try_for_each(|(batch, kept)| {
            self.append(&contain(|| Values::of(&batch, roles, spec))?, &kept);
            Ok(())
        })?;
        self.seen.merge(fresh);
        self.rows += rows;
        self.copies += copies;
        Ok(())
    }

    /// Appends those rows.
    fn append(&mut self, values: &Values<'_>, kept: &[u32]) {
        let before = self.event_time.len();
        self.event_time.extend(pick(kept, values.event_time.as_deref(), NO_TIME));
        self.entity_id.extend(pick(kept, values.entity_id.as_deref(), None));
        self.model_version.extend(pick(kept, values.model_version.as_deref(), None));
        self.score.extend(pick(kept, values.score.as_deref(), f64::NAN));
        if values.label.is_some() || self.labels.is_some() {
            let labels = self.labels.get_or_insert_with(|| vec![f64::NAN; before]);
            labels.extend(pick(kept, values.label.as_deref(), f64::NAN));
        }
        if let Some(found) = &values.inclusion {
            let event_time = self.event_time.get(before..).unwrap_or_default();
            let inclusion = self.inclusion.get_or_insert_with(|| GatheredInclusion::new(self.alike));
            inclusion.append(found, values.key.as_ref(), event_time, kept);
        }
        for (column, found) in self.features.iter_mut().zip(&values.features) {
            match (&mut column.values, found) {
                (ColumnValues::Numbers(column), Some(FeatureValues::Numbers(values))) => {
                    column.extend(pick(kept, Some(values), f64::NAN));
                }
                (ColumnValues::Categories(column), Some(FeatureValues::Texts(values))) => {
                    column.extend(pick(kept, Some(values), None));
                }
                (ColumnValues::Numbers(column), _) => column.extend(pick(kept, None, f64::NAN)),
                (ColumnValues::Categories(column), _) => column.extend(pick(kept, None, None)),
            }
        }
    }

    /// All rows, and their labels where a file had some.
    pub(crate) fn finish(self) -> Result<(PredictionColumns, Option<Vec<f64>>), InclusionColumnsError> {
        let Self { model, event_time, entity_id, model_version, score, labels, features, inclusion, .. } =
            self;
        let columns = PredictionColumns::new(model, event_time, entity_id, model_version, score, features)?;
        let columns = match inclusion {
            Some(inclusion) => columns.with_inclusion(inclusion.finish()?)?,
            None => columns,
        };
        Ok((columns, labels))
    }
}

/// The rows of a batch whose key is neither in `seen` nor in `fresh`, to which it is added; without a key, all of them.
fn new_rows(seen: &SeenKeys, fresh: &mut SeenKeys, values: &Values<'_>) -> Vec<u32> {
    let rows = 0_u32..;
    let Some(key) = &values.key else { return rows.take(values.rows).collect() };
    let keys = key.writer_id.iter().zip(&key.sequence);
    let mut is_new = |(writer_id, sequence): (&&str, &i64)| {
        !seen.contains(writer_id, *sequence) && fresh.insert(writer_id, *sequence)
    };
    rows.zip(keys).filter_map(|(row, key)| is_new(key).then_some(row)).collect()
}

/// The values of the rows that are kept; `missing` for each when there are none.
pub(super) fn pick<T: Copy>(kept: &[u32], values: Option<&[T]>, missing: T) -> impl Iterator<Item = T> {
    kept.iter()
        .map(move |&row| values.and_then(|values| values.get(row as usize)).copied().unwrap_or(missing))
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
