//! What the model sees, and along which of it the data is sliced.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::ValueType;
use super::body::Body;
use super::field::Field;
use super::fields::Fields;
use super::problem::Problem;
use crate::quote::Quoted;
use crate::schema::feature_column;
use crate::{BodyPointer, FeatureName};

pub(super) const FEATURES: &str = "a mapping of at least one feature, name: type";

/// A feature: one entry of the spec's `features`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeatureSpec {
    /// Its name, which no other feature has in any spelling of upper and lower case.
    pub name: FeatureName,
    /// Its type.
    pub value_type: ValueType,
    /// Where it stands in the request's body.
    pub pointer: BodyPointer,
    /// What its column is called after, where that is not its name: a feature whose type has changed gets a new column.
    pub column: Option<FeatureName>,
}

impl FeatureSpec {
    /// The name of its column in the prediction table: `feature_` and its name, or what [`column`](Self#structfield.column)
    /// says. No other feature of the spec has it, in any spelling of upper and lower case.
    ///
    /// ```
    /// use tiltmeter_record::ModelSpec;
    ///
    /// let spec = ModelSpec::from_yaml("model.yaml", "
    ///     {spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict},
    ///      response: {score: /score}, features: {plan: string, age: {type: integer, column: age_years}}}")?;
    /// assert_eq!(spec.features[0].column(), "feature_plan");
    /// assert_eq!(spec.features[1].column(), "feature_age_years");
    /// # Ok::<(), tiltmeter_record::SpecError>(())
    /// ```
    #[must_use]
    pub fn column(&self) -> String {
        feature_column(self.column.as_ref().unwrap_or(&self.name))
    }

    fn read(
        key: &str,
        field: &Field<'_>,
        parent: &BodyPointer,
        body: &mut Body,
        columns: &mut Columns,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let name: Option<FeatureName> = key
            .parse()
            .map_err(|_| {
                let found = format!("{} as a name", Quoted(key));
                problems.push(Problem::new(field.key_at, "features", found).allow(FeatureName::ALLOWED));
            })
            .ok();
        let mut member_of_parent = |name: &FeatureName| {
            let pointer = parent.join(name);
            body.add(field, &pointer);
            pointer
        };
        if !field.is_mapping() {
            columns.take_name(field, key, problems);
            let value_type = ValueType::read(field, problems);
            let name = name?;
            return Some(Self {
                pointer: member_of_parent(&name),
                name,
                value_type: value_type?,
                column: None,
            });
        }
        let fields = Fields::known(field, &["type", "pointer", "column"], problems)?;
        let value_type = fields
            .required("type", ValueType::ALLOWED, problems)
            .and_then(|field| ValueType::read(field, problems));
        let pointer = match (fields.optional("pointer"), &name) {
            (Some(field), _) => body.pointer(field, problems),
            (None, Some(name)) => Some(member_of_parent(name)),
            (None, None) => None,
        };
        let column = match fields.optional("column") {
            Some(field) => {
                let column: FeatureName = field.name(FeatureName::ALLOWED, problems)?;
                columns.take_other(field, column.as_str(), problems);
                Some(column)
            }
            None => {
                columns.take_name(field, key, problems);
                None
            }
        };
        Some(Self { name: name?, value_type: value_type?, pointer: pointer?, column })
    }
}

/// The columns that features have, in lower case.
#[derive(Debug, Default)]
struct Columns(BTreeMap<String, Owner>);

/// Who has a column.
#[derive(Debug)]
struct Owner {
    path: String,
    line: usize,
    by_name: bool,
}

impl Columns {
    /// Gives a feature the column of its name.
    fn take_name(&mut self, field: &Field<'_>, name: &str, problems: &mut Vec<Problem>) {
        self.take(field, name, true, problems);
    }

    /// Gives a feature the column that it asks for.
    fn take_other(&mut self, field: &Field<'_>, column: &str, problems: &mut Vec<Problem>) {
        self.take(field, column, false, problems);
    }

