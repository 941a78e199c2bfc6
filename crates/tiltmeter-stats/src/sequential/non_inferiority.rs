//! Whether a challenger is not worse than the champion, looked at every day.

use super::bounds::SequentialBounds;
use crate::error::{Error, Result, Undefined};

/// What bounds say of a margin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NonInferiorityDecision {
    /// The lower bound is above −margin: not worse than by the margin.
    NonInferior,
    /// The upper bound is below −margin: worse by more than the margin.
    Inferior,
    /// Neither yet.
    Undecided,
}

/// The test of non-inferiority by looks that one takes as often as one likes: is the difference, challenger minus
/// champion and greater is better, above −margin?
///
/// ```text
/// lower bound > −margin: non-inferior        upper bound < −margin: inferior        else: undecided, look again
/// ```
///
/// With bounds of the one-sided error α ([`SequentialBounds`]) there are two errors, at most α each *over all looks
/// together*: to call a challenger non-inferior that is worse by the margin or more, and to call one inferior that is
/// not. Only one of them is possible of one challenger, so the verdict as a whole is wrong with a probability of at
/// most α; a difference of exactly −margin (two equal models and a margin of 0 among them) is the one case where both
/// verdicts are wrong, and it is 2α. The first decision counts: looks
/// after it are no longer covered by a promise that the decision stays the same.
///
/// For a difference of losses, where less is better, give champion minus challenger. The margin is how much worse is
/// still good enough: it is chosen beforehand, for what it costs, not by what the rows can show. With a margin of 0 a
/// challenger that is equal is hardly ever decided, however long it runs, and then wrongly.
///
/// **Not** for plain confidence intervals: looked at daily for two months, plain 90 % intervals are wrong at least once in
/// half of the cases.
///
/// Two models with correlated scores and an AUC of 0.81, one in five rows positive, labels four days late on average,
/// DeLong's difference looked at daily, α = 0.05; the shares of sequences with either verdict, and the median day of it:
///
/// | second model | rows a day, days | margin | non-inferior | inferior | day | sequences |
/// |---|---|---|---|---|---|---|
/// | equal | 100, 42 | 0.01 | 55.2 % | 0.02 % | 24 | 10 000 |
/// | equal | 100, 42 | 0 | 1.8 % | 1.5 % | | 10 000 |
/// | 1 point worse | 100, 42 | 0.01 | 1.6 % | 1.6 % | | 10 000 |
/// | equal | 500, 56 | 0.01 | 100 % | 0 | 12 | 1 000 |
/// | 1 point worse | 500, 56 | 0 | 0 | 100 % | 16 | 1 000 |
/// | 1 point worse | 500, 56 | 0.005 | 0 | 61.9 % | 31 | 1 000 |
///
/// How long it takes: [`AsymptoticConfidenceSequence::size_to_exclude`](crate::AsymptoticConfidenceSequence::size_to_exclude)
/// and [`BoundedMean::size_to_exclude`](crate::BoundedMean::size_to_exclude), of −margin.
///
/// Johari, Koomen, Pekelis & Walsh, *Operations Research* 70 (2022), 1806–1821, for tests that may be looked at always;
/// Piaggio et al., *JAMA* 308 (2012), 2594–2604, for non-inferiority.
///
/// ```
/// use tiltmeter_stats::{AsymptoticConfidenceSequence, Look, NonInferiority, NonInferiorityDecision};
///
/// let sequence = AsymptoticConfidenceSequence::new(0.05, 5_000.0)?;
/// let days = [(0.004, 0.0053, 2_000.0), (0.001, 0.0026, 8_000.0), (0.002, 0.0019, 15_000.0)];
/// let mut looks = Vec::new();
/// for (difference, standard_error, labels) in days {
///     looks.push(sequence.bounds(&Look::new(difference, standard_error, labels)?)?);
/// }
/// let test = NonInferiority::new(0.005)?.over(looks)?;
/// assert_eq!((test.decision, test.decided_at), (NonInferiorityDecision::NonInferior, Some(2)));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NonInferiority {
    margin: f64,
}

/// What has come of the looks so far. See [`NonInferiority::over`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct NonInferiorityTest {
    /// The first decision; undecided when there was none.
    pub decision: NonInferiorityDecision,
    /// The look that decided, from 0.
    pub decided_at: Option<usize>,
    /// How many looks there were, at least one.
    pub looks: usize,
    /// The last look, with the closest bounds of all looks (the running intersection).
    pub bounds: SequentialBounds,
}

impl NonInferiority {
    /// A test with this margin, in the unit of the difference.
    ///
    /// # Errors
    /// Invalid when the margin is not a finite number from 0.
    pub fn new(margin: f64) -> Result<Self> {
        if !(0.0..f64::INFINITY).contains(&margin) {
            return Err(Error::invalid(format!("the margin is {margin}, allowed: finite numbers from 0")));
        }
        Ok(Self { margin })
    }

    /// How much worse is still good enough.
    #[must_use]
    pub fn margin(&self) -> f64 {
        self.margin
    }

    /// What one look says. Bounds that contradict each other decide nothing.
    #[must_use]
    pub fn decide(&self, bounds: &SequentialBounds) -> NonInferiorityDecision {
        match (bounds.lower > -self.margin, bounds.upper < -self.margin) {
            (true, false) => NonInferiorityDecision::NonInferior,
            (false, true) => NonInferiorityDecision::Inferior,
            (true, true) | (false, false) => NonInferiorityDecision::Undecided,
        }
    }

    /// What all looks say so far, in their order, all of the same sequence: the first that decides has decided.
    ///
    /// # Errors
    /// Undefined without looks ([`Empty`](Undefined::Empty)).
    pub fn over(&self, looks: impl IntoIterator<Item = SequentialBounds>) -> Result<NonInferiorityTest> {
        let mut test: Option<NonInferiorityTest> = None;
        for (place, look) in looks.into_iter().enumerate() {
            let bounds = test.map_or(look, |earlier| look.within(&earlier.bounds));
            let first = test.filter(|earlier| earlier.decided_at.is_some());
            let (decision, decided_at) = first.map_or_else(
                || match self.decide(&bounds) {
                    NonInferiorityDecision::Undecided => (NonInferiorityDecision::Undecided, None),
                    decision => (decision, Some(place)),
                },
                |earlier| (earlier.decision, earlier.decided_at),
            );
            test = Some(NonInferiorityTest { decision, decided_at, looks: place + 1, bounds });
        }
        test.ok_or_else(|| Undefined::Empty.into())
    }
}
