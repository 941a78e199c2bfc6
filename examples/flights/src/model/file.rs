//! The JSON of a model as it lies on disk: shapes only, nothing here is checked or trusted.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct ModelFile {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) link: String,
    pub(super) baseline: f64,
    pub(super) features: Vec<FeatureFile>,
    pub(super) trees: Vec<Vec<NodeFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum FeatureFile {
    Numeric { name: String },
    Categorical { name: String, categories: Vec<String> },
}

/// A leaf, or a split by threshold, or a split by categories: which one is told by the fields that are there.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NodeFile {
    pub(super) leaf: Option<f64>,
    pub(super) feature: Option<String>,
    pub(super) left: Option<u32>,
    pub(super) right: Option<u32>,
    pub(super) missing_left: Option<bool>,
    pub(super) threshold: Option<f64>,
    pub(super) left_categories: Option<Vec<String>>,
}
