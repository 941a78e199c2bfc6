//! The cells in which pairs stand for requests without one.

use std::collections::HashMap;

use tiltmeter_record::columns::PairColumns;

use crate::shadow::rows::Weighted;

/// The cell of each row: its segments and its stratum.
pub(in crate::shadow) struct Cells {
    /// By row.
    cell: Vec<usize>,
    /// By cell.
    stratum: Vec<usize>,
    strata: usize,
}

/// What the weights of respondents became.
pub(in crate::shadow) struct Adjusted {
    /// The respondents that stand for others, with the weight that they have now.
    pub(in crate::shadow) rows: Vec<Weighted>,
    pub(in crate::shadow) cells: u64,
    pub(in crate::shadow) pooled: u64,
    pub(in crate::shadow) largest_factor: Option<f64>,
    /// By stratum: requests that no respondent represents, and their weight.
    pub(in crate::shadow) unrepresented: Vec<(u64, f64)>,
}

/// Sums over a cell.
#[derive(Clone, Copy, Default)]
pub(in crate::shadow) struct Sums {
    chosen: u64,
    chosen_weight: f64,
    respondents: u64,
    respondent_weight: f64,
}

impl Sums {
    pub(in crate::shadow) fn add_row(&mut self, weight: f64, responded: bool) {
        self.chosen += 1;
        self.chosen_weight += weight;
        if responded {
            self.respondents += 1;
            self.respondent_weight += weight;
        }
    }

    fn add(&mut self, other: Self) {
        self.chosen += other.chosen;
        self.chosen_weight += other.chosen_weight;
        self.respondents += other.respondents;
        self.respondent_weight += other.respondent_weight;
    }

    fn factor(&self) -> Option<f64> {
        (self.respondents > 0).then(|| self.chosen_weight / self.respondent_weight)
    }
}

/// By cell: for how many rows like itself a respondent stands; `None` where there is none. `stratum` is by cell, below
/// `strata`.
///
/// Respondents stand for those of their cell, those of the small cells of a stratum for these together, or, where even
/// they are fewer than `fewest` (at least one), all of the stratum.
pub(in crate::shadow) fn factors(
    sums: &[Sums],
    stratum: &[usize],
    strata: usize,
    fewest: u64,
) -> Vec<Option<f64>> {
    let fewest = fewest.max(1);
    let (mut pools, mut wholes) = (vec![Sums::default(); strata], vec![Sums::default(); strata]);
    for (sums, &stratum) in sums.iter().zip(stratum).filter(|(sums, _)| sums.chosen > 0) {
        wholes[stratum].add(*sums);
        if sums.respondents < fewest {
            pools[stratum].add(*sums);
        }
    }
    let too_few = |pool: &Sums| pool.chosen > 0 && pool.respondents < fewest;
    let factor = |(sums, &stratum): (&Sums, &usize)| {
        let (pool, whole) = (&pools[stratum], &wholes[stratum]);
        let own = match (sums.respondents < fewest, too_few(pool)) {
            (false, _) => sums.factor(),
            (true, false) => pool.factor(),
            (true, true) => Some(1.0),
        };
        // what a pool of few does not stand for itself, all of the stratum stands for
        let stood_for = whole.chosen_weight - pool.chosen_weight + pool.respondent_weight;
        let rest = if too_few(pool) { whole.chosen_weight / stood_for } else { 1.0 };
        own.map(|own| own * rest).filter(|factor| factor.is_finite())
    };
    sums.iter().zip(stratum).map(factor).collect()
}

impl Cells {
    /// `stratum` is by row, below `strata`.
    pub(in crate::shadow) fn of(pairs: &PairColumns, stratum: &[usize], strata: usize) -> Self {
        // column after column: what was one cell is as many as it has values
        let mut cell = stratum.to_vec();
        let mut of_cell: Vec<usize> = (0..strata).collect();
        for segment in &pairs.requests().segments {
            let mut numbers: HashMap<(usize, u32), usize> = HashMap::new();
            let mut stratum_of = Vec::new();
            for (cell, &code) in cell.iter_mut().zip(segment.values.codes()) {
                *cell = *numbers.entry((*cell, code)).or_insert_with(|| {
                    stratum_of.push(of_cell[*cell]);
                    stratum_of.len() - 1
                });
            }
            of_cell = stratum_of;
        }
        Self { cell, stratum: of_cell, strata }
    }

    /// The cell of each row, from 0 and without holes.
    pub(in crate::shadow) fn of_row(&self) -> &[usize] {
        &self.cell
    }

    /// Lets the respondents among the chosen rows stand for all of them; see [`factors`].
    pub(in crate::shadow) fn adjust(
        &self,
        chosen: &[Weighted],
        responded: impl Fn(usize) -> bool,
        fewest: u64,
    ) -> Adjusted {
        let mut sums = vec![Sums::default(); self.stratum.len()];
        for &Weighted { row, weight } in chosen {
            sums[self.cell[row]].add_row(weight, responded(row));
        }
        let seen = sums.iter().filter(|sums| sums.chosen > 0).count();
        let alone = sums.iter().filter(|sums| sums.respondents >= fewest.max(1)).count();
        let mut wholes = vec![Sums::default(); self.strata];
        sums.iter().zip(&self.stratum).for_each(|(sums, &stratum)| wholes[stratum].add(*sums));
        let factors = factors(&sums, &self.stratum, self.strata, fewest);
        let respondents = chosen.iter().filter(|weighted| responded(weighted.row));
        let rows = respondents.filter_map(|&Weighted { row, weight }| {
            Some(Weighted { row, weight: weight * factors[self.cell[row]]? })
        });
        let unrepresented = wholes.iter().map(|whole| match whole.respondents {
            0 => (whole.chosen, whole.chosen_weight),
            _ => (0, 0.0),
        });
        Adjusted {
            rows: rows.collect(),
            cells: alone as u64,
            pooled: (seen - alone) as u64,
            largest_factor: factors.iter().flatten().copied().reduce(f64::max),
            unrepresented: unrepresented.collect(),
        }
    }
}
