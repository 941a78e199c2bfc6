//! Counts of values in very many cells, in place of sorting them.

#[cfg(test)]
mod tests;

/// Cells on either side of the centre, as a power of two: 65 536 in all, whose counts fit into a second-level cache.
const SIDE_BITS: u32 = 15;
const SIDE: u64 = 1 << SIDE_BITS;

/// How many values the map is fitted to.
const FITTED: usize = 1_024;

/// The bits of a fraction of a number.
const FRACTION_BITS: u32 = 52;

/// A map of all numbers to cells that never descends: what is in a lower cell is less than what is in a higher one.
///
/// About the centre cells are equally wide, and beyond one scale their width doubles with each doubling of the
/// distance: log₂(1 + |x − centre| / scale), whose whole part and fraction are the exponent and the fraction of a
/// floating-point number, so that no logarithm is taken. Smooth samples have some 10⁻⁴ of
/// their values in a cell, very skewed ones up to 1 %; that only makes what uses it fast. It is right for any values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    centre: f64,
    per_scale: f64,
    /// How many bits of a fraction do not count, above the centre and below it.
    shift: [u32; 2],
}

impl Spread {
    pub(crate) const CELLS: usize = 2 << SIDE_BITS;

    /// Fitted to every so-manieth of the values, none of which is NaN; `None` when their middle is not finite.
    pub(crate) fn fitted_to(values: &[f64]) -> Option<Self> {
        let step = (values.len() / FITTED).max(1);
        let mut some: Vec<f64> = values.iter().step_by(step).copied().collect();
        let centre = middle(&mut some)?;
        if !centre.is_finite() {
            return None;
        }
        let distance = |value: &f64| (value - centre).abs();
        let mut distances: Vec<f64> = some.iter().map(distance).collect();
        let typical = middle(&mut distances)?;
        let farthest = |is_above: bool| {
            let on_side = some.iter().filter(move |value| (**value > centre) == is_above);
            on_side.map(distance).filter(|distance| distance.is_finite()).fold(0.0, f64::max)
        };
        let farthest = [farthest(true), farthest(false)];
        // of infinite ones nothing is a part
        let scale = if typical > 0.0 && typical.is_finite() { typical } else { farthest[0].max(farthest[1]) };
        // not ∞, whose product with 0 is no number
        let per_scale = if scale > 0.0 { (1.0 / scale).min(f64::MAX) } else { 1.0 };
        let shift = farthest.map(|distance| {
            let octaves = (1.0 + distance * per_scale).log2().clamp(1.0, 1_024.0).ceil();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is from 1 to 1024"
            )]
            let octave_bits = (octaves as u32).next_power_of_two().ilog2();
            FRACTION_BITS - (SIDE_BITS - octave_bits)
        });
        Some(Self { centre, per_scale, shift })
    }

    /// The cell of a value that is not NaN.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a cell is less than 2^16")]
    pub(crate) fn cell(&self, value: f64) -> usize {
        // + 0, so that −0 is where 0 is
        let place = (value - self.centre) * self.per_scale + 0.0;
        // without a branch, since the sign of every other value is a surprise
        let is_below = place.to_bits() >> 63;
        let beyond = (1.0 + place.abs()).to_bits() - 1.0_f64.to_bits();
        let beyond = (beyond >> self.shift[is_below as usize]).min(SIDE - 1);
        // −1 − beyond where it is below
        SIDE.wrapping_add(beyond ^ 0_u64.wrapping_sub(is_below)) as usize
    }

    /// How many values are in each cell. At most `u32::MAX` values.
    pub(crate) fn count(&self, values: &[f64]) -> Vec<u32> {
        let mut counts = vec![0; Self::CELLS];
        for &value in values {
            counts[self.cell(value)] += 1;
        }
        counts
    }
}

fn middle(values: &mut [f64]) -> Option<f64> {
    let half = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(half, f64::total_cmp).1)
}
