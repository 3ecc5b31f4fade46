//! Scalars and points as bytes: big-endian, canonical, one byte string per value.

use crate::{DecodeError, Fq, Fr, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInt, BigInteger256, PrimeField, Zero};

/// Bytes of a scalar (and of a coordinate).
pub const SCALAR_BYTES: usize = 32;
/// Bytes of a point: x, then y.
pub const POINT_BYTES: usize = 64;

/// The canonical 32 bytes of a scalar.
pub fn scalar_to_bytes(value: &Fr) -> [u8; SCALAR_BYTES] {
    integer_to_bytes(value.into_bigint())
}

/// x ‖ y of a point; 64 zero bytes for the identity.
pub fn point_to_bytes(point: &G1Affine) -> [u8; POINT_BYTES] {
    let mut out = [0; POINT_BYTES];
    if let Some((x, y)) = point.xy() {
        let (left, right) = out.split_at_mut(SCALAR_BYTES);
        left.copy_from_slice(&integer_to_bytes(x.into_bigint()));
        right.copy_from_slice(&integer_to_bytes(y.into_bigint()));
    }
    out
}

/// The scalar of 32 canonical bytes; an integer not below r is refused.
pub fn scalar_from_bytes(bytes: &[u8; SCALAR_BYTES]) -> Result<Fr, DecodeError> {
    Fr::from_bigint(integer_from_bytes(bytes)).ok_or(DecodeError::NonCanonicalScalar { offset: 0 })
}

/// The point of 64 bytes: coordinates below p, on the curve (whose every point is in the group), (0, 0) being the identity.
pub fn point_from_bytes(bytes: &[u8; POINT_BYTES]) -> Result<G1Affine, DecodeError> {
    let mut coordinates = bytes
        .chunks_exact(SCALAR_BYTES)
        .zip([0, SCALAR_BYTES])
        .map(|(half, offset)| Fq::from_bigint(integer_from_slice(half)).ok_or(DecodeError::NonCanonicalCoordinate { offset }));
    let x = coordinates.next().unwrap_or(Ok(Fq::zero()))?;
    let y = coordinates.next().unwrap_or(Ok(Fq::zero()))?;
    if x.is_zero() && y.is_zero() {
        return Ok(G1Affine::identity());
    }
    let point = G1Affine::new_unchecked(x, y);
    if point.is_on_curve() {
        Ok(point)
    } else {
        Err(DecodeError::NotOnCurve { offset: 0 })
    }
}

/// The integer of 32 big-endian bytes.
pub(crate) fn integer_from_bytes(bytes: &[u8; SCALAR_BYTES]) -> BigInteger256 {
    integer_from_slice(bytes)
}

fn integer_from_slice(bytes: &[u8]) -> BigInteger256 {
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.rchunks(8)) {
        *limb = chunk.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte));
    }
    BigInt(limbs)
}

fn integer_to_bytes(integer: BigInteger256) -> [u8; SCALAR_BYTES] {
    let mut out = [0; SCALAR_BYTES];
    for (chunk, limb) in out.rchunks_mut(8).zip(integer.0) {
        chunk.copy_from_slice(&limb.to_be_bytes());
    }
    out
}
