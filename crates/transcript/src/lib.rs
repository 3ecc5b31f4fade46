//! The Fiat-Shamir transcript of fedproof: `docs/protocol.md`, section 7.
//!
//! The prover's transcript *writes* the proof and the verifier's *reads* it: what is sent is hashed in the same call, so nothing can
//! be in a proof and missing from the hash. One private type, [`state::State`], computes every hash for both sides.
//!
//! **Soundness.** Every absorbed message is bound with its label, index and length; every byte of the proof is hashed exactly as read;
//! encodings are strict (one byte string per value), so no proof has a second form. What the caller must still do: absorb the statement
//! before the first challenge, use every `(label, index)` of drawn values once per state, and call [`VerifierTranscript::finish`].

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

mod bytes;
mod error;
mod hash;
pub mod label;
mod prover;
mod state;
mod verifier;

pub use ark_bn254::{Fq, Fr, G1Affine};
pub use bytes::{point_from_bytes, point_to_bytes, scalar_from_bytes, scalar_to_bytes, POINT_BYTES, SCALAR_BYTES};
pub use error::DecodeError;
pub use hash::keccak256;
pub use prover::{KeccakProver, ProverTranscript};
pub use state::ProofKind;
pub use verifier::{KeccakVerifier, VerifierTranscript};
