//! Randomness of a prover: hash of the participant's secret, the whole statement and fresh randomness of the operating system.

use crate::errors::bad_input;
use ark_bn254::Fr;
use ark_ff::UniformRand;
use fedproof_transcript::keccak256;
use pyo3::PyResult;
use rand::{rngs::OsRng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

pub fn prover_rng(secret: &[u8], statement: &[u8]) -> PyResult<ChaCha20Rng> {
    if secret.len() < 32 {
        return Err(bad_input("secret", format!("at least 32 bytes, got {}", secret.len())));
    }
    let mut fresh = [0u8; 32];
    OsRng.try_fill_bytes(&mut fresh).map_err(|e| bad_input("operating system randomness", e))?;
    Ok(ChaCha20Rng::from_seed(keccak256(&[b"fedproof/randomness/1", &keccak256(&[secret]), &keccak256(&[statement]), &fresh])))
}

pub fn fresh_scalars(n: usize) -> PyResult<Vec<Fr>> {
    let mut seed = [0u8; 32];
    OsRng.try_fill_bytes(&mut seed).map_err(|e| bad_input("operating system randomness", e))?;
    let mut rng = ChaCha20Rng::from_seed(seed);
    Ok((0..n).map(|_| Fr::rand(&mut rng)).collect())
}
