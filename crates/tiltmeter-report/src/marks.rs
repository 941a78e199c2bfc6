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

pub(crate) fn of_drift(finding: &DriftFinding) -> Mark {
    let (sign, word, class) = match finding.values_verdict {
        Verdict::Drift => ("*", "drift", "drift"),
        _ if misses_values(finding) => ("▨", "missing values drift", "missing"),
        Verdict::Undefined => ("×", "no verdict", "undefined"),
        Verdict::Stable => ("", "stable", "stable"),
        Verdict::Negligible => ("·", "negligible", "negligible"),
        Verdict::Unproven => ("?", "unproven", "unproven"),
    };
    Mark { sign, word, class }
}

/// Whether the missing values drift, whatever the values do.
pub(crate) fn misses_values(finding: &DriftFinding) -> bool {
    finding.missing_verdict == Verdict::Drift
}

/// From where on an index has the next darker colour.
pub(crate) const PSI_STEPS: [f64; 4] = [0.25, 0.5, 1.0, 4.0];

/// The class of a sign on a cell of that class.
pub(crate) fn sign_class(cell: &str) -> &'static str {
    match cell {
        "c-drift1" => "sign on1",
        "c-drift2" => "sign on2",
        "c-drift3" => "sign on3",
        "c-drift4" => "sign on4",
        "c-drift5" => "sign on5",
        _ => "sign",
    }
}

/// The class of a cell: the strength of the drift where the values drift, else what the verdict is. Missing values have no
/// strong colour: how far the values drift is no measure of them.
pub(crate) fn cell_class(finding: &DriftFinding) -> &'static str {
    match (finding.values_verdict, finding.psi) {
        (Verdict::Drift, Some(psi)) => {
            let step = PSI_STEPS.iter().filter(|step| psi >= **step).count();
            ["c-drift1", "c-drift2", "c-drift3", "c-drift4", "c-drift5"]
                .get(step)
                .copied()
                .unwrap_or("c-drift5")
        }
        _ if misses_values(finding) => "c-missing",
        (Verdict::Undefined | Verdict::Drift, _) => "c-undefined",
        (Verdict::Stable, _) => "c-stable",
        (Verdict::Negligible, _) => "c-negligible",
        (Verdict::Unproven, _) => "c-unproven",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_drift_is_strong() {
        let mut finding = crate::fixture::flights().drift.swap_remove(0);
        let mut class = |verdict, psi| {
            (finding.values_verdict, finding.psi) = (verdict, psi);
            cell_class(&finding)
        };
        assert_eq!(class(Verdict::Drift, Some(0.3)), "c-drift2");
        assert_eq!(class(Verdict::Drift, Some(8.7)), "c-drift5");
        assert_eq!(class(Verdict::Unproven, Some(8.7)), "c-unproven");
        assert_eq!(class(Verdict::Undefined, Some(8.7)), "c-undefined");
    }

    #[test]
    fn missing_values_are_no_strong_drift_of_values() {
        let mut finding = crate::fixture::flights().drift.swap_remove(0);
        (finding.missing_verdict, finding.psi) = (Verdict::Drift, Some(8.7));
        finding.values_verdict = Verdict::Unproven;
        assert_eq!((cell_class(&finding), of_drift(&finding).sign), ("c-missing", "▨"));
        finding.values_verdict = Verdict::Drift;
        assert_eq!(
            (cell_class(&finding), of_drift(&finding).sign),
            ("c-drift5", "*"),
            "the values drift, too"
        );
    }
}
