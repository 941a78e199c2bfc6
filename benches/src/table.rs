//! Tables on stdout, in the Markdown that `docs/benchmarks.md` is written in.

use anyhow::Result;
use example_flights::console;

/// Prints a table: a title, and columns that are as wide as their widest cell.
///
/// # Errors
/// When stdout cannot be written.
pub fn print<const COLUMNS: usize>(
    title: &str,
    header: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> Result<()> {
    let mut cells = vec![header.map(str::to_owned)];
    cells.extend(rows);
    let widths: [usize; COLUMNS] =
        std::array::from_fn(|column| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let rule = std::array::from_fn(|column| "-".repeat(widths[column]));
    cells.insert(1, rule);

    let mut text = format!("\n{title}\n\n");
    for row in &cells {
        for (cell, width) in row.iter().zip(widths) {
            text += &format!("| {cell:<width$} ");
        }
        text += "|\n";
    }
    console::print(&text)
}
