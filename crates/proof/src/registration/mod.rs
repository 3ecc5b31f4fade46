//! The registration proof of a dataset (docs/protocol.md, section 4).

mod circuit;
mod prover;
mod relations;
mod verifier;

pub use prover::{prove_registration, prove_registration_with, RegistrationWitness};
pub use verifier::{verify_registration, verify_registration_with};

use crate::Key;
use ark_bn254::Fr;
use fedproof_transcript::label;

/// Challenges drawn after the helpers.
pub(crate) struct RowChallenges {
    pub rho_rec: Vec<Fr>,
    pub tau: Vec<Fr>,
    pub chi: Fr,
}

/// Draws them in order from anything that draws.
pub(crate) fn draw_rows(key: &Key, mut draw: impl FnMut(u8, u16) -> Fr) -> RowChallenges {
    let layout = key.layout();
    let mut points = |name: u8, n: usize| -> Vec<Fr> { (0u16..).take(n).map(|i| draw(name, i)).collect() };
    RowChallenges {
        rho_rec: points(label::RHO_REC, layout.nb + layout.bb),
        tau: points(label::TAU, layout.vector_bits),
        chi: points(label::CHI, 1).into_iter().sum(),
    }
}
