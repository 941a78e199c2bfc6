//! Distribution functions, and the area between two of them.

use crate::ecdf::Ecdf;
use crate::sorted::Sorted;

/// What has a distribution function, and at least one value.
pub(super) trait Distribution {
    /// The distinct values in ascending order, each with the share of values up to it.
    fn corners(&self) -> impl Iterator<Item = (f64, f64)> + '_;

    /// How many rows have a value and count.
    fn rows(&self) -> u64;

    /// Kish's effective size.
    fn size(&self) -> f64;

    /// How many rows have no value.
    fn without_value(&self) -> u64;

    /// The smallest and the largest value.
    fn range(&self) -> [f64; 2];

    /// Whether there is −∞, and whether there is +∞.
    fn infinite(&self) -> [bool; 2] {
        let [low, high] = self.range();
        [low == f64::NEG_INFINITY, high == f64::INFINITY]
    }

    /// ∫ `height`(F(x)) dx from the smallest to the largest value.
    fn integral(&self, height: impl Fn(f64) -> f64) -> f64 {
        let mut sum = 0.0;
        let mut corners = self.corners();
        let Some(mut last) = corners.next() else { return sum };
        for corner in corners {
            sum += area(height(last.1), last.0, corner.0);
            last = corner;
        }
        sum
    }
}

impl Distribution for Ecdf {
    fn corners(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.points()
    }

    fn rows(&self) -> u64 {
        self.count()
    }

    fn size(&self) -> f64 {
        self.effective_size()
    }

    fn without_value(&self) -> u64 {
        self.missing()
    }

    fn range(&self) -> [f64; 2] {
        [self.min(), self.max()]
    }
}

impl Distribution for Sorted<'_> {
    fn corners(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let size = self.size();
        let ties = self.values().chunk_by(|value, next| value >= next);
        ties.scan(0, move |up_to, equal| {
            *up_to += equal.len();
            Some((equal[0], *up_to as f64 / size))
        })
    }

    fn rows(&self) -> u64 {
        self.len() as u64
    }

    fn size(&self) -> f64 {
        self.len() as f64
    }

    fn without_value(&self) -> u64 {
        0
    }

    fn range(&self) -> [f64; 2] {
        let values = self.values();
        [values.first(), values.last()].map(|value| value.copied().unwrap_or(0.0))
    }
}

/// A value of two samples together, and the shares of both up to it.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) value: f64,
    pub(super) reference: f64,
    pub(super) current: f64,
}

/// The distinct values of both samples together, in ascending order. O(n + m).
pub(super) fn steps(
    reference: &impl Distribution,
    current: &impl Distribution,
) -> impl Iterator<Item = Step> {
    let (mut f_corners, mut g_corners) = (reference.corners().peekable(), current.corners().peekable());
    let (mut f, mut g) = (0.0, 0.0);
    std::iter::from_fn(move || {
        let next = [f_corners.peek(), g_corners.peek()].map(|corner| corner.map(|(value, _)| *value));
        let value = match next {
            [Some(one), Some(other)] => one.min(other),
            [one, other] => one.or(other)?,
        };
        if let Some((_, share)) = f_corners.next_if(|corner| corner.0 <= value) {
            f = share;
        }
        if let Some((_, share)) = g_corners.next_if(|corner| corner.0 <= value) {
            g = share;
        }
        Some(Step { value, reference: f, current: g })
    })
}

/// ∫ `height`(F(x) − G(x)) dx of two samples of finite values. O(n + m).
pub(super) fn area_between(
    reference: &impl Distribution,
    current: &impl Distribution,
    height: impl Fn(f64) -> f64,
) -> f64 {
    let mut sum = 0.0;
    let mut last: Option<Step> = None;
    for step in steps(reference, current) {
        if let Some(last) = last {
            sum += area(height(last.reference - last.current), last.value, step.value);
        }
        last = Some(step);
    }
    sum
}

fn area(height: f64, from: f64, to: f64) -> f64 {
    let width = to - from;
    // the width may overflow where the area does not
    if width.is_finite() || !(from.is_finite() && to.is_finite()) {
        if height > 0.0 { height * width } else { 0.0 }
    } else {
        height * to - height * from
    }
}
