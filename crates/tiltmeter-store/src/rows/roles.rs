//! Which column of a file is what.

/// The names of the columns of one file that have a role; `None` for a role that no column has.
#[derive(Debug)]
pub(crate) struct Roles {
    /// `writer_id` and `sequence`, by which copies are recognised.
    pub(crate) key: Option<(String, String)>,
    pub(crate) event_time: Option<String>,
    pub(crate) entity_id: Option<String>,
    pub(crate) model_version: Option<String>,
    pub(crate) score: Option<String>,
    pub(crate) label: Option<String>,
    /// One for each feature of the spec.
    pub(crate) features: Vec<Option<String>>,
}

impl Roles {
    /// The columns to read.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        let key = self.key.iter().flat_map(|(writer_id, sequence)| [writer_id, sequence]);
        let own = [&self.event_time, &self.entity_id, &self.model_version, &self.score, &self.label];
        let rest = own.into_iter().chain(&self.features).flatten();
        key.chain(rest).map(String::as_str)
    }
}
