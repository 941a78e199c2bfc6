//! Registers as they are stored: those of many values differ little, and those of few are mostly 0.

use serde::{Deserialize, Serialize};

use super::{DistinctCount, LARGEST, REGISTERS};
use crate::error::{Error, Result};

/// Up to so many registers that are not 0 are listed.
const MOST_LISTED: usize = 300;

/// Stands for a difference that does not fit into four bits.
const LARGER: u8 = 15;

#[derive(Serialize, Deserialize)]
pub(super) enum Stored {
    /// Place and number of the registers that are not 0, ascending.
    Few(Vec<(u16, u8)>),
    /// What all have at least, the differences to it, two in a byte, and the numbers whose difference is 15 or more.
    Many { least: u8, differences: Vec<u8>, larger: Vec<u8> },
}

impl From<DistinctCount> for Stored {
    fn from(count: DistinctCount) -> Self {
        let listed = (0_u16..).zip(count.registers.iter().copied()).filter(|(_, register)| *register > 0);
        if listed.clone().count() <= MOST_LISTED {
            return Self::Few(listed.collect());
        }
        let least = count.registers.iter().copied().min().unwrap_or(0);
        let difference = |register: u8| (register - least).min(LARGER);
        let (pairs, _) = count.registers.as_chunks::<2>();
        let differences = pairs.iter().map(|&[a, b]| difference(a) | (difference(b) << 4)).collect();
        let larger =
            count.registers.iter().copied().filter(|&register| difference(register) == LARGER).collect();
        Self::Many { least, differences, larger }
    }
}

impl TryFrom<Stored> for DistinctCount {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self> {
        let registers = match stored {
            Stored::Few(listed) => of_few(&listed),
            Stored::Many { least, differences, larger } => of_many(least, &differences, &larger),
        };
        match registers {
            Some(registers) if registers.iter().all(|&register| register <= LARGEST) => {
                Ok(Self { registers })
            }
            _ => Err(Error::invalid(
                "no count of distinct values: its registers are not those of 2048 classes",
            )),
        }
    }
}

fn of_few(listed: &[(u16, u8)]) -> Option<Vec<u8>> {
    if !listed.is_sorted_by(|a, b| a.0 < b.0) {
        return None;
    }
    let mut registers = vec![0; REGISTERS];
    for &(place, register) in listed {
        *registers.get_mut(usize::from(place))? = register;
    }
    Some(registers)
}

fn of_many(least: u8, differences: &[u8], larger: &[u8]) -> Option<Vec<u8>> {
    let mut larger = larger.iter().copied();
    let register = |difference: u8| match difference {
        LARGER => larger.next().filter(|&register| register >= least.saturating_add(LARGER)),
        difference => least.checked_add(difference),
    };
    let each = differences.iter().flat_map(|pair| [pair & 15, pair >> 4]);
    let registers: Vec<u8> = each.map(register).collect::<Option<_>>()?;
    (registers.len() == REGISTERS && larger.next().is_none()).then_some(registers)
}
