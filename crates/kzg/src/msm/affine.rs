//! Many affine additions for one inversion.

use ark_bn254::{Fq, G1Affine};
use ark_ff::{AdditiveGroup, Field, One, Zero};
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

    /// What has to be inverted to add `self` and `other`: never zero.
    fn denominator(&self, other: &Self) -> Fq {
        let difference = other.x - self.x;
        if self.is_identity() || other.is_identity() {
            Fq::one()
        } else if !difference.is_zero() {
            difference
        } else if self.y == other.y {
            // No point of G1 has order 2, so y is not 0.
            self.y.double()
        } else {
            Fq::one()
        }
    }

    /// `self + other`, given the inverse of their denominator.
    fn add(&self, other: &Self, inverse: Fq) -> Self {
        if self.is_identity() {
            return *other;
        }
        if other.is_identity() {
            return *self;
        }
        let slope = if self.x != other.x {
            (other.y - self.y) * inverse
        } else if self.y == other.y {
            let square = self.x.square();
            (square.double() + square) * inverse
        } else {
            return Self::IDENTITY;
        };
        let x = slope.square() - self.x - other.x;
        Self { x, y: slope * (self.x - x) - self.y }
    }
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
    let mut products = Vec::with_capacity(ranges.iter().map(|range| range.len() / 2).sum());
    while !ranges.is_empty() {
        let mut product = Fq::one();
        for range in &ranges {
            for (low, high) in halves(range) {
                products.push(product);
                product *= points[low].denominator(&points[high]);
            }
        }
        let mut inverse = product.inverse().expect("denominators are not zero");
        for range in ranges.iter().rev() {
            for (low, high) in halves(range).rev() {
                let (left, right) = (points[low], points[high]);
                let before = products.pop().expect("one product per pair");
                points[low] = left.add(&right, inverse * before);
                inverse *= left.denominator(&right);
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
