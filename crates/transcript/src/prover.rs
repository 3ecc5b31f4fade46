//! The side that writes the proof.

use crate::state::{indices, State};
use crate::{point_to_bytes, scalar_to_bytes, Fr, G1Affine, ProofKind, POINT_BYTES, SCALAR_BYTES};

/// What a prover does with its transcript. A trait only so that tests can program the challenges; [`KeccakProver`] is the one
/// implementation meant for use.
pub trait ProverTranscript {
    /// Binds data that the verifier has already (the statement).
    fn absorb(&mut self, label: u8, index: u16, data: &[u8]);
    /// Appends scalars to the proof and binds them.
    fn send_scalars(&mut self, label: u8, index: u16, values: &[Fr]);
    /// Appends points to the proof and binds them.
    fn send_points(&mut self, label: u8, index: u16, points: &[G1Affine]);
    /// Draws the verifier's challenge.
    fn challenge(&mut self, label: u8, index: u16) -> Fr;
    /// Draws `n` challenges of indices `base`, `base + 1`, ...; `base + n` must not exceed 65536.
    fn challenge_vec(&mut self, label: u8, base: u16, n: usize) -> Vec<Fr> {
        indices(base, n).map(|index| self.challenge(label, index)).collect()
    }
}

/// Transcript of a prover: collects the proof body while hashing it.
#[derive(Clone, Debug)]
pub struct KeccakProver {
    state: State,
    proof: Vec<u8>,
}

impl KeccakProver {
    /// An empty transcript.
    pub fn new(kind: ProofKind) -> Self {
        Self { state: State::new(kind), proof: Vec::new() }
    }

    /// The proof body: data of all messages sent, in order.
    pub fn into_proof(self) -> Vec<u8> {
        self.proof
    }

    fn send(&mut self, label: u8, index: u16, data: &[u8]) {
        self.state.absorb(label, index, data);
        self.proof.extend_from_slice(data);
    }
}

impl ProverTranscript for KeccakProver {
    fn absorb(&mut self, label: u8, index: u16, data: &[u8]) {
        self.state.absorb(label, index, data);
    }

    fn send_scalars(&mut self, label: u8, index: u16, values: &[Fr]) {
        let mut data = Vec::with_capacity(values.len() * SCALAR_BYTES);
        data.extend(values.iter().flat_map(scalar_to_bytes));
        self.send(label, index, &data);
    }

    fn send_points(&mut self, label: u8, index: u16, points: &[G1Affine]) {
        let mut data = Vec::with_capacity(points.len() * POINT_BYTES);
        data.extend(points.iter().flat_map(point_to_bytes));
        self.send(label, index, &data);
    }

    fn challenge(&mut self, label: u8, index: u16) -> Fr {
        self.state.draw(label, index)
    }
}
