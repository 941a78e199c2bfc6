//! What two profiles tell exactly: what is computed of counts in the same bins, and of moments.

use crate::bins::BinCounts;
use crate::error::{Error, Result};
use crate::profile::{CategoricalProfile, NumericProfile};
use crate::two_samples::{ChiSquareTest, Hellinger, JensenShannon, KullbackLeibler, LInfinity, Psi, WelchT};

impl NumericProfile {
    /// The population stability index of this reference and another profile in the same bins; exact.
    ///
    /// # Errors
    /// Invalid when a profile has no bins, or they differ; as [`Psi::between`].
    pub fn psi(&self, current: &Self) -> Result<Psi> {
        let (reference, current) = numeric(self, current)?;
        Psi::between(reference, current)
    }

    /// The Jensen-Shannon distance of this reference and another profile in the same bins; exact.
    ///
    /// # Errors
    /// Invalid when a profile has no bins, or they differ; as [`JensenShannon::between`].
    pub fn jensen_shannon(&self, current: &Self) -> Result<JensenShannon> {
        let (reference, current) = numeric(self, current)?;
        JensenShannon::between(reference, current)
    }

    /// The divergence of Kullback and Leibler from the current shares to the reference's, KL(reference ‖ current), of
    /// this reference and another profile in the same bins; exact.
    ///
    /// # Errors
    /// Invalid when a profile has no bins, or they differ; as [`KullbackLeibler::between`].
    pub fn kullback_leibler(&self, current: &Self) -> Result<KullbackLeibler> {
        let (reference, current) = numeric(self, current)?;
        KullbackLeibler::between(reference, current)
    }

    /// Hellinger's distance of this reference and another profile in the same bins; exact.
    ///
    /// # Errors
    /// Invalid when a profile has no bins, or they differ; as [`Hellinger::between`].
    pub fn hellinger(&self, current: &Self) -> Result<Hellinger> {
        let (reference, current) = numeric(self, current)?;
        Hellinger::between(reference, current)
    }

    /// The largest difference of shares of this reference and another profile in the same bins; exact.
    ///
    /// # Errors
    /// Invalid when a profile has no bins, or they differ; as [`LInfinity::between`].
    pub fn l_infinity(&self, current: &Self) -> Result<LInfinity> {
        let (reference, current) = numeric(self, current)?;
        LInfinity::between(reference, current)
    }

    /// Pearson's test of the same shares of this reference and another profile in the same bins; exact.
    ///
    /// # Errors
    /// Invalid when a profile has no bins, or they differ; as [`ChiSquareTest::between`].
    pub fn chi_square(&self, current: &Self) -> Result<ChiSquareTest> {
        let (reference, current) = numeric(self, current)?;
        ChiSquareTest::between(reference, current)
    }

    /// Welch's test of the same mean, of this reference and another profile, by Kish's effective sizes.
    ///
    /// # Errors
    /// As [`WelchT::between`].
    pub fn welch_t(&self, current: &Self) -> Result<WelchT> {
        WelchT::between(self.moments(), current.moments())
    }
}

impl CategoricalProfile {
    /// The population stability index of this reference and another profile of the same frozen categories, all others
    /// together being one; exact.
    ///
    /// # Errors
    /// Invalid when a profile has no frozen categories, or they differ; as [`Psi::between`].
    pub fn psi(&self, current: &Self) -> Result<Psi> {
        let (reference, current) = categorical(self, current)?;
        Psi::between(&reference, &current)
    }

    /// The Jensen-Shannon distance of this reference and another profile of the same frozen categories, all others
    /// together being one; exact.
    ///
    /// # Errors
    /// Invalid when a profile has no frozen categories, or they differ; as [`JensenShannon::between`].
    pub fn jensen_shannon(&self, current: &Self) -> Result<JensenShannon> {
        let (reference, current) = categorical(self, current)?;
        JensenShannon::between(&reference, &current)
    }

    /// The divergence of Kullback and Leibler from the current shares to the reference's, KL(reference ‖ current), of
    /// this reference and another profile of the same frozen categories, all others
    /// together being one; exact.
    ///
    /// # Errors
    /// Invalid when a profile has no frozen categories, or they differ; as [`KullbackLeibler::between`].
    pub fn kullback_leibler(&self, current: &Self) -> Result<KullbackLeibler> {
        let (reference, current) = categorical(self, current)?;
        KullbackLeibler::between(&reference, &current)
    }

    /// Hellinger's distance of this reference and another profile of the same frozen categories, all others
    /// together being one; exact.
    ///
    /// # Errors
    /// Invalid when a profile has no frozen categories, or they differ; as [`Hellinger::between`].
    pub fn hellinger(&self, current: &Self) -> Result<Hellinger> {
        let (reference, current) = categorical(self, current)?;
        Hellinger::between(&reference, &current)
    }

    /// The largest difference of shares of this reference and another profile of the same frozen categories, all others
    /// together being one; exact.
    ///
    /// # Errors
    /// Invalid when a profile has no frozen categories, or they differ; as [`LInfinity::between`].
    pub fn l_infinity(&self, current: &Self) -> Result<LInfinity> {
        let (reference, current) = categorical(self, current)?;
        LInfinity::between(&reference, &current)
    }

    /// Pearson's test of the same shares of this reference and another profile of the same frozen categories, all others
    /// together being one; exact.
    ///
    /// # Errors
    /// Invalid when a profile has no frozen categories, or they differ; as [`ChiSquareTest::between`].
    pub fn chi_square(&self, current: &Self) -> Result<ChiSquareTest> {
        let (reference, current) = categorical(self, current)?;
        ChiSquareTest::between(&reference, &current)
    }
}

fn numeric<'a>(
    reference: &'a NumericProfile,
    current: &'a NumericProfile,
) -> Result<(&'a BinCounts, &'a BinCounts)> {
    let (_, reference, current) = reference
        .same_bins(current)?
        .ok_or_else(|| Error::invalid("a profile has no bins, allowed: profiles with the same bins"))?;
    Ok((reference, current))
}

fn categorical(
    reference: &CategoricalProfile,
    current: &CategoricalProfile,
) -> Result<(BinCounts, BinCounts)> {
    if reference.categories() != current.categories() {
        return Err(Error::invalid("the profiles have different categories"));
    }
    reference.bin_counts().zip(current.bin_counts()).ok_or_else(|| {
        Error::invalid("a profile has no frozen categories, allowed: profiles with the same ones")
    })
}
