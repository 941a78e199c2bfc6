//! What was predicted against what was true, for any number of classes.

use std::collections::{BTreeMap, BTreeSet};

use super::average::Average;
use super::binary::ConfusionMatrix;
use super::cell::{Cell, Scale};
use crate::classification::cohen_kappa::CohenKappa;
use crate::error::{Error, Result, Undefined};
use crate::sample::{check_weights, scale_of};

/// What was predicted against what was true, for classes of any ordered type.
///
/// The classes are all labels that are the truth or the prediction of a row that counts. Each of them against the rest
/// is a [`ConfusionMatrix`], with precision, recall, F1, their intervals and so on.
///
/// **Where a class has no number, neither has the average.** A class that was never predicted has no precision, one
/// that does not occur no recall: then the macro average is undefined, and says which class it is. scikit-learn puts
/// 0 there by default, which makes the average fall when a rare class is absent from a window, or, with
/// `zero_division=nan`, averages the others, which makes it rise when a model gives up on a difficult class. Those who
/// want either take [`classes`](Self::classes), as below. F1 is defined for every class that is there.
///
/// Rates of weighted rows are those of repeated rows. Rows with weight 0 are left out. To build: O(n log p) time and
/// O(p) memory for n rows and p pairs of labels that occur; some 0.2 s for a million rows of ten classes. Each score
/// then O(p).
///
/// ```
/// use tiltmeter_stats::{Average, MulticlassConfusion};
///
/// let actual = ["cat", "cat", "cat", "dog", "dog", "fox"];
/// let predicted = ["cat", "cat", "dog", "dog", "cat", "dog"];
/// let confusion = MulticlassConfusion::of(&actual, &predicted)?;
/// assert_eq!(confusion.labels(), ["cat", "dog", "fox"]);
/// assert_eq!(confusion.accuracy()?, 0.5);
/// assert_eq!(format!("{:.4}", confusion.f1(Average::Macro)?), "0.3556");
/// assert_eq!(format!("{:.4}", confusion.cohen_kappa()?.value), "0.1429");
///
/// let error = confusion.precision(Average::Macro).unwrap_err();
/// assert_eq!(error.to_string(), "undefined, because class 2 was never predicted");
/// // the mean over the classes that were
/// let precisions: Vec<f64> = confusion.classes().filter_map(|(_, class)| class.precision().ok()).collect();
/// assert_eq!((precisions.len(), precisions.iter().sum::<f64>() / 2.0), (2, 0.5));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MulticlassConfusion<L> {
    /// Ascending.
    labels: Vec<L>,
    /// By the places of the label that is true and the one that was predicted; none is empty.
    cells: BTreeMap<(usize, usize), Cell>,
}

/// The weights of the table's margins, and of its diagonal, as shares of all.
struct Shares {
    actual: Vec<f64>,
    predicted: Vec<f64>,
    right: f64,
}

impl<L: Ord + Clone> MulticlassConfusion<L> {
    /// Of rows that count once each. No rows make an empty table.
    ///
    /// # Errors
    /// Invalid when the lengths differ.
    pub fn of(actual: &[L], predicted: &[L]) -> Result<Self> {
        let table = MulticlassConfusion::<&L>::new(actual, predicted, None)?;
        Ok(table.with_labels(L::clone))
    }

    /// Of rows with a weight each; see [`Sample`](crate::Sample) for what a weight is.
    ///
    /// # Errors
    /// Invalid when the lengths differ, or a weight is negative, NaN or infinite, or there are rows and all weights
    /// are 0.
    pub fn weighted(actual: &[L], predicted: &[L], weights: &[f64]) -> Result<Self> {
        check_weights(actual.len(), weights)?;
        let table = MulticlassConfusion::<&L>::new(actual, predicted, Some(weights))?;
        Ok(table.with_labels(L::clone))
    }
}

impl<'a, L: Ord> MulticlassConfusion<&'a L> {
    pub(in crate::classification) fn new(
        actual: &'a [L],
        predicted: &'a [L],
        weights: Option<&[f64]>,
    ) -> Result<Self> {
        if actual.len() != predicted.len() {
            let (labels, predictions) = (actual.len(), predicted.len());
            return Err(Error::invalid(format!("{labels} labels have {predictions} predictions")));
        }
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let scale = Scale::new(weights);
        // numbers in order of appearance, so that most of the work is with numbers and not with labels
        let mut numbers: BTreeMap<&L, usize> = BTreeMap::new();
        let mut pairs: BTreeMap<(usize, usize), Cell> = BTreeMap::new();
        for (row, (actual, predicted)) in actual.iter().zip(predicted).enumerate() {
            let weight = weight(row);
            if weight > 0.0 {
                let mut number = |label| {
                    let next = numbers.len();
                    *numbers.entry(label).or_insert(next)
                };
                let pair = (number(actual), number(predicted));
                scale.add(pairs.entry(pair).or_default(), weight);
            }
        }
        let mut places = vec![0; numbers.len()];
        numbers.values().enumerate().for_each(|(place, &number)| places[number] = place);
        let pairs = pairs.into_iter();
        let cells = pairs
            .map(|((actual, predicted), cell)| ((places[actual], places[predicted]), scale.finish(cell)));
        let (labels, cells) = (numbers.into_keys().collect(), cells.collect());
        Ok(Self { labels, cells })
    }

