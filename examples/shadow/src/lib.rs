//! A challenger beside its champion, on ten months of real flights.
//!
//! - [`live`]: the service, its challenger, and the replay; [`books`]: what became of each request
//! - [`offline`]: the comparison of a file of pairs
//! - [`figures`]: what is written of it as JSON
//! - [`page`]: what people see of it
//! - [`cli`]: the command line

pub mod books;
pub mod cli;
pub mod figures;
pub mod live;
pub mod offline;
pub mod page;
