//! A champion and its challenger, as the benchmark sees them: started, asked, ended.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use tiltmeter::PairBucket;

use super::challenger::Challenging;
use super::champion::{Ended, Standing};
use super::placement::Placement;
use super::variant::Variant;
use crate::over_http::Child;

/// How long a request may be under way, and between two looks at it.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(5);

/// A champion, and its challenger if it has one, each a process of its own.
#[derive(Debug)]
pub struct Contest {
    champion: Child<Standing, Ended>,
    challenger: Option<Child<Challenging, Challenging>>,
}

/// How both are doing.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The champion, and the shadow in its process.
    pub champion: Standing,
    /// CPU time of the challenger's process.
    pub challenger_cpu: Duration,
}

impl Contest {
    /// Starts both, which listen when this returns. Each flight is scored `scorings` times.
    ///
    /// # Errors
    /// When one cannot be started.
    pub fn start(variant: Variant, placement: Placement, scorings: u32) -> Result<Self> {
        let (variant_name, placement, scorings) = (name(&variant)?, name(&placement)?, scorings.to_string());
        let common = ["--variant", &variant_name, "--placement", &placement, "--scorings", &scorings];
        let (champion, challenger) = (["--serve", "champion"], ["--serve", "challenger"]);
        if !variant.has_challenger() {
            return Ok(Self {
                champion: Child::start(&[&champion[..], &common].concat())?,
                challenger: None,
            });
        }
        let challenger: Child<Challenging, Challenging> = Child::start(&[&challenger[..], &common].concat())?;
        let address = challenger.address().to_string();
        let champion = Child::start(&[&champion[..], &common, &["--challenger", &address]].concat())?;
        Ok(Self { champion, challenger: Some(challenger) })
    }

    /// Where the champion answers.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.champion.address()
    }

    /// How the champion is doing.
    ///
    /// # Errors
    /// When it is gone.
    pub fn standing(&mut self) -> Result<Standing> {
        self.champion.reading()
    }

    /// How both are doing once the challenger has done with what it was sent.
    ///
    /// # Errors
    /// When it does not come to that in five seconds, or one of them is gone.
    pub fn settled(&mut self) -> Result<Reading> {
        let mut champion = self.standing()?;
        let mut waited = Duration::ZERO;
        while champion.books.under_way() > 0 {
            ensure!(waited < PATIENCE, "requests are under way for ever: {:?}", champion.books);
            thread::sleep(LOOK);
            waited += LOOK;
            champion = self.standing()?;
        }
        let challenger = self.challenger.as_mut().map(Child::reading).transpose()?;
        Ok(Reading { champion, challenger_cpu: challenger.map_or(Duration::ZERO, |used| used.cpu) })
    }

    /// Ends both. The champion was sent so many requests.
    ///
    /// # Errors
    /// When one fails, or not all requests are in the books.
    pub fn finish(self, sent: usize) -> Result<()> {
        let Ended { books, is_complete } = self.champion.end()?;
        ensure!(is_complete && books.under_way() == 0, "the books do not balance: {books:?}");
        if let Some(challenger) = self.challenger {
            ensure!(u64::try_from(sent) == Ok(books.eligible), "{sent} requests were sent: {books:?}");
            let asked = challenger.end()?.requests;
            let paired = books.by(PairBucket::Paired);
            ensure!(paired <= asked, "the challenger was asked {asked} times: {books:?}");
        }
        Ok(())
    }
}

fn name(value: &impl ValueEnum) -> Result<String> {
    Ok(value.to_possible_value().context("a value without a name")?.get_name().to_owned())
}
