//! One column against the baseline's.

use std::collections::BTreeMap;

use tiltmeter_stats::{BaselineColumn, ColumnSummary, KsMethod, KsTest, psi_from_counts};

use super::finding::{DriftFinding, MAX_UNSEEN, SampledDrift, Unseen};
use super::profile::{Counted, Counter, Incomparable, Profile, Rows};
use super::yardstick::{Seen, Yardstick};
use crate::columns::Values;
use crate::days::Days;
use crate::grouped;
use crate::{Period, Verdict};

/// One column and what it is compared with.
pub(super) struct Column<'a> {
    name: &'a str,
    compared: Result<Compared<'a>, Incomparable>,
}

struct Compared<'a> {
    counter: Counter<'a>,
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
            Ok(Compared {
                counter,
                baseline,
                counts: baseline.counts(),
                mean: baseline.moments().mean().ok(),
                missing_rate: baseline.missing_rate(),
                yardstick: Yardstick::of(baseline),
            })
        });
        Self { name, compared }
    }

    /// Why it cannot be compared, if it cannot.
    pub(super) fn incomparable(&self) -> Option<&'static str> {
        self.compared.as_ref().err().map(|reason| reason.in_words())
    }

    /// How many days of the baseline tell how days vary; `None` when it cannot be compared.
    pub(super) fn baseline_days(&self) -> Option<usize> {
        self.compared.as_ref().ok().map(|compared| compared.yardstick.days())
    }

    /// The categories that the baseline does not have, in words, if there are any.
    pub(super) fn unseen(&self) -> Option<String> {
        let unseen = self.compared.as_ref().ok()?.counter.unseen();
        let mut names: Vec<&str> = unseen.iter().take(MAX_UNSEEN).map(|(name, _)| *name).collect();
        names.sort_unstable();
        let rows: u64 = unseen.iter().map(|(_, rows)| rows).sum();
        let more = if unseen.len() > names.len() { ", …" } else { "" };
        let (count, plural) = (unseen.len(), if unseen.len() == 1 { "y" } else { "ies" });
        (count > 0).then(|| {
            format!(
                "{} has {count} categor{plural} that the baseline does not have, in {} rows: {}{more}",
                self.name,
                grouped(rows),
                names.join(", ")
            )
        })
    }

    /// A finding for each period, without its verdict. `weights` has how many predictions each row stands for, where rows were
    /// sampled.
    pub(super) fn findings(&mut self, days: &Days, weights: Option<&[f64]>) -> Vec<DriftFinding> {
        let name = self.name;
        match &mut self.compared {
            Ok(compared) => {
                let profiles: Vec<Profile> =
                    days.iter().map(|day| compared.counter.count(&day.rows, weights)).collect();
                let of_period = |(period, places): (Period, std::ops::Range<usize>)| {
                    let length = places.len();
                    let profile = Profile::merged(&profiles[places])?;
                    Some(compared.finding(name, period, length, &profile))
                };
                super::periods(days).filter_map(of_period).collect()
            }
            Err(reason) => {
                let because = reason.in_words();
                let of_period = |(period, places): (Period, std::ops::Range<usize>)| {
                    let rows = days.rows(places.clone()).count() as u64;
                    DriftFinding {
                        because: Some(because.to_owned()),
                        ..empty(name, period, places.len(), rows)
                    }
                };
                super::periods(days).map(of_period).collect()
            }
        }
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
                self.list_unseen(&mut finding, unseen);
                // the union of categories: each that is unseen has a bin that is empty in the baseline
                let mut counts = counts.clone();
                counts.extend(unseen.values().map(|rows| rows.weight));
                let mut baseline = self.counts.clone();
                baseline.resize(counts.len(), 0.0);
                psi_from_counts(&baseline, &profile.sized(counts))
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

    fn list_unseen(&self, finding: &mut DriftFinding, unseen: &BTreeMap<u32, Rows>) {
        let mut list: Vec<Unseen> = unseen
            .iter()
            .map(|(code, rows)| Unseen { category: self.counter.name(*code).to_owned(), rows: rows.count })
            .collect();
        list.sort_by(|left, right| {
            right.rows.cmp(&left.rows).then_with(|| left.category.cmp(&right.category))
        });
        finding.unseen_rows = unseen.values().map(|rows| rows.count).sum();
        finding.unseen_categories = list.len();
        list.truncate(MAX_UNSEEN);
        finding.unseen = list;
    }
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
