//! A time axis in days, on which long gaps are cut out.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use tiltmeter_monitor::{Period, PeriodKind};

use super::scene::{Anchor, Outline, Scene};
use crate::calendar;
use crate::scale::Scale;
use crate::stretches::Stretches;

/// The room that a cut takes, at most.
const CUT: f64 = 16.0;

/// All cuts together take at most this share of the axis.
const MAX_CUTS: f64 = 0.3;

/// The room that the figures of a year take.
const YEAR: f64 = 42.0;

/// Days from left to right.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    pieces: Vec<Piece>,
}

/// Days without a gap.
#[derive(Clone, Debug)]
struct Piece {
    first: Date,
    last: Date,
    scale: Scale,
    ends: (f64, f64),
}

impl Timeline {
    pub(crate) fn new(stretches: &Stretches, (left, right): (f64, f64)) -> Self {
        let spans: Vec<(Date, Date)> = stretches
            .iter()
            .filter_map(|stretch| Some((stretch.first()?.first_day(), stretch.last()?.last_day())))
            .collect();
        let days = |(first, last): (Date, Date)| calendar::days_between(first, last) + 1.0;
        let cut = cut_width(spans.len(), right - left);
        let room = right - left - cut * spans.len().saturating_sub(1) as f64;
        let a_day = room / spans.iter().map(|span| days(*span)).sum::<f64>().max(1.0);
        let mut from = left;
        let pieces = spans.into_iter().map(|span| {
            let to = from + a_day * days(span);
            let piece = Piece {
                first: span.0,
                last: span.1,
                scale: Scale::new((0.0, days(span)), (from, to)),
                ends: (from, to),
            };
            from = to + cut;
            piece
        });
        Self { pieces: pieces.collect() }
    }

    /// Both ends of a period, as far as it is shown.
    pub(crate) fn ends(&self, period: Period) -> Option<(f64, f64)> {
        let (first, last) = (period.first_day(), period.last_day());
        // no period is longer than a gap that is cut out, so that it lies in one piece
        let piece = self.pieces.iter().find(|piece| piece.first <= last && first <= piece.last)?;
        Some((piece.day(first), piece.scale.at(calendar::days_between(piece.first, last) + 1.0)))
    }

    /// Where an instant lies, when it is shown.
    pub(crate) fn at(&self, time: Timestamp) -> Option<f64> {
        let day = calendar::date_of(time);
        let piece = self.pieces.iter().find(|piece| (piece.first..=piece.last).contains(&day))?;
        Some(piece.scale.at(calendar::days_until(piece.first, time)))
    }

    /// Both ends of each stretch of time.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.pieces.iter().map(|piece| piece.ends)
    }

    /// Both ends of each cut.
    pub(crate) fn cuts(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.pieces().zip(self.pieces().skip(1)).map(|(before, after)| (before.1, after.0))
    }

    /// Writes the names of the months below `bottom`, and the year under the first of each; lines between them go from
    /// `lines.0` to `lines.1`.
    pub(crate) fn draw_months(&self, scene: &mut Scene, lines: (f64, f64), bottom: f64) {
        let mut years = Years::new();
        let pieces = self.months();
        let ends = self.pieces.first().zip(self.pieces.last());
        let length = ends.map_or(0.0, |(first, last)| last.ends.1 - first.ends.0);
        let step = length / pieces.iter().map(Vec::len).sum::<usize>().max(1) as f64;
        let every = if step >= 9.0 { 1 } else { 3 };
        for months in pieces {
            let longest = months.iter().map(|(_, (from, to))| to - from).fold(0.0, f64::max);
            for (place, (month, (from, to))) in months.into_iter().enumerate() {
                scene.line("month", (from, lines.0), (from, lines.1));
                scene.line("month", (from, bottom), (from, bottom + 6.0));
                // a month of which little is shown has no name, unless there is nothing else
                if to - from < longest.min(step * 0.6) || place % every != 0 {
                    continue;
                }
                let name = calendar::month(month.first_day());
                let name = if to - from >= 26.0 { name } else { name.get(..1).unwrap_or(name) };
                let x = f64::midpoint(from, to);
                scene.text("tick", Anchor::Middle, (x, bottom + 18.0), name);
                years.write(scene, Anchor::Middle, (x, bottom + 33.0), month.first_day().year());
            }
        }
    }

    /// Writes days where there are few of them, and else months, below `bottom`.
    pub(crate) fn draw_calendar(&self, scene: &mut Scene, lines: (f64, f64), bottom: f64) {
        /// The room of a date.
        const DATE: f64 = 52.0;
        const FEW_DAYS: f64 = 45.0;
        let days = |piece: &Piece| calendar::days_between(piece.first, piece.last) + 1.0;
        if self.pieces.iter().map(days).sum::<f64>() > FEW_DAYS {
            return self.draw_months(scene, lines, bottom);
        }
        let mut years = Years::new();
        let mut free_from = f64::NEG_INFINITY;
        for piece in &self.pieces {
            let all = piece.first.series(1.day()).take_while(|day| *day <= piece.last);
            for day in all {
                let (from, to) =
                    (piece.day(day), piece.scale.at(calendar::days_between(piece.first, day) + 1.0));
                let x = f64::midpoint(from, to);
                scene.line("month", (x, bottom), (x, bottom + 6.0));
                if x - DATE / 2.0 >= free_from {
                    let date = format!("{} {}", day.day(), calendar::month(day));
                    scene.text("tick", Anchor::Middle, (x, bottom + 18.0), date);
                    years.write(scene, Anchor::Middle, (x, bottom + 33.0), day.year());
                    free_from = x + DATE / 2.0;
                }
            }
        }
    }

    /// The months of each stretch of time, with both ends of what is shown of each.
    pub(crate) fn months(&self) -> Vec<Vec<(Period, (f64, f64))>> {
        let month = |date| Period::containing(PeriodKind::Month, date);
        let of_piece = |piece: &Piece| {
            let last = month(piece.last);
            let all = std::iter::successors(Some(month(piece.first)), |month| Some(month.next()));
            let all = all.take_while(|month| *month < last).chain([last]);
            all.filter_map(|month| Some((month, self.ends(month)?))).collect()
        };
        self.pieces.iter().map(of_piece).collect()
    }
}

