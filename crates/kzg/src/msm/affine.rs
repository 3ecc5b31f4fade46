//! Many affine additions for one inversion.

use ark_bn254::{Fq, G1Affine};
use ark_ff::{AdditiveGroup, BigInt, Field, One, PrimeField, Zero};
use std::ops::{Neg, Range};

/// A point of G1; the identity is (0, 0), which is not on the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    x: Fq,
    y: Fq,
}

impl Point {
    const IDENTITY: Self = Self { x: Fq::ZERO, y: Fq::ZERO };

    fn is_identity(&self) -> bool {
        self.x.is_zero() && self.y.is_zero()
    }

    /// What has to be inverted to add `self` and `other` (never zero), and whether it is the ordinary case of two different
    /// abscissas.
    #[inline(always)]
    fn denominator(&self, other: &Self) -> (Fq, bool) {
        let difference = sub(&other.x, &self.x);
        if difference.is_zero() || self.is_identity() || other.is_identity() {
            (self.special_denominator(other), false)
        } else {
            (difference, true)
        }
    }

    /// `self + other` in the ordinary case, given the inverse of their denominator.
    #[inline(always)]
    fn add(&self, other: &Self, inverse: Fq) -> Self {
        let slope = sub(&other.y, &self.y) * inverse;
        let x = sub(&sub(&slope.square(), &self.x), &other.x);
        Self { x, y: sub(&(slope * sub(&self.x, &x)), &self.y) }
    }

    #[cold]
    fn special_denominator(&self, other: &Self) -> Fq {
        if self == other && !self.is_identity() {
            // No point of G1 has order 2, so y is not 0.
            self.y.double()
        } else {
            Fq::one()
        }
    }

    #[cold]
    fn special_add(&self, other: &Self, inverse: Fq) -> Self {
        if self.is_identity() {
            *other
        } else if other.is_identity() {
            *self
        } else if self.y == other.y {
            let square = self.x.square();
            let slope = (square.double() + square) * inverse;
            let x = slope.square() - self.x.double();
            Self { x, y: slope * (self.x - x) - self.y }
        } else {
            Self::IDENTITY
        }
    }
}

/// `a - b` without a branch: half of all differences borrow, and arkworks' branch on that is mispredicted as often.
#[inline(always)]
fn sub(a: &Fq, b: &Fq) -> Fq {
    let (a, b, p) = (a.0 .0, b.0 .0, Fq::MODULUS.0);
    let mut out = [0u64; 4];
    let mut borrow = false;
    for i in 0..4 {
        let (difference, first) = a[i].overflowing_sub(b[i]);
        let (difference, second) = difference.overflowing_sub(u64::from(borrow));
        out[i] = difference;
        borrow = first | second;
    }
    let mask = u64::from(borrow).wrapping_neg();
    let mut carry = false;
    for i in 0..4 {
        let (sum, first) = out[i].overflowing_add(p[i] & mask);
        let (sum, second) = sum.overflowing_add(u64::from(carry));
        out[i] = sum;
        carry = first | second;
    }
    Fq::new_unchecked(BigInt(out))
}

impl Neg for Point {
    type Output = Self;

    fn neg(self) -> Self {
        Self { x: self.x, y: -self.y }
    }
}

impl From<&G1Affine> for Point {
    fn from(point: &G1Affine) -> Self {
        if point.infinity {
            Self::IDENTITY
        } else {
            Self { x: point.x, y: point.y }
        }
    }
}

impl From<Point> for G1Affine {
    fn from(point: Point) -> Self {
        if point.is_identity() {
            Self::identity()
        } else {
            Self::new_unchecked(point.x, point.y)
        }
    }
}

/// Sums each range of `points` (ranges are disjoint and not empty) into the first point of the range. Level by level: each level adds
/// the upper half of every range onto its lower half, all with one inversion.
pub(super) fn sum_ranges(points: &mut [Point], ranges: impl Iterator<Item = Range<usize>>) {
    let mut ranges: Vec<Range<usize>> = ranges.filter(|range| range.len() > 1).collect();
    let mut pairs = Vec::with_capacity(ranges.iter().map(|range| range.len() / 2).sum());
    while !ranges.is_empty() {
        let mut product = Fq::one();
        for range in &ranges {
            for (low, high) in halves(range) {
                let (denominator, ordinary) = points[low].denominator(&points[high]);
                pairs.push((product, denominator, ordinary));
                product *= denominator;
            }
        }
        let mut inverse = product.inverse().expect("denominators are not zero");
        for range in ranges.iter().rev() {
            for (low, high) in halves(range).rev() {
                let (before, denominator, ordinary) = pairs.pop().expect("one entry per pair");
                let (left, right) = (points[low], points[high]);
                points[low] =
                    if ordinary { left.add(&right, inverse * before) } else { left.special_add(&right, inverse * before) };
                inverse *= denominator;
            }
        }
        for range in &mut ranges {
            range.end = range.start + range.len().div_ceil(2);
        }
        ranges.retain(|range| range.len() > 1);
    }
}

/// Pairs (i, i + half) of a range; the middle of an odd one stays alone.
fn halves(range: &Range<usize>) -> impl DoubleEndedIterator<Item = (usize, usize)> {
    let (start, pairs, half) = (range.start, range.len() / 2, range.len().div_ceil(2));
    (start..start + pairs).map(move |low| (low, low + half))
}
