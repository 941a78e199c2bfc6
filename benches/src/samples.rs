//! Seeded values for the benchmarks of statistics: of several shapes, in columns, and as files.

use std::f64::consts::TAU;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;

/// What values are like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Standard normal.
    Normal,
    /// From 0 to 1.
    Uniform,
    /// The exponential of a normal variable with this standard deviation.
    Lognormal(f64),
    /// Whole numbers from 0 to before this one, all as frequent.
    Levels(u32),
    /// 0 in three of four rows, else uniform.
    MostlyZero,
    /// From 1 to 1 + 10⁻⁹, but one of a hundred thousand is 10³⁰⁰: a range that says nothing about the values.
    Outliers,
}

impl Shape {
    /// So many values.
    #[must_use]
    pub fn draws(self, rows: usize, rng: &mut Rng) -> Vec<f64> {
        (0..rows).map(|_| self.draw(rng)).collect()
    }

    fn draw(self, rng: &mut Rng) -> f64 {
        match self {
            Self::Normal => normal(rng),
            Self::Uniform => rng.f64(),
            Self::Lognormal(sigma) => (sigma * normal(rng)).exp(),
            Self::Levels(levels) => f64::from(rng.u32(0..levels)),
            Self::MostlyZero => (4.0 * rng.f64() - 3.0).max(0.0),
            Self::Outliers if rng.u32(0..100_000) == 0 => 1e300,
            Self::Outliers => 1.0 + 1e-9 * rng.f64(),
        }
    }
}

/// Box and Muller.
fn normal(rng: &mut Rng) -> f64 {
    // not of 0
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (TAU * rng.f64()).cos()
}

/// Scores of a calibrated classifier, and what turned out to be true: one in four, ROC AUC about 0.8.
#[must_use]
pub fn scored(rows: usize, rng: &mut Rng) -> (Vec<f64>, Vec<bool>) {
    let scores: Vec<f64> = (0..rows).map(|_| 1.0 / (1.0 + (1.5 - 1.4 * normal(rng)).exp())).collect();
    let labels = scores.iter().map(|&score| rng.f64() < score).collect();
    (scores, labels)
}

/// What the columns of a [`Log`] are like.
const COLUMNS: [Shape; 20] = [
    Shape::Normal,
    Shape::Uniform,
    Shape::Lognormal(1.0),
    Shape::Levels(100),
    Shape::MostlyZero,
    Shape::Normal,
    Shape::Normal,
    Shape::Lognormal(3.0),
    Shape::Levels(12),
    Shape::Uniform,
    Shape::Normal,
    Shape::Uniform,
    Shape::Lognormal(1.0),
    Shape::MostlyZero,
    Shape::Levels(1_000),
    Shape::Normal,
    Shape::Normal,
    Shape::Lognormal(0.5),
    Shape::Levels(2),
    Shape::Normal,
];

/// A reference and a current sample of the same columns, and what a classifier made of the current one.
///
/// In every fourth column one value in fifty is missing; every fifth has drifted by a tenth.
#[derive(Debug)]
pub struct Log {
    /// By column.
    pub reference: Vec<Vec<f64>>,
    /// By column.
    pub current: Vec<Vec<f64>>,
    /// By row of the current sample.
    pub scores: Vec<f64>,
    /// By row of the current sample.
    pub labels: Vec<bool>,
}

impl Log {
    /// So many rows of either sample.
    #[must_use]
    pub fn draw(rows: usize, rng: &mut Rng) -> Self {
        let mut column = |place: usize, shape: Shape, drift: f64| -> Vec<f64> {
            let mut values = shape.draws(rows, rng);
            for value in &mut values {
                *value += drift;
                if place % 4 == 3 && rng.u32(0..50) == 0 {
                    *value = f64::NAN;
                }
            }
            values
        };
        let shapes = || COLUMNS.into_iter().enumerate();
        let reference = shapes().map(|(place, shape)| column(place, shape, 0.0)).collect();
        let drift = |place: usize| if place % 5 == 4 { 0.1 } else { 0.0 };
        let current = shapes().map(|(place, shape)| column(place, shape, drift(place))).collect();
        let (scores, labels) = scored(rows, rng);
        Self { reference, current, scores, labels }
    }