    /// Of two features that want one column, the second has the problem; of two names that differ only in case, that is
    /// said already.
    fn take(&mut self, field: &Field<'_>, column: &str, by_name: bool, problems: &mut Vec<Problem>) {
        match self.0.entry(column.to_ascii_lowercase()) {
            Entry::Vacant(entry) => {
                entry.insert(Owner { path: field.path.clone(), line: field.key_at.line, by_name });
            }
            Entry::Occupied(entry) if entry.get().by_name && by_name => {}
            Entry::Occupied(entry) => {
                let Owner { path, line, .. } = entry.get();
                let found = format!("the column {}, which {path} in line {line} has", Quoted(column));
                let problem = Problem::new(field.key_at, field.path.clone(), found);
                problems.push(problem.allow("a column that no other feature has, in any case"));
            }
        }
    }
}

/// Every feature that is declared, by the name in the file; `None` for one that has problems.
#[derive(Debug, Default)]
pub(super) struct Declared<'d>(Vec<(&'d str, Option<FeatureSpec>)>);

impl<'d> Declared<'d> {
    pub(super) fn read(
        field: &Field<'d>,
        parent: &BodyPointer,
        body: &mut Body,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let fields = Fields::any(field, FEATURES, problems)?;
        let mut first_spellings: BTreeMap<String, (&str, usize)> = BTreeMap::new();
        let mut columns = Columns::default();
        let mut declared = Vec::new();
        for (key, field) in fields.iter() {
            if let Some((first, line)) = first_spellings.get(&key.to_ascii_lowercase()) {
                let found = format!("a name that differs only in case from {} in line {line}", Quoted(first));
                let problem = Problem::new(field.key_at, field.path.clone(), found);
                problems.push(problem.allow("names that differ in more"));
            } else {
                first_spellings.insert(key.to_ascii_lowercase(), (key, field.key_at.line));
            }
            declared.push((*key, FeatureSpec::read(key, field, parent, body, &mut columns, problems)));
        }
        if declared.is_empty() {
            problems.push(field.problem("no feature").allow(FEATURES));
        }
        Some(Self(declared))
    }

    /// The features by which the data is sliced: the spec's `segments`.
    pub(super) fn segments(&self, field: &Field<'_>, problems: &mut Vec<Problem>) -> Vec<FeatureName> {
        let mut segments: Vec<FeatureName> = Vec::new();
        for element in field.list("a list of features", problems).unwrap_or_default() {
            let Some(name) = self.segment(&element, problems) else { continue };
            if segments.contains(&name) {
                let found = format!("{} a second time", Quoted(name.as_str()));
                problems.push(element.problem(found).allow("each feature once"));
            } else {
                segments.push(name);
            }
        }
        segments
    }

    /// A feature by which the data can be sliced.
    pub(super) fn segment(&self, field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<FeatureName> {
        let name: FeatureName = field.name("the name of a feature", problems)?;
        match self.0.iter().find(|(key, _)| *key == name.as_str()) {
            None => {
                let names = self.0.iter().map(|(key, _)| *key);
                let problem = field.misfit("a feature that is declared in features");
                problems.push(problem.suggest(super::near::nearest(name.as_str(), names)));
                None
            }
            Some((_, Some(FeatureSpec { value_type: ValueType::Float, .. }))) => {
                let found = format!("{}, a feature of type float", Quoted(name.as_str()));
                problems.push(field.problem(found).allow("features of type string, boolean, integer"));
                None
            }
            Some(_) => Some(name),
        }
    }

    /// Every feature that is declared; `None` for one that has problems.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'d str, Option<&FeatureSpec>)> {
        self.0.iter().map(|(name, feature)| (*name, feature.as_ref()))
    }

    /// The features without problems, in file order.
    pub(super) fn into_features(self) -> Vec<FeatureSpec> {
        self.0.into_iter().filter_map(|(_, feature)| feature).collect()
    }
}
