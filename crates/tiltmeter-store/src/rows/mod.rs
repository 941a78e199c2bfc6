//! From the files of predictions to the columns of all of them.
//!
//! A file goes through three steps, so that none of it is used unless all of it is good: its columns get [`Roles`],
//! its batches become [`Values`], and only then are they appended to what was [`Gathered`].

mod copies;
mod gathered;
mod inclusion;
mod request;
mod roles;
mod values;

pub(crate) use copies::SeenKeys;
pub(crate) use gathered::Gathered;
pub(crate) use roles::{InclusionRoles, Roles};
