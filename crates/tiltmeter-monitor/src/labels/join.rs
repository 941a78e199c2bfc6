//! The join of labels to predictions, on entity and time.

use std::collections::HashMap;

use tiltmeter_record::columns::{LabelColumns, PredictionColumns};
use tiltmeter_record::spec::{EventRule, LabelRule, ModelKind, RevisionRule};

use super::LabelBooks;
use super::arrivals::Arrivals;

/// The label of each prediction, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Joined {
    label: Vec<f64>,
    arrival_time: Vec<i64>,
    books: LabelBooks,
}

impl Joined {
    /// The label of each prediction, in the order of the predictions; NaN where there is none.
    #[must_use]
    pub fn label(&self) -> &[f64] {
        &self.label
    }

    /// When the label of each prediction arrived, in microseconds since 1970-01-01T00:00:00Z; `i64::MIN` where there is
    /// none.
    #[must_use]
    pub fn arrival_time(&self) -> &[i64] {
        &self.arrival_time
    }

    /// What became of the labels.
    #[must_use]
    pub fn books(&self) -> &LabelBooks {
        &self.books
    }
}

/// Finds the label of each prediction among the labels that had arrived at `as_of`, in microseconds since
/// 1970-01-01T00:00:00Z; `None` is among all labels.
///
/// Rows of one entity with the same event time (all rows of an entity, if label events have no time of their own) are
/// revisions of one label event: the one that arrived last counts, of two that arrived at once the later row. Of several
/// label events of one entity a prediction gets the one nearest in time to it; of two that are equally near the later
/// one. A label that arrived before its prediction was made is not a label of it.
///
/// For a binary model labels are 0 and 1; a row with another one counts as incomplete.
///
/// Cost: one hash lookup per row of both tables, a sort of the labels, and a search in logarithmic time for each prediction,
/// however many events its entity has; O(labels + predictions) memory.
#[must_use]
pub fn join(
    kind: ModelKind,
    rule: &LabelRule,
    predictions: &PredictionColumns,
    labels: &LabelColumns,
    as_of: Option<i64>,
) -> Joined {
    // these are all the rules there are: another one has to be handled here
    let (RevisionRule::LatestArrivalWins | _) = rule.revisions;
    let (EventRule::NearestInTime | _) = rule.events;

    let entities = Entities::of(predictions);
    let mut books = LabelBooks {
        rows: labels.len() as u64,
        predictions: predictions.len() as u64,
        without_entity: predictions.entity_id().iter().filter(Option::is_none).count() as u64,
        ..LabelBooks::default()
    };
    let revisions = revisions(kind, labels, &entities, as_of, &mut books);
    let events = Events::of(&revisions, &entities, labels, &mut books);
    let mut joined = Joined { label: Vec::new(), arrival_time: Vec::new(), books: LabelBooks::default() };
    let mut used = vec![false; events.list.len()];
    for (row, &time) in predictions.event_time().iter().enumerate() {
        let entity = predictions.entity_id().get(row).and_then(|id| entities.known(id));
        let event = entity.and_then(|entity| events.nearest(entity, time));
        if let Some(event) = event {
            used[event] = true;
            books.matched += 1;
        }
        let event = event.map(|event| &events.list[event]);
        joined.label.push(event.map_or(f64::NAN, |event| event.label));
        joined.arrival_time.push(event.map_or(i64::MIN, |event| event.arrival));
    }
    for (event, used) in events.list.iter().zip(used) {
        if used {
            books.counted += 1;
        } else {
            books.unused += 1;
            books.before_prediction += u64::from(event.arrival < entities.first_prediction[event.entity]);
        }
    }
    joined.books = books;
    joined
}

/// The entities that have predictions, numbered.
struct Entities<'a> {
    numbers: HashMap<&'a str, usize>,
    /// The time of the first prediction of each.
    first_prediction: Vec<i64>,
}

impl<'a> Entities<'a> {
    fn of(predictions: &'a PredictionColumns) -> Self {
        let mut numbers = HashMap::with_capacity(predictions.len());
        let mut first_prediction: Vec<i64> = Vec::new();
        for (id, &time) in predictions.entity_id().iter().zip(predictions.event_time()) {
            let Some(id) = id else { continue };
            let number = *numbers.entry(id).or_insert(first_prediction.len());
            match first_prediction.get_mut(number) {
                Some(first) => *first = time.min(*first),
                None => first_prediction.push(time),
            }
        }
        Self { numbers, first_prediction }
    }

