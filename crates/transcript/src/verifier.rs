//! The side that reads the proof. Nothing here panics, whatever the bytes are.

use crate::state::{indices, State};
use crate::{point_from_bytes, scalar_from_bytes, DecodeError, Fr, G1Affine, ProofKind};

/// What a verifier does with its transcript. A trait only so that tests can program the challenges; [`KeccakVerifier`] is the one
/// implementation meant for use.
pub trait VerifierTranscript {
    /// Binds data that the verifier has already (the statement).
    fn absorb(&mut self, label: u8, index: u16, data: &[u8]);
    /// Reads the next `n` scalars of the proof and binds them.
    fn read_scalars(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<Fr>, DecodeError>;
    /// Reads the next `n` points of the proof and binds them.
    fn read_points(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<G1Affine>, DecodeError>;
    /// Draws a challenge.
    fn challenge(&mut self, label: u8, index: u16) -> Fr;
    /// Draws `n` challenges of indices `base`, `base + 1`, ...; `base + n` must not exceed 65536.
    fn challenge_vec(&mut self, label: u8, base: u16, n: usize) -> Vec<Fr> {
        indices(base, n).map(|index| self.challenge(label, index)).collect()
    }
    /// Ends the reading: nothing may be left.
    fn finish(self) -> Result<(), DecodeError>
    where
        Self: Sized;
}

/// Transcript of a verifier over a proof body. Checks: a message is there in full ([`DecodeError::Truncated`]), scalars and
/// coordinates are canonical, points are on the curve, nothing is left at the end ([`DecodeError::WrongLength`]).
#[derive(Clone, Debug)]
pub struct KeccakVerifier<'a> {
    state: State,
    rest: &'a [u8],
    offset: usize,
}

impl<'a> KeccakVerifier<'a> {
    /// A transcript at the start of `proof` (the body, without the proof file's header).
    pub fn new(kind: ProofKind, proof: &'a [u8]) -> Self {
        Self { state: State::new(kind), rest: proof, offset: 0 }
    }

    /// Reads `n` values of `SIZE` bytes. Memory is taken only after the bytes are known to be there.
    fn read<const SIZE: usize, T>(
        &mut self,
        label: u8,
        index: u16,
        n: usize,
        decode: impl Fn(&[u8; SIZE]) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let needed = n.saturating_mul(SIZE);
        let (data, rest) = self.rest.split_at_checked(needed).ok_or(DecodeError::Truncated {
            offset: self.offset,
            needed,
            left: self.rest.len(),
        })?;
        let mut values = Vec::with_capacity(n);
        let mut offset = self.offset;
        let mut unread = data;
        while let Some((bytes, tail)) = unread.split_first_chunk::<SIZE>() {
            values.push(decode(bytes).map_err(|error| error.at(offset))?);
            offset = offset.saturating_add(SIZE);
            unread = tail;
        }
        self.state.absorb(label, index, data);
        self.rest = rest;
        self.offset = offset;
        Ok(values)
    }
}

impl VerifierTranscript for KeccakVerifier<'_> {
    fn absorb(&mut self, label: u8, index: u16, data: &[u8]) {
        self.state.absorb(label, index, data);
    }

    fn read_scalars(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<Fr>, DecodeError> {
        self.read(label, index, n, scalar_from_bytes)
    }

    fn read_points(&mut self, label: u8, index: u16, n: usize) -> Result<Vec<G1Affine>, DecodeError> {
        self.read(label, index, n, point_from_bytes)
    }

    fn challenge(&mut self, label: u8, index: u16) -> Fr {
        self.state.draw(label, index)
    }

    fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::WrongLength { expected: self.offset, got: self.offset.saturating_add(self.rest.len()) })
        }
    }
}
