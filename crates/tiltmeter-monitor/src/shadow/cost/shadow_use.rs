//! What a shadow used.

use std::time::Duration;

use tiltmeter_record::columns::PairColumns;
use tiltmeter_record::{PairBucket, ShadowAccount};

/// What the shadow of one challenger used, over some time.
#[derive(Clone, Debug, PartialEq)]
pub struct ShadowUse {
    /// Requests that the challenger could have seen.
    pub eligible: u64,
    /// Requests that the sample chose for it: each of them has a row among the pairs.
    pub chosen: u64,
    /// Requests that it was asked.
    pub asked: u64,
    /// With what probability an eligible request was chosen to be copied; above 0 and up to 1.
    pub sample_rate: f64,
    /// For how long that was measured. `None` here and below: it was not measured.
    pub wall: Option<Duration>,
    /// CPU time of the shadow's threads: copies, the client of the challenger, and a challenger in the same process. Not
    /// what a challenger does elsewhere.
    pub cpu: Option<Duration>,
    /// Bytes of the requests that were sent to the challenger.
    pub bytes_copied: Option<u64>,
    /// Bytes of what it answered.
    pub bytes_answered: Option<u64>,
    /// Bytes of the pairs as they were written.
    pub bytes_written: Option<u64>,
    /// How many eligible requests there are in production; `None`: as many as were eligible while it was measured, without
    /// a peak that is known.
    pub rate: Option<RequestRate>,
    /// How long the challenger took for each request that it was asked, in milliseconds; a timeout at least the time that it was
    /// waited for. NaN is left out.
    pub challenger_ms: Vec<f64>,
    /// How long the champion took for requests with and without a copy; `None` when it is not known.
    pub champion_ms: Option<ChampionLatencies>,
}

/// How many requests come, in requests per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RequestRate {
    /// On average.
    pub mean: f64,
    /// At the busiest time.
    pub peak: f64,
}

/// How long the champion took for requests, by whether a random sample chose them to be copied, in milliseconds.
///
/// Those that were chosen are taken together whatever became of their copy: which of them had a permit is no matter of
/// chance. NaN is left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChampionLatencies {
    /// Of requests that were chosen, each with one over the probability with which it was.
    pub copied: Vec<(f64, f64)>,
    /// Of requests that the sample left out, each with one over the probability with which it was left out.
    pub left_out: Vec<(f64, f64)>,
}

impl ShadowUse {
    /// So many eligible requests, of which it is not known yet what they used; all of them chosen.
    #[must_use]
    pub fn new(eligible: u64) -> Self {
        Self {
            eligible,
            chosen: eligible,
            asked: 0,
            sample_rate: 1.0,
            wall: None,
            cpu: None,
            bytes_copied: None,
            bytes_answered: None,
            bytes_written: None,
            rate: None,
            challenger_ms: Vec::new(),
            champion_ms: None,
        }
    }

    /// What pairs tell of it: the requests, their rate by event time, and both latencies. CPU time and bytes are not in
    /// them, and in those of a log no requests that the sample left out: those are in the [books](Self::with_books).
    ///
    /// A timeout counts for `shadow_timeout`, or for its latency if that is more. O(n log n).
    #[must_use]
    pub fn of_pairs(pairs: &PairColumns, shadow_timeout: Duration) -> Self {
        let requests = pairs.requests();
        let waited_ms = shadow_timeout.as_secs_f64() * 1e3;
        let mut used = Self::new(pairs.len() as u64);
        let (mut champion_ms, mut share) = (ChampionLatencies::default(), 0.0);
        let rows = requests.bucket.iter().zip(&requests.inclusion_probability).enumerate();
        for (row, (&bucket, &probability)) in rows {
            let latency_ms = pairs.champion().latency_ms()[row];
            let is_probability = probability > 0.0 && probability <= 1.0;
            match bucket {
                PairBucket::SampledOut if is_probability && probability < 1.0 => {
                    champion_ms.left_out.push((latency_ms, 1.0 / (1.0 - probability)));
                }
                PairBucket::SampledOut => {}
                _ if is_probability => champion_ms.copied.push((latency_ms, 1.0 / probability)),
                _ => {}
            }
            if bucket.was_asked() {
                used.asked += 1;
                let latency_ms = pairs.challenger().latency_ms()[row];
                let is_timeout = bucket == PairBucket::Timeout;
                // max ignores a latency that is NaN
                used.challenger_ms.push(if is_timeout { latency_ms.max(waited_ms) } else { latency_ms });
            }
            share += if is_probability { probability } else { 0.0 };
        }
        if !pairs.is_empty() && share > 0.0 {
            used.sample_rate = share / pairs.len() as f64;
        }
        let left_out = requests.bucket.iter().filter(|bucket| **bucket == PairBucket::SampledOut).count();
        used.chosen = used.eligible - left_out as u64;
        used.champion_ms = Some(champion_ms);
        used.rate = RequestRate::of(&requests.event_time);
        used
    }

    /// With what the shadow has counted in the time of the pairs: all eligible requests, also those that are in no row, CPU
    /// time, bytes, and how long that was. The rate of the requests, which is that of the rows, grows with them.
    #[must_use]
    pub fn with_books(self, books: &ShadowAccount) -> Self {
        let eligible = books.requests.eligible;
        let chosen = eligible.saturating_sub(books.requests.by(PairBucket::SampledOut));
        let factor = if self.eligible > 0 { eligible as f64 / self.eligible as f64 } else { 1.0 };
        let times = |rate: RequestRate| RequestRate { mean: rate.mean * factor, peak: rate.peak * factor };
        let passed = books.since.zip(books.until).map(|(since, until)| until.duration_since(since));
        Self {
            eligible,
            chosen,
            sample_rate: if chosen > 0 { chosen as f64 / eligible as f64 } else { self.sample_rate },
            wall: passed.and_then(|passed| Duration::try_from(passed).ok()).or(self.wall),
            cpu: Some(Duration::from_micros(books.usage.cpu_micros)),
            bytes_copied: Some(books.usage.request_bytes),
            bytes_answered: Some(books.usage.answer_bytes),
            rate: self.rate.map(times),
            ..self
        }
    }
}

impl RequestRate {
    /// By event times, in microseconds: the mean from the first to the last minute, and the peak as the fullest minute of
    /// the clock. Times that are [missing](PairColumns::NO_TIME) are left out. `None` without any. O(n log n).
    ///
    /// The peak of a sample of requests is too low by as much as the sample is smaller: give all eligible ones.
    #[must_use]
    pub fn of(event_time: &[i64]) -> Option<Self> {
        const MINUTE: i64 = 60_000_000;
        let known = event_time.iter().filter(|time| **time != PairColumns::NO_TIME);
        let mut minutes: Vec<i64> = known.map(|time| time.div_euclid(MINUTE)).collect();
        minutes.sort_unstable();
        let (first, last) = (minutes.first()?, minutes.last()?);
        let fullest = minutes.chunk_by(|one, other| one == other).map(<[i64]>::len).max()?;
        let passed = last.saturating_sub(*first).saturating_add(1) as f64;
        Some(Self { mean: minutes.len() as f64 / passed / 60.0, peak: fullest as f64 / 60.0 })
    }
}
