//! Which of a row of arrivals is late enough, without looking at each.

use std::ops::Range;

/// The arrivals of a list of events as a tree of maxima: the nearest one that is late enough is found in logarithmic time.
#[derive(Debug)]
pub(super) struct Arrivals {
    /// The root at 1, the children of `n` at `2n` and `2n + 1`, the arrivals from `leaves` on.
    tree: Vec<i64>,
    leaves: usize,
}

impl Arrivals {
    pub(super) fn of(arrivals: impl ExactSizeIterator<Item = i64>) -> Self {
        let leaves = arrivals.len().next_power_of_two();
        let mut tree = vec![i64::MIN; 2 * leaves];
        for (leaf, arrival) in tree[leaves..].iter_mut().zip(arrivals) {
            *leaf = arrival;
        }
        for node in (1..leaves).rev() {
            tree[node] = tree[2 * node].max(tree[2 * node + 1]);
        }
        Self { tree, leaves }
    }

    /// The first place in `places` whose arrival is `time` or later.
    pub(super) fn first(&self, places: Range<usize>, time: i64) -> Option<usize> {
        self.search(1, 0..self.leaves, &places, time, [0, 1])
    }

    /// The last such place.
    pub(super) fn last(&self, places: Range<usize>, time: i64) -> Option<usize> {
        self.search(1, 0..self.leaves, &places, time, [1, 0])
    }

    /// Below a node that covers `covered`; of its two children the one of `order[0]` first.
    fn search(
        &self,
        node: usize,
        covered: Range<usize>,
        places: &Range<usize>,
        time: i64,
        order: [usize; 2],
    ) -> Option<usize> {
        let apart = covered.end <= places.start || places.end <= covered.start;
        if apart || self.tree[node] < time {
            return None;
        }
        if node >= self.leaves {
            return Some(covered.start);
        }
        let middle = usize::midpoint(covered.start, covered.end);
        let halves = [covered.start..middle, middle..covered.end];
        order
            .into_iter()
            .find_map(|child| self.search(2 * node + child, halves[child].clone(), places, time, order))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_finds_what_a_walk_finds(
            arrivals in prop::collection::vec(0..20_i64, 0..40),
            start in 0..45_usize,
            len in 0..45_usize,
            time in 0..21_i64,
        ) {
            let tree = Arrivals::of(arrivals.iter().copied());
            let places = start..start + len;
            let late = |place: &usize| arrivals.get(*place).is_some_and(|arrival| *arrival >= time);
            prop_assert_eq!(tree.first(places.clone(), time), places.clone().find(late));
            prop_assert_eq!(tree.last(places.clone(), time), places.rev().find(late));
        }
    }
}
