//! What was found of a challenger beside its champion, for people.
//!
//! The code, in reading order: `report` is what callers hold; `page` puts sections together, of the charts in `svg` and
//! the tables in `tables`, which `terminal` shows too; `csv` is the table of disagreements for other programs; `stories` are the headlines; `names` are what the two are called;
//! `quantity` writes figures with their intervals.

mod csv;
mod names;
mod page;
mod quantity;
mod report;
mod stories;
mod svg;
mod tables;
mod terminal;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

pub use report::ComparisonReport;
