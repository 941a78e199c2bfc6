//! From the file to the flat form. All that [`Model::score`] relies on is checked here, once.

use anyhow::{Context, Result, bail, ensure};

use super::{
    Model, Node,
    file::{FeatureFile, ModelFile, NodeFile},
    row::{CATEGORICAL, Categories, MOST_CATEGORIES, NUMERIC},
};

const KIND: &str = "gradient_boosted_trees";
const LINK: &str = "logistic";

pub(super) fn compile(file: &ModelFile) -> Result<Model> {
    let ModelFile { name, kind, link, baseline, .. } = file;
    ensure!(!name.is_empty(), "the model has no name");
    ensure!(kind == KIND, "kind is {kind:?}, but only {KIND:?} can be scored");
    ensure!(link == LINK, "link is {link:?}, but only {LINK:?} can be scored");
    ensure!(!file.trees.is_empty(), "the model has no trees");

    let mut model = Model {
        version: name.clone(),
        baseline: *baseline,
        categories: Categories::default(),
        roots: Vec::with_capacity(file.trees.len()),
        nodes: Vec::with_capacity(file.trees.iter().map(Vec::len).sum()),
        category_sets: Vec::new(),
    };
    let mut numbers_listed = [false; NUMERIC.len()];
    for feature in &file.features {
        match feature {
            FeatureFile::Numeric { name } => numbers_listed[usize::from(position(&NUMERIC, name)?)] = true,
            FeatureFile::Categorical { name, categories } => {
                let codes = &mut model.categories[usize::from(position(&CATEGORICAL, name)?)];
                ensure!(
                    categories.len() <= MOST_CATEGORIES,
                    "feature {name:?} lists {} categories, at most {MOST_CATEGORIES} are allowed",
                    categories.len()
                );
                *codes = (0..).zip(categories).map(|(code, category)| (category.clone(), code)).collect();
            }
        }
    }
    for (index, tree) in file.trees.iter().enumerate() {
        model.plant(tree, &numbers_listed).with_context(|| format!("tree {index}"))?;
    }
    Ok(model)
}

fn position(known: &[&str], name: &str) -> Result<u8> {
    let found = known.iter().position(|known| *known == name).with_context(|| {
        format!("feature {name:?} is not one that a flight has; those of its type are {}", known.join(", "))
    })?;
    Ok(u8::try_from(found)?)
}

impl Model {
    fn plant(&mut self, tree: &[NodeFile], numbers_listed: &[bool; NUMERIC.len()]) -> Result<()> {
        ensure!(!tree.is_empty(), "it has no nodes");
        let root = u32::try_from(self.nodes.len()).context("there are too many nodes")?;
        self.roots.push(root);
        for (index, node) in tree.iter().enumerate() {
            let node = self.node(node, index, root, tree.len(), numbers_listed);
            self.nodes.push(node.with_context(|| format!("node {index}"))?);
        }
        Ok(())
    }

    fn node(
        &mut self,
        node: &NodeFile,
        index: usize,
        root: u32,
        size: usize,
        numbers_listed: &[bool; NUMERIC.len()],
    ) -> Result<Node> {
        let child = |side: &str, child: Option<u32>| {
            let child = child.with_context(|| format!("the split has no {side} child"))?;
            ensure!(child as usize > index, "the {side} child {child} does not come after its parent");
            ensure!(
                (child as usize) < size,
                "the {side} child {child} does not exist: the tree has {size} nodes"
            );
            root.checked_add(child).context("there are too many nodes")
        };
        let NodeFile { leaf, feature, left, right, missing_left, threshold, left_categories } = node;
        if let Some(value) = leaf {
            ensure!(
                feature.is_none() && left.is_none() && right.is_none(),
                "it is a leaf and a split at once"
            );
            return Ok(Node::Leaf(*value));
        }
        let name = feature.as_deref().context("it is neither a leaf nor a split")?;
        let missing_left = missing_left.context("the split does not say where missing values go")?;
        let (left, right) = (child("left", *left)?, child("right", *right)?);
        match (threshold, left_categories) {
            (Some(threshold), None) => {
                let feature = position(&NUMERIC, name)?;
                ensure!(numbers_listed[usize::from(feature)], "feature {name:?} is not listed by the model");
                Ok(Node::Number { threshold: *threshold, left, right, feature, missing_left })
            }
            (None, Some(names)) => {
                let feature = position(&CATEGORICAL, name)?;
                let categories = u32::try_from(self.category_sets.len())?;
                let set = self.category_set(feature, name, names)?;
                self.category_sets.push(set);
                Ok(Node::Category { categories, left, right, feature, missing_left })
            }
            _ => bail!("a split has either a threshold or left_categories"),
        }
    }

    fn category_set(&self, feature: u8, name: &str, categories: &[String]) -> Result<u128> {
        let codes = &self.categories[usize::from(feature)];
        categories.iter().try_fold(0, |set, category| {
            let code = codes
                .get(category)
                .with_context(|| format!("category {category:?} is not among those that {name:?} lists"))?;
            Ok(set | (1 << code))
        })
    }
}