    fn count(&self) -> usize {
        self.first_prediction.len()
    }

    fn known(&self, id: &str) -> Option<usize> {
        self.numbers.get(id).copied()
    }
}

/// A row of the label table: entity, event time, arrival, row. Sorted, the revisions of an event stand together, the
/// last one being the one that counts. Entities without predictions have the numbers after those that have some.
type Revision = (usize, i64, i64, usize);

fn revisions(
    kind: ModelKind,
    labels: &LabelColumns,
    entities: &Entities<'_>,
    as_of: Option<i64>,
    books: &mut LabelBooks,
) -> Vec<Revision> {
    let mut revisions = Vec::with_capacity(labels.len());
    let mut unknown: HashMap<&str, usize> = HashMap::new();
    for row in 0..labels.len() {
        let (label, arrival) = (labels.label()[row], labels.arrival_time()[row]);
        let possible = match kind {
            ModelKind::Binary => label == 0.0 || label.total_cmp(&1.0).is_eq(),
            _ => label.is_finite(),
        };
        match labels.entity_id().get(row).filter(|_| possible) {
            None => books.incomplete += 1,
            Some(_) if as_of.is_some_and(|as_of| arrival > as_of) => books.not_yet_arrived += 1,
            Some(id) => {
                let entity = entities.known(id).unwrap_or_else(|| {
                    books.of_unknown_entities += 1;
                    let next = entities.count() + unknown.len();
                    *unknown.entry(id).or_insert(next)
                });
                let time = labels.event_time().map_or(0, |times| times[row]);
                revisions.push((entity, time, arrival, row));
            }
        }
    }
    books.unknown_entities = unknown.len() as u64;
    revisions.sort_unstable();
    revisions
}

/// A label event: its last revision.
struct Event {
    entity: usize,
    time: i64,
    arrival: i64,
    label: f64,
}

struct Events {
    /// In the order of entity and time.
    list: Vec<Event>,
    /// Where the events of each entity begin in the list, and one end.
    starts: Vec<usize>,
    arrivals: Arrivals,
    timed: bool,
}

impl Events {
    fn of(
        revisions: &[Revision],
        entities: &Entities<'_>,
        labels: &LabelColumns,
        books: &mut LabelBooks,
    ) -> Self {
        let mut list = Vec::with_capacity(revisions.len());
        let mut last_revised = None;
        let mut last_changed = None;
        for event in revisions.chunk_by(|left, right| (left.0, left.1) == (right.0, right.1)) {
            let Some(&(entity, time, arrival, row)) = event.last() else { continue };
            if entity < entities.count() {
                list.push(Event { entity, time, arrival, label: labels.label()[row] });
                books.superseded += event.len() as u64 - 1;
            }
            // a negative zero is a zero
            let label = |revision: &Revision| (labels.label()[revision.3] + 0.0).to_bits();
            let changed = event.windows(2).any(|pair| label(&pair[0]) != label(&pair[1]));
            if event.len() > 1 && last_revised.replace(entity) != Some(entity) {
                books.revised_entities += 1;
            }
            if changed && last_changed.replace(entity) != Some(entity) {
                books.changed_entities += 1;
            }
        }
        let mut starts = vec![0; entities.count() + 1];
        for event in &list {
            starts[event.entity + 1] += 1;
        }
        for entity in 1..starts.len() {
            starts[entity] += starts[entity - 1];
        }
        let arrivals = Arrivals::of(list.iter().map(|event: &Event| event.arrival));
        Self { list, starts, arrivals, timed: labels.event_time().is_some() }
    }

    /// The event that is nearest to a prediction of `entity` at `time`, of those that arrived no earlier.
    fn nearest(&self, entity: usize, time: i64) -> Option<usize> {
        let (start, end) = (self.starts[entity], self.starts[entity + 1]);
        if !self.timed {
            return self.arrivals.first(start..end, time);
        }
        let split = start + self.list[start..end].partition_point(|event| event.time < time);
        let after = self.arrivals.first(split..end, time);
        let distance = |index: usize| self.list[index].time.abs_diff(time);
        // of two that are equally near the later one
        let limit = after.map_or(u64::MAX, distance);
        let before = self.arrivals.last(start..split, time).filter(|&index| distance(index) < limit);
        before.or(after)
    }
}

#[cfg(test)]
mod tests;
