//! What is captured of the exchanges that pass through a layer.

/// What a [`PredictionLogLayer`](crate::PredictionLogLayer) captures.
///
/// Whichever it is, the application may add what it knows through [`RequestLog`](crate::RequestLog) where there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Capture {
    /// The bodies: copied while they stream past, decoded by the worker along the spec's pointers. The handler knows
    /// nothing of it.
    #[default]
    Bodies,
    /// What the handler says through [`RequestLog`](crate::RequestLog), and nothing else: nothing is copied, nothing is
    /// decoded.
    Handler,
    /// Both, in one record: the body gives `raw_input`, and the handler what it has said; what the handler has not said
    /// comes from the bodies.
    BodiesAndHandler,
}

impl Capture {
    pub(crate) fn bodies(self) -> bool {
        !matches!(self, Self::Handler)
    }

    pub(crate) fn handler(self) -> bool {
        !matches!(self, Self::Bodies)
    }
}
