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

    /// Puts the features by which the model's data is sliced beside what the application said: pairs have no features. Of two
    /// with one name it is the feature, also where its value is missing, as it is for the champion's own rows.
    pub(super) fn slice(&self, row: &mut Prediction) {
        let Self { spec, .. } = self;
        for name in &spec.segments {
            let Some(place) = spec.features.iter().position(|feature| feature.name == *name) else {
                continue;
            };
            let text: Option<Arc<str>> = match row.features.get(place) {
                Some(Value::Text(text)) => Some(Arc::clone(text)),
                Some(Value::Boolean(value)) => Some(value.to_string().into()),
                Some(Value::Integer(value)) => Some(value.to_string().into()),
                Some(Value::Float(value)) => Some(value.to_string().into()),
                Some(Value::Missing) | None => None,
            };
            // sorted by their names, and each once
            let said = row.segments.binary_search_by(|(other, _)| (**other).cmp(name.as_str()));
            match (said, text) {
                (Ok(said), Some(text)) => row.segments[said].1 = text,
                (Ok(said), None) => drop(row.segments.remove(said)),
                (Err(place), Some(text)) => row.segments.insert(place, (name.as_str().into(), text)),
                (Err(_), None) => {}
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::testing::{SPEC, spec};

    /// The segments of a champion's row with those features, of an application that says a plan and a region.
    fn sliced(features: Vec<Value>) -> Vec<String> {
        let spec = spec(&format!("{SPEC}segments: [visits, plan]\n"));
        let desk = PairDesk::new(0, spec, WriterId::new("node", Uuid::nil()), "node".into(), &[]);
        let mut row = crate::conformance::row(0);
        row.features = features;
        row.segments = vec![("plan".into(), "said".into()), ("region".into(), "west".into())];
        desk.slice(&mut row);
        row.segments.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    #[test]
    fn a_feature_wins_over_what_is_said_by_its_name_as_it_does_for_the_champions_own_rows() {
        let of = |plan: Value| vec![Value::Missing, 3_i64.into(), plan, Value::Missing];
        assert_eq!(sliced(of("gold".into())), ["plan=gold", "region=west", "visits=3"]);
        assert_eq!(sliced(of(Value::Missing)), ["region=west", "visits=3"]);
        assert_eq!(sliced(Vec::new()), ["region=west"], "a request that could not be read");
    }
}
