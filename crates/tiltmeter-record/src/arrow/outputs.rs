//! The columns of outputs that are more than one value, and of segments.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    ArrayBuilder, Float64Builder, ListBuilder, MapBuilder, MapFieldNames, StringBuilder, StructBuilder,
};
use arrow_schema::DataType;

use super::schema::{ENTRIES, KEY, VALUE, list_element, map_key, map_value, ranked_item};
use crate::{Prediction, RankedItem};

/// What an entry of a map or list takes without its texts: offsets, a number, validity.
const ENTRY_SIZE: usize = 13;

/// The builders of `class_probabilities`, `ranking`, `generated_text` and `segments`.
#[derive(Debug)]
pub(super) struct OutputColumns {
    class_probabilities: MapBuilder<StringBuilder, Float64Builder>,
    ranking: ListBuilder<StructBuilder>,
    generated_text: StringBuilder,
    segments: MapBuilder<StringBuilder, StringBuilder>,
}

impl OutputColumns {
    /// Columns with room for `rows`, and for nothing in them: most have no entries.
    pub(super) fn with_capacity(rows: usize) -> Self {
        let items = StructBuilder::new(ranked_item(), vec![Box::new(texts()), Box::new(numbers())]);
        Self {
            class_probabilities: map_builder(numbers(), DataType::Float64, rows),
            ranking: ListBuilder::with_capacity(items, rows).with_field(list_element(ranked_item())),
            generated_text: StringBuilder::with_capacity(rows, 0),
            segments: map_builder(texts(), DataType::Utf8, rows),
        }
    }

    /// Appends what `row` has, and tells about how many bytes that takes.
    pub(super) fn append(&mut self, row: &Prediction) -> usize {
        let probabilities = row.class_probabilities.as_deref();
        let (classes, values) = self.class_probabilities.entries();
        for (class, probability) in probabilities.unwrap_or_default() {
            classes.append_value(class);
            values.append_value(*probability);
        }
        end_of_map(&mut self.class_probabilities, probabilities.is_some());

        let ranking = row.ranking.as_deref();
        let items = self.ranking.values();
        ranking.unwrap_or_default().iter().for_each(|item| append_item(items, item));
        self.ranking.append(ranking.is_some());

        self.generated_text.append_option(row.generated_text.as_deref());

        let (names, values) = self.segments.entries();
        for (name, value) in &row.segments {
            names.append_value(name);
            values.append_value(value);
        }
        end_of_map(&mut self.segments, !row.segments.is_empty());
        size(row)
    }

    /// The columns in the order of the schema; starts over, with room for `rows`.
    pub(super) fn finish(&mut self, rows: usize) -> [ArrayRef; 4] {
        let mut ended = std::mem::replace(self, Self::with_capacity(rows));
        [
            Arc::new(ended.class_probabilities.finish()),
            Arc::new(ended.ranking.finish()),
            Arc::new(ended.generated_text.finish()),
            Arc::new(ended.segments.finish()),
        ]
    }
}

fn texts() -> StringBuilder {
    StringBuilder::with_capacity(0, 0)
}

fn numbers() -> Float64Builder {
    Float64Builder::with_capacity(0)
}

pub(super) fn map_builder<V: ArrayBuilder>(
    values: V,
    value: DataType,
    rows: usize,
) -> MapBuilder<StringBuilder, V> {
    let names = MapFieldNames { entry: ENTRIES.to_owned(), key: KEY.to_owned(), value: VALUE.to_owned() };
    MapBuilder::with_capacity(Some(names), texts(), values, rows)
        .with_keys_field(map_key())
        .with_values_field(map_value(value))
}

/// Ends the map of a row. As many values were appended as keys, so that it cannot fail.
pub(super) fn end_of_map<V: ArrayBuilder>(map: &mut MapBuilder<StringBuilder, V>, is_valid: bool) {
    let ended = map.append(is_valid);
    debug_assert!(ended.is_ok(), "as many values as keys");
}

fn append_item(items: &mut StructBuilder, RankedItem { item, score }: &RankedItem) {
    if let Some(names) = items.field_builder::<StringBuilder>(0) {
        names.append_value(item);
    }
    if let Some(scores) = items.field_builder::<Float64Builder>(1) {
        scores.append_option(*score);
    }
    items.append(true);
}

fn size(row: &Prediction) -> usize {
    let classes = row.class_probabilities.as_deref().unwrap_or_default().iter();
    let items = row.ranking.as_deref().unwrap_or_default().iter();
    let segments = row.segments.iter();
    classes.map(|(class, _)| ENTRY_SIZE + class.len()).sum::<usize>()
        + items.map(|item| ENTRY_SIZE + item.item.len()).sum::<usize>()
        + row.generated_text.as_ref().map_or(0, |text| text.len())
        + segments.map(|(name, value)| ENTRY_SIZE + name.len() + value.len()).sum::<usize>()
}
