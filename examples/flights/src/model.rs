//! The model: gradient-boosted trees, read from JSON and compiled into a flat form that is fast to walk.
//!
//! The score is `1 / (1 + exp(-(baseline + Σ leaf)))`, with one leaf per tree. A value that is missing, or a
//! category that the model does not list, takes the side that each split names for it.
//!
//! `file` is the JSON as it lies on disk, `compile` checks it and builds the flat form, and `row` is a flight as
//! the numbers that the trees compare.

mod compile;
mod file;
mod row;

use std::{fs::File, io::BufReader, path::Path};

use anyhow::{Context, Result};

use crate::flight::Flight;
use row::{Categories, Row};

/// A model that is ready to score.
///
/// All trees lie in one list of nodes. Every child comes after its parent, which [`Model::read_file`] has
/// checked, so each walk ends.
#[derive(Clone, Debug)]
pub struct Model {
    version: String,
    baseline: f64,
    categories: Categories,
    roots: Vec<u32>,
    nodes: Vec<Node>,
    category_sets: Vec<u128>,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    Leaf(f64),
    /// Left when the number is at most `threshold`.
    Number {
        threshold: f64,
        left: u32,
        right: u32,
        feature: u8,
        missing_left: bool,
    },
    /// Left when the category is in the set `categories` of [`Model::category_sets`].
    Category {
        categories: u32,
        left: u32,
        right: u32,
        feature: u8,
        missing_left: bool,
    },
}

impl Model {
    /// Reads and checks a model.
    ///
    /// # Errors
    /// When the file cannot be read, is not such JSON, or describes trees that cannot be walked safely; the
    /// message names the tree and the node.
    pub fn read_file(path: &Path) -> Result<Self> {
        Self::open(path).with_context(|| format!("cannot load the model {}", path.display()))
    }

    fn open(path: &Path) -> Result<Self> {
        let file = File::open(path)?;
        compile::compile(&serde_json::from_reader(BufReader::new(file))?)
    }

    /// The name that the file gives the model, such as `gbm-1`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The probability, strictly between 0 and 1 for sane leaves, that `flight` arrives late. Not rounded.
    ///
    /// A NaN counts as missing.
    #[must_use]
    pub fn score(&self, flight: &Flight) -> f64 {
        let row = Row::new(flight, &self.categories);
        let sum = self.roots.iter().fold(self.baseline, |sum, &root| sum + self.leaf(root, &row));
        1.0 / (1.0 + (-sum).exp())
    }

    fn leaf(&self, root: u32, row: &Row) -> f64 {
        let mut at = root;
        loop {
            at = match self.nodes[at as usize] {
                Node::Leaf(value) => return value,
                Node::Number { threshold, left, right, feature, missing_left } => {
                    let value = row.number(feature);
                    let goes_left = if value.is_nan() { missing_left } else { value <= threshold };
                    if goes_left { left } else { right }
                }
                Node::Category { categories, left, right, feature, missing_left } => {
                    let goes_left = match row.category(feature) {
                        Some(code) => (self.category_sets[categories as usize] >> code) & 1 == 1,
                        None => missing_left,
                    };
                    if goes_left { left } else { right }
                }
            };
        }
    }
}

#[cfg(test)]
mod tests;
