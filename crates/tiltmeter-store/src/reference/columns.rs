//! Which column of a reference file is what.

use arrow_schema::Schema;
use tiltmeter_record::ModelSpec;

use crate::rows::Roles;

/// The columns by their names, as far as there are any.
pub(super) fn roles(schema: &Schema, spec: &ModelSpec) -> Roles {
    let find = |name: &str| schema.index_of(name).ok().map(|_| name.to_owned());
    let label = spec.labels.as_ref().map_or("label", |rule| &rule.label);
    let timestamp = || if spec.feature("timestamp").is_some() { None } else { find("timestamp") };
    let mut roles = Roles {
        key: find("writer_id").zip(find("sequence")),
        event_time: find("event_time").or_else(timestamp),
        entity_id: find("entity_id"),
        model_version: find("model_version"),
        score: find("score"),
        label: find(label),
        inclusion: None,
        features: Vec::new(),
    };
    let taken: Vec<String> = roles.columns().map(str::to_owned).collect();
    let features = spec.features.iter().map(|feature| {
        let plain = || find(feature.name.as_str()).filter(|name| !taken.contains(name));
        let prefixed = feature.column();
        // another feature may be called so: then that is its plain name, unless this one has no other column
        if spec.feature(&prefixed).is_some() && plain().is_some() {
            return plain();
        }
        find(&prefixed).or_else(plain)
    });
    roles.features = features.collect();
    roles
}
