//! The pairs of one model, by challenger.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

use tiltmeter_record::{ModelName, ModelSpec, Pair, PairBatch, Prediction, Value, WriterId};

use crate::books::{Delivery, SinkBooks};

/// The pairs of one model that go to the sinks next, each with the duty to deliver it.
#[derive(Debug)]
pub(crate) struct PairDesk {
    place: u16,
    spec: Arc<ModelSpec>,
    writer_id: WriterId,
    serving_node: Arc<str>,
    sinks: Vec<Arc<SinkBooks>>,
    /// As many as the application has challengers.
    open: BTreeMap<ModelName, Open>,
}

#[derive(Debug)]
struct Open {
    batch: PairBatch,
    owed: Vec<Delivery>,
}

impl PairDesk {
    /// A desk for the model at `place`; `sinks` are the books of the pairs of each sink.
    pub(crate) fn new(
        place: u16,
        spec: Arc<ModelSpec>,
        writer_id: WriterId,
        serving_node: Arc<str>,
        sinks: &[Arc<SinkBooks>],
    ) -> Self {
        Self { place, spec, writer_id, serving_node, sinks: sinks.to_vec(), open: BTreeMap::new() }
    }

    /// Puts the features by which the model's data is sliced beside what the application said: pairs have no features.
    pub(super) fn slice(&self, row: &mut Prediction) {
        let Self { spec, .. } = self;
        for name in &spec.segments {
            let place = spec.features.iter().position(|feature| feature.name == *name);
            let value = place.and_then(|place| row.features.get(place));
            let text: Arc<str> = match value {
                Some(Value::Text(text)) => Arc::clone(text),
                Some(Value::Boolean(value)) => value.to_string().into(),
                Some(Value::Integer(value)) => value.to_string().into(),
                Some(Value::Float(value)) => value.to_string().into(),
                Some(Value::Missing) | None => continue,
            };
            // sorted by their names, and each once
            if let Err(place) = row.segments.binary_search_by(|(other, _)| (**other).cmp(name.as_str())) {
                row.segments.insert(place, (name.as_str().into(), text));
            }
        }
        row.features = Vec::new();
    }

    /// Adds rows: every sink owes them from now on.
    pub(super) fn add(&mut self, challenger: ModelName, rows: Vec<Pair>) {
        let Self { place, spec, writer_id, serving_node, sinks, open } = self;
        let open = open.entry(challenger).or_insert_with_key(|challenger| Open {
            batch: PairBatch::new(
                Arc::clone(spec),
                challenger.clone(),
                writer_id.clone(),
                Arc::clone(serving_node),
            ),
            owed: sinks.iter().map(|books| Delivery::new(*place, Arc::clone(books))).collect(),
        });
        open.owed.iter_mut().for_each(|delivery| delivery.add(rows.len() as u64));
        open.batch.rows.extend(rows);
    }

    /// Takes the rows, and the duty to deliver them to each sink.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (PairBatch, Vec<Delivery>)> + use<> {
        mem::take(&mut self.open).into_values().map(|Open { batch, owed }| (batch, owed))
    }
}
