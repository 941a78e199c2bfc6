//! A lower bound of the mean of what is never negative, by betting that the mean is larger.

/// No bet is larger: half of what would risk everything.
const LARGEST_BET: f64 = 0.5;

/// The sums of which the bound is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bets {
    log_threshold: f64,
    /// t, and Σz.
    count: f64,
    sum: f64,
    /// Σ(z − μ̂)², for the size of the bets.
    squares: f64,
    /// Σλ, Σλz and Σvψ(λ).
    bets: f64,
    gains: f64,
    costs: f64,
    /// The largest bound so far.
    bound: f64,
}

impl Bets {
    pub(super) fn new(alpha: f64) -> Self {
        let log_threshold = -alpha.ln();
        Self {
            log_threshold,
            count: 0.0,
            sum: 0.0,
            squares: 0.0,
            bets: 0.0,
            gains: 0.0,
            costs: 0.0,
            bound: 0.0,
        }
    }

    /// The next value, from 0; its mean given the past is at most 1.
    pub(super) fn add(&mut self, value: f64) {
        let (bet, centre) = (self.bet(), self.centre());
        self.bets += bet;
        self.gains += bet * value;
        self.costs += (value - centre).powi(2) * cost(bet);
        self.count += 1.0;
        self.sum += value;
        self.squares += (value - self.centre()).powi(2);
        self.bound = self.bound.max(self.present_bound());
    }

    pub(super) fn bound(&self) -> f64 {
        self.bound.min(1.0)
    }

    pub(super) fn mean(&self) -> f64 {
        if self.count > 0.0 { self.sum / self.count } else { 0.0 }
    }

    /// The evidence that the mean is above `value`.
    pub(super) fn e_value(&self, value: f64) -> f64 {
        // an infinite value is no evidence either way before the first bet
        if self.bets > 0.0 { (self.gains - self.bets * value - self.costs).exp() } else { 1.0 }
    }

    /// How many values it takes until the bound is above `value`, these among them, when the others are like them.
    pub(super) fn count_to_exceed(&self, value: f64) -> Option<f64> {
        const MOST: f64 = 1e12;
        let mean = self.mean();
        if self.count <= 0.0 {
            return None;
        }
        if self.bound > value {
            return Some(self.count);
        }
        if mean <= value {
            return None;
        }
        let variance = self.squares / self.count;
        let mut ahead = *self;
        while ahead.count < MOST {
            // steps of one in 64: what the bets change within is far below what the future is uncertain by
            let step = (ahead.count / 64.0).floor().max(1.0);
            let bet = ahead.bet();
            ahead.bets += step * bet;
            ahead.gains += step * bet * mean;
            ahead.costs += step * variance * cost(bet);
            ahead.count += step;
            ahead.sum += step * mean;
            ahead.squares += step * variance;
            if ahead.present_bound() > value {
                return Some(ahead.count);
            }
        }
        None
    }

    fn present_bound(&self) -> f64 {
        (self.gains - self.costs - self.log_threshold) / self.bets
    }

    /// μ̂ of the values so far, drawn to ½.
    fn centre(&self) -> f64 {
        ((0.5 + self.sum) / (self.count + 1.0)).min(1.0)
    }

    /// λ of the next value.
    fn bet(&self) -> f64 {
        let variance = (0.25 + self.squares) / (self.count + 1.0);
        let next = self.count + 1.0;
        (2.0 * self.log_threshold / (variance * next * next.ln_1p())).sqrt().min(LARGEST_BET)
    }
}

/// ψ(λ) = −ln(1 − λ) − λ.
fn cost(bet: f64) -> f64 {
    -(-bet).ln_1p() - bet
}
