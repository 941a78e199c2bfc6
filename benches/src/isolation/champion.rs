//! The champion's side: a child process that serves, with a shadow or without.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use example_flights::data::DataFolder;
use example_flights::deployments::Deployments;
use example_flights::server::{Server, bind};
use http::Method;
use serde::{Deserialize, Serialize};
use tiltmeter::shadow::{CopiedRequest, ShadowEnd, ShadowLedger};
use tiltmeter::{Challenger, RemoteChallenger, ShadowBreaker, ShadowBuilder, ShadowGuard, ShadowHandle};

use super::placement::Placement;
use super::service;
use super::variant::Variant;
use crate::over_http::{attend, say};
use crate::pass_through::PassThroughLayer;
use crate::{cpu, flights_example};

/// Pairs that may be under way.
pub const PERMITS: u32 = 256;

/// Bytes that they may hold.
pub const BYTES: u64 = 16 << 20;

/// The same where bytes are to be used up before permits: of some hundred pairs.
pub const FEW_BYTES: u64 = 32 << 10;

/// What the challenger may take.
pub const TIMEOUT: Duration = Duration::from_millis(250);

const CHALLENGER: &str = "lr-1";

/// How long the shadow may take to end.
const DRAIN: Duration = Duration::from_secs(5);

/// How often the permits are looked at.
const LOOK: Duration = Duration::from_millis(5);

/// How a champion, and the shadow in its process, are doing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Standing {
    /// CPU time of the threads that serve, in user and kernel mode.
    pub cpu: Duration,
    /// Of the shadow's threads.
    pub shadow_cpu: Duration,
    /// Bytes of memory that are resident.
    pub resident: u64,
    /// The most permits that were seen to be taken.
    pub permits: u64,
    /// The most bytes that pairs were seen to hold.
    pub bytes: u64,
    /// What became of the requests since the start.
    pub books: ShadowLedger,
}

/// What a champion says when it has ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Ended {
    /// The books of the challenger.
    pub books: ShadowLedger,
    /// Whether they balance, and nothing was given up.
    pub is_complete: bool,
}

/// The most that was seen of what is bounded.
#[derive(Debug, Default)]
struct Peaks {
    permits: AtomicU64,
    bytes: AtomicU64,
    is_over: AtomicBool,
}

type Shadow = (ShadowHandle<CopiedRequest>, ShadowGuard);

/// Is the champion until stdin closes. `challenger` is its address, if there is one; each flight is scored `scorings` times.
///
/// # Errors
/// When the service or the shadow cannot be started or ended.
pub fn champion(
    variant: Variant,
    challenger: Option<&str>,
    placement: Placement,
    scorings: u32,
) -> Result<()> {
    let models = Deployments::read(&DataFolder::locate(&flights_example("data"))?)?;
    let mut service = service::router(models, scorings);
    if variant == Variant::PassThrough {
        service = service.layer(PassThroughLayer);
    }
    let peaks = Arc::new(Peaks::default());
    let (mut shadow, mut looking) = (None, None);
    if let Some(address) = challenger {
        let (handle, guard) = placed(|| placement.shadow(), || build(variant, address))?;
        service = service.layer(handle.layer());
        looking = Some(look_at(handle.clone(), Arc::clone(&peaks), placement));
        shadow = Some((handle, guard));
    }
    placement.champion()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("champion").build()?;
    let server = runtime.block_on(async { Server::start(bind(0).await?, service) })?;

    attend(server.address().port(), || Standing::now(shadow.as_ref(), &peaks))?;

    runtime.block_on(server.stop())?;
    peaks.is_over.store(true, Relaxed);
    if let Some(looking) = looking {
        looking.join().map_err(|_| anyhow!("the look at the permits panicked"))??;
    }
    let Some((_, guard)) = shadow else {
        return say(&Ended { books: ShadowLedger::default(), is_complete: true });
    };
    let report = guard.shutdown_blocking(DRAIN);
    let challenger = report.challengers.first().context("the report has no challenger")?;
    say(&Ended {
        books: challenger.ledger,
        is_complete: report.balances() && report.end == ShadowEnd::Complete,
    })
}

/// What `make` makes on a thread that is placed by `place`, and of which the threads that it starts inherit the place.
fn placed<T: Send>(
    place: impl FnOnce() -> Result<()> + Send,
    make: impl FnOnce() -> Result<T> + Send,
) -> Result<T> {
    thread::scope(|scope| {
        let making = scope.spawn(move || {
            place()?;
            make()
        });
        making.join().map_err(|_| anyhow!("a thread panicked"))?
    })
}

fn build(variant: Variant, address: &str) -> Result<Shadow> {
    let is_unrested = variant == Variant::HangingUnrested;
    let remote = RemoteChallenger::builder(&format!("http://{address}"))?
        .with_idle_connections(PERMITS as usize, Duration::from_secs(30))
        .build();
    let challenger = Challenger::http(CHALLENGER, remote)
        .with_timeout(TIMEOUT)
        .with_permits(PERMITS)
        .with_bytes(if is_unrested { FEW_BYTES } else { BYTES })
        .with_breaker((!is_unrested).then(ShadowBreaker::new));
    // nothing yields to the champion: that it is not disturbed must not be due to that
    let builder = ShadowBuilder::http().with_shedding(None);
    Ok(builder.with_route(Method::POST, "/predict").with_challenger(challenger).build()?)
}

/// Looks at the permits until that is over.
fn look_at(
    shadow: ShadowHandle<CopiedRequest>,
    peaks: Arc<Peaks>,
    placement: Placement,
) -> thread::JoinHandle<Result<()>> {
    thread::spawn(move || {
        placement.challenger()?;
        while !peaks.is_over.load(Relaxed) {
            for challenger in shadow.health().challengers {
                peaks.permits.fetch_max(challenger.permits, Relaxed);
                peaks.bytes.fetch_max(challenger.bytes, Relaxed);
            }
            thread::sleep(LOOK);
        }
        Ok(())
    })
}

impl Standing {
    fn now(shadow: Option<&Shadow>, peaks: &Peaks) -> Result<Self> {
        let books = match shadow {
            Some((handle, _)) => handle.ledger(CHALLENGER).context("the shadow has no challenger")?,
            None => ShadowLedger::default(),
        };
        Ok(Self {
            cpu: cpu::of_threads("champion")?,
            shadow_cpu: cpu::of_threads("tiltmeter")?,
            resident: cpu::resident_bytes()?,
            permits: peaks.permits.load(Relaxed),
            bytes: peaks.bytes.load(Relaxed),
            books,
        })
    }
}
