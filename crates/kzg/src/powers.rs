//! The development setup: powers of a tau that everybody knows.

use crate::msm;
use ark_bn254::{Fr, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::{One, PrimeField};
use fedproof_transcript::keccak256;
use std::iter::successors;

/// What the development tau is the hash of.
const SEED: &[u8] = b"fedproof/insecure development setup";

/// The development tau: keccak256 of the seed as an integer mod r.
pub(crate) fn development_tau() -> Fr {
    Fr::from_be_bytes_mod_order(&keccak256(&[SEED]))
}

/// `tau^i G` for i < n.
pub(crate) fn g1_powers(tau: Fr, n: usize) -> Vec<G1Affine> {
    let powers: Vec<Fr> = successors(Some(Fr::one()), |power| Some(*power * tau)).take(n).collect();
    msm::multiples(&G1Affine::generator(), &powers)
}
