//! The types of a table that nobody has remembered, from the footer of one of its newest files.

use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};

use super::place::Place;

/// Files that are looked at to find the newest, at most.
const MOST: usize = 1_000;

/// Bytes that are read of a file's end, at first and at most.
const FIRST: u64 = 256 << 10;
const LARGEST: u64 = 16 << 20;

/// The names and types of the columns of the newest file of the newest date in `table`; nothing where there is none, or
/// none that can be read.
pub(super) async fn types_of_newest_file(
    place: &Place,
    table: &Path,
) -> object_store::Result<Option<Vec<(String, String)>>> {
    let dates = place.store.list_with_delimiter(Some(table)).await?.common_prefixes;
    let Some(newest) = dates.into_iter().max() else { return Ok(None) };
    let files: Vec<ObjectMeta> = place.store.list(Some(&newest)).take(MOST).try_collect().await?;
    let newest = files
        .into_iter()
        .filter(|file| file.location.as_ref().ends_with(".parquet"))
        .max_by_key(|file| file.last_modified);
    let Some(file) = newest else { return Ok(None) };
    Ok(metadata(place, &file).await?.map(|metadata| types(&metadata)))
}

async fn metadata(place: &Place, file: &ObjectMeta) -> object_store::Result<Option<ParquetMetaData>> {
    let mut wanted = FIRST.min(file.size);
    // the first look tells how much the second needs
    for _ in 0..2 {
        let end = place.store.get_range(&file.location, file.size - wanted..file.size).await?;
        let mut reader = ParquetMetaDataReader::new();
        match reader.try_parse_sized(&end, file.size) {
            Ok(()) => return Ok(reader.finish().ok()),
            Err(ParquetError::NeedMoreData(more)) => wanted = (more as u64).min(file.size).min(LARGEST),
            Err(_) => return Ok(None),
        }
    }
    Ok(None)
}

fn types(metadata: &ParquetMetaData) -> Vec<(String, String)> {
    let file = metadata.file_metadata();
    parquet::arrow::parquet_to_arrow_schema(file.schema_descr(), file.key_value_metadata())
        .map(|schema| {
            let fields = schema.fields().iter();
            fields.map(|field| (field.name().clone(), field.data_type().to_string())).collect()
        })
        .unwrap_or_default()
}
