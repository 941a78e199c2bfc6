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
    /// How rows came to be there; `None` where that is not looked at.
    pub(crate) inclusion: Option<InclusionRoles>,
    /// One for each feature of the spec.
    pub(crate) features: Vec<Option<String>>,
}

/// The columns that say how a row came to be there; `None` for one that the file does not have.
#[derive(Debug)]
pub(crate) struct InclusionRoles {
    pub(crate) probability: Option<String>,
    pub(crate) stratum: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) instance_index: Option<String>,
    pub(crate) observed_at: Option<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) size_class: Option<String>,
    pub(crate) priority: Option<String>,
}

impl InclusionRoles {
    fn columns(&self) -> impl Iterator<Item = &String> {
        let Self {
            probability,
            stratum,
            request_id,
            instance_index,
            observed_at,
            endpoint,
            size_class,
            priority,
        } = self;
        [probability, stratum, request_id, instance_index, observed_at, endpoint, size_class, priority]
            .into_iter()
            .flatten()
    }
}

impl Roles {
    /// The columns to read.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        let key = self.key.iter().flat_map(|(writer_id, sequence)| [writer_id, sequence]);
        let own = [&self.event_time, &self.entity_id, &self.model_version, &self.score, &self.label];
        let rest = own.into_iter().chain(&self.features).flatten();
        let inclusion = self.inclusion.iter().flat_map(InclusionRoles::columns);
        key.chain(rest).chain(inclusion).map(String::as_str)
    }
}
