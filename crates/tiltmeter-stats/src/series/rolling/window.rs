//! The mean and the spread of the last days.

/// Beyond it the squares of numbers may overflow.
const LARGEST: f64 = 1e150;

/// The mean of some numbers and the sum of squared distances from it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spread {
    count: usize,
    mean: f64,
    squares: f64,
}

impl Spread {
    /// Of one day; of none when it has no finite number.
    fn of(number: f64) -> Self {
        if number.abs() <= LARGEST { Self { count: 1, mean: number, squares: 0.0 } } else { Self::default() }
    }

    /// Of both (Chan, Golub & LeVeque).
    fn joined(self, other: Self) -> Self {
        if self.count == 0 || other.count == 0 {
            return if self.count == 0 { other } else { self };
        }
        let count = self.count + other.count;
        let (one, two) = (self.count as f64, other.count as f64);
        let distance = other.mean - self.mean;
        Self {
            count,
            mean: self.mean + distance * (two / (one + two)),
            squares: self.squares + other.squares + distance * distance * (one / (one + two) * two),
        }
    }

    pub(super) fn count(self) -> usize {
        self.count
    }

    pub(super) fn mean(self) -> f64 {
        self.mean
    }

    /// With ddof 1; of at least two numbers.
    pub(super) fn standard_deviation(self) -> f64 {
        (self.squares / (self.count as f64 - 1.0)).sqrt()
    }
}

/// A queue of days made of two stacks: the older days are kept with the spread of each and all after it, so that the
/// oldest can be forgotten without a subtraction.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// The oldest is the last.
    older: Vec<Spread>,
    newer: Vec<f64>,
    of_newer: Spread,
}

impl Window {
    pub(super) fn add(&mut self, number: f64) {
        self.newer.push(number);
        self.of_newer = self.of_newer.joined(Spread::of(number));
    }

    /// Each day is moved from one stack to the other once.
    pub(super) fn forget_oldest(&mut self) {
        if self.older.is_empty() {
            let mut later = Spread::default();
            for number in self.newer.drain(..).rev() {
                later = Spread::of(number).joined(later);
                self.older.push(later);
            }
            self.of_newer = Spread::default();
        }
        self.older.pop();
    }

    pub(super) fn spread(&self) -> Spread {
        self.older.last().copied().unwrap_or_default().joined(self.of_newer)
    }
}
