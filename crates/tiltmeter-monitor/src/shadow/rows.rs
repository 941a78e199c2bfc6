//! Rows that a figure is computed of, gathered from the columns.

use tiltmeter_record::columns::{AnswerColumns, Categories};
use tiltmeter_stats::Sample;

/// A row and how many rows it stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weighted {
    pub(super) row: usize,
    pub(super) weight: f64,
}

/// Some rows with a weight each, above 0.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    rows: Vec<usize>,
    /// `None` when all are the same: then estimates are those of rows without weights.
    weights: Option<Vec<f64>>,
    /// The weight of each row, when all are the same.
    each: f64,
}

impl Rows {
    pub(super) fn of(rows: impl IntoIterator<Item = Weighted>) -> Self {
        let (rows, weights): (Vec<usize>, Vec<f64>) =
            rows.into_iter().map(|weighted| (weighted.row, weighted.weight)).unzip();
        let differ = weights.windows(2).any(|pair| pair[0].total_cmp(&pair[1]).is_ne());
        let each = weights.first().copied().unwrap_or(1.0);
        Self { rows, weights: differ.then_some(weights), each }
    }

    /// Those of the rows that `keep` holds of.
    pub(super) fn filtered(&self, keep: impl Fn(usize) -> bool) -> Self {
        Self::of(self.iter().filter(|weighted| keep(weighted.row)))
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Weighted> + '_ {
        let weight = |place: usize| self.weights.as_ref().map_or(self.each, |weights| weights[place]);
        self.rows.iter().enumerate().map(move |(place, &row)| Weighted { row, weight: weight(place) })
    }

    pub(super) fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// The values of a column, in the order of the rows.
    pub(super) fn gather<T: Copy>(&self, column: &[T]) -> Vec<T> {
        self.rows.iter().map(|&row| column[row]).collect()
    }

    /// Values in the order of the rows as a sample.
    pub(super) fn sample<'a>(&'a self, values: &'a [f64]) -> tiltmeter_stats::Result<Sample<'a>> {
        match &self.weights {
            None => Ok(Sample::new(values)),
            Some(weights) => Sample::weighted(values, weights),
        }
    }

    /// Kish's effective size.
    pub(super) fn effective_size(&self) -> f64 {
        match &self.weights {
            None => self.rows.len() as f64,
            Some(weights) => tiltmeter_stats::effective_sample_size(weights.iter().copied()),
        }
    }
}

/// The decisions of several sides, with the same numbers for the same classes.
///
/// Sides may write a class differently: 1, 1.0 and true are one, as are 0, 0.0 and false. Its name is the first of these
/// texts.
#[derive(Clone, Debug)]
pub(super) struct Classes {
    /// What the names mean, in ascending order.
    meanings: Vec<String>,
    names: Vec<String>,
}

/// What a decision says, however it is written.
pub(super) fn meaning(name: &str) -> &str {
    let whole = name.strip_suffix(".0").filter(|whole| whole.parse::<i64>().is_ok());
    match whole.unwrap_or(name) {
        "true" | "True" => "1",
        "false" | "False" | "-0" => "0",
        meaning => meaning,
    }
}

impl Classes {
    pub(super) const MISSING: u32 = Categories::MISSING;

    pub(super) fn of<'a>(sides: impl Iterator<Item = &'a AnswerColumns>) -> Self {
        let mut names: Vec<String> =
            sides.flat_map(|side| side.decision().names()).map(ToString::to_string).collect();
        names.sort_unstable_by(|one, other| (meaning(one), one).cmp(&(meaning(other), other)));
        names.dedup_by(|later, first| meaning(later) == meaning(first));
        Self { meanings: names.iter().map(|name| meaning(name).to_owned()).collect(), names }
    }

    pub(super) fn name(&self, class: u32) -> Option<&str> {
        usize::try_from(class).ok().and_then(|class| self.names.get(class)).map(String::as_str)
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The class of each row of a side.
    pub(super) fn codes(&self, side: &AnswerColumns) -> Vec<u32> {
        let decision = side.decision();
        let number = |name: &str| {
            let place = self.meanings.binary_search_by(|known| known.as_str().cmp(meaning(name))).ok();
            place.and_then(|place| u32::try_from(place).ok()).unwrap_or(Self::MISSING)
        };
        let numbers: Vec<u32> = decision.names().iter().map(|name| number(name)).collect();
        let of = |&code: &u32| usize::try_from(code).ok().and_then(|code| numbers.get(code)).copied();
        decision.codes().iter().map(|code| of(code).unwrap_or(Self::MISSING)).collect()
    }
}

/// Champion and challenger, or whichever two are compared: scores and classes of all rows of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides<'a> {
    pub(super) classes: &'a Classes,
    pub(super) champion_class: &'a [u32],
    pub(super) challenger_class: &'a [u32],
    pub(super) champion_score: &'a [f64],
    pub(super) challenger_score: &'a [f64],
}
