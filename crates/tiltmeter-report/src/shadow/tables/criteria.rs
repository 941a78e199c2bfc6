//! The criteria of a verdict.

use tiltmeter_monitor::Measured;
use tiltmeter_monitor::shadow::PromotionVerdict;
use tiltmeter_monitor::shadow::promotion::{Criterion, CriterionName, CriterionState};

use crate::shadow::quantity::Quantity;
use crate::table::{Cell, Column, Table};
use crate::{figures, outside};

/// Each criterion: what follows, the evidence, what it is held against, and when it is expected to be decided.
pub(in crate::shadow) fn criteria(verdict: &PromotionVerdict) -> Table {
    let columns = vec![
        Column::text("criterion"),
        Column::text("state"),
        Column::number("found"),
        Column::number("bounds").if_it_fits(),
        Column::number("asked for"),
        Column::number("from rows").if_it_fits(),
        Column::text("expected in").if_it_fits(),
        Column::text("in words").page_only(),
    ];
    let mut table = Table::new("What is asked of the challenger", columns);
    for criterion in &verdict.criteria {
        let (sign, class) = mark(criterion.state);
        let found = match &criterion.value {
            Measured::Known(estimate) => Cell::text(value(criterion, estimate.value)),
            // the sentence has the reason
            Measured::Undefined(_) => Cell::text(figures::NONE).with_class("none"),
        };
        let asked = criterion
            .threshold
            .map(|asked| format!("{} {}", relation(criterion.name), round(value(criterion, asked))));
        let rows = if criterion.rows == 0 { String::new() } else { figures::count(criterion.rows) };
        let outlook = criterion.outlook.map(|outlook| figures::counted(outlook.days, "day"));
        table.row(vec![
            Cell::text(criterion.name.as_str()),
            Cell::text(format!("{sign} {}", criterion.state)).with_class(class),
            found,
            Cell::text(bounds(criterion)),
            Cell::text(asked.unwrap_or_default()),
            Cell::text(rows),
            Cell::text(outlook.unwrap_or_default()),
            Cell::text(outside::sentence(&criterion.sentence)).with_class("long"),
        ]);
    }
    table
}

/// The sign of a state, and the class of its cell.
fn mark(state: CriterionState) -> (&'static str, &'static str) {
    match state {
        CriterionState::Met => ("✓", "good"),
        CriterionState::Failed => ("▲", "fell"),
        CriterionState::NotYet => ("○", ""),
        _ => ("–", "lesser"),
    }
}

/// On which side of what is asked for it is met.
fn relation(name: CriterionName) -> &'static str {
    match name {
        CriterionName::Latency | CriterionName::Failures | CriterionName::ScoreDistribution => "≤",
        _ => "≥",
    }
}

fn value(criterion: &Criterion, value: f64) -> String {
    let is_share = matches!(
        criterion.name,
        CriterionName::Coverage | CriterionName::Latency | CriterionName::Failures | CriterionName::Agreement
    );
    if matches!(criterion.name, CriterionName::Duration | CriterionName::Pairs) {
        whole(value)
    } else if is_share {
        Quantity::Share.alone(value)
    } else if criterion.name == CriterionName::Labelled {
        Quantity::Difference.alone(value)
    } else {
        Quantity::Plain.alone(value)
    }
}

fn bounds(criterion: &Criterion) -> String {
    let Some(found) = criterion.bounds else { return String::new() };
    let shown = |bound: f64| {
        let text = value(criterion, bound);
        text.strip_suffix(" %").map(str::to_owned).unwrap_or(text)
    };
    match (found.lower, found.upper) {
        (Some(lower), Some(upper)) => format!("{} to {}", shown(lower), shown(upper)),
        (Some(lower), None) => format!("≥ {}", shown(lower)),
        (None, Some(upper)) => format!("≤ {}", shown(upper)),
        (None, None) => String::new(),
    }
}

/// Without zeros that say nothing: what is asked for is a round number.
fn round(text: String) -> String {
    let (number, unit) = text.strip_suffix(" %").map_or((text.as_str(), ""), |number| (number, " %"));
    if !number.contains('.') || number.contains('e') {
        return text;
    }
    format!("{}{unit}", number.trim_end_matches('0').trim_end_matches('.'))
}

fn whole(value: f64) -> String {
    match figures::fixed(value, 0).parse() {
        Ok(count) if value < 1e15 => figures::count(count),
        _ => Quantity::Plain.alone(value),
    }
}
