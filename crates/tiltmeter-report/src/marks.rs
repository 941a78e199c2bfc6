//! How severities and verdicts look: always a sign and a word, never a colour alone.

use tiltmeter_monitor::drift::DriftFinding;
use tiltmeter_monitor::performance::PerformanceVerdict;
use tiltmeter_monitor::{Headline, Severity, Verdict};

/// A sign, a word, and the class that gives it a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) sign: &'static str,
    pub(crate) word: &'static str,
    pub(crate) class: &'static str,
}

pub(crate) fn of_headline(headline: &Headline) -> Mark {
    let (sign, word, class) = match headline.severity {
        Severity::Bad => ("▲", "Problem", "bad"),
        Severity::Unknown => ("?", "Not known", "unknown"),
        Severity::Notice if headline.next_step.is_some() => ("i", "Notice", "notice"),
        Severity::Notice => ("i", "No action", "notice"),
        Severity::Good => ("✓", "Good", "good"),
    };
    Mark { sign, word, class }
}

pub(crate) fn of_performance(verdict: PerformanceVerdict) -> Mark {
    let (sign, word, class) = match verdict {
        PerformanceVerdict::Unknown => ("○", "unknown", "unknown"),
        PerformanceVerdict::Held => ("●", "held", "held"),
        PerformanceVerdict::Unproven => ("▽", "unproven", "unproven"),
        PerformanceVerdict::Fell => ("▼", "fell", "fell"),
    };
    Mark { sign, word, class }
}

pub(crate) fn of_drift(verdict: Verdict) -> Mark {
    let (sign, class) = match verdict {
        Verdict::Undefined => ("×", "undefined"),
        Verdict::Stable => ("", "stable"),
        Verdict::Negligible => ("·", "negligible"),
        Verdict::Unproven => ("?", "unproven"),
        Verdict::Drift => ("*", "drift"),
    };
    Mark { sign, word: verdict.as_str(), class }
}

/// From where on an index has the next darker colour.
pub(crate) const PSI_STEPS: [f64; 4] = [0.25, 0.5, 1.0, 4.0];

/// The class of a cell: the strength of the drift where the values drift, else what the verdict is.
pub(crate) fn cell_class(finding: &DriftFinding) -> &'static str {
    match finding.verdict {
        Verdict::Undefined => "c-undefined",
        Verdict::Stable => "c-stable",
        Verdict::Negligible => "c-negligible",
        Verdict::Unproven => "c-unproven",
        Verdict::Drift => {
            let Some(psi) = finding.psi.filter(|_| finding.missing_verdict != Verdict::Drift) else {
                return "c-missing";
            };
            let step = PSI_STEPS.iter().filter(|step| psi >= **step).count();
            ["c-drift1", "c-drift2", "c-drift3", "c-drift4", "c-drift5"]
                .get(step)
                .copied()
                .unwrap_or("c-drift5")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_drift_is_strong() {
        let mut finding = crate::fixture::flights().drift.swap_remove(0);
        let mut class = |verdict, psi| {
            (finding.verdict, finding.psi) = (verdict, psi);
            cell_class(&finding)
        };
        assert_eq!(class(Verdict::Drift, Some(0.3)), "c-drift2");
        assert_eq!(class(Verdict::Drift, Some(8.7)), "c-drift5");
        assert_eq!(class(Verdict::Unproven, Some(8.7)), "c-unproven");
        assert_eq!(class(Verdict::Drift, None), "c-missing");
    }
}
