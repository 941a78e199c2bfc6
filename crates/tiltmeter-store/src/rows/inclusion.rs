//! How rows came to be there.

use arrow_array::RecordBatch;
use tiltmeter_record::columns::{Categories, InclusionColumns, InclusionColumnsError, LossClassColumns};

use super::gathered::pick;
use super::request;
use super::roles::InclusionRoles;
use super::values::Key;
use crate::column::Column;
use crate::problem::Reason;

/// Of one batch; `None` for a column that the file does not have.
pub(crate) struct InclusionValues<'b> {
    probability: Option<Vec<f64>>,
    stratum: Option<Vec<Option<&'b str>>>,
    request_id: Option<Vec<Option<&'b str>>>,
    instance_index: Option<Vec<u32>>,
    observed_at: Option<Vec<Option<i64>>>,
    endpoint: Option<Vec<Option<&'b str>>>,
    size_class: Option<Vec<Option<&'b str>>>,
    priority: Option<Vec<Option<&'b str>>>,
}

impl<'b> InclusionValues<'b> {
    pub(super) fn of(batch: &'b RecordBatch, roles: &'b InclusionRoles) -> Result<Self, Reason> {
        let column =
            |name: &'b Option<String>| name.as_deref().map(|name| Column::of(batch, name)).transpose();
        let texts = |name: &'b Option<String>| column(name)?.map(|column| column.texts()).transpose();
        Ok(Self {
            probability: column(&roles.probability)?.map(|column| column.probabilities()).transpose()?,
            stratum: texts(&roles.stratum)?,
            request_id: texts(&roles.request_id)?,
            instance_index: column(&roles.instance_index)?.map(|column| column.places()).transpose()?,
            observed_at: column(&roles.observed_at)?.map(|column| column.times()).transpose()?,
            endpoint: texts(&roles.endpoint)?,
            size_class: texts(&roles.size_class)?,
            priority: texts(&roles.priority)?,
        })
    }
}

/// Of all rows so far.
#[derive(Debug)]
pub(super) struct GatheredInclusion {
    /// Whether the request ids of two requests may be the same.
    alike: bool,
    probability: Vec<f64>,
    request: Vec<u64>,
    stratum: Categories,
    observed_at: Vec<i64>,
    endpoint: Categories,
    size_class: Categories,
    priority: Categories,
}

impl GatheredInclusion {
    pub(super) fn new(alike: bool) -> Self {
        Self {
            alike,
            probability: Vec::new(),
            request: Vec::new(),
            stratum: Categories::new(),
            observed_at: Vec::new(),
            endpoint: Categories::new(),
            size_class: Categories::new(),
            priority: Categories::new(),
        }
    }

    /// Appends those rows, which have these event times.
    pub(super) fn append(
        &mut self,
        values: &InclusionValues<'_>,
        key: Option<&Key<'_>>,
        event_time: &[i64],
        kept: &[u32],
    ) {
        self.probability.extend(pick(kept, values.probability.as_deref(), 1.0));
        self.stratum.extend(pick(kept, values.stratum.as_deref(), None));
        self.endpoint.extend(pick(kept, values.endpoint.as_deref(), None));
        self.size_class.extend(pick(kept, values.size_class.as_deref(), None));
        self.priority.extend(pick(kept, values.priority.as_deref(), None));
        let observed_at = pick(kept, values.observed_at.as_deref(), None).zip(event_time);
        self.observed_at
            .extend(observed_at.map(|(observed_at, &event_time)| observed_at.unwrap_or(event_time)));
        let ids = pick(kept, values.request_id.as_deref(), None);
        let instances = pick(kept, values.instance_index.as_deref(), 0);
        let requests = kept.iter().zip(ids).zip(instances).map(|((&row, id), instance)| {
            // a client without an id has an empty one
            let id = id.filter(|id| !self.alike && !id.is_empty());
            let place = || {
                let key = key.and_then(|key| {
                    let row = usize::try_from(row).ok()?;
                    Some((*key.writer_id.get(row)?, *key.sequence.get(row)?))
                });
                let (writer_id, sequence) = key.unwrap_or(("", i64::from(row)));
                request::by_place(writer_id, sequence, instance)
            };
            id.map_or_else(place, request::by_id)
        });
        self.request.extend(requests);
    }

    pub(super) fn finish(self) -> Result<InclusionColumns, InclusionColumnsError> {
        let Self { probability, request, stratum, observed_at, endpoint, size_class, priority, .. } = self;
        let columns = InclusionColumns::new(probability, request, stratum)?;
        Ok(columns.with_loss_classes(LossClassColumns { observed_at, endpoint, size_class, priority })?)
    }
}
