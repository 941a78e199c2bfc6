//! How large an exchange is.

use std::fmt;

/// How much memory a captured exchange takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SizeClass {
    /// Up to 1 KiB.
    UpTo1KiB,
    /// Up to 16 KiB.
    UpTo16KiB,
    /// Up to 256 KiB.
    UpTo256KiB,
    /// More.
    Above256KiB,
}

impl SizeClass {
    /// All of them, the smallest first.
    pub const ALL: [Self; 4] = [Self::UpTo1KiB, Self::UpTo16KiB, Self::UpTo256KiB, Self::Above256KiB];

    /// The class of `bytes`.
    #[must_use]
    pub fn of(bytes: u64) -> Self {
        match bytes {
            0..=0x400 => Self::UpTo1KiB,
            0x401..=0x4000 => Self::UpTo16KiB,
            0x4001..=0x4_0000 => Self::UpTo256KiB,
            _ => Self::Above256KiB,
        }
    }

    /// The text that stands in the data.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UpTo1KiB => "up_to_1_kib",
            Self::UpTo16KiB => "up_to_16_kib",
            Self::UpTo256KiB => "up_to_256_kib",
            Self::Above256KiB => "above_256_kib",
        }
    }
}

impl fmt::Display for SizeClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_classes_meet_at_their_bounds() {
        let cases =
            [(0, 0), (1 << 10, 0), ((1 << 10) + 1, 1), (16 << 10, 1), (256 << 10, 2), ((256 << 10) + 1, 3)];
        for (bytes, class) in cases {
            assert_eq!(SizeClass::of(bytes), SizeClass::ALL[class], "{bytes}");
        }
    }
}
