//! One column against the baseline's.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use tiltmeter_stats::{BaselineColumn, ColumnSummary, KsMethod, KsTest, Profile as Stored, psi_from_counts};

use super::finding::{DriftFinding, MAX_UNSEEN, SampledDrift, Unseen};
use super::profile::{Counted, Counter, Incomparable, Profile, Rows};
use super::profiled::{Profiled, ProfiledDay};
use super::yardstick::{Seen, Yardstick};
use crate::analysis::whole;
use crate::columns::Values;
use crate::days::{Day, Days};
use crate::grouped;
use crate::{Period, Verdict};

/// One column and what it is compared with.
pub(super) struct Column<'a> {
    name: &'a str,
    compared: Result<(Source<'a>, Compared<'a>), Incomparable>,
}

/// Where the counts of days come from.
enum Source<'a> {
    Rows(Counter<'a>),
    Profiles(Profiled<'a>),
}

struct Compared<'a> {
    baseline: &'a BaselineColumn,
    counts: Vec<f64>,
    mean: Option<f64>,
    missing_rate: f64,
    yardstick: Yardstick,
}

impl<'a> Column<'a> {
    pub(super) fn new(name: &'a str, values: Values<'a>, baseline: Option<&'a BaselineColumn>) -> Self {
        let compared = baseline.ok_or(Incomparable::Unknown).and_then(|baseline| {
            let counter = Counter::of(values, baseline.summary())?;
            Ok((Source::Rows(counter), Compared::with(baseline)))
        });
        Self { name, compared }
    }

    /// The same from profiles, of which `days` has all.
    pub(super) fn profiled(
        name: &'a str,
        days: &[ProfiledDay],
        baseline: Option<&'a BaselineColumn>,
    ) -> Self {
        let compared = baseline.ok_or(Incomparable::Unknown).and_then(|baseline| {
            let profiled =
                Profiled::of(days.iter().filter_map(|day| day.columns.get(name)), baseline.summary())?;
            Ok((Source::Profiles(profiled), Compared::with(baseline)))
        });
        Self { name, compared }
    }

    /// Why it cannot be compared, if it cannot.
    pub(super) fn incomparable(&self) -> Option<&'static str> {
        self.compared.as_ref().err().map(|reason| reason.in_words())
    }

    /// How many days of the baseline tell how days vary; `None` when it cannot be compared.
    pub(super) fn baseline_days(&self) -> Option<usize> {
        self.compared.as_ref().ok().map(|(_, compared)| compared.yardstick.days())
    }

    /// The categories that the baseline does not have, in words, if there are any.
    pub(super) fn unseen(&self) -> Vec<String> {
        let (unseen, nameless) = match &self.compared {
            Err(_) => return Vec::new(),
            Ok((source, _)) => source.unseen(),
        };
        let others = (nameless > 0).then(|| {
            let more = if unseen.is_empty() { "" } else { "more " };
            let (name, rows) = (self.name, grouped(nameless));
            format!("{name} has {more}categories that the baseline does not have, in {rows} rows: their names are not kept")
        });
        let mut names: Vec<&str> = unseen.iter().take(MAX_UNSEEN).map(|(name, _)| *name).collect();
        names.sort_unstable();
        let rows: u64 = unseen.iter().map(|(_, rows)| rows).sum();
        let more = if unseen.len() > names.len() { ", …" } else { "" };
        let (count, plural) = (unseen.len(), if unseen.len() == 1 { "y" } else { "ies" });
        let named = (count > 0).then(|| {
            format!(
                "{} has {count} categor{plural} that the baseline does not have, in {} rows: {}{more}",
                self.name,
                grouped(rows),
                names.join(", ")
            )
        });
        named.into_iter().chain(others).collect()
    }

    /// A finding for each period, without its verdict. `weights` has how many predictions each row stands for, where rows were
    /// sampled.
    pub(super) fn findings(&mut self, days: &Days, weights: Option<&[f64]>) -> Vec<DriftFinding> {
        let rows = |places| days.rows(places).count() as u64;
        let (source, compared) = match &mut self.compared {
            Ok((Source::Rows(counter), compared)) => (counter, compared),
            Ok(_) => return Vec::new(),
            Err(reason) => return not_compared(self.name, *reason, days, rows),
        };
        let profiles: Vec<Profile> = days.iter().map(|day| source.count(&day.rows, weights)).collect();
        compared.findings(self.name, days, &profiles, |code| source.name(code))
    }

    /// The same of a column that is [profiled](Self::profiled). `days` are those of `profiles`, in order.
    pub(super) fn findings_of_profiles(
        &mut self,
        days: &Days,
        profiles: &[ProfiledDay],
    ) -> Vec<DriftFinding> {
        let mut parts: BTreeMap<Date, Vec<&Stored>> = BTreeMap::new();
        for part in profiles {
            parts.entry(part.day).or_default().extend(part.columns.get(self.name));
        }
        let of_day = |day: &Day| parts.get(&day.date).into_iter().flatten().copied();
        let (source, compared) = match &mut self.compared {
            Ok((Source::Profiles(profiled), compared)) => (profiled, compared),
            Ok(_) => return Vec::new(),
            Err(reason) => {
                let of_part = |part: &Stored| part.count().saturating_add(part.missing());
                let dates: Vec<&Day> = days.iter().collect();
                let rows = |places: Range<usize>| {
                    dates[places].iter().copied().flat_map(of_day).map(of_part).fold(0, u64::saturating_add)
                };
                return not_compared(self.name, *reason, days, rows);
            }
        };
        let counted: Vec<Profile> = days.iter().map(|day| source.count(of_day(day))).collect();
        compared.findings(self.name, days, &counted, |code| source.name(code))
    }
}

