//! The development setup: powers of a tau that everybody knows.

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::scalar_mul::BatchMulPreprocessing;
use ark_ec::PrimeGroup;
use ark_ff::{One, PrimeField};
use fedproof_transcript::keccak256;

/// What the development tau is the hash of.
const SEED: &[u8] = b"fedproof/insecure development setup";

/// The development tau: keccak256 of the seed as an integer mod r.
pub(crate) fn development_tau() -> Fr {
    Fr::from_be_bytes_mod_order(&keccak256(&[SEED]))
}

/// `tau^i G` for i < n.
pub(crate) fn g1_powers(tau: Fr, n: usize) -> Vec<G1Affine> {
    let mut powers = Vec::with_capacity(n);
    let mut power = Fr::one();
    for _ in 0..n {
        powers.push(power);
        power *= tau;
    }
    BatchMulPreprocessing::new(G1Projective::generator(), n).batch_mul(&powers)
}
