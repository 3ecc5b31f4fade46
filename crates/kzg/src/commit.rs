//! Commitments.

use crate::msm;
use crate::setup::Setup;
use ark_bn254::{Fr, G1Affine};
use ark_ec::CurveGroup;

/// What a prover commits with. [`Setup`] is the one implementation meant for use; tests have others that record exponents.
pub trait Commit: Sync {
    /// `sum_i values[i] tau^i + sum_j tail[j] tau^(tail_at + j)`, fast for values of few bits and for zeros.
    ///
    /// # Panics
    /// If there are fewer powers than needed: the caller checks that once, when it takes the setup.
    fn commit_small(&self, values: &[i64], tail_at: usize, tail: &[Fr]) -> G1Affine;

    /// `sum_i coeffs[i] tau^i`.
    ///
    /// # Panics
    /// If there are fewer powers than coefficients.
    fn commit(&self, coeffs: &[Fr]) -> G1Affine;
}

impl Commit for Setup {
    fn commit_small(&self, values: &[i64], tail_at: usize, tail: &[Fr]) -> G1Affine {
        let tail_end = tail_at.saturating_add(tail.len());
        assert!(values.len().max(tail_end) <= self.powers(), "the setup has too few powers");
        let values = msm::small(self.bases(0..values.len()), values);
        (values + msm::full(self.bases(tail_at..tail_end), tail)).into_affine()
    }

    fn commit(&self, coeffs: &[Fr]) -> G1Affine {
        assert!(coeffs.len() <= self.powers(), "the setup has too few powers");
        msm::full(self.bases(0..coeffs.len()), coeffs).into_affine()
    }
}
