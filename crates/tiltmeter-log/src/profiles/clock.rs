//! What time it is, as far as predictions and ticks tell.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tiltmeter_record::Window;

/// The time of the last prediction, and how long ago it came: wall time without asking for it, so that replays have theirs.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// The time of the last prediction, and the monotonic time by which it had come.
    last: Option<(Timestamp, Duration)>,
    /// Whether that has come after the last tick.
    is_new: bool,
    now: Duration,
}

impl Clock {
    /// A prediction of that time has come.
    pub(super) fn see(&mut self, time: Timestamp) {
        self.last = Some((time, self.now));
        self.is_new = true;
    }

    pub(super) fn tick(&mut self, now: Duration) {
        self.now = now.max(self.now);
        if let Some((_, at)) = self.last.as_mut().filter(|_| self.is_new) {
            // between two ticks: so it is not later than that
            *at = self.now;
            self.is_new = false;
        }
    }

    /// The monotonic time of the last tick.
    pub(super) fn now(&self) -> Duration {
        self.now
    }

    /// Whether all that is in time for the window has come. A window that has not begun yet is one of a clock that was set back,
    /// and is not waited for.
    pub(super) fn is_over(&self, window: Window, grace: Duration) -> bool {
        let Some((time, at)) = self.last else { return false };
        let plus = |time: Timestamp, span: Duration| {
            let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
            time.checked_add(span).unwrap_or(Timestamp::MAX)
        };
        let wall = plus(time, self.now.saturating_sub(at));
        wall >= plus(window.end(), grace) || window.start() > plus(wall, grace)
    }
}

#[cfg(test)]
mod tests {
    use tiltmeter_record::WindowWidth;

    use super::*;

    const GRACE: Duration = Duration::from_secs(5);

    #[test]
    fn a_window_is_over_a_grace_after_its_end_by_predictions_or_by_ticks() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let window = Window::of(time("2026-03-01T12:00:30Z"), WindowWidth::Minute);
        let mut clock = Clock::default();
        assert!(!clock.is_over(window, GRACE), "nothing is known");
        clock.tick(Duration::from_secs(100));
        clock.see(time("2026-03-01T12:00:30Z"));
        clock.tick(Duration::from_secs(101));
        clock.tick(Duration::from_secs(135));
        assert!(!clock.is_over(window, GRACE));
        clock.tick(Duration::from_secs(136));
        assert!(clock.is_over(window, GRACE), "35 s later");
        clock.see(time("2026-03-01T12:00:31Z"));
        assert!(!clock.is_over(window, GRACE));
        clock.see(time("2026-03-01T12:01:05Z"));
        assert!(clock.is_over(window, GRACE));
        clock.see(time("2026-03-01T11:00:00Z"));
        assert!(clock.is_over(window, GRACE), "the clock was set back");
        clock.see(Timestamp::MAX);
        assert!(clock.is_over(window, GRACE));
    }
}
