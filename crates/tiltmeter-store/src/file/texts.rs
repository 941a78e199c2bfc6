//! How the texts and bytes of a file are decoded.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::ConvertedType;

use crate::problem::Reason;

/// What becomes of a text that stands in a dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Texts {
    /// Rows point to it.
    Views,
    /// Rows may get copies.
    Copies,
}

/// Those metadata, with which the columns of texts and of bytes among `roots` are decoded as views.
///
/// A text in a dictionary costs a row 16 bytes then, however long it is; the dictionary type of Arrow would do the same
/// only as long as a batch has one dictionary and all of its pages use it.
pub(super) fn as_views(
    metadata: &ArrowReaderMetadata,
    roots: &[usize],
) -> Result<(ArrowReaderMetadata, Texts), Reason> {
    let schema = metadata.schema();
    let parquet = metadata.parquet_schema();
    let mut fields = schema.fields().to_vec();
    for leaf in 0..parquet.num_columns() {
        let root = parquet.get_column_root_idx(leaf);
        let Some(field) = fields.get_mut(root).filter(|_| roots.contains(&root)) else { continue };
        if matches!(field.data_type(), DataType::Binary | DataType::LargeBinary) {
            let view = Field::new(field.name(), DataType::BinaryView, field.is_nullable());
            *field = Arc::new(view.with_metadata(field.metadata().clone()));
            continue;
        }
        if !is_text(field.data_type()) {
            continue;
        }
        // others are not checked by the decoder
        if parquet.column(leaf).converted_type() != ConvertedType::UTF8 {
            return Err(Reason::new(format!(
                "has a column {} of texts that are not said to be UTF-8",
                field.name()
            )));
        }
        let view = Field::new(field.name(), DataType::Utf8View, field.is_nullable());
        *field = Arc::new(view.with_metadata(field.metadata().clone()));
    }
    if fields[..] == schema.fields()[..] {
        return Ok((metadata.clone(), Texts::Views));
    }
    let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    let options = ArrowReaderOptions::new().with_schema(schema);
    // Parquet's reader may not take back what it made of other columns, which are of any type
    Ok(match ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options) {
        Ok(views) => (views, Texts::Views),
        Err(_) => (metadata.clone(), Texts::Copies),
    })
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}
