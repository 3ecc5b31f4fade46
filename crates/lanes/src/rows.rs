//! Sixteen scalars as one value.

// Closures passed to an iterator's method would not be compiled for these instructions.
#![allow(clippy::needless_range_loop)]

use crate::radix::{split, LIMBS};
use crate::vector::Lanes;
use crate::{Ifma, ROWS};
use ark_bn254::Fr;
use ark_ff::{BigInt, One, Zero};
use std::arch::x86_64::*;
use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

const GROUPS: usize = ROWS / 8;

/// `2^264 mod p`: brings arkworks' `x 2^256` to `x 2^260`.
const ENTER: [u64; LIMBS] = split(Fr::new(BigInt([1 << 8, 0, 0, 0])).0 .0);
/// `2^256 mod p`: brings it back.
const LEAVE: [u64; LIMBS] = split(Fr::new(BigInt([1, 0, 0, 0])).0 .0);

/// A scalar for each of [`ROWS`] rows, with the operators of one scalar. Values of the register are at most `2 p`.
///
/// Operators panic on a processor without AVX-512 IFMA.
#[derive(Clone, Copy)]
pub struct Rows([Lanes<Fr>; GROUPS]);

/// Runs a function compiled for AVX-512 IFMA.
macro_rules! on_lanes {
    ($call:expr) => {{
        assert!(Ifma::detect().is_some(), "rows need AVX-512 IFMA");
        // SAFETY: the instructions were detected a line before.
        unsafe { $call }
    }};
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn add(a: &Rows, b: &Rows) -> Rows {
    let mut out = *a;
    for k in 0..GROUPS {
        out.0[k] = a.0[k].add(&b.0[k]).less::<2>();
    }
    out
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn sub(a: &Rows, b: &Rows) -> Rows {
    let mut out = *a;
    for k in 0..GROUPS {
        out.0[k] = a.0[k].sub::<2>(&b.0[k]).less::<2>();
    }
    out
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn mul(a: &Rows, b: &Rows) -> Rows {
    let mut out = *a;
    for k in 0..GROUPS {
        out.0[k] = a.0[k].mul(&b.0[k]);
    }
    out
}

/// The same scalar in all rows.
#[target_feature(enable = "avx512f,avx512ifma")]
fn constant(value: &Fr) -> Rows {
    Rows([Lanes::splat(split(value.0 .0)).mul(&Lanes::splat(ENTER)); GROUPS])
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn is_zero(a: &Rows) -> bool {
    let mut all = 0xff;
    for k in 0..GROUPS {
        let [a, b, c, d, e] = a.0[k].canonical().digits;
        let any = _mm512_or_si512(_mm512_or_si512(_mm512_or_si512(a, b), _mm512_or_si512(c, d)), e);
        all &= _mm512_testn_epi64_mask(any, any);
        if all != 0xff {
            return false;
        }
    }
    true
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn scalars(a: &Rows) -> [Fr; ROWS] {
    let mut out = [Fr::zero(); ROWS];
    for k in 0..GROUPS {
        let words = a.0[k].mul(&Lanes::splat(LEAVE)).canonical().to_words();
        for lane in 0..8 {
            out[8 * k + lane] = Fr::new_unchecked(BigInt(words[lane]));
        }
    }
    out
}

/// As they lie in memory: four digits of 64 bits, each of eight rows side by side.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Block([[[u64; 8]; 4]; GROUPS]);

impl Block {
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn new(values: &[Fr; ROWS]) -> Self {
        let mut out = Self([[[0; 8]; 4]; GROUPS]);
        for k in 0..GROUPS {
            let mut words = [[0; 4]; 8];
            for lane in 0..8 {
                words[lane] = values[8 * k + lane].0 .0;
            }
            out.store(k, Lanes::from_words(&words).mul(&Lanes::splat(ENTER)));
        }
        out
    }

    /// See [`Block::bind`].
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn fold(&mut self, high: &Self, r: &Rows) {
        for k in 0..GROUPS {
            let low = self.load(k);
            let step = high.load(k).sub::<2>(&low);
            self.store(k, step.mul(&r.0[k]).add(&low).less::<2>());
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn load(&self, k: usize) -> Lanes<Fr> {
        let digits = &self.0[k];
        let mut words = [_mm512_setzero_si512(); 4];
        for i in 0..4 {
            // SAFETY: a digit is 64 bytes; the load does not ask for alignment.
            words[i] = unsafe { _mm512_loadu_si512(digits[i].as_ptr().cast()) };
        }
        Lanes::split(words)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn store(&mut self, k: usize, value: Lanes<Fr>) {
        let words = value.words();
        for i in 0..4 {
            // SAFETY: a digit is 64 bytes; the store does not ask for alignment.
            unsafe { _mm512_storeu_si512(self.0[k][i].as_mut_ptr().cast(), words[i]) };
        }
    }

    #[target_feature(enable = "avx512f,avx512ifma")]
    fn rows(&self) -> Rows {
        let mut out = [self.load(0); GROUPS];
        for k in 1..GROUPS {
            out[k] = self.load(k);
        }
        Rows(out)
    }
}

impl Block {
    /// Replaces low by `low + r (high - low)`.
    pub(crate) fn bind(&mut self, high: &Self, r: &Rows) {
        on_lanes!(self.fold(high, r));
    }
}

impl Rows {
    /// The scalars, row by row.
    pub fn scalars(&self) -> [Fr; ROWS] {
        on_lanes!(scalars(self))
    }
}

impl From<&Block> for Rows {
    fn from(block: &Block) -> Self {
        on_lanes!(block.rows())
    }
}

impl From<Fr> for Rows {
    fn from(value: Fr) -> Self {
        on_lanes!(constant(&value))
    }
}

impl Zero for Rows {
    fn zero() -> Self {
        Self::from(Fr::zero())
    }

    /// Whether all are zero.
    fn is_zero(&self) -> bool {
        on_lanes!(is_zero(self))
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

            fn $method(self, other: Self) -> Self {
                on_lanes!($method(&self, &other))
            }
        }

        impl $trait<Fr> for Rows {
            type Output = Self;

            fn $method(self, other: Fr) -> Self {
                on_lanes!($method(&self, &constant(&other)))
            }
        }

        impl $assign for Rows {
            fn $assign_method(&mut self, other: Self) {
                *self = on_lanes!($method(self, &other));
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
        Self::zero() - self
    }
}
