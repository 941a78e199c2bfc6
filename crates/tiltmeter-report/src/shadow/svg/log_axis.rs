//! A logarithmic axis of latencies.

use crate::figures;
use crate::scale::Scale;

/// Milliseconds from left to right, each decade as wide as the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogAxis {
    scale: Scale,
    ends: (f64, f64),
    length: f64,
}

/// The room that a value on the axis takes.
const LABEL: f64 = 46.0;

impl LogAxis {
    /// `low` and `high` are positive.
    pub(super) fn new((low, high): (f64, f64), range: (f64, f64)) -> Self {
        Self { scale: Scale::new((low.ln(), high.ln()), range), ends: (low, high), length: range.1 - range.0 }
    }

    /// Where a latency lies; what is outside of the axis lies at its end.
    pub(super) fn at(&self, ms: f64) -> f64 {
        self.scale.at(ms.max(f64::MIN_POSITIVE).ln())
    }

    pub(super) fn has(&self, ms: f64) -> bool {
        (self.ends.0..=self.ends.1).contains(&ms)
    }

    /// Round values: 1, 2 and 5 of each power of ten where there is room, else some powers.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let (low, high) = (self.ends.0.log10().floor(), self.ends.1.log10().ceil());
        let decade = self.length / (self.ends.1.log10() - self.ends.0.log10()).max(0.1);
        let factors: &[f64] = if decade >= 4.0 * LABEL { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let step = (LABEL / decade).ceil().max(1.0);
        let powers = std::iter::successors(Some(low), |power| Some(power + step));
        let ticks = powers
            .take_while(|power| *power <= high)
            .flat_map(|power| factors.iter().map(move |factor| factor * 10.0_f64.powf(power)));
        ticks.filter(|tick| self.has(*tick)).collect()
    }
}

/// `0.5`, `20`, `1,000`, `1e7`.
pub(super) fn tick_name(ms: f64) -> String {
    if !(1e-3..1e6).contains(&ms) {
        return format!("{ms:.0e}");
    }
    let decimals = if ms >= 0.995 {
        0
    } else if ms >= 0.0995 {
        1
    } else if ms >= 0.009_95 {
        2
    } else {
        3
    };
    match figures::fixed(ms, decimals).parse() {
        Ok(whole) => figures::count(whole),
        Err(_) => figures::fixed(ms, decimals),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(ends: (f64, f64), length: f64) -> Vec<String> {
        LogAxis::new(ends, (0.0, length)).ticks().into_iter().map(tick_name).collect()
    }

    #[test]
    fn ticks_are_round_and_have_room() {
        assert_eq!(names((0.585, 911.7), 890.0), ["1", "2", "5", "10", "20", "50", "100", "200", "500"]);
        assert_eq!(names((0.585, 911.7), 300.0), ["1", "10", "100"]);
        assert_eq!(names((0.04, 1500.0), 300.0), ["0.1", "1", "10", "100", "1,000"]);
        let vast = names((1e-3, f64::MAX), 300.0);
        assert!(vast.len() < 10 && vast.first().is_some_and(|tick| tick == "0.001"), "{vast:?}");
    }
}
