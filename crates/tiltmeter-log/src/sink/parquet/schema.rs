//! The types of a model's columns, and what is remembered of them beside the table.
//!
//! ```text
//! <root>/schemas/model_name=flight-delay/3f2a….json        {"columns":{"feature_distance":"float",…},…}
//! ```
//!
//! After the first file with some set of types a small object is left, named by its content. A sink that starts reads all
//! of a model's: a spec that gives a column another type is refused, because no reader could see the files as one
//! table. Columns that come or go are fine. Two writers that start at the same time with specs that contradict each
//! other do not see each other; both leave their object, and whoever starts next is told.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt};
use sha2::{Digest, Sha256};
use tiltmeter_record::schema::{COLUMNS, ColumnType};
use tiltmeter_record::{ModelSpec, arrow_schema};
use tokio::time::timeout;

use super::footer::types_of_newest_file;
use super::partition::table;
use super::publish::Publisher;
use crate::error::BuildError;

/// The folder below the root.
const SCHEMAS: &str = "schemas";

/// Objects that are read of one model, at most.
const MOST: usize = 1_000;

/// Bytes of one of them, at most: a column takes some dozens.
const LARGEST: u64 = 4 << 20;

/// Models that are looked up at a time.
const AT_A_TIME: usize = 16;

/// The columns whose type a spec decides, and their types in the words of the spec.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Columns {
    model_name: String,
    columns: BTreeMap<String, String>,
}

impl Columns {
    pub(super) fn of(spec: &ModelSpec) -> Self {
        let schema = arrow_schema(spec);
        let types = schema.fields().iter().map(|field| (field.name().clone(), field.data_type().to_string()));
        Self::new(spec.name.as_str(), types)
    }

    /// The columns of ours are left out: their types never change.
    pub(super) fn new(model: &str, types: impl IntoIterator<Item = (String, String)>) -> Self {
        let is_specs = |name: &str| {
            COLUMNS
                .iter()
                .find(|column| column.name == name)
                .is_none_or(|column| column.column_type == ColumnType::Prediction)
        };
        let columns = types
            .into_iter()
            .filter(|(name, _)| is_specs(name))
            .map(|(name, data_type)| (name, word(&data_type).to_owned()))
            .collect();
        Self { model_name: model.to_string(), columns }
    }

    pub(super) fn to_json(&self) -> Bytes {
        // a map of texts to texts can always be written
        serde_json::to_vec(self).unwrap_or_default().into()
    }

    /// Where these types are remembered.
    pub(super) fn marker(&self, root: &Path) -> Path {
        let mut name = String::with_capacity(37);
        for byte in Sha256::digest(self.to_json()).iter().take(16) {
            let _ = write!(name, "{byte:02x}");
        }
        folder(root, &format!("model_name={}", self.model_name)).join(name + ".json")
    }

    /// The first column that has another type than `earlier` says.
    fn check(&self, earlier: &Self) -> Result<(), BuildError> {
        for (column, earlier_type) in &earlier.columns {
            if let Some(new_type) = self.columns.get(column).filter(|new_type| *new_type != earlier_type) {
                let instead = if column == "prediction" {
                    "give the model another name"
                } else {
                    "give the feature another column with `column:` in the spec"
                };
                return Err(BuildError::schema(format!(
                    "the column {column} of model {} has been written as {earlier_type}, and its spec now says {new_type}: \
                     change the type back, or {instead}",
                    self.model_name
                )));
            }
        }
        Ok(())
    }
}

/// The word of the spec for a type; the type's own where a spec has none.
fn word(data_type: &str) -> &str {
    match data_type {
        "Float64" => "float",
        "Int64" => "integer",
        "Utf8" => "string",
        "Boolean" => "boolean",
        other => other,
    }
}

fn folder(root: &Path, model: &str) -> Path {
    root.clone().join(SCHEMAS).join(model)
}

/// Refuses a spec that contradicts what has been written. A store that does not answer within `deadline` is no reason.
pub(super) async fn check_all(
    publisher: &Publisher,
    specs: Vec<Columns>,
    deadline: Duration,
) -> Result<(), BuildError> {
    let looking = async {
        let mut checks =
            futures_util::stream::iter(specs).map(|spec| check(publisher, spec)).buffer_unordered(AT_A_TIME);
        let mut unreachable = None;
        while let Some(checked) = checks.next().await {
            if let Err(error) = checked? {
                unreachable = Some(error.to_string());
            }
        }
        Ok(unreachable)
    };
    let unreachable = match timeout(deadline, looking).await {
        Ok(looked) => looked?,
        Err(_) => Some("the store did not answer in time".to_owned()),
    };
    if let Some(error) = unreachable {
        tracing::warn!(%error, "cannot see the types of earlier predictions: new ones are written without comparing them");
    }
    Ok(())
}

/// The outer error is a contradiction, the inner one a store that could not be read.
async fn check(publisher: &Publisher, spec: Columns) -> Result<object_store::Result<()>, BuildError> {
    match earlier(publisher, &spec).await {
        Ok(earlier) => earlier.iter().try_for_each(|earlier| spec.check(earlier)).map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

/// All that is remembered of a model.
async fn earlier(publisher: &Publisher, spec: &Columns) -> object_store::Result<Vec<Columns>> {
    let place = &publisher.place;
    let model = format!("model_name={}", spec.model_name);
    let markers: Vec<ObjectMeta> =
        place.store.list(Some(&folder(&place.root, &model))).take(MOST).try_collect().await?;
    if markers.is_empty() {
        return unmarked(publisher, spec, &model).await;
    }
    let own = spec.marker(&place.root);
    let mut earlier = Vec::new();
    for marker in markers {
        if marker.location == own {
            publisher.known_markers().insert(own.clone());
        } else if marker.size <= LARGEST && marker.location.as_ref().ends_with(".json") {
            let bytes = place.store.get(&marker.location).await?.bytes().await?;
            match serde_json::from_slice(&bytes) {
                Ok(columns) => earlier.push(columns),
                Err(_) => {
                    tracing::warn!(path = %marker.location, "what is remembered of a schema cannot be read");
                }
            }
        }
    }
    Ok(earlier)
}

/// A table of an earlier version, which remembered nothing: what is found in it is remembered, so that it counts also when
/// the columns that come next are others.
async fn unmarked(publisher: &Publisher, spec: &Columns, model: &str) -> object_store::Result<Vec<Columns>> {
    let table = table(&publisher.place.root, model);
    let Some(types) = types_of_newest_file(&publisher.place, &table).await? else { return Ok(Vec::new()) };
    let found = Columns::new(&spec.model_name, types);
    publisher.mark(&found).await;
    Ok(vec![found])
}
