//! The development setup: powers of a tau that everybody knows.

use crate::msm;
use ark_bn254::{Fr, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::{One, PrimeField};
use fedproof_transcript::keccak256;
use std::iter::successors;

/// What the development tau is the hash of.
const SEED: &[u8] = b"fedproof/insecure development setup";

/// The development tau: the upper 253 bits of keccak256 of the seed, like any challenge (docs/protocol.md, section 8).
pub(crate) fn development_tau() -> Fr {
    let mut carry = 0;
    let shifted = keccak256(&[SEED]).map(|byte| {
        let out = carry << 5 | byte >> 3;
        carry = byte & 7;
        out
    });
    Fr::from_be_bytes_mod_order(&shifted)
}

/// `tau^i G` for i < n.
pub(crate) fn g1_powers(tau: Fr, n: usize) -> Vec<G1Affine> {
    let powers: Vec<Fr> = successors(Some(Fr::one()), |power| Some(*power * tau)).take(n).collect();
    msm::multiples(&G1Affine::generator(), &powers)
}
