//! The table of disagreements, for other programs.

use tiltmeter_monitor::shadow::{Answer, Disagreement, Right};

/// A head, and a line for each row.
pub(super) fn disagreements(rows: &[Disagreement]) -> String {
    let segments = names(rows.iter().flat_map(|row| row.segments.iter().map(|(name, _)| name.as_str())));
    let inputs = names(rows.iter().flat_map(|row| row.inputs.iter().map(|(name, _)| name.as_str())));
    let mut csv = String::new();
    line(&mut csv, &head(&segments, &inputs));
    rows.iter().for_each(|row| line(&mut csv, &cells(row, &segments, &inputs)));
    csv
}

/// Each name once, in the order in which they first appear.
fn names<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names = Vec::new();
    for name in all {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn line(csv: &mut String, cells: &[String]) {
    csv.push_str(&cells.join(","));
    csv.push_str("\r\n");
}

fn head(segments: &[&str], inputs: &[&str]) -> Vec<String> {
    let named = |prefix: &'static str, name: &&str| text(&format!("{prefix}_{name}"));
    let plain = |name: &str| name.to_owned();
    let of_side = |side: &'static str| {
        ["version", "decision", "score", "latency_ms"].map(|name| format!("{side}_{name}"))
    };
    let mut head = ["request_id", "instance_index", "event_time", "flip"].map(plain).to_vec();
    head.extend(segments.iter().map(|name| named("segment", name)));
    head.extend(of_side("champion"));
    head.extend(of_side("challenger"));
    head.extend(["score_distance", "weight", "label", "right"].map(plain));
    head.extend(inputs.iter().map(|name| named("input", name)));
    head
}

fn cells(row: &Disagreement, segments: &[&str], inputs: &[&str]) -> Vec<String> {
    let decisions = row.champion.decision.as_deref().zip(row.challenger.decision.as_deref());
    let flip = decisions.map(|(champion, challenger)| format!("{champion} to {challenger}"));
    let mut cells = vec![
        optional(row.request_id.as_deref()),
        row.instance_index.to_string(),
        row.event_time.map(|time| time.to_string()).unwrap_or_default(),
        optional(flip.as_deref()),
    ];
    cells.extend(segments.iter().map(|name| {
        let found = row.segments.iter().find(|(other, _)| other == name);
        optional(found.and_then(|(_, value)| value.as_deref()))
    }));
    cells.extend([&row.champion, &row.challenger].into_iter().flat_map(answer));
    let right = row.right.map(|right| match right {
        Right::Champion => "champion",
        Right::Challenger => "challenger",
        Right::Neither => "neither",
        Right::Both => "both",
    });
    cells.extend([number(row.score_distance), number(Some(row.weight)), number(row.label), optional(right)]);
    cells.extend(inputs.iter().map(|name| {
        let found = row.inputs.iter().find(|(other, _)| other == name);
        optional(found.map(|(_, value)| value.as_str()))
    }));
    cells
}

fn answer(answer: &Answer) -> [String; 4] {
    [
        optional(answer.version.as_deref()),
        optional(answer.decision.as_deref()),
        number(answer.score),
        number(answer.latency_ms),
    ]
}

/// The shortest text that is read as the same number again.
fn number(value: Option<f64>) -> String {
    value.map(|value| format!("{value:?}")).unwrap_or_default()
}

fn optional(value: Option<&str>) -> String {
    value.map(text).unwrap_or_default()
}

/// A text in quotation marks, so that a spreadsheet does not compute it.
fn text(text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok_and(f64::is_finite);
    let mut cell = String::with_capacity(text.len() + 2);
    cell.push('"');
    let mut may_begin = !is_number;
    for character in text.chars() {
        if may_begin && is_taken_for_more(character) {
            cell.push('\'');
        }
        if character == '"' {
            cell.push('"');
        }
        cell.push(character);
        may_begin = matches!(character, ';' | '\t' | '\r' | '\n');
    }
    cell.push('"');
    cell
}

/// Whether a cell that begins so is not taken for a text; the wide forms are those of East Asian keyboards.
fn is_taken_for_more(character: char) -> bool {
    matches!(character, '=' | '+' | '-' | '@' | '\'' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
}

#[cfg(test)]
mod tests;
