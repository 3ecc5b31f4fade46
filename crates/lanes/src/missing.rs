//! Other processors.

use crate::point::Point;
use crate::ROWS;
use ark_bn254::Fr;
use ark_ff::{One, Zero};
use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// Shows that this processor has AVX-512 IFMA: it has not.
#[derive(Clone, Copy, Debug)]
pub enum Ifma {}

/// Nothing.
#[derive(Default)]
pub struct Scratch;

impl Ifma {
    /// Whether this processor has the instructions.
    pub fn detect() -> Option<Self> {
        None
    }

    /// Adds `points[high]` onto `points[low]` for each pair (low, high).
    pub fn add_pairs(self, _: &mut [Point], _: &[(u32, u32)], _: &mut Scratch) {
        match self {}
    }

    /// Appends to `out` for each item 2 i or 2 i + 1 the point i or its opposite.
    pub fn gather(self, _: &[Point], _: &[u32], _: &mut Vec<Point>) {
        match self {}
    }
}

/// A scalar for each of some rows: there is no such value.
#[derive(Clone, Copy)]
pub enum Rows {}

impl Rows {
    /// The scalars, row by row.
    pub fn scalars(&self) -> [Fr; ROWS] {
        match *self {}
    }
}

impl From<Fr> for Rows {
    fn from(_: Fr) -> Self {
        unreachable!("rows need AVX-512 IFMA")
    }
}

impl Zero for Rows {
    fn zero() -> Self {
        Self::from(Fr::zero())
    }

    fn is_zero(&self) -> bool {
        match *self {}
    }
}

impl One for Rows {
    fn one() -> Self {
        Self::from(Fr::one())
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $assign:ident, $assign_method:ident) => {
        impl $trait for Rows {
            type Output = Self;

            fn $method(self, _: Self) -> Self {
                match self {}
            }
        }

        impl $trait<Fr> for Rows {
            type Output = Self;

            fn $method(self, _: Fr) -> Self {
                match self {}
            }
        }

        impl $assign for Rows {
            fn $assign_method(&mut self, _: Self) {
                match *self {}
            }
        }
    };
}

operator!(Add, add, AddAssign, add_assign);
operator!(Sub, sub, SubAssign, sub_assign);
operator!(Mul, mul, MulAssign, mul_assign);

impl Neg for Rows {
    type Output = Self;

    fn neg(self) -> Self {
        match self {}
    }
}

/// The values of a multilinear polynomial on the cube: there is no such value.
#[derive(Clone, Debug)]
pub enum Table {}

impl Table {
    /// Of values whose number is a multiple of [`ROWS`].
    pub fn new(ifma: Ifma, _: &[Fr]) -> Self {
        match ifma {}
    }

    /// Number of blocks.
    pub fn blocks(&self) -> usize {
        match *self {}
    }

    /// The values of a block.
    pub fn rows(&self, _: usize) -> Rows {
        match *self {}
    }

    /// Binds the most significant variable.
    pub fn bind(&mut self, _: Fr) {
        match *self {}
    }

    /// All values.
    pub fn scalars(&self) -> Vec<Fr> {
        match *self {}
    }
}