    fn with_labels<M>(self, own: impl Fn(&'a L) -> M) -> MulticlassConfusion<M> {
        MulticlassConfusion { labels: self.labels.into_iter().map(own).collect(), cells: self.cells }
    }
}

impl<L: Ord + Clone> MulticlassConfusion<L> {
    /// The table of the rows of both.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let labels: BTreeSet<&L> = self.labels.iter().chain(&other.labels).collect();
        let labels: Vec<L> = labels.into_iter().cloned().collect();
        let mut cells: BTreeMap<(usize, usize), Cell> = BTreeMap::new();
        for table in [self, other] {
            let places: Vec<usize> =
                table.labels.iter().map(|label| labels.partition_point(|other| other < label)).collect();
            for (&(actual, predicted), &cell) in &table.cells {
                let merged = cells.entry((places[actual], places[predicted])).or_default();
                *merged = merged.and(cell);
            }
        }
        Self { labels, cells }
    }
}

impl<L: Ord> MulticlassConfusion<L> {
    /// The classes, in ascending order; reasons for undefined numbers name them by their place here, from 0.
    #[must_use]
    pub fn labels(&self) -> &[L] {
        &self.labels
    }

    /// How many rows count, whatever their weights.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.all().rows
    }

    /// The weight of the rows of one class that were predicted to be of another, or of the same; 0 for unknown labels.
    #[must_use]
    pub fn weight(&self, actual: &L, predicted: &L) -> f64 {
        let place = |label| self.labels.binary_search(label).ok();
        let cell = place(actual).zip(place(predicted)).and_then(|places| self.cells.get(&places));
        cell.map_or(0.0, |cell| cell.weight)
    }

    /// Each class, and its matrix against all others.
    pub fn classes(&self) -> impl Iterator<Item = (&L, ConfusionMatrix)> {
        self.labels.iter().zip(self.against_rest())
    }

    /// The matrix of one class against all others; `None` when no row has the label. [`classes`](Self::classes) costs
    /// no more.
    #[must_use]
    pub fn class(&self, label: &L) -> Option<ConfusionMatrix> {
        self.against_rest().into_iter().nth(self.labels.binary_search(label).ok()?)
    }

    /// The share of rows that were predicted rightly.
    ///
    /// # Errors
    /// [`Undefined::Empty`].
    pub fn accuracy(&self) -> Result<f64> {
        Ok(self.shares()?.right.clamp(0.0, 1.0))
    }

    /// The mean of the recalls of the classes that occur: 1/k for predictions that know nothing of k classes.
    ///
    /// Classes that were only predicted are left out, as in scikit-learn.
    ///
    /// # Errors
    /// [`Undefined::OneClass`] when all rows are of one class, [`Undefined::Empty`].
    pub fn balanced_accuracy(&self) -> Result<f64> {
        self.shares()?;
        let recalls = self.against_rest().into_iter().filter_map(|class| class.recall().ok());
        let recalls: Vec<f64> = recalls.collect();
        if recalls.len() < 2 {
            return Err(Undefined::OneClass.into());
        }
        Ok((recalls.iter().sum::<f64>() / recalls.len() as f64).clamp(0.0, 1.0))
    }

    /// The precisions of the classes as one number.
    ///
    /// # Errors
    /// [`Undefined::ClassNeverPredicted`] unless micro; by weight only for a class that occurs. [`Undefined::Empty`].
    pub fn precision(&self, average: Average) -> Result<f64> {
        self.averaged(average, ConfusionMatrix::precision, Undefined::ClassNeverPredicted)
    }

    /// The recalls of the classes as one number; by weight it is the accuracy.
    ///
    /// # Errors
    /// [`Undefined::ClassAbsent`] for the macro average, when a class was only predicted. [`Undefined::Empty`].
    pub fn recall(&self, average: Average) -> Result<f64> {
        self.averaged(average, ConfusionMatrix::recall, Undefined::ClassAbsent)
    }

    /// The F1 of the classes as one number.
    ///
    /// # Errors
    /// [`Undefined::Empty`].
    pub fn f1(&self, average: Average) -> Result<f64> {
        self.averaged(average, ConfusionMatrix::f1, Undefined::ClassAbsent)
    }

    fn averaged(
        &self,
        average: Average,
        score: impl Fn(&ConfusionMatrix) -> Result<f64>,
        reason: impl Fn(usize) -> Undefined,
    ) -> Result<f64> {
        let shares = self.shares()?;
        if average == Average::Micro {
            return self.accuracy();
        }
        let (mut sum, mut weights) = (0.0, 0.0);
        for (place, class) in self.against_rest().iter().enumerate() {
            let weight = if average == Average::Macro { 1.0 } else { shares.actual[place] };
            if weight > 0.0 {
                sum += weight * score(class).map_err(|_| Error::from(reason(place)))?;
                weights += weight;
            }
        }
        Ok((sum / weights).clamp(0.0, 1.0))
    }

    /// Matthews' correlation coefficient for k classes, Gorodkin's R_k: at most 1, 0 for predictions that know nothing;
    /// for two classes [`ConfusionMatrix::mcc`].
    ///
    /// ```text
    /// R = (c − Σ_k p_k t_k) / sqrt((1 − Σ_k p_k²)(1 − Σ_k t_k²))
    /// ```
    ///
    /// with c the accuracy, and t_k and p_k the shares of rows that are of class k and were predicted to be. Gorodkin,
    /// *Computational Biology and Chemistry* 28 (2004), 367–374. Undefined where scikit-learn says 0.
    ///
    /// # Errors
    /// [`Undefined::OneClass`] when all rows are of one class, [`Undefined::OneCategory`] when all were predicted to be,
    /// [`Undefined::Empty`].
    pub fn mcc(&self) -> Result<f64> {
        let shares = self.shares()?;
        let spread = |shares: &[f64]| shares.iter().map(|share| share * (1.0 - share)).sum::<f64>();
        let classes = |shares: &[f64]| shares.iter().filter(|&&share| share > 0.0).count();
        let (actual, predicted) = (spread(&shares.actual), spread(&shares.predicted));
        if classes(&shares.actual) < 2 || actual <= 0.0 {
            return Err(Undefined::OneClass.into());
        }
        if classes(&shares.predicted) < 2 || predicted <= 0.0 {
            return Err(Undefined::OneCategory.into());
        }
        let covariance = shares.right - shares.by_chance();
        Ok((covariance / actual.sqrt() / predicted.sqrt()).clamp(-1.0, 1.0))
    }

    /// Cohen's kappa of what was predicted and what was true; see [`cohen_kappa`](crate::cohen_kappa).
    ///
    /// # Errors
    /// [`Undefined::OneCategory`] when all rows are of one class and were predicted to be, [`Undefined::Empty`].
    pub fn cohen_kappa(&self) -> Result<CohenKappa> {
        let shares = self.shares()?;
        let total = self.all();
        // each cell's weight and norm as shares of the whole
        let cells = self.cells.iter().map(|(&places, cell)| (places, cell.norm / total.weight));
        CohenKappa::new(&shares.actual, &shares.predicted, shares.right, cells, total)
    }

    fn all(&self) -> Cell {
        Cell::all(self.cells.values().copied())
    }

    fn shares(&self) -> Result<Shares> {
        if self.cells.is_empty() {
            return Err(Undefined::Empty.into());
        }
        let scale = scale_of(self.cells.values().map(|cell| cell.weight));
        let total: f64 = self.cells.values().map(|cell| cell.weight * scale).sum();
        let mut shares = Shares {
            actual: vec![0.0; self.labels.len()],
            predicted: vec![0.0; self.labels.len()],
            right: 0.0,
        };
        for (&(actual, predicted), cell) in &self.cells {
            let weight = cell.weight * scale;
            shares.actual[actual] += weight;
            shares.predicted[predicted] += weight;
            shares.right += if actual == predicted { weight } else { 0.0 };
        }
        shares.actual.iter_mut().chain(&mut shares.predicted).for_each(|share| *share /= total);
        shares.right /= total;
        Ok(shares)
    }

    fn against_rest(&self) -> Vec<ConfusionMatrix> {
        let mut matrices = vec![[Cell::default(); 4]; self.labels.len()];
        for (&(actual, predicted), &cell) in &self.cells {
            let mut add = |class: usize, place: usize| {
                matrices[class][place] = matrices[class][place].and(cell);
            };
            if actual == predicted {
                add(actual, 0);
            } else {
                add(predicted, 1);
                add(actual, 3);
            }
        }
        let all = self.all();
        let matrices = matrices.into_iter().map(|[tp, fp, _, fn_]| {
            ConfusionMatrix::from_cells([tp, fp, all.without(tp.and(fp).and(fn_)), fn_])
        });
        matrices.collect()
    }
}

impl Shares {
    /// How many would be right if predictions were dealt out at random.
    fn by_chance(&self) -> f64 {
        self.actual.iter().zip(&self.predicted).map(|(actual, predicted)| actual * predicted).sum()
    }
}
