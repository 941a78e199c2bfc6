//! A challenger beside its champion, on ten months of real flights.
//!
//! - [`live`]: the service, its challenger, and the replay; [`books`]: what became of each request
//! - [`offline`]: the comparison of a file of pairs
//! - [`figures`]: what is written of it as JSON
//! - [`asked`]: what was asked where the two disagree
//! - [`output`]: files for people
//! - [`cli`]: the command line

pub mod asked;
pub mod books;
pub mod cli;
pub mod figures;
pub mod live;
pub mod offline;
pub mod output;
