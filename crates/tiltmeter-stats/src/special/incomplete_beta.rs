//! The incomplete beta function.

use super::stirling::binomial_probability;

/// At most so many levels, of which 90 are enough from one and a half standard deviations beyond the mean, and 170
/// closer to it, where the smaller parameter is at most 64. For larger ones their number grows with its square root.
const LEVELS: u32 = 1_000;

/// `I_x(a, b)` as a part of `x^a y^b / B(a, b)`, for x ≤ a / (a + b), y = 1 − x and `excess` = a y − b x, which are all
/// given, as a difference would lose their digits.
///
/// The continued fraction of Didonato & Morris, *ACM Transactions on Mathematical Software* 18 (1992), 360–373,
/// equation 9, which does not cancel where x is near 1; by the method of Lentz. a, b > 0. Bounded.
pub(crate) fn beta_fraction(a: f64, b: f64, [x, y]: [f64; 2], excess: f64) -> f64 {
    let numerator = |m: f64| {
        let step = a + 2.0 * m - 1.0;
        // by quotients, which neither overflow nor underflow
        ((a + m - 1.0) / step) * ((a + b + m - 1.0) / step) * (m * x) * ((b - m) * x)
    };
    let denominator = |m: f64| {
        let next = a + 2.0 * m + 1.0;
        let first = if m > 0.0 { m + m * x * ((b - m) / (a + 2.0 * m - 1.0)) } else { 0.0 };
        first + (a + m) / next * (excess + 1.0 + m * (1.0 + y))
    };
    let nonzero = |value: f64| if value.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { value };
    let mut value = nonzero(denominator(0.0));
    let (mut above, mut below) = (value, 0.0);
    for level in 1..LEVELS {
        let (over, under) = (numerator(f64::from(level)), denominator(f64::from(level)));
        below = 1.0 / nonzero(under + over * below);
        above = nonzero(under + over / above);
        let factor = above * below;
        value *= factor;
        if (factor - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    1.0 / value
}

/// `I_x(a, b)`, the distribution function of Beta(a, b): up to the mean right to 10⁻¹² of itself, as long as that is
/// above 10⁻³⁰⁰, and above the mean to 10⁻¹⁵; for a and b from ½ to 10¹⁵. Some 3 µs at most.
///
/// Not statrs's, which takes differences of logarithms of gamma functions and has lost all digits by 10⁸.
pub(crate) fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let shares = [x, 1.0 - x];
    let excess = excess(a, b, shares);
    if excess >= 0.0 {
        up_to_the_mean(a, b, shares, excess)
    } else {
        1.0 - up_to_the_mean(b, a, [1.0 - x, x], -excess)
    }
}

/// 1 − `I_x(a, b)`, which has these digits above the mean.
pub(crate) fn beta_sf(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x >= 1.0 {
        return 0.0;
    }
    let shares = [x, 1.0 - x];
    let excess = excess(a, b, shares);
    if excess < 0.0 {
        up_to_the_mean(b, a, [1.0 - x, x], -excess)
    } else {
        1.0 - up_to_the_mean(a, b, shares, excess)
    }
}

/// a y − b x, by the smaller of x and y, which has all its digits, and rounded once.
fn excess(a: f64, b: f64, [x, y]: [f64; 2]) -> f64 {
    if x <= y { (a + b).mul_add(-x, a) } else { (a + b).mul_add(y, -b) }
}

/// `I_x(a, b)` for `excess` ≥ 0: by the continued fraction where that is short, and elsewhere by an integral from there.
fn up_to_the_mean(a: f64, b: f64, shares: [f64; 2], excess: f64) -> f64 {
    /// So many standard deviations from the mean the continued fraction is short for parameters of any size.
    const FAR: f64 = 2.0;
    /// Up to this, of the smaller parameter, it is short everywhere.
    const SMALL: f64 = 64.0;
    let n = a + b;
    let far = FAR * (a / n * b).sqrt();
    let share = if excess >= far || a.min(b) < SMALL {
        power(a, b, shares, excess) * beta_fraction(a, b, shares, excess)
    } else {
        let shares = [(a - far) / n, (b + far) / n];
        // the density is nearly normal there
        let density = |excess: f64| {
            let [x, y] = [(a - excess) / n, (b + excess) / n];
            power(a, b, [x, y], excess) / (n * x * y)
        };
        power(a, b, shares, far) * beta_fraction(a, b, shares, far) + integral(density, excess, far)
    };
    share.clamp(0.0, 1.0)
}

/// x^a y^b / B(a, b).
fn power(a: f64, b: f64, [x, y]: [f64; 2], excess: f64) -> f64 {
    let n = a + b;
    a / n * b * binomial_probability([a, b], [n * x, n * y], -excess)
}

/// By Gauss and Legendre's rule of twelve points.
fn integral(function: impl Fn(f64) -> f64, from: f64, to: f64) -> f64 {
    const POINTS: [(f64, f64); 6] = [
        (0.125_233_408_511_468_9, 0.249_147_045_813_402_8),
        (0.367_831_498_998_180_2, 0.233_492_536_538_354_8),
        (0.587_317_954_286_617_4, 0.203_167_426_723_065_92),
        (0.769_902_674_194_304_7, 0.160_078_328_543_346_23),
        (0.904_117_256_370_474_9, 0.106_939_325_995_318_43),
        (0.981_560_634_246_719_3, 0.047_175_336_386_511_83),
    ];
    let (middle, half) = ((from + to) / 2.0, (to - from) / 2.0);
    let pairs =
        POINTS.map(|(at, weight)| weight * (function(middle - half * at) + function(middle + half * at)));
    half * pairs.iter().sum::<f64>()
}

#[cfg(test)]
mod tests;
