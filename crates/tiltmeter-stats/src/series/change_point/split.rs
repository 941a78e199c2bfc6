//! The best split of numbers into two levels.

/// The mean, and the sum of squared distances from it; of at least one number.
pub(super) fn squares(numbers: &[f64]) -> (f64, f64) {
    let (n, origin) = (numbers.len() as f64, numbers[0]);
    // about one of the numbers: a constant has exactly its mean, and offsets cost no digits
    let mean = origin + numbers.iter().map(|number| number - origin).sum::<f64>() / n;
    let (mut sum, mut rest) = (0.0, 0.0);
    for number in numbers {
        let distance = number - mean;
        sum += distance * distance;
        rest += distance;
    }
    // what the rounding of the mean has left (Chan, Golub and LeVeque 1983)
    (mean, if sum.is_finite() { (sum - rest * (rest / n)).max(0.0) } else { sum })
}

/// By how much of itself the gain of one split may exceed that of another that is as good.
const TIED: f64 = 1e-12;

/// The length of the first part, at least `min_size` as is that of the second; the shortest of equally good ones.
///
/// With D the sum of the distances of the first k of n numbers from the mean of all, a split leaves D² n / (k (n − k))
/// less squares than there are without it.
pub(super) fn best(numbers: &[f64], min_size: usize) -> usize {
    let (mean, _) = squares(numbers);
    let n = numbers.len();
    let (mut sum, mut best, mut most) = (0.0, min_size, -1.0_f64);
    for (place, number) in numbers.iter().enumerate().take(n - min_size) {
        sum += number - mean;
        let (first, second) = ((place + 1) as f64, (n - place - 1) as f64);
        let gain = sum * (sum / first) / second;
        // what is better by rounding alone is as good
        if place + 1 >= min_size && gain > most + TIED * most.abs() {
            (best, most) = (place + 1, gain);
        }
    }
    best
}
