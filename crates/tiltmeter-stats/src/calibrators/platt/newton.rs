//! Newton's method for a logistic curve, with the steps halved until they help (Lin, Lin & Weng 2007, algorithm 1).

const MOST_STEPS: usize = 100;
/// Steps are halved down to this.
const SHORTEST: f64 = 1e-10;
/// Steps are done when they are this small beside the line itself.
const NEAR: f64 = 1e-13;

/// Scores within −1 and 1, weights that sum to 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) score: f64,
    pub(super) target: f64,
    pub(super) weight: f64,
}

/// The log-odds against a positive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) slope: f64,
    pub(super) intercept: f64,
}

impl Line {
    fn at(&self, score: f64) -> f64 {
        self.slope * score + self.intercept
    }

    /// The mean cross-entropy between targets and the curve.
    fn loss(&self, rows: &[Row]) -> f64 {
        let loss = |row: &Row| {
            let against = self.at(row.score);
            // ln(1 + exp(−|f|)) has no exponential that overflows
            let target = if against >= 0.0 { row.target } else { row.target - 1.0 };
            row.weight * (target * against + (-against.abs()).exp().ln_1p())
        };
        rows.iter().map(loss).sum()
    }

    fn moved(&self, by: &Self, share: f64) -> Self {
        Self { slope: self.slope + share * by.slope, intercept: self.intercept + share * by.intercept }
    }
}

/// The line of least loss; it exists, and is the only one, when the scores are not all the same.
pub(super) fn fit(rows: &[Row]) -> Line {
    let rate: f64 = rows.iter().map(|row| row.weight * row.target).sum();
    let mut line = Line { slope: 0.0, intercept: ((1.0 - rate) / rate).ln() };
    let mut loss = line.loss(rows);
    for _ in 0..MOST_STEPS {
        let (step, descent) = step(&line, rows);
        let Some((moved, less)) = search(&line, &step, descent, loss, rows) else { break };
        let size = (moved.slope - line.slope).abs() + (moved.intercept - line.intercept).abs();
        (line, loss) = (moved, less);
        if size <= NEAR * (1.0 + line.slope.abs() + line.intercept.abs()) {
            break;
        }
    }
    line
}

/// Newton's step, and by how much the loss falls along it at first.
fn step(line: &Line, rows: &[Row]) -> (Line, f64) {
    let (mut gradient, mut curvature) = ([0.0; 2], [0.0; 3]);
    for row in rows {
        let against = line.at(row.score);
        let small = (-against.abs()).exp();
        let positive = if against >= 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) };
        let missed = row.weight * (row.target - positive);
        let bend = row.weight * (small / ((1.0 + small) * (1.0 + small)));
        gradient[0] += row.score * missed;
        gradient[1] += missed;
        curvature[0] += row.score * row.score * bend;
        curvature[1] += row.score * bend;
        curvature[2] += bend;
    }
    // keeps the matrix positive definite where rounding would not
    let ridge = 1e-15 * (curvature[0] + curvature[2]) + f64::MIN_POSITIVE;
    let [a, b, c] = [curvature[0] + ridge, curvature[1], curvature[2] + ridge];
    let determinant = a * c - b * b;
    let step = Line {
        slope: (b * gradient[1] - c * gradient[0]) / determinant,
        intercept: (b * gradient[0] - a * gradient[1]) / determinant,
    };
    (step, gradient[0] * step.slope + gradient[1] * step.intercept)
}

/// The longest of the step, its half, its quarter …, that lowers the loss enough; `None` when none does.
fn search(line: &Line, step: &Line, descent: f64, loss: f64, rows: &[Row]) -> Option<(Line, f64)> {
    let mut share = 1.0;
    while share >= SHORTEST {
        let moved = line.moved(step, share);
        let less = moved.loss(rows);
        // at the bottom the loss changes by less than it is rounded by
        if less <= loss + 1e-4 * share * descent + 4.0 * f64::EPSILON * loss {
            return Some((moved, less));
        }
        share /= 2.0;
    }
    None
}
