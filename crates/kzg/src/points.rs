//! Points of setup files, strictly decoded.

use crate::SetupError;
use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ff::{BigInt, PrimeField, Zero};
use rayon::prelude::*;

/// Bytes of a coordinate.
const COORDINATE: usize = 32;
/// Bytes of a point of G1.
pub(crate) const G1_BYTES: usize = 2 * COORDINATE;
/// Bytes of a point of G2.
pub(crate) const G2_BYTES: usize = 4 * COORDINATE;

/// How a file writes points.
#[derive(Clone, Copy)]
pub(crate) enum Encoding {
    /// As everywhere in fedproof: big-endian, coordinates of G2 as c1 c0.
    Canonical,
    /// As snarkjs: little-endian, times 2^256 mod p, coordinates of G2 as c0 c1.
    Montgomery,
}

impl Encoding {
    /// The coordinate of 32 bytes, if they are below the prime.
    fn coordinate(self, bytes: &[u8]) -> Option<Fq> {
        let mut limbs = [0u64; 4];
        for (i, byte) in bytes.iter().enumerate() {
            let position = match self {
                Self::Canonical => COORDINATE - 1 - i,
                Self::Montgomery => i,
            };
            limbs[position / 8] |= u64::from(*byte) << (8 * (position % 8));
        }
        let integer = BigInt(limbs);
        match self {
            Self::Canonical => Fq::from_bigint(integer),
            Self::Montgomery => (integer < Fq::MODULUS).then(|| Fq::new_unchecked(integer)),
        }
    }

    fn coordinates<const N: usize>(self, bytes: &[u8]) -> Option<[Fq; N]> {
        let mut coordinates = [Fq::zero(); N];
        for (coordinate, bytes) in coordinates.iter_mut().zip(bytes.chunks_exact(COORDINATE)) {
            *coordinate = self.coordinate(bytes)?;
        }
        Some(coordinates)
    }

    /// Powers 0, 1, .. of tau in G1; the error is that of the first bad point. The identity is refused: only tau = 0 gives it.
    pub(crate) fn g1_powers(self, bytes: &[u8]) -> Result<Vec<G1Affine>, SetupError> {
        let parallel = bytes.par_chunks_exact(G1_BYTES).enumerate().map(|(i, bytes)| self.g1(bytes, i));
        parallel
            .collect::<Result<_, _>>()
            .or_else(|_: SetupError| bytes.chunks_exact(G1_BYTES).enumerate().map(|(i, bytes)| self.g1(bytes, i)).collect())
    }

    fn g1(self, bytes: &[u8], power: usize) -> Result<G1Affine, SetupError> {
        let [x, y] = self.coordinates(bytes).ok_or(SetupError::NonCanonicalG1 { power })?;
        if x.is_zero() && y.is_zero() && power == 1 {
            return Err(SetupError::DegenerateTau);
        }
        let point = G1Affine::new_unchecked(x, y);
        if point.is_on_curve() {
            Ok(point)
        } else {
            Err(SetupError::G1NotOnCurve { power })
        }
    }

    /// A power of tau in G2, which is more than on the curve: the curve has points outside the group.
    pub(crate) fn g2(self, bytes: &[u8], power: usize) -> Result<G2Affine, SetupError> {
        let [a, b, c, d] = self.coordinates(bytes).ok_or(SetupError::NonCanonicalG2 { power })?;
        let point = match self {
            Self::Canonical => G2Affine::new_unchecked(Fq2::new(b, a), Fq2::new(d, c)),
            Self::Montgomery => G2Affine::new_unchecked(Fq2::new(a, b), Fq2::new(c, d)),
        };
        if !point.is_on_curve() {
            Err(SetupError::G2NotOnCurve { power })
        } else if !point.is_in_correct_subgroup_assuming_on_curve() {
            Err(SetupError::G2NotInSubgroup { power })
        } else {
            Ok(point)
        }
    }
}
