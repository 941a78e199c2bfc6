//! Which periods a chart shows: neighbours side by side, and long gaps cut out.

use std::collections::BTreeSet;

use jiff::civil::Date;
use tiltmeter_monitor::{Period, PeriodKind};

use crate::{calendar, figures};

/// A gap of more days is cut out: six months. Shorter ones are worth seeing.
const MAX_GAP_DAYS: f64 = 184.0;

/// As many months as have room side by side: twenty years.
pub(crate) const MAX_MONTHS: usize = 240;

/// The same for weeks: three years.
pub(crate) const MAX_WEEKS: usize = 160;

/// Periods that follow one another, and where they do not for long.
///
/// A single event with a wrong date, years from all others, costs one column and a gap, not hundreds of empty columns.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stretches {
    /// Each has at least one period, and no hole.
    stretches: Vec<Vec<Period>>,
    /// How many there are, also those for which there is no room.
    all: usize,
}

impl Stretches {
    /// The latest `most` of these periods and of those that lie in short gaps between them.
    pub(crate) fn of(periods: impl Iterator<Item = Period>, most: usize) -> Self {
        let mut stretches: Vec<Vec<Period>> = Vec::new();
        for period in periods.collect::<BTreeSet<_>>() {
            let stretch = stretches.last_mut().filter(|stretch| {
                let last = stretch.last().map_or(period, |last| *last);
                calendar::days_between(last.last_day(), period.first_day()) - 1.0 <= MAX_GAP_DAYS
            });
            match stretch {
                Some(stretch) => {
                    let last = stretch.last().copied();
                    let after = std::iter::successors(last.map(Period::next), |next| Some(next.next()));
                    stretch.extend(after.take_while(|next| *next < period));
                    stretch.push(period);
                }
                None => stretches.push(vec![period]),
            }
        }
        let all = stretches.iter().map(Vec::len).sum();
        let mut excess = usize::saturating_sub(all, most);
        for stretch in &mut stretches {
            let cut = excess.min(stretch.len());
            stretch.drain(..cut);
            excess -= cut;
        }
        stretches.retain(|stretch| !stretch.is_empty());
        Self { stretches, all }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[Period]> {
        self.stretches.iter().map(Vec::as_slice)
    }

    /// How many periods are shown.
    pub(crate) fn len(&self) -> usize {
        self.stretches.iter().map(Vec::len).sum()
    }

    /// The first and the last day of each gap.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = (Date, Date)> + '_ {
        self.stretches.iter().zip(self.stretches.iter().skip(1)).filter_map(|(before, after)| {
            let (last, first) = (before.last()?, after.first()?);
            Some((last.last_day().tomorrow().ok()?, first.first_day().yesterday().ok()?))
        })
    }

    /// What is not shown, for a caption; nothing when all is.
    pub(crate) fn remark(&self) -> String {
        const LISTED: usize = 3;
        let mut text = String::new();
        let gaps: Vec<String> = self.gaps().map(calendar::range).collect();
        if !gaps.is_empty() {
            let listed = gaps.get(..LISTED).unwrap_or(&gaps).join(", ");
            let more = gaps.len().saturating_sub(LISTED);
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            text.push_str(&format!(
                " Where the axis is broken (//), a gap of more than six months without predictions is cut out: {listed}{more}."
            ));
        }
        if self.all > self.len() {
            let kind = self.iter().flatten().next().map(|period| period.kind());
            let name = match kind {
                Some(PeriodKind::Month) => "month",
                Some(PeriodKind::Day) => "day",
                Some(PeriodKind::Week) | None => "week",
            };
            let all = figures::counted(u64::try_from(self.all).unwrap_or(u64::MAX), name);
            text.push_str(&format!(" Of {all} the latest {} are drawn; the table has all.", self.len()));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn month(year: i16, month: i8) -> Period {
        Period::containing(PeriodKind::Month, date(year, month, 1))
    }

    fn lengths(stretches: &Stretches) -> Vec<usize> {
        stretches.iter().map(<[Period]>::len).collect()
    }

    #[test]
    fn short_gaps_are_filled_and_long_ones_cut_out() {
        let of = |months: &[Period]| Stretches::of(months.iter().copied(), MAX_MONTHS);
        assert_eq!(lengths(&of(&[month(2013, 12), month(2013, 10)])), [3]);
        // July to December have 184 days
        assert_eq!(lengths(&of(&[month(2013, 6), month(2014, 1)])), [8]);
        assert_eq!(lengths(&of(&[month(2013, 6), month(2014, 2)])), [1, 1]);
        let stray = of(&[month(1970, 1), month(2013, 3), month(2013, 4)]);
        assert_eq!(lengths(&stray), [1, 2]);
        assert!(stray.remark().ends_with("is cut out: 1 Feb 1970 – 28 Feb 2013."), "{}", stray.remark());
        assert_eq!(lengths(&of(&[])), [0; 0]);
        assert_eq!(of(&[month(-9999, 1), month(9999, 12)]).len(), 2);
    }

    #[test]
    fn of_too_many_the_latest_are_kept() {
        let months = (2000..2030).flat_map(|year| (1..=12).map(move |number| month(year, number)));
        let stretches = Stretches::of(months.chain([month(1970, 1)]), MAX_MONTHS);
        assert_eq!(lengths(&stretches), [240]);
        assert_eq!(stretches.iter().flatten().last(), Some(&month(2029, 12)));
        assert_eq!(stretches.remark(), " Of 361 months the latest 240 are drawn; the table has all.");
    }
}
