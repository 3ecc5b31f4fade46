//! Commitments and pairing checks by whoever knows tau: the same points and decisions as the development setup, a hundred times faster.

use super::setup;
use ark_bn254::Fr;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{One, Zero};
use fedproof_kzg::{Commit, Setup};
use fedproof_transcript::G1Affine;
use std::sync::OnceLock;

pub struct Trapdoor;

fn powers() -> &'static [Fr] {
    static POWERS: OnceLock<Vec<Fr>> = OnceLock::new();
    POWERS.get_or_init(|| {
        let tau = Setup::development_tau();
        std::iter::successors(Some(Fr::one()), |p| Some(*p * tau)).take(setup().powers()).collect()
    })
}

/// A small integer as a field element.
pub fn integer(value: i64) -> Fr {
    if value < 0 {
        -Fr::from(value.unsigned_abs())
    } else {
        Fr::from(value as u64)
    }
}

impl Commit for Trapdoor {
    fn commit_small(&self, values: &[i64], tail_at: usize, tail: &[Fr]) -> G1Affine {
        let head: Fr = values.iter().zip(powers()).filter(|(v, _)| **v != 0).map(|(&v, p)| *p * integer(v)).sum();
        let tail: Fr = tail.iter().zip(&powers()[tail_at..]).map(|(v, p)| *v * p).sum();
        (G1Affine::generator() * (head + tail)).into_affine()
    }

    fn commit(&self, coeffs: &[Fr]) -> G1Affine {
        let value: Fr = coeffs.iter().zip(powers()).filter(|(v, _)| !v.is_zero()).map(|(v, p)| *v * p).sum();
        (G1Affine::generator() * value).into_affine()
    }
}

/// `e(left, H) = e(right, tau H)`.
pub fn pairing_check(left: G1Affine, right: G1Affine) -> bool {
    (right * Setup::development_tau()).into_affine() == left
}