impl Source<'_> {
    /// The categories that the baseline does not have, by name with their rows, and how many rows have others.
    fn unseen(&self) -> (Vec<(&str, u64)>, u64) {
        match self {
            Self::Rows(counter) => (counter.unseen(), 0),
            Self::Profiles(profiled) => profiled.unseen(),
        }
    }
}

/// A finding for each period, which says why there is nothing to find.
fn not_compared(
    name: &str,
    reason: Incomparable,
    days: &Days,
    rows: impl Fn(Range<usize>) -> u64,
) -> Vec<DriftFinding> {
    let of_period = |(period, places): (Period, Range<usize>)| DriftFinding {
        because: Some(reason.in_words().to_owned()),
        ..empty(name, period, places.len(), rows(places))
    };
    super::periods(days).map(of_period).collect()
}

impl<'a> Compared<'a> {
    fn with(baseline: &'a BaselineColumn) -> Self {
        Self {
            baseline,
            counts: baseline.counts(),
            mean: baseline.moments().mean().ok(),
            missing_rate: baseline.missing_rate(),
            yardstick: Yardstick::of(baseline),
        }
    }

    /// `profiles` has one of each day, `name_of` the names of categories that the baseline does not have.
    fn findings<'n>(
        &mut self,
        name: &str,
        days: &Days,
        profiles: &[Profile],
        name_of: impl Fn(u32) -> &'n str,
    ) -> Vec<DriftFinding> {
        let of_period = |(period, places): (Period, Range<usize>)| {
            let length = places.len();
            let profile = Profile::merged(&profiles[places])?;
            if profile.rows == 0 {
                let because = Some("no row of it was profiled".to_owned());
                return Some(DriftFinding { because, ..empty(name, period, length, 0) });
            }
            let mut finding = self.finding(name, period, length, &profile);
            if let Counted::Categories { counts, unseen } = &profile.values {
                list_unseen(&mut finding, unseen, counts, &name_of);
            }
            Some(finding)
        };
        super::periods(days).filter_map(of_period).collect()
    }
}

