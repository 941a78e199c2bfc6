//! Counts as people read them.

/// A count with thousands separators: `150,000`. Headlines and notes write counts so; what is shown beside them should, too.
///
/// ```
/// assert_eq!([7, 999, 150_000].map(tiltmeter_monitor::grouped), ["7", "999", "150,000"]);
/// ```
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
