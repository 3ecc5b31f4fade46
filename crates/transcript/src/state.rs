//! The hashing both sides share.

use crate::bytes::integer_from_bytes;
use crate::{keccak256, Fr};
use ark_ff::PrimeField;
use ark_ff::{BigInteger, Zero};

/// What is proven; decides the domain of the transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProofKind {
    /// A round of training.
    Training,
    /// A dataset that is what it should be.
    Registration,
    /// A next model that is the mean of the updates of a round.
    Close,
}

impl ProofKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Training, Self::Registration, Self::Close];

    /// The text whose hash is the initial state.
    pub fn domain(self) -> &'static str {
        match self {
            Self::Training => "fedproof/training/2",
            Self::Registration => "fedproof/registration/2",
            Self::Close => "fedproof/close/2",
        }
    }

    /// The kind's byte in a proof file.
    pub fn code(self) -> u8 {
        match self {
            Self::Training => 1,
            Self::Registration => 2,
            Self::Close => 3,
        }
    }

    /// The kind of a proof file's byte.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

const ABSORB: u8 = 0x00;
const DRAW: u8 = 0x01;

/// The state of a transcript.
#[derive(Clone, Debug)]
pub(crate) struct State([u8; 32]);

impl State {
    pub(crate) fn new(kind: ProofKind) -> Self {
        Self(keccak256(&[kind.domain().as_bytes()]))
    }

    /// state = keccak256(state ‖ 0x00 ‖ label ‖ index ‖ length ‖ data). Lengths from 2^32 - 1 on share a length field; data ends the
    /// hashed bytes, so even those stay distinct.
    pub(crate) fn absorb(&mut self, label: u8, index: u16, data: &[u8]) {
        let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
        self.0 = keccak256(&[&self.0, &[ABSORB, label], &index.to_be_bytes(), &length.to_be_bytes(), data]);
    }

    /// keccak256(state ‖ 0x01 ‖ label ‖ index) >> 3: below 2^253, so always a canonical scalar.
    pub(crate) fn draw(&self, label: u8, index: u16) -> Fr {
        let digest = keccak256(&[&self.0, &[DRAW, label], &index.to_be_bytes()]);
        let integer = integer_from_bytes(&digest) >> 3;
        debug_assert!(integer.num_bits() <= 253);
        Fr::from_bigint(integer).unwrap_or_else(Fr::zero)
    }
}

/// Index `base + i` of each of `n` challenges. Indices are 16 bits: `base + n <= 65536` is the caller's duty (layouts keep it far away).
pub(crate) fn indices(base: u16, n: usize) -> impl Iterator<Item = u16> {
    debug_assert!(usize::from(base) + n <= 1 << 16, "challenge indices overflow");
    (base..=u16::MAX).take(n)
}