impl Piece {
    fn day(&self, date: Date) -> f64 {
        self.scale.at(calendar::days_between(self.first, date))
    }
}

/// The room of each cut between so many pieces on an axis of that length.
pub(crate) fn cut_width(pieces: usize, length: f64) -> f64 {
    let cuts = pieces.saturating_sub(1).max(1) as f64;
    CUT.min(length * MAX_CUTS / cuts)
}

/// Takes away what was drawn across the cuts.
pub(crate) fn clear_cuts(
    scene: &mut Scene,
    cuts: impl Iterator<Item = (f64, f64)>,
    (top, bottom): (f64, f64),
) {
    for (from, to) in cuts {
        scene.rect("cut-out", (from, top), (to - from, bottom - top));
    }
}

/// Marks the cuts with two strokes through the axis.
pub(crate) fn mark_cuts(scene: &mut Scene, cuts: impl Iterator<Item = (f64, f64)>, axis: f64) {
    for (from, to) in cuts {
        let middle = f64::midpoint(from, to);
        for x in [middle - 2.5, middle + 2.5] {
            scene.path("break", Outline::through([(x - 2.5, axis + 6.0), (x + 2.5, axis - 6.0)]));
        }
    }
}

/// Writes each year once, under the first month that has room for it.
#[derive(Debug)]
pub(crate) struct Years {
    written: Option<i16>,
    free_from: f64,
}

impl Years {
    pub(crate) fn new() -> Self {
        Self { written: None, free_from: f64::NEG_INFINITY }
    }

    pub(crate) fn write(&mut self, scene: &mut Scene, anchor: Anchor, (x, y): (f64, f64), year: i16) {
        if self.written != Some(year) && x >= self.free_from {
            scene.text("tick year", anchor, (x, y), year.to_string());
            (self.written, self.free_from) = (Some(year), x + YEAR);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_gap_takes_little_room_and_the_days_keep_one_scale() {
        let week = |year, month, day| Period::containing(PeriodKind::Week, date(year, month, day));
        let weeks = [week(1970, 1, 1), week(2013, 3, 4), week(2013, 3, 11), week(2013, 3, 18)];
        let time = Timeline::new(&Stretches::of(weeks.into_iter(), 100), (0.0, 416.0));
        let ends: Vec<_> = weeks.into_iter().filter_map(|week| time.ends(week)).collect();
        assert_eq!(ends, [(0.0, 100.0), (116.0, 216.0), (216.0, 316.0), (316.0, 416.0)]);
        assert_eq!(time.cuts().collect::<Vec<_>>(), [(100.0, 116.0)]);
        assert_eq!(time.ends(week(1990, 1, 1)), None);
        assert_eq!(time.at("1990-01-01T00:00:00Z".parse().unwrap()), None);
        assert_eq!(time.at("2013-03-11T00:00:00Z".parse().unwrap()), Some(216.0));
        let months: Vec<_> =
            time.months().into_iter().flatten().map(|(month, _)| month.to_string()).collect();
        assert_eq!(months, ["1969-12", "1970-01", "2013-03"]);
    }

    #[test]
    fn nothing_has_no_place() {
        let time = Timeline::new(&Stretches::of(std::iter::empty(), 100), (0.0, 100.0));
        assert_eq!((time.months().len(), time.cuts().count()), (0, 0));
    }
}
