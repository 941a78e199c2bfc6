//! A stretch of one sample, in order.

/// Values that ascend, and among them one that occurs so often that it is counted, not listed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch<'a> {
    listed: &'a [f64],
    counted: f64,
    count: usize,
}

impl<'a> Stretch<'a> {
    pub(super) fn new(listed: &'a [f64], counted: f64, count: usize) -> Self {
        Self { listed, counted, count }
    }

    pub(super) fn len(self) -> usize {
        self.listed.len() + self.count
    }

    /// The least value.
    fn next(self) -> Option<f64> {
        let counted = (self.count > 0).then_some(self.counted);
        match (self.listed.first().copied(), counted) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// Takes the values up to one away, and tells how many they were.
    fn take_up_to(&mut self, value: f64) -> usize {
        let listed = self.listed.iter().take_while(|&&other| other <= value).count();
        self.listed = &self.listed[listed..];
        let counted = if self.counted <= value { std::mem::take(&mut self.count) } else { 0 };
        listed + counted
    }
}

/// The next value of either, and how many of both are as large.
pub(super) fn step(f: &mut Stretch<'_>, g: &mut Stretch<'_>) -> Option<[usize; 2]> {
    let value = f.next()?.min(g.next()?);
    Some([f.take_up_to(value), g.take_up_to(value)])
}
