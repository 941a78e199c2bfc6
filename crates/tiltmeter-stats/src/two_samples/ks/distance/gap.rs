//! How far one distribution function rises above another, and falls below it.

/// sup (F − G) and sup (G − F) so far, both from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in super::super) struct Gap {
    /// F is nowhere higher above G.
    pub(in super::super) above: f64,
    /// F is nowhere lower below G.
    pub(in super::super) below: f64,
}

impl Gap {
    /// Both functions have a value at one place more.
    #[inline]
    pub(super) fn widen(&mut self, f: f64, g: f64) {
        let difference = f - g;
        self.above = self.above.max(difference);
        self.below = self.below.max(-difference);
    }

    /// sup |F − G|.
    pub(in super::super) fn largest(self) -> f64 {
        self.above.max(self.below)
    }
}
