//! The round-close proof (docs/protocol.md, section 4a).

mod circuit;
mod prover;
mod relations;
mod rows;
mod verifier;

pub use prover::{prove_close, prove_close_with, CloseWitness};
pub use verifier::{verify_close, verify_close_with};

use crate::Key;
use ark_bn254::Fr;
use fedproof_program::{CloseLayout, ProgramError};
use fedproof_transcript::label;
use std::ops::Deref;

/// A key whose rounds can be closed with a proof: there is none if its vectors are too short for the mask vector.
#[derive(Debug, Clone, Copy)]
pub struct CloseKey<'a> {
    key: &'a Key,
    shape: &'a CloseLayout,
}

impl Key {
    /// The key for round-close proofs.
    pub fn close(&self) -> Result<CloseKey<'_>, ProgramError> {
        self.close_layout().map(|shape| CloseKey { key: self, shape })
    }
}

impl Deref for CloseKey<'_> {
    type Target = Key;

    fn deref(&self) -> &Key {
        self.key
    }
}

impl<'a> CloseKey<'a> {
    /// Layout of round-close proofs.
    pub fn shape(&self) -> &'a CloseLayout {
        self.shape
    }

    /// Bytes of a round-close proof's body.
    pub fn close_bytes(&self) -> usize {
        self.shape.proof_bytes()
    }

    /// Variables of the rows.
    pub(crate) fn row_bits(&self) -> usize {
        self.shape.vector_bits + self.layout().vector_bits
    }
}

/// Challenges drawn after the helpers.
pub(crate) struct RowChallenges {
    pub tau: Vec<Fr>,
    pub chi: Fr,
}

/// Draws them in order from anything that draws.
pub(crate) fn draw_rows(key: CloseKey<'_>, mut draw: impl FnMut(u8, u16) -> Fr) -> RowChallenges {
    let tau = (0u16..).take(key.row_bits()).map(|i| draw(label::TAU, i)).collect();
    RowChallenges { tau, chi: draw(label::CHI, 0) }
}