impl Compared<'_> {
    fn finding(&mut self, name: &str, period: Period, days: usize, profile: &Profile) -> DriftFinding {
        let n = profile.rows - profile.missing;
        let (rows, size) = (profile.effective_rows(), profile.effective_present());
        let missing_rate = profile.missing_rate();
        let missing_rate_baseline = self.missing_rate;
        let missing_p_value =
            Some(self.yardstick.p_of_missing(days, rows, missing_rate, missing_rate_baseline));
        let mut finding = DriftFinding {
            n,
            missing_rate,
            missing_rate_baseline,
            missing_p_value,
            sampled: profile.predictions().map(|predictions| SampledDrift {
                predictions,
                effective_rows: rows,
                effective_n: size,
            }),
            ..empty(name, period, days, profile.rows)
        };
        if n == 0 {
            return finding;
        }
        let reference: f64 = self.counts.iter().sum();
        let psi = match (&profile.values, self.baseline.summary()) {
            (Counted::Numbers(Some(ecdf)), ColumnSummary::Numeric { bins, ecdf: baseline }) => {
                // its p-value is never a verdict alone: the exact one would be the dearest part of all
                if let Ok(ks) = KsTest::by(KsMethod::Asymptotic, baseline, ecdf) {
                    finding.ks = Some(ks.statistic);
                    finding.ks_expected = Some(ks.expected);
                    finding.ks_p_value = Some(ks.p_value);
                }
                psi_from_counts(&self.counts, &profile.sized(bins.count_ecdf(ecdf).counts))
            }
            (Counted::Categories { counts, unseen }, _) => {
                // the union of categories: each that is unseen has a bin that is empty in the baseline
                let mut counts = counts.clone();
                counts.extend(unseen.values().map(|rows| rows.weight));
                let mut baseline = self.counts.clone();
                baseline.resize(counts.len(), 0.0);
                psi_from_counts(&baseline, &profile.sized(counts))
            }
            (Counted::Bins(counts), _) => psi_from_counts(&self.counts, &profile.sized(counts.clone())),
            (Counted::OtherBins, _) => {
                finding.because = Some("the bins of its profiles are not those of the baseline".to_owned());
                return finding;
            }
            _ => return finding,
        };
        finding.mean = profile.moments.mean().ok();
        finding.mean_baseline = self.mean;
        if let Ok(psi) = psi {
            let window = Seen { days: profile.days, size, psi: &psi, mean: finding.mean };
            let expected = self.yardstick.expectation(&window, reference);
            finding.psi = Some(psi.value);
            finding.psi_expected = Some(expected.mean);
            finding.psi_threshold = Some(expected.threshold);
            finding.p_value = Some(expected.p_value);
        }
        finding
    }
}

/// `counts` are those of the baseline's bins, of which the last has the rows of unseen categories without a name.
fn list_unseen<'n>(
    finding: &mut DriftFinding,
    unseen: &BTreeMap<u32, Rows>,
    counts: &[f64],
    name_of: &impl Fn(u32) -> &'n str,
) {
    let mut list: Vec<Unseen> = unseen
        .iter()
        .map(|(code, rows)| Unseen { category: name_of(*code).to_owned(), rows: rows.count })
        .collect();
    list.sort_by(|left, right| right.rows.cmp(&left.rows).then_with(|| left.category.cmp(&right.category)));
    let nameless = counts.last().copied().map_or(0, whole);
    finding.unseen_rows = unseen.values().map(|rows| rows.count).sum::<u64>().saturating_add(nameless);
    finding.unseen_categories = list.len() + usize::from(nameless > 0);
    list.truncate(MAX_UNSEEN);
    finding.unseen = list;
}

fn empty(name: &str, period: Period, days: usize, rows: u64) -> DriftFinding {
    DriftFinding {
        period,
        column: name.to_owned(),
        rows,
        n: 0,
        days,
        psi: None,
        psi_expected: None,
        psi_threshold: None,
        mean: None,
        mean_baseline: None,
        p_value: None,
        p_adjusted: None,
        ks: None,
        ks_expected: None,
        ks_p_value: None,
        missing_rate: 0.0,
        missing_rate_baseline: 0.0,
        missing_p_value: None,
        missing_verdict: Verdict::Undefined,
        values_verdict: Verdict::Undefined,
        unseen: Vec::new(),
        unseen_categories: 0,
        unseen_rows: 0,
        verdict: Verdict::Undefined,
        because: None,
        sampled: None,
    }
}
