//! Points of G1, one to a cache line.

use ark_bn254::{Fq, G1Affine};
use ark_ff::{AdditiveGroup, BigInt, PrimeField};

/// An affine point of G1: the integers `x 2^260` and `y 2^260` modulo p, four digits of 64 bits each; the identity is zeros, which
/// are not on the curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Point(pub(crate) [u64; 8]);

impl Point {
    pub(crate) fn is_identity(&self) -> bool {
        self.0 == [0; 8]
    }

    pub(crate) fn is_opposite(&self, other: &Self) -> bool {
        self.0[..4] == other.0[..4] && *self == other.negated_if(true)
    }

    /// `-self` or `self`, without a branch.
    #[inline]
    pub fn negated_if(self, condition: bool) -> Self {
        let [a, b, c, d, y @ ..] = self.0;
        // The identity stays as it is; no other point has y = 0.
        let mask = u64::from(condition & (y[0] | y[1] | y[2] | y[3] != 0)).wrapping_neg();
        let mut out = [0; 4];
        let mut borrow = false;
        for i in 0..4 {
            let (difference, first) = Fq::MODULUS.0[i].overflowing_sub(y[i]);
            let (difference, second) = difference.overflowing_sub(u64::from(borrow));
            out[i] = y[i] ^ ((difference ^ y[i]) & mask);
            borrow = first | second;
        }
        let [e, f, g, h] = out;
        Self([a, b, c, d, e, f, g, h])
    }
}

/// arkworks keeps x as `x 2^256`.
impl From<&G1Affine> for Point {
    fn from(point: &G1Affine) -> Self {
        if point.infinity {
            return Self::default();
        }
        let times_16 = |x: Fq| x.double().double().double().double().0 .0;
        let ([a, b, c, d], [e, f, g, h]) = (times_16(point.x), times_16(point.y));
        Self([a, b, c, d, e, f, g, h])
    }
}

/// 1/16, which arkworks keeps as 2^256 / 16.
const SIXTEENTH: Fq = Fq::new_unchecked(BigInt([0, 0, 0, 1 << 60]));

impl From<Point> for G1Affine {
    fn from(point: Point) -> Self {
        if point.is_identity() {
            return Self::identity();
        }
        let [a, b, c, d, e, f, g, h] = point.0;
        let over_16 = |words| Fq::new_unchecked(BigInt(words)) * SIXTEENTH;
        Self::new_unchecked(over_16([a, b, c, d]), over_16([e, f, g, h]))
    }
}
