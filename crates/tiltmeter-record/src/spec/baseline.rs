//! What a model is compared with.

use std::path::PathBuf;

use super::field::Field;
use super::fields::Fields;
use super::problem::Problem;

const PATH: &str = "the path of a file, relative to this one";

/// The data from which the baseline is made: the spec's `baseline`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BaselineSource {
    /// The file, as written in the spec: relative to the folder of the spec.
    pub path: PathBuf,
}

impl BaselineSource {
    pub(super) fn read(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<Self> {
        let fields = Fields::known(field, &["path"], problems)?;
        let path = fields.required("path", PATH, problems)?.non_empty(PATH, problems)?;
        Some(Self { path: path.into() })
    }
}
