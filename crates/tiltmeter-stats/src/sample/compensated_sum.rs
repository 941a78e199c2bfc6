//! Sums of numbers that may cancel.

/// A sum in which what each addition rounds off is summed too: as right as if it had been computed with twice the digits.
///
/// Sum2 of Ogita, Rump & Oishi, *SIAM Journal on Scientific Computing* 26 (2005), 1955–1988.
#[derive(Clone, Copy, Default)]
pub(crate) struct CompensatedSum {
    rounded: f64,
    lost: f64,
}

impl CompensatedSum {
    #[inline]
    pub(crate) fn add(&mut self, number: f64) {
        let sum = self.rounded + number;
        let added = sum - self.rounded;
        self.lost += (self.rounded - (sum - added)) + (number - added);
        self.rounded = sum;
    }

    pub(crate) fn value(self) -> f64 {
        self.rounded + self.lost
    }
}

impl std::iter::Sum<f64> for CompensatedSum {
    fn sum<I: Iterator<Item = f64>>(numbers: I) -> Self {
        let mut sum = Self::default();
        numbers.for_each(|number| sum.add(number));
        sum
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests {
    use super::*;

    #[test]
    fn what_cancels_leaves_the_rest() {
        let sum: CompensatedSum = [1.0, 1e16, 0.25, -1e16, 0.25].into_iter().sum();
        assert_eq!(sum.value(), 1.5);
    }
}
