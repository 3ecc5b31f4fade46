//! Many affine additions for one inversion, on any processor.

use super::kernel::Kernel;
use ark_bn254::{Fq, G1Affine};
use ark_ff::{AdditiveGroup, BigInt, Field, One, PrimeField, Zero};

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

/// The kernel for any processor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portable;

impl Kernel for Portable {
    type Point = Point;
    /// For each pair the product of the denominators before it, its own denominator, and whether it is ordinary.
    type Scratch = Vec<(Fq, Fq, bool)>;

    fn negated_if(self, point: Point, condition: bool) -> Point {
        if condition {
            Point { x: point.x, y: -point.y }
        } else {
            point
        }
    }

    fn add_pairs(self, points: &mut [Point], pairs: &[(u32, u32)], scratch: &mut Self::Scratch) {
        scratch.clear();
        let mut product = Fq::one();
        for &(low, high) in pairs {
            let (denominator, ordinary) = points[low as usize].denominator(&points[high as usize]);
            scratch.push((product, denominator, ordinary));
            product *= denominator;
        }
        let mut inverse = product.inverse().expect("denominators are not zero");
        for (&(low, high), &(before, denominator, ordinary)) in pairs.iter().zip(&*scratch).rev() {
            let (left, right) = (points[low as usize], points[high as usize]);
            points[low as usize] =
                if ordinary { left.add(&right, inverse * before) } else { left.special_add(&right, inverse * before) };
            inverse *= denominator;
        }
    }
}
