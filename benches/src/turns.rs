//! Contenders that take turns, so that what slows the machine slows all of them.
//!
//! For what computes on one thread and waits for nothing: measured is the CPU time of the thread. On an idle machine it is
//! the time that passes; on a busy one it leaves out what other programs took in between.

use std::fmt;
use std::hint::black_box;
use std::time::Duration;

use fastrand::Rng;

use crate::cpu::of_thread;

/// Something that is timed again and again.
pub struct Timed<'a> {
    /// What it is called in the tables.
    pub name: &'static str,
    turn: Box<dyn FnMut() -> Duration + 'a>,
}

impl fmt::Debug for Timed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timed").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<'a> Timed<'a> {
    /// A call that leaves its input as it was. What it returns is dropped untimed.
    pub fn new<T>(name: &'static str, mut call: impl FnMut() -> T + 'a) -> Self {
        Self::prepared(name, || (), move |()| call())
    }

    /// A call that takes an input of its own, which is made untimed.
    pub fn prepared<I, T>(
        name: &'static str,
        mut prepare: impl FnMut() -> I + 'a,
        mut call: impl FnMut(I) -> T + 'a,
    ) -> Self {
        let turn = Box::new(move || {
            let input = black_box(prepare());
            let start = of_thread();
            let output = black_box(call(input));
            let time = of_thread().saturating_sub(start);
            drop(output);
            time
        });
        Self { name, turn }
    }
}

/// The seconds of each contender, by round. In each round every contender has one turn, in random order; a round
/// before the first warms up.
#[must_use]
pub fn take_turns(contenders: &mut [Timed<'_>], rounds: usize, rng: &mut Rng) -> Vec<Vec<f64>> {
    let mut seconds = vec![Vec::with_capacity(rounds); contenders.len()];
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    for round in 0..rounds + 1 {
        rng.shuffle(&mut order);
        for &place in &order {
            let time = (contenders[place].turn)();
            if round > 0 {
                seconds[place].push(time.as_secs_f64());
            }
        }
    }
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_one_turn_in_each_round() {
        let (mut first, mut second) = (0, Vec::new());
        let mut contenders = [
            Timed::new("first", || first += 1),
            Timed::prepared(
                "second",
                || vec![2, 1],
                |mut input| {
                    input.sort_unstable();
                    second.push(input);
                },
            ),
        ];
        let seconds = take_turns(&mut contenders, 3, &mut Rng::with_seed(1));
        assert_eq!(seconds.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
        drop(contenders);
        assert_eq!((first, second), (4, vec![vec![1, 2]; 4]));
    }
}
