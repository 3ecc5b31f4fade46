//! Scalars as signed digits.
//!
//! A scalar is a sign and a magnitude m. With K = sum_{w < count-1} 2^(c-1) 2^(c w), digit w < count-1 is `((m + K) >> c w) mod 2^c - 2^(c-1)`
//! and the last one is `(m + K) >> c (count-1)`: each can be computed alone, all are at most 2^(c-1) in absolute value when
//! `m < 2^(c count - 1)`, and zero has digits zero.

use ark_bn254::Fr;
use ark_ff::{BigInteger, BigInteger256, PrimeField};
use rayon::prelude::*;

/// `count` digits of `width` bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Windows {
    pub(super) width: u32,
    pub(super) count: u32,
}

/// Widest window: 2^15 buckets are 2 MiB.
const WIDEST: u32 = 16;
/// What a window costs besides its additions, in additions.
const WINDOW_COST: usize = 200;

impl Windows {
    /// The windows with fewest additions for `terms` scalars below 2^`bits`.
    pub(super) fn cheapest(bits: u32, terms: usize) -> Self {
        (2..=WIDEST)
            .map(|width| Self { width, count: (bits + 1).div_ceil(width) })
            .min_by_key(|windows| windows.count as usize * (terms + 2 * windows.largest() as usize + WINDOW_COST))
            .unwrap_or(Self { width: 2, count: (bits + 1).div_ceil(2) })
    }

    /// Largest absolute value of a digit.
    pub(super) fn largest(self) -> u32 {
        1 << (self.width - 1)
    }

    /// Bit position of a window.
    fn shift(self, window: u32) -> u32 {
        self.width * window
    }

    /// Positions of the bits of K.
    fn offset_bits(self) -> impl Iterator<Item = u32> {
        (1..self.count).map(move |above| self.shift(above) - 1)
    }

    /// The digit of `shifted = (m + K) >> shift(window)`, of which 32 bits are enough.
    fn digit(self, window: u32, shifted: u32) -> i32 {
        if window + 1 == self.count {
            shifted as i32
        } else {
            (shifted & ((1 << self.width) - 1)) as i32 - self.largest() as i32
        }
    }
}

/// Scalars that can be cut into windows.
pub(super) trait Digits: Sync {
    /// Magnitudes are below 2^bits.
    fn bits(&self) -> u32;
    /// Scalars that are not zero.
    fn nonzero(&self) -> usize;
    /// Digit `window` of the i-th scalar as a function of i.
    fn window(&self, windows: Windows, window: u32) -> impl Fn(usize) -> i32 + Sync;
}

/// Machine integers.
pub(super) struct Small<'a> {
    values: &'a [i64],
    bits: u32,
    nonzero: usize,
}

impl<'a> Small<'a> {
    pub(super) fn new(values: &'a [i64]) -> Self {
        let all = values.iter().fold(0, |all, value| all | value.unsigned_abs());
        Self { values, bits: u64::BITS - all.leading_zeros(), nonzero: values.iter().filter(|value| **value != 0).count() }
    }
}

impl Digits for Small<'_> {
    fn bits(&self) -> u32 {
        self.bits
    }

    fn nonzero(&self) -> usize {
        self.nonzero
    }

    fn window(&self, windows: Windows, window: u32) -> impl Fn(usize) -> i32 + Sync {
        let offset = windows.offset_bits().fold(0u128, |sum, bit| sum | 1 << bit);
        let shift = windows.shift(window);
        move |i| {
            let value = self.values[i];
            let shifted = (u128::from(value.unsigned_abs()) + offset) >> shift;
            let digit = windows.digit(window, shifted as u32);
            if value < 0 {
                -digit
            } else {
                digit
            }
        }
    }
}

/// Field elements: x stands for x or for x - r, whichever is nearer to zero.
pub(super) struct Full {
    magnitudes: Vec<BigInteger256>,
    negative: Vec<bool>,
    bits: u32,
}

impl Full {
    pub(super) fn new(scalars: &[Fr]) -> Self {
        let (magnitudes, negative): (Vec<_>, Vec<_>) = scalars
            .par_iter()
            .map(|scalar| {
                let integer = scalar.into_bigint();
                if integer > Fr::MODULUS_MINUS_ONE_DIV_TWO {
                    ((-*scalar).into_bigint(), true)
                } else {
                    (integer, false)
                }
            })
            .unzip();
        let bits = magnitudes.iter().map(BigInteger256::num_bits).max().unwrap_or(0);
        Self { magnitudes, negative, bits }
    }
}

impl Digits for Full {
    fn bits(&self) -> u32 {
        self.bits
    }

    fn nonzero(&self) -> usize {
        self.magnitudes.iter().filter(|magnitude| !magnitude.is_zero()).count()
    }

    fn window(&self, windows: Windows, window: u32) -> impl Fn(usize) -> i32 + Sync {
        let mut offset = BigInteger256::zero();
        for bit in windows.offset_bits() {
            offset.0[bit as usize / 64] |= 1 << (bit % 64);
        }
        let (limb, bit) = ((windows.shift(window) / 64) as usize, windows.shift(window) % 64);
        move |i| {
            let mut sum = self.magnitudes[i];
            sum.add_with_carry(&offset);
            let next = if limb + 1 < 4 { sum.0[limb + 1] } else { 0 };
            let shifted = ((u128::from(next) << 64 | u128::from(sum.0[limb])) >> bit) as u32;
            let digit = windows.digit(window, shifted);
            if self.negative[i] {
                -digit
            } else {
                digit
            }
        }
    }
}
