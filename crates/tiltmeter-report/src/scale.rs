//! From values to places on a chart, and the round values that are written on its axis.

/// A linear scale.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    domain: (f64, f64),
    range: (f64, f64),
}

/// The round values on an axis, and with how many decimals they are written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ticks {
    pub(crate) values: Vec<f64>,
    pub(crate) decimals: usize,
}

/// No axis needs more.
const MAX_TICKS: usize = 20;

impl Scale {
    /// Maps `domain` onto `range`; a domain without length is widened around its value.
    pub(crate) fn new((low, high): (f64, f64), range: (f64, f64)) -> Self {
        let domain = match (low.is_finite() && high.is_finite(), high > low) {
            (true, true) => (low, high),
            (true, false) => (low - 0.5, low + 0.5),
            (false, _) => (0.0, 1.0),
        };
        Self { domain, range }
    }

    /// Where a value lies; what is outside of the domain lies at its edge.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let (low, high) = self.domain;
        let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
        let share = if share.is_nan() { 0.0 } else { share };
        self.range.0 + share * (self.range.1 - self.range.0)
    }

    /// Whether a value lies in the domain.
    pub(crate) fn has(&self, value: f64) -> bool {
        (self.domain.0..=self.domain.1).contains(&value)
    }

    /// About `wanted` round values within the domain.
    pub(crate) fn ticks(&self, wanted: u32) -> Ticks {
        let (low, high) = self.domain;
        let (step, decimals) = nice_step((high - low) / f64::from(wanted.max(1)));
        let first = (low / step - 1e-9).ceil();
        let values = (0..MAX_TICKS)
            .map(|index| (first + index as f64) * step)
            .take_while(|value| *value <= high + step * 1e-9)
            .collect();
        Ticks { values, decimals }
    }
}

/// The smallest domain of round ends that holds these values, with about `wanted` ticks.
pub(crate) fn nice_domain((low, high): (f64, f64), wanted: u32) -> (f64, f64) {
    if !(low.is_finite() && high.is_finite() && high > low) {
        return (low, high);
    }
    let (step, _) = nice_step((high - low) / f64::from(wanted.max(1)));
    ((low / step + 1e-9).floor() * step, (high / step - 1e-9).ceil() * step)
}

/// The one of 1, 2 and 5 times a power of ten that is not much smaller than `rough`, and the decimals that write its multiples.
fn nice_step(rough: f64) -> (f64, usize) {
    if !(rough.is_finite() && rough > 0.0) {
        return (1.0, 0);
    }
    let mut power = 1.0;
    let mut decimals: usize = 0;
    while rough < power && decimals < 12 {
        power /= 10.0;
        decimals += 1;
    }
    while rough >= power * 10.0 && power < 1e18 {
        power *= 10.0;
    }
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|factor| (factor * power, decimals))
        .find(|(step, _)| *step >= rough * 0.7)
        .unwrap_or((10.0 * power, decimals.saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        let ticks = Scale::new((0.861, 0.942), (0.0, 100.0)).ticks(4);
        assert_eq!(ticks.decimals, 2);
        let texts: Vec<String> = ticks.values.iter().map(|value| format!("{value:.2}")).collect();
        assert_eq!(texts, ["0.88", "0.90", "0.92", "0.94"]);
        assert_eq!(Scale::new((0.0, 1.0), (0.0, 1.0)).ticks(2).values, [0.0, 0.5, 1.0]);
    }

    #[test]
    fn odd_domains_do_no_harm() {
        for domain in [(0.9, 0.9), (f64::NAN, 1.0), (0.0, f64::INFINITY), (1.0, 0.0)] {
            let scale = Scale::new(domain, (10.0, 20.0));
            assert!((10.0..=20.0).contains(&scale.at(0.9)), "{domain:?}");
            assert!((10.0..=20.0).contains(&scale.at(f64::NAN)), "{domain:?}");
            assert!(scale.ticks(5).values.len() <= MAX_TICKS);
        }
    }

    #[test]
    fn a_nice_domain_holds_what_it_was_made_for() {
        let (low, high) = nice_domain((0.871, 0.934), 4);
        assert!(low <= 0.871 && high >= 0.934 && high - low < 0.13, "{low} {high}");
    }
}