    /// How many rows either sample has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.scores.len()
    }

    /// The columns, each of the reference and of the current sample.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (&[f64], &[f64])> {
        self.reference.iter().map(Vec::as_slice).zip(self.current.iter().map(Vec::as_slice))
    }

    /// Writes `reference_00.f64`, … `current_19.f64`, `scores.f64` and `labels.f64` (0 or 1): one number of eight bytes
    /// for each row, little-endian, and nothing else.
    ///
    /// # Errors
    /// When the folder or a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let write = |name: &str, values: &mut dyn Iterator<Item = f64>| -> Result<()> {
            let path = folder.join(name);
            let bytes: Vec<u8> = values.flat_map(f64::to_le_bytes).collect();
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
        };
        for (sample, columns) in [("reference", &self.reference), ("current", &self.current)] {
            for (place, column) in columns.iter().enumerate() {
                write(&file_name(sample, place), &mut column.iter().copied())?;
            }
        }
        write("scores.f64", &mut self.scores.iter().copied())?;
        write("labels.f64", &mut self.labels.iter().map(|&label| f64::from(u8::from(label))))
    }

    /// Reads what [`write`](Self::write) has written, or another program: any number of columns of the same names.
    ///
    /// # Errors
    /// When a file is missing or has another number of rows than the others.
    pub fn read(folder: &Path) -> Result<Self> {
        let read = |name: &str| -> Result<Vec<f64>> {
            let path = folder.join(name);
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let (numbers, rest) = bytes.as_chunks::<8>();
            ensure!(rest.is_empty(), "{} does not consist of numbers of eight bytes", path.display());
            Ok(numbers.iter().map(|&number| f64::from_le_bytes(number)).collect())
        };
        let columns = (0..).take_while(|&place| folder.join(file_name("reference", place)).exists()).count();
        ensure!(columns > 0, "there are no columns in {}", folder.display());
        let sample = |name: &str| -> Result<Vec<Vec<f64>>> {
            (0..columns).map(|place| read(&file_name(name, place))).collect()
        };
        let (reference, current) = (sample("reference")?, sample("current")?);
        let (scores, labels) = (read("scores.f64")?, read("labels.f64")?);
        let rows = scores.len();
        let all = reference.iter().chain(&current).chain([&labels]);
        ensure!(
            all.into_iter().all(|column| column.len() == rows),
            "the files differ in their number of rows"
        );
        Ok(Self { reference, current, scores, labels: labels.iter().map(|&label| label > 0.5).collect() })
    }
}

fn file_name(sample: &str, column: usize) -> String {
    format!("{sample}_{column:02}.f64")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::draw(200, &mut Rng::with_seed(3));
        log.write(folder.path()).unwrap();
        let read = Log::read(folder.path()).unwrap();
        let bits = |columns: &[Vec<f64>]| -> Vec<u64> {
            columns.iter().flatten().map(|value| value.to_bits()).collect()
        };
        assert_eq!((bits(&read.reference), bits(&read.current)), (bits(&log.reference), bits(&log.current)));
        assert_eq!((read.rows(), read.columns().len()), (200, COLUMNS.len()));
        assert_eq!(read.labels, log.labels);
    }

    #[test]
    fn files_of_different_lengths_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        Log::draw(20, &mut Rng::with_seed(3)).write(folder.path()).unwrap();
        fs::write(folder.path().join("current_07.f64"), [0; 16]).unwrap();
        assert!(Log::read(folder.path()).unwrap_err().to_string().contains("differ"));
        fs::write(folder.path().join("current_07.f64"), [0; 15]).unwrap();
        assert!(Log::read(folder.path()).unwrap_err().to_string().contains("eight bytes"));
    }
}
